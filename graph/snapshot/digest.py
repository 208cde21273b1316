"""The content digest of a set of facts: equal sets have equal digests, whatever store, order or segments they came in.

A sum of per-fact hashes modulo 2**256, so a delta adds to the digest of the version below without reading it again.
It tells sets apart by accident-proof odds; it is no defence against someone who crafts facts to collide.
"""

from collections.abc import Iterable
from hashlib import blake2b

import polars as pl

from graph.facts import FactBatch, content_text

EMPTY_DIGEST = f"{0:064x}"
_MODULUS = 2**256
_SEPARATOR = "\x1f"


def extend_digest(digest: str, batches: Iterable[FactBatch]) -> str:
    """Digest of what `digest` covers together with `batches`, 64 hexadecimal digits."""
    total = int(digest, 16)
    for batch in batches:
        head = _SEPARATOR.join(batch.edge).encode() + b"\n"
        times = batch.rows.select(pl.col("at_us", "known_at_s").cast(pl.String))
        text = times.with_columns(content_text(batch)).select(pl.concat_str(pl.all(), separator=_SEPARATOR)).to_series()
        total += sum(int.from_bytes(blake2b(head + t.encode(), digest_size=32).digest()) for t in text.to_list())
    return f"{total % _MODULUS:064x}"
