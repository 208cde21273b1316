"""Refused rows of blocks that are not in the graph yet: a load that was stopped between shelf and commit reads them again."""

import polars as pl

from graph.store import GraphStore
from ingest.pipeline.tally import file_key, read_tallies
from ingest.quarantine.shelf import Shelf


def pending_entries(store: GraphStore, shelf: Shelf, source: str) -> frozenset[str]:
    """Entries of one source whose block lies behind the checkpoint of its file, or whose file has none."""
    tallies = read_tallies(store, source)
    pending: set[str] = set()
    for path in shelf.folder.glob(f"{source}/*/*.parquet"):
        block = int(path.stem.rpartition("-")[2])
        rows = pl.read_parquet(path, columns=["entry", "table", "file_sha256"], memory_map=False)
        for entry, table, sha256 in rows.iter_rows():
            tally = tallies.get(file_key(source, table, sha256))
            if tally is None or not (tally.done or block < tally.next_block):
                pending.add(entry)
    return frozenset(pending)
