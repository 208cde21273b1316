"""The length-prefixed parts that ids are hashed from (graph/identity.py), made for whole columns at once, and digests as texts.

Gives the same bytes as framing part by part, several times faster where every part is short.
"""

import numpy as np
import polars as pl
import pyarrow as pa

PREFIX_BYTES = 4
_SHORT = 128  # up to here the last byte of a length is one character of UTF-8
_PREFIXES = pl.Series([chr(0) * (PREFIX_BYTES - 1) + chr(length) for length in range(_SHORT)], dtype=pl.String)


def frame_rows(parts: pl.DataFrame) -> list[bytes]:
    """For each row the parts in the order of the columns, each behind its length as four bytes, most significant first.

    Args:
        parts: String columns without nulls.
    """
    lengths = parts.select(pl.all().str.len_bytes())
    if not parts.height or max(lengths.max().row(0)) >= _SHORT:
        return [
            b"".join(len(raw).to_bytes(PREFIX_BYTES, "big") + raw for raw in map(str.encode, row)) for row in parts.iter_rows()
        ]
    prefixed = [column for name in parts.columns for column in (_PREFIXES.gather(lengths[name]), parts[name])]
    named = pl.DataFrame([column.alias(str(place)) for place, column in enumerate(prefixed)])
    framed: list[bytes] = named.select(pl.concat_str(pl.all()).cast(pl.Binary).alias("framed"))["framed"].to_list()
    return framed


def hex_texts(digests: bytes, size: int) -> pl.Series:
    """Digests of `size` bytes that stand one behind the other, each as a text of hexadecimal digits."""
    count, digits = len(digests) // size, 2 * size
    offsets = np.arange(0, (count + 1) * digits, digits, dtype=np.int64)
    texts = pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(digests.hex().encode()))
    return pl.Series(texts)
