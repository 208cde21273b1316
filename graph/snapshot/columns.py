"""Types of the arrays of a snapshot, and reading a column that lies in several segments.

Knows no file and no rule about facts.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derived import properties
from graph.snapshot.format import SECOND_BITS
from graph.vocabulary import EdgeType, Kind

Ints = NDArray[np.int64]
Column = NDArray[Any]
Keys = NDArray[np.bytes_]  # dtype S16: the 16 raw bytes of a key or id, compared as bytes
CompositeKeys = NDArray[np.uint64]  # `node << 34 | second`
KEY_DTYPE = np.dtype("S16")
_SECOND_SHIFT = np.uint64(SECOND_BITS)
_SECONDS = np.uint64((1 << SECOND_BITS) - 1)
COLUMN_TYPES: dict[str, np.dtype[Any]] = {
    "id": KEY_DTYPE,
    "source_row": np.dtype(np.int32),
    "target_row": np.dtype(np.int32),
    "at_us": np.dtype(np.int64),
    "known_at_s": np.dtype(np.int64),
    "undated": np.dtype(np.bool_),
    "attested_by": np.dtype(np.int32),
    "basis": np.dtype(np.int32),
    "origin": np.dtype(np.int32),
}
_KIND_TYPES: dict[Kind, np.dtype[Any]] = {
    Kind.INTEGER: np.dtype(np.int64),
    Kind.MONEY: np.dtype(np.int64),
    Kind.DECIMAL: np.dtype(np.float64),
    Kind.CATEGORY: np.dtype(np.int32),
}


def composite_key(rows: Ints, second: Ints) -> CompositeKeys:
    """The 64-bit sort key of (node row, second); callers have checked both ranges. 2**34 stands after every second."""
    # The same bits as if both were unsigned throughout.
    return ((rows.astype(np.int64, copy=False) << SECOND_BITS) + second).view(np.uint64)


def split_key(keys: CompositeKeys) -> tuple[Ints, Ints]:
    """The node rows and the seconds of composite keys, int64[n] each."""
    return (keys >> _SECOND_SHIFT).astype(np.int64), (keys & _SECONDS).astype(np.int64)


def column_type(edge: EdgeType, column: str) -> np.dtype[Any]:
    """Stored type of one column of the facts of an edge type.

    Raises:
        KeyError: the vocabulary declares no such column.
    """
    return COLUMN_TYPES.get(column) or _KIND_TYPES[{p.name: p.kind for p in properties(edge)}[column]]


def gather(starts: list[int], parts: list[Column], index: Ints, dtype: np.dtype[Any]) -> Column:
    """Values at global positions `index` of a column that lies in several parts, each beginning at its `start`.

    Raises:
        IndexError: there is no part, and some value is asked for.
    """
    if len(parts) == 1:
        return parts[0][index - starts[0]]
    if not parts and len(index):
        raise IndexError(f"nothing is stored, {len(index)} values were asked for")
    owner = np.searchsorted(starts, index, side="right") - 1
    values = np.empty(len(index), dtype)
    for number, (start, part) in enumerate(zip(starts, parts, strict=True)):
        mine = owner == number
        values[mine] = part[index[mine] - start]
    return values
