"""The files of one delivery turned into facts, one after the other; remembers accepted rows that later tables look into."""

from collections.abc import Iterator

import polars as pl

from ingest.formats.pieces import Piece
from ingest.formats.reading import cut_blocks, parse_block
from ingest.pipeline.crew import Crew
from ingest.pipeline.files import DeliveredFile
from ingest.pipeline.tally import Tally
from ingest.pipeline.turning import Consents, Turned, turn_piece
from ingest.source import SourceSpec


class Delivery:
    """One delivery on its way.

    Args:
        source: Whose files they are.
        crew: Who turns blocks into facts.
    """

    def __init__(self, source: SourceSpec, crew: Crew) -> None:
        self._source, self._crew = source, crew
        self._earlier: dict[str, pl.DataFrame] = {}

    def turn(self, file: DeliveredFile, tally: Tally, consents: Consents, *, wanted: bool) -> Iterator[tuple[int, Turned]]:
        """Number and result of each block of a file, in order.

        Args:
            file: One of the delivery, whose tables come in declared order.
            tally: Where reading goes on, and when the content was delivered.
            consents: Whom a grant is known of.
            wanted: Whether later tables look into this one: then every block is turned again, and its rows kept.
        """
        if not (wanted or file.spec.lookups):
            blocks = (block for block in cut_blocks(file.path, file.spec) if block.number >= tally.next_block)
            yield from self._crew.turn(file.spec, blocks, tally.delivered_us, consents)
            return
        for block in cut_blocks(file.path, file.spec):
            if wanted or block.number >= tally.next_block:
                yield block.number, self._turn_here(file, parse_block(block, file.spec), tally, consents, wanted=wanted)

    def _turn_here(self, file: DeliveredFile, piece: Piece, tally: Tally, consents: Consents, *, wanted: bool) -> Turned:
        spec = file.spec
        turned = turn_piece(self._source, spec, piece, tally.delivered_us, self._crew.pepper, consents, self._earlier)
        if wanted:
            kept = [self._earlier[spec.name]] if spec.name in self._earlier else []
            self._earlier[spec.name] = pl.concat([*kept, turned.accepted])
        return turned
