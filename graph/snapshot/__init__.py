"""Published snapshots of the graph: immutable, memory-mapped, read without the store."""

from graph.snapshot.format import MISSING
from graph.snapshot.publish import publish_snapshot
from graph.snapshot.reader import Snapshot
from graph.snapshot.writer import write_base, write_delta
from graph.steps import Direction

__all__ = ["MISSING", "Direction", "Snapshot", "publish_snapshot", "write_base", "write_delta"]
