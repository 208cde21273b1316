"""Turns raw identifiers into 128-bit keys, with a secret pepper, so that no raw identifier enters the graph.

One function makes node keys and one makes fact ids; both are keyed BLAKE2b (RFC 7693) over length-prefixed parts,
so ("ab", "c") and ("a", "bc") differ. Changing either rule makes every store unreadable: raise `KEY_RULE`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NewType

from graph.vocabulary import EdgeType, NodeLabel

KEY_RULE = 1  # part of every hash: raise when the way keys are made changes
KEY_BYTES = 16
MINIMUM_PEPPER_CHARACTERS = 16
TOKEN_DIGITS = 16  # 64 bits: tokens are compared, never looked up

NodeKey = NewType("NodeKey", str)
"""128-bit key of a node, 32 lower-case hexadecimal digits."""
FactId = NewType("FactId", str)
"""128-bit id of a fact, 32 lower-case hexadecimal digits."""


@dataclass(frozen=True)
class Pepper:
    """The secret that keys all identifiers; never printed, never stored, known only by its fingerprint.

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

    def fact_id(self, edge: EdgeType, source: str, *parts: str) -> FactId:
        """Id of a fact, from the fewest stable fields that tell it apart within its source."""
        return FactId(self._hash("fact", *edge, source, *parts))

    def node_keys(self, label: NodeLabel, source: str, raw_ids: Iterable[str]) -> list[NodeKey]:
        """`node_key` of many raw ids, several times faster than one by one."""
        begun = self._begin("node", label, source)
        return [NodeKey(_finish(begun, (raw_id,))) for raw_id in raw_ids]

    def fact_ids(self, edge: EdgeType, source: str, identities: Iterable[Sequence[str]]) -> list[FactId]:
        """`fact_id` of many facts of one edge type, several times faster than one by one."""
        begun = self._begin("fact", *edge, source)
        return [FactId(_finish(begun, parts)) for parts in identities]

    def node_key_digests(self, label: NodeLabel, source: str, framed: Iterable[bytes]) -> bytes:
        """`node_keys` as `KEY_BYTES` bytes each, of raw ids that are framed as `framing.frame_rows` does it for columns."""
        return _finish_all(self._begin("node", label, source), framed)

    def fact_id_digests(self, edge: EdgeType, source: str, framed: Iterable[bytes]) -> bytes:
        """`fact_ids` as `KEY_BYTES` bytes each, of identities that are framed already."""
        return _finish_all(self._begin("fact", *edge, source), framed)

    def tokens(self, name: str, texts: Iterable[str]) -> list[str]:
        """Sixteen hexadecimal digits for each text of the keyed property `name`; equal texts give equal tokens."""
        begun = self._begin("token", name)
        return [_finish(begun, (text,))[:TOKEN_DIGITS] for text in texts]

    def _hash(self, *parts: str) -> str:
        return _finish(self._begin(), parts)

    def _begin(self, *parts: str) -> blake2b:
        state = blake2b(digest_size=KEY_BYTES, key=blake2b(self.secret.encode(), digest_size=32).digest())
        state.update(bytes([KEY_RULE]))
        state.update(_framed(parts))
        return state


def _finish(begun: blake2b, parts: Sequence[str]) -> str:
    state = begun.copy()
    state.update(_framed(parts))
    return state.hexdigest()


def _finish_all(begun: blake2b, framed: Iterable[bytes]) -> bytes:
    begin, made = begun.copy, []
    for parts in framed:
        state = begin()
        state.update(parts)
        made.append(state.digest())
    return b"".join(made)


def _framed(parts: Sequence[str]) -> bytes:
    return b"".join(len(raw).to_bytes(4, "big") + raw for raw in [part.encode() for part in parts])
