"""The files that Neo4j's importer reads: one of relationships for each edge type, one of nodes for each label.

Decides their columns and how a value is written. Takes facts that are settled and numbered; knows no server and no rule
for versions. Keys lie on disk until they are told apart, so memory does not grow with the number of facts.
"""

from pathlib import Path

import duckdb
import polars as pl

from graph.derived import table_name
from graph.neo4j.packing import packed_schema
from graph.vocabulary import EdgeType, NodeLabel

MEMORY_LIMIT = "1GB"
"""What telling keys apart may hold in memory before it goes to disk."""
READ_BUFFER_BYTES = 4 * 1024 * 1024
"""The importer's own; a value must fit in it."""
_ENDS = {"source_id": ":START_ID", "target_id": ":END_ID"}
_TYPES = {pl.String(): "string", pl.Int64(): "long", pl.Float64(): "double", pl.Boolean(): "boolean"}


class ImportFiles:
    """Files of one graph, in a folder of their own.

    Args:
        folder: Made here; must not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = folder / "keys"
        self._keys.mkdir(parents=True)
        self._edges: set[EdgeType] = set()
        self._pieces: dict[NodeLabel, int] = {}
        self._others: list[str] = []
        self._broken, self._longest = False, 0
        self.facts = 0
        self.last_seq_by_edge: dict[str, int] = {}

    def add(self, edge: EdgeType, facts: pl.DataFrame) -> None:
        """Append facts that stand, with their `seq`."""
        if not facts.height:
            return
        if edge not in self._edges:
            self._header(edge)
            self._edges.add(edge)
        with self._rows(edge).open("ab") as file:
            facts.select(*packed_schema(edge)).write_csv(file, include_header=False)
        self._note_texts(facts)
        self.facts += facts.height
        for label, end in ((edge.source, "source_id"), (edge.target, "target_id")):
            self._note_keys(label, facts[end])
        last = facts["seq"].max()
        assert isinstance(last, int), "facts are numbered"
        name = table_name(edge)
        self.last_seq_by_edge[name] = max(last, self.last_seq_by_edge.get(name, 0))

    def add_nodes(self, label: str, nodes: pl.DataFrame) -> None:
        """Take nodes that no fact names, with texts and whole numbers as properties."""
        if not nodes.height:
            return
        path = self._folder / f"others.{len(self._others)}.csv"
        nodes.rename({name: f"{name}:{_TYPES[dtype]}" for name, dtype in nodes.schema.items()}).write_csv(path)
        self._others.append(f"--nodes={label}={path}")
        self._note_texts(nodes)

    def finish(self) -> list[str]:
        """Write the nodes that facts name; the importer's arguments that name the files."""
        arguments = []
        with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(self._folder / "spill")}) as connection:
            for label in self._pieces:
                header, rows = self._node_files(label)
                header.write_text(f"key:ID({label})\n")
                connection.execute(
                    f"COPY (SELECT DISTINCT key FROM '{self._keys}/{label}.*.parquet') TO '{rows}' (HEADER false, QUOTE '')"
                )
                arguments.append(f"--nodes={label}={header},{rows}")
        arguments += self._others
        arguments += [f"--relationships={edge.rel}={self._head(edge)},{self._rows(edge)}" for edge in sorted(self._edges)]
        if self._broken:  # only then: such files are read by fewer threads; format v2 fails on files above its buffer
            arguments.append("--multiline-fields=true")
        return [*arguments, f"--read-buffer-size={max(READ_BUFFER_BYTES, 2 * self._longest)}"]

    def _note_texts(self, rows: pl.DataFrame) -> None:
        broken, longest = _measure_texts(rows)
        self._broken |= broken
        self._longest = max(self._longest, longest)

    def _note_keys(self, label: NodeLabel, keys: pl.Series) -> None:
        number = self._pieces.get(label, 0)
        keys.unique().rename("key").to_frame().write_parquet(
            self._keys / f"{label}.{number}.parquet", compression="uncompressed", statistics=False
        )
        self._pieces[label] = number + 1

    def _header(self, edge: EdgeType) -> None:
        groups = {"source_id": edge.source, "target_id": edge.target}
        columns = [
            f"{_ENDS[name]}({groups[name]})" if name in _ENDS else f"{name}:{_TYPES[dtype]}"
            for name, dtype in packed_schema(edge).items()
        ]
        self._head(edge).write_text(",".join(columns) + "\n")

    def _head(self, edge: EdgeType) -> Path:
        return self._folder / f"{table_name(edge)}.head.csv"

    def _rows(self, edge: EdgeType) -> Path:
        return self._folder / f"{table_name(edge)}.csv"

    def _node_files(self, label: NodeLabel) -> tuple[Path, Path]:
        return self._folder / f"nodes.{label}.head.csv", self._folder / f"nodes.{label}.csv"


def _measure_texts(facts: pl.DataFrame) -> tuple[bool, int]:
    """Whether any text has a line break, and the length in bytes of the longest."""
    texts = [name for name, dtype in facts.schema.items() if dtype == pl.String]
    broken = pl.any_horizontal(pl.col(name).str.contains_any(["\n", "\r"]).any() for name in texts)
    longest = pl.max_horizontal(pl.col(name).str.len_bytes().max() for name in texts)
    found = facts.select(broken.alias("broken"), longest.alias("longest")).row(0)
    return bool(found[0]), int(found[1] or 0)
