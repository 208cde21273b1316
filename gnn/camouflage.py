"""Camouflage: made-up persons planted around borrowers, as an attacker plants them to make bad ones look well known.

The attacker adds and never removes: persons that nobody knows, their ties to the borrower and among themselves, each
attested as the vocabulary demands of a tie that is crossed, and bills paid early. The attacker does not know the model. Reads
no graph; whoever asks lays the facts over a snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import NodeKey, Pepper
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel, RelType

Ints = NDArray[np.int64]
INJECTED_SHARE = 0.05  # of the persons there are
SOURCE = "sybil"
DAY_S, SECOND_US = 86_400, 1_000_000

_PERSON, _COMPANY = NodeLabel.PERSON, NodeLabel.COMPANY
MUTUAL = EdgeType(_PERSON, RelType.KNOWS, _PERSON)
CALLED = EdgeType(_PERSON, RelType.CALLED, _PERSON)
REFERRED = EdgeType(_PERSON, RelType.REFERRED, _PERSON)
BILLED = EdgeType(_PERSON, RelType.BILLED_BY, _COMPANY)
_ATTESTED = {MUTUAL: Attestation.BOTH, CALLED: Attestation.INSTITUTION, REFERRED: Attestation.INSTITUTION}


@dataclass(frozen=True)
class Target:
    """A borrower to hide, and the first instant they are scored at, UTC seconds: what is planted is known before it."""

    key: NodeKey
    as_of_s: int


@dataclass(frozen=True)
class Camouflage:
    """How ties are planted: each made-up person calls and is called by the borrower, and bills it pays are early.

    Raises:
        ValueError: a count is below 0, or there is no day to plant in.
    """

    calls: int = 4  # each way between a made-up person and the borrower
    fellows: int = 3  # next made-up persons around the same borrower that each knows besides
    bills: int = 6  # each, where billers are given
    days: int = 180  # before the borrower is first scored, over which the facts become known
    early_days: int = 5  # by which bills are paid
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if min(self.calls, self.fellows, self.bills, self.early_days) < 0 or self.days < 1:
            raise ValueError(f"camouflage needs a day or more and counts of 0 or more, not {self}")


@dataclass(frozen=True)
class Planted:
    """Facts to lay over a snapshot, and the keys of the persons made up; fact by fact they keep to the vocabulary."""

    batches: Sequence[FactBatch]
    made_up: Sequence[NodeKey]


def pick_targets(keys: Sequence[NodeKey], label: NDArray[np.int8], as_of_s: Ints, share: float, seed: int) -> list[Target]:
    """A share of the persons with a bad loan, drawn, in order of their keys, each with the first instant they are scored at.

    Args:
        keys: Of the subjects, one an example.
        label: int8 [n].
        as_of_s: int64 [n] UTC seconds of all their examples, good ones too.
        share: 0 to 1 of the bad persons, rounded up.
        seed: Of the draw.
    """
    first: dict[NodeKey, int] = {}
    for key, second in zip(keys, as_of_s.tolist(), strict=True):
        first[key] = min(second, first.get(key, second))
    bad = sorted({keys[place] for place in np.flatnonzero(label == 1).tolist()})
    count = int(np.ceil(len(bad) * share))
    picked = np.random.default_rng(seed).permutation(len(bad))[:count]
    return [Target(bad[place], first[bad[place]]) for place in sorted(picked.tolist())]


def injected(persons: int, share: float = INJECTED_SHARE) -> int:
    """How many to make up so that they are `share` of the persons there were, rounded."""
    return round(persons * share)


def plant(
    targets: Sequence[Target],
    count: int,
    pepper: Pepper,
    seed: int,
    *,
    billers: Sequence[NodeKey] = (),
    camouflage: Camouflage | None = None,
) -> Planted:
    """Make `count` persons up, spread evenly over the targets, with all their facts.

    Args:
        targets: Whom to hide, each named once.
        count: Made-up persons.
        pepper: Of the snapshot, so that keys look like any others.
        seed: Of every draw; the same arguments give the same facts.
        billers: Companies whose bills the made-up persons pay early; without any they have no bills.
        camouflage: How.

    Raises:
        ValueError: nobody is to be hidden, or one twice.
    """
    if not targets or len({target.key for target in targets}) < len(targets):
        raise ValueError(f"camouflage goes around borrowers named once each, not around {len(targets)} with repeats or none")
    how = camouflage or Camouflage()
    generator = np.random.default_rng(seed)
    owner = np.arange(count) % len(targets)
    key = np.array([pepper.node_key(_PERSON, SOURCE, f"{seed}:{number}") for number in range(count)], np.str_)
    target = np.array([one.key for one in targets], np.str_)[owner]
    before_s = np.array([one.as_of_s for one in targets], np.int64)[owner]
    calls = np.arange(count).repeat(how.calls)
    one, other = _fellows(owner, how.fellows)
    ends = {
        MUTUAL: [(key, target, before_s), (key[one], key[other], before_s[one])],
        CALLED: [(key[calls], target[calls], before_s[calls]), (target[calls], key[calls], before_s[calls])],
        REFERRED: [(key, target, before_s)],
    }
    batches = []
    for edge, parts in ends.items():
        source, far, limit_s = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        batches.append(_batch(edge, source, far, _known(limit_s, how, generator), pepper, seed, {}))
    if billers:
        bills = np.arange(count).repeat(how.bills)
        company = np.array(billers, np.str_)[generator.integers(0, len(billers), len(bills))]
        paid = {
            "amount_minor": generator.integers(2_000, 20_000, len(bills)),
            "currency": np.full(len(bills), how.currency),
            "days_late": np.full(len(bills), -how.early_days),
        }
        batches.append(_batch(BILLED, key[bills], company, _known(before_s[bills], how, generator), pepper, seed, paid))
    return Planted([batch for batch in batches if len(batch)], [NodeKey(one) for one in key.tolist()])


def _fellows(owner: Ints, most: int) -> tuple[Ints, Ints]:
    """Pairs of made-up persons of one target: each with the next `most` of its group, no pair twice."""
    one, other = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for group in np.unique(owner):
        members = np.flatnonzero(owner == group)
        for step in range(1, min(most, len(members) - 1) + 1):
            one.append(members[:-step])
            other.append(members[step:])
    return np.concatenate(one), np.concatenate(other)


def _known(before_s: Ints, how: Camouflage, generator: np.random.Generator) -> Ints:
    """Seconds at which facts become known: all before, none further back than the days of the camouflage."""
    back_s = generator.integers(1, how.days * DAY_S, len(before_s), endpoint=True)
    return np.asarray(np.maximum(before_s - back_s, 0), np.int64)


def _batch(
    edge: EdgeType,
    source: NDArray[np.str_],
    target: NDArray[np.str_],
    known_at_s: Ints,
    pepper: Pepper,
    seed: int,
    values: Mapping[str, NDArray[np.generic]],
) -> FactBatch:
    columns = {
        "source_id": source,
        "target_id": target,
        "at_us": known_at_s * SECOND_US,
        "known_at_s": known_at_s,
        **values,
    }
    number = pl.int_range(pl.len()).cast(pl.String)
    rows = pl.DataFrame(columns).with_columns(
        pepper.fact_ids(edge, SOURCE, pl.lit(str(seed)), number).alias("id"),
        pl.lit(str(_ATTESTED.get(edge, Attestation.INSTITUTION))).alias("attested_by"),
        pl.lit(str(Basis.CONTRACT)).alias("basis"),
        pl.lit(False).alias("undated"),
        pl.lit(SOURCE).alias("origin"),
    )
    schema = fact_schema(edge)
    lacking = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return FactBatch(edge, rows.with_columns(lacking).select(pl.col(name).cast(dtype) for name, dtype in schema.items()))
