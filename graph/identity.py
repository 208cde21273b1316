"""Turns raw identifiers into 128-bit keys, with a secret pepper, so that no raw identifier enters the graph.

Node keys, fact ids and tokens are HMAC-SHA-256 (RFC 2104), cut short, of texts each behind its length in bytes, so that
("ab", "c") and ("a", "bc") differ. What is written for one value here gives the same for whole columns in native code.
Changing the rule makes every store unreadable: raise `KEY_RULE`, and no store made before opens, as the fingerprint changes.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NewType

import polars as pl
import polars_hash

from graph.vocabulary import EdgeType, NodeLabel

KEY_RULE = 2  # part of every hash: raise when the way keys are made changes
KEY_DIGITS = 32
MINIMUM_PEPPER_CHARACTERS = 16
TOKEN_DIGITS = 16  # 64 bits: tokens are compared, never looked up

NodeKey = NewType("NodeKey", str)
"""128-bit key of a node, 32 lower-case hexadecimal digits."""
FactId = NewType("FactId", str)
"""128-bit id of a fact, 32 lower-case hexadecimal digits."""


@dataclass(frozen=True)
class Pepper:
    """The secret that keys all identifiers; never printed, never stored, known only by its fingerprint.

    Of columns null stays null.

    Raises:
        ValueError: fewer than 16 characters.
    """

    secret: str

    def __post_init__(self) -> None:
        if len(self.secret) < MINIMUM_PEPPER_CHARACTERS:
            raise ValueError(
                f"the pepper must have at least {MINIMUM_PEPPER_CHARACTERS} characters, this one has {len(self.secret)}"
            )

    def __repr__(self) -> str:
        return f"Pepper(fingerprint={self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that tell peppers apart and give nothing of them away."""
        return self._hash("fingerprint")[:16]

    def node_key(self, label: NodeLabel, source: str, raw_id: str) -> NodeKey:
        """Key of the node that `source` calls `raw_id`."""
        return NodeKey(self._hash("node", label, source, raw_id))

    def node_keys(self, label: NodeLabel, source: str, raw_ids: pl.Expr) -> pl.Expr:
        """`node_key` of a column of texts."""
        return self._hashes(("node", label, source), (raw_ids,))

    def fact_id(self, edge: EdgeType, source: str, *parts: str) -> FactId:
        """Id of a fact, from the fewest stable fields that tell it apart within its source."""
        return FactId(self._hash("fact", *edge, source, *parts))

    def fact_ids(self, edge: EdgeType, source: str, *parts: pl.Expr) -> pl.Expr:
        """`fact_id` of columns of texts; null where any of them is."""
        return self._hashes(("fact", *edge, source), parts)

    def token(self, name: str, text: str) -> str:
        """Sixteen hexadecimal digits for a text of the keyed property `name`; equal texts give equal tokens."""
        return self._hash("token", name, text)[:TOKEN_DIGITS]

    def tokens(self, name: str, texts: pl.Expr) -> pl.Expr:
        """`token` of a column of texts."""
        return self._hashes(("token", name), (texts,)).str.head(TOKEN_DIGITS)

    def _hash(self, *parts: str) -> str:
        return hmac.digest(self.secret.encode(), _framed(parts).encode(), "sha256").hex()[:KEY_DIGITS]

    def _hashes(self, first: Sequence[str], columns: Sequence[pl.Expr]) -> pl.Expr:
        framed = chain.from_iterable((column.str.len_bytes().cast(pl.String), pl.lit(":"), column) for column in columns)
        message = polars_hash.concat_str([pl.lit(_framed(first)), *framed])
        return message.chash.hmac_sha256(key=self.secret).str.head(KEY_DIGITS)


def _framed(parts: Sequence[str]) -> str:
    return "".join(f"{len(part.encode())}:{part}" for part in (str(KEY_RULE), *parts))
