"""Gives refused rows another chance: as they were, because something they lacked has come, or repaired.

A row that is accepted now is in the graph and off the shelf, once: the commit that writes its facts says so, and what a stopped
replay left on the shelf is taken off when the next one begins.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from graph.identity import Pepper
from graph.store import GraphStore, WriteReport
from graph.vocabulary import EdgeType
from ingest.checks import FIELDS, LINE, NAMES, REFUSAL_SCHEMA, RejectReason
from ingest.errors import RepairUnbound, RepairUnknown
from ingest.facts import gather_batches
from ingest.formats.pieces import Block, Piece, empty_texts
from ingest.formats.reading import parse_block
from ingest.pipeline.consents import read_consents
from ingest.pipeline.turning import Consents, turn_piece
from ingest.quarantine.pending import pending_entries
from ingest.quarantine.shelf import Shelf
from ingest.rows import accept_rows
from ingest.source import SourceSpec, TableSpec
from ingest.windows import has_windows

REPLAYED = "replayed:"
NEED_REPAIR = [reason.value for reason in (RejectReason.BAD_ENCODING, RejectReason.LINE_TOO_LONG, RejectReason.UNREADABLE_FILE)]
"""Reasons that no later fact can take away: what is kept of such a row is not all it said."""

REPLAY_ROWS = 50_000
Fields = Mapping[str, str]


@dataclass(frozen=True)
class ReplayReport:
    """What became of entries.

    Attributes:
        read: Looked at again.
        accepted: In the graph now.
        written: The store's account.
        pending: Left alone, because the load that refused them has not come so far: it will read them again.
        bound: Left alone, because equal rows of their table are numbered over the whole file.
    """

    read: int = 0
    accepted: int = 0
    written: WriteReport = field(default_factory=WriteReport)
    pending: int = 0
    bound: int = 0

    def __add__(self, other: "ReplayReport") -> "ReplayReport":
        return ReplayReport(
            self.read + other.read,
            self.accepted + other.accepted,
            self.written + other.written,
            self.pending + other.pending,
            self.bound + other.bound,
        )


def replay_entries(
    source: SourceSpec,
    store: GraphStore,
    pepper: Pepper,
    shelf: Shelf,
    *,
    codes: Iterable[str] | None = None,
    repairs: Mapping[str, Fields] | None = None,
) -> ReplayReport:
    """Read refused rows of one source again.

    Args:
        source: Whose rows.
        store: Where accepted rows' facts go.
        pepper: The secret the store was made with.
        shelf: Where the rows lie.
        codes: Only rows refused for these reasons; all when None.
        repairs: By entry what the row should have said: values by column, or the whole line under `checks.LINE`. Only these
            entries are read again, where given.

    Returns:
        What became of them. Rows refused again stay, under the reason that holds now.

    Raises:
        RepairUnknown: a repair names an entry that is not on the shelf, replayed already for instance; nothing was done.
        RepairUnbound: a repair names a row of a table whose rows cannot be read alone; nothing was done.
        StoreFull, StoreUnavailable: rows of finished commits are in the graph and off the shelf, others as they were.
    """
    finish_replays(store, shelf)
    entries = shelf.entries(source.name)
    if repairs is not None:
        unknown = sorted(set(repairs) - set(entries["entry"]))
        if unknown:
            raise RepairUnknown(unknown)
        entries = entries.filter(pl.col("entry").is_in(list(repairs)))
    else:
        entries = entries.filter(~pl.col("code").is_in(NEED_REPAIR))
    if codes is not None:
        entries = entries.filter(pl.col("code").is_in(list(codes)))
    bound = {spec.name for spec in source.tables if has_windows(spec)}
    for (table,), rows in entries.filter(pl.col("table").is_in(list(bound))).group_by("table", maintain_order=True):
        if repairs is not None:
            raise RepairUnbound(str(table), rows["entry"].to_list())
    alone = entries.filter(~pl.col("table").is_in(list(bound)))
    pending = pending_entries(store, shelf, source.name) if alone.height else frozenset()
    report = ReplayReport(bound=entries.height - alone.height)
    entries = alone.filter(~pl.col("entry").is_in(list(pending)))
    report += ReplayReport(pending=alone.height - entries.height)
    consents = read_consents(store) if source.needs_consent and entries.height else Consents()
    for spec in source.tables:
        ours = entries.filter(pl.col("table") == spec.name)
        for delivered in ours.partition_by("delivered_us", maintain_order=True):
            for start in range(0, delivered.height, REPLAY_ROWS):
                part = delivered.slice(start, REPLAY_ROWS)
                report += _replay(source, spec, part, repairs or {}, pepper, consents, store, shelf)
    return report


def finish_replays(store: GraphStore, shelf: Shelf) -> None:
    """Take off the shelf what a replay wrote and could not take off, because it was stopped."""
    done = list(store.checkpoints(REPLAYED))
    if done:
        shelf.take([key.removeprefix(REPLAYED) for key in done])
        store.write([], checkpoints=dict.fromkeys(done))


def _replay(
    source: SourceSpec,
    spec: TableSpec,
    entries: pl.DataFrame,
    repairs: Mapping[str, Fields],
    pepper: Pepper,
    consents: Consents,
    store: GraphStore,
    shelf: Shelf,
) -> ReplayReport:
    names = entries["entry"].to_list()
    told = [_told(repairs.get(entry), json.loads(text)) for entry, text in zip(names, entries[FIELDS].to_list(), strict=True)]
    piece = _piece(spec, told)
    turned = turn_piece(source, spec, piece, entries["delivered_us"][0], pepper, consents, _no_rows(source, spec))
    again = turned.refused.unique("row", keep="first")
    refused = {names[row]: (code, column) for row, code, column in again.select("row", "reason", "column").iter_rows()}
    accepted = [entry for entry in names if entry not in refused]
    written = WriteReport()
    if accepted:
        facts: defaultdict[EdgeType, list[pl.DataFrame]] = defaultdict(list)
        for edge, rows in turned.facts.items():
            facts[edge].append(rows)
        written = store.write(gather_batches(facts), checkpoints={REPLAYED + entry: "" for entry in accepted})
        finish_replays(store, shelf)
    changed = [(entry, *why) for entry, why in refused.items()]
    shelf.update(pl.DataFrame(changed, schema=["entry", "code", "field"], orient="row") if changed else pl.DataFrame())
    return ReplayReport(len(names), len(accepted), written)


def _told(repair: Fields | None, kept: Fields) -> Fields:
    """What a row says now; a line that was repaired has its fields in the order of the file it came in."""
    if repair is None:
        return kept
    return {NAMES: kept[NAMES], **repair} if LINE in repair and NAMES in kept else repair


def _piece(spec: TableSpec, told: list[Fields]) -> Piece:
    """One row for each, numbered from 0; lines are parsed alone, so that one cannot take another with it."""
    columns = [column.name for column in spec.columns]
    schema = {"row": pl.Int64()} | {name: pl.String() for name in columns}
    whole = [(row, *map(fields.get, columns)) for row, fields in enumerate(told) if LINE not in fields]
    texts, refused = [pl.DataFrame(whole, schema=schema, orient="row")], []
    for row, fields in enumerate(told):
        if LINE in fields:
            line = fields[LINE].encode(spec.encoding, "replace") + b"\n"
            block = Block(0, row, line, tuple(fields.get(NAMES, ())))
            piece = parse_block(block, spec)
            texts.append(piece.texts.with_columns(pl.lit(row).cast(pl.Int64).alias("row")))
            refused.append(piece.refused.with_columns(pl.lit(row).cast(pl.Int64).alias("row")))
    return Piece(pl.concat(texts), pl.concat([pl.DataFrame(schema=REFUSAL_SCHEMA), *refused]))


def _no_rows(source: SourceSpec, spec: TableSpec) -> dict[str, pl.DataFrame]:
    """The tables that `spec` looks into, without rows: a replayed row finds no parent but in its own delivery."""
    wanted = {lookup.table for lookup in spec.lookups}
    return {
        other.name: accept_rows(other, empty_texts(column.name for column in other.columns), _no_rows(source, other), 0)[0]
        for other in source.tables
        if other.name in wanted
    }
