"""Finds node labels and relation types spelled as string literals outside the vocabulary.

    python -m checks.vocabulary_literals graph ingest gnn api

Reads the syntax tree, so comments and docstrings are free to name them. A literal is at fault when it equals a label or
relation, or when it holds one in Cypher's own notation (`:Person`, `[:PAID`). Statements kept in `.cypher` files are not
Python and are not read. A line may be excused with `# literal: <reason>`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from graph.vocabulary import NodeLabel, RelType

DECLARED_IN = Path("graph/vocabulary.py")
TERMS = frozenset[str]({*NodeLabel, *RelType})
IN_CYPHER = re.compile(r"[(\[]\s*\w*\s*:\s*`?(" + "|".join(sorted(TERMS)) + r")\b")
EXCUSE = re.compile(r"#\s*literal:\s*\S+")


class Fault(NamedTuple):
    """One literal at fault."""

    path: Path
    line: int
    literal: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.literal!r} is declared in {DECLARED_IN}; use its enum member"


def find_literals(path: Path) -> Iterator[Fault]:
    """Labels and relations spelled out in one Python file, docstrings aside."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    tree = ast.parse(text, filename=str(path))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        if (node.value in TERMS or IN_CYPHER.search(node.value)) and not EXCUSE.search(lines[node.lineno - 1]):
            yield Fault(path, node.lineno, node.value)


def main(folders: list[str]) -> int:
    """Print every fault below the folders; 1 when there is any."""
    files = [f for folder in folders for f in sorted(Path(folder).rglob("*.py")) if f != DECLARED_IN]
    if not files:
        print(f"no Python files below {', '.join(folders) or 'nothing'}: name the packages to check", file=sys.stderr)
        return 2
    faults = [fault for file in files for fault in find_literals(file)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
