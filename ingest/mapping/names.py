"""What the names in one table of a mapping stand for: columns, constants and the number of a repeated row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.vocabulary import Kind
from ingest.mapping.types import COLUMN_TYPES

REPEAT = "repeat"
"""Column that numbers equal rows, from 1, in a table with `numbered_repeats`."""

_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY})


@dataclass(frozen=True)
class Name:
    """What one name stands for: a typed column of the accepted rows.

    Attributes:
        column: The column that tells one value from another.
        kinds: Properties it can fill; none where it is a moment, or an identifier that must be hashed.
        moment: Whether it tells when something was.
        optional: Whether rows without it are kept.
    """

    column: str
    kinds: frozenset[Kind] = frozenset()
    moment: bool = False
    optional: bool = False

    @property
    def number(self) -> bool:
        """Whether it can be compared with numbers."""
        return bool(self.kinds & _NUMBERS)

    @property
    def money(self) -> bool:
        """Whether it is an amount, held in minor units."""
        return Kind.MONEY in self.kinds


def column_name(column: Mapping[str, Any]) -> str:
    """The name of a declared column: its header unless another is given."""
    return str(column.get("name", column["header"]))


def table_names(table: Mapping[str, Any]) -> dict[str, Name]:
    """Everything that rules of this table can name."""
    names: dict[str, Name] = {}
    for column in table["columns"]:
        kind, name, optional = COLUMN_TYPES[column["type"]], column_name(column), column.get("optional", False)
        first, *further = kind.endings
        kinds = kind.kinds or {}
        names[name] = Name(name + first, kinds.get(first, frozenset()), kind.moment, optional)
        if not kind.moment:
            names |= {
                name + ending: Name(name + ending, kinds[ending], optional=optional) for ending in (first, *further) if ending
            }
    for name in table.get("constants", {}):
        names[name] = Name(name, frozenset({Kind.CATEGORY}))
    if "numbered_repeats" in table:
        names[REPEAT] = Name(REPEAT, frozenset({Kind.INTEGER}))
    return names
