"""The canonical hash of a graph: equal for equal facts, whichever store holds them and however they came in.

Decides the bytes of a fact. Neither `seq`, which tells the order of arrival, nor a losing version is part of it.
"""

from hashlib import blake2b, sha256

import numpy as np
import polars as pl

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.store import GraphStore

_ROW_DIGEST_BYTES = 32


def canonical_hash(store: GraphStore) -> str:
    """SHA-256 over the sorted facts of a store: id, type, ends, times and typed property bytes of each.

    Args:
        store: Read through `export` alone; about 64 bytes of memory a fact.

    Returns:
        64 hexadecimal digits.
    """
    digests = [d for batch in store.export() for d in row_digests(batch)]
    state = sha256()
    for digest in sorted(digests):
        state.update(digest)
    return state.hexdigest()


def row_digests(batch: FactBatch) -> list[bytes]:
    """48 bytes for each fact of a batch, in its order: its id, then the digest of all its fields."""
    head = "\x1f".join(batch.edge).encode()
    columns = [_field_bytes(batch.rows[name], dtype) for name, dtype in fact_schema(batch.edge).items()]
    ids = batch.rows["id"].to_list()
    return [
        bytes.fromhex(fact_id) + blake2b(head + b"".join(fields), digest_size=_ROW_DIGEST_BYTES).digest()
        for fact_id, *fields in zip(ids, *columns, strict=True)
    ]


def _field_bytes(column: pl.Series, dtype: pl.DataType) -> list[bytes]:
    """Tag and bytes of each value: null, text with its length, integer or IEEE double, both little-endian."""
    if dtype == pl.String:
        return [b"n" if v is None else b"s" + len(v.encode()).to_bytes(4, "little") + v.encode() for v in column]
    if dtype == pl.Boolean:
        return [b"n" if v is None else b"t" if v else b"f" for v in column]
    tag, kind = (b"d", "<f8") if dtype == pl.Float64 else (b"i", "<i8")
    packed = column.fill_null(0).to_numpy().astype(kind)
    raw = np.ascontiguousarray(packed).tobytes()
    return [b"n" if missing else tag + raw[8 * i : 8 * i + 8] for i, missing in enumerate(column.is_null().to_list())]
