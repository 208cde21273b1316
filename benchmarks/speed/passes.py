"""How long the champion takes over one borrower, facts read and all, and over the exact shares of all families.

    python -m benchmarks.prove model-pass

Borrowers are asked about one by one, as a request asks. The pass reads the facts and gives
log-odds. Its rival does so with stock parts (`pass_rival`). Shares are Shapley values of switching families off, given what
was read; their rival scores every coalition by itself, and must find the same shares.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from api.garbage import set_loaded_apart
from benchmarks.results import Figure
from benchmarks.scale import Scale
from benchmarks.speed.champion import CACHE, SEED, Champion, choose_borrowers, prepare_champion
from benchmarks.speed.pass_rival import NAME, StockPass
from gnn.examples import Examples
from gnn.scores import Include
from gnn.serving.explain import Subject, explain
from gnn.serving.served_model import Inputs, ServedModel
from gnn.serving.shapley import shapley_values
from graph.snapshot import Snapshot
from graph.vocabulary import Family

BORROWERS = {Scale.FULL: 400, Scale.REDUCED: 12}
WARM_UP = 5  # first answers, not counted
MOST_PASS_MS, MOST_SHAPLEY_MS = 4.0, 12.0
SAME = 1e-9  # log-odds: the order of sums differs, nothing else
WORST = 0.99
_PASS_NOTE = f"facts read, encoded and scored by network and trees; at most {MOST_PASS_MS:g} ms are wanted"
_SHAPLEY_NOTE = f"given what the pass read; at most {MOST_SHAPLEY_MS:g} ms are wanted"
CONTRIBUTIONS = frozenset({Include.CONTRIBUTIONS})
Ints = NDArray[np.int64]
T = TypeVar("T")


def main(scale: Scale, root: Path = CACHE) -> list[Figure]:
    """Milliseconds of one pass and of one borrower's shares, each beside its rival's."""
    champion = prepare_champion(scale, root)
    return measure(champion, choose_borrowers(champion, BORROWERS[scale] + WARM_UP))


def measure(champion: Champion, borrowers: Examples) -> list[Figure]:
    """The same for these borrowers, the first `WARM_UP` of whom are not counted.

    Raises:
        AssertionError: a coalition scored by itself gives other shares.
    """
    model, snapshot = champion.model, champion.snapshot
    set_loaded_apart()  # as the service does
    ones = [slice(place, place + 1) for place in range(len(borrowers))]
    passed = [timed(partial(_pass, model, snapshot, borrowers.rows[one], borrowers.as_of_s[one])) for one in ones]
    answers = StockPass(snapshot, model, borrowers).answers()
    stocked = [timed(partial(next, answers)) for _ in ones]
    subjects = [
        Subject(snapshot, row, as_of_s, *found)
        for row, as_of_s, (found, _) in zip(borrowers.rows.tolist(), borrowers.as_of_s.tolist(), passed, strict=True)
    ]
    shared = [timed(partial(explain, model, subject, CONTRIBUTIONS)) for subject in subjects]
    alone = [timed(partial(shares_alone, model, subject.inputs)) for subject in subjects]
    for (explained, _), (shares, _) in zip(shared, alone, strict=True):
        assert_same(explained.contributions or {}, shares)
    families = [len(shares) for shares, _ in alone]
    counts = {"borrowers": len(borrowers) - WARM_UP, "facts": champion.facts}
    return [
        _figure("model.champion.pass_ms", passed, stocked, NAME, counts, _PASS_NOTE),
        _figure(
            "model.champion.shapley_ms",
            shared,
            alone,
            "the same model, each coalition scored by itself",
            counts | {"families": max(families)},
            f"{_SHAPLEY_NOTE}; {median(families):g} families speak of the median borrower",
        ),
    ]


def shares_alone(model: ServedModel, inputs: Inputs) -> dict[Family, float]:
    """Exact shares of the families that speak of one subject, from coalitions scored one after the other."""
    families = model.families_read(inputs)
    values = np.empty(2 ** len(families))
    for coalition in range(len(values)):
        left_out = frozenset(family for place, family in enumerate(families) if not coalition >> place & 1)
        values[coalition] = model.log_odds_without(inputs, [left_out])[0]
    return dict(zip(families, shapley_values(values, len(families)).tolist(), strict=True))


def assert_same(found: dict[Family, float], alone: dict[Family, float]) -> None:
    """Every family has the same share both ways, and one that says nothing has none."""
    for family, share in found.items():
        assert abs(share - alone.get(family, 0.0)) <= SAME, f"{family}: {share} together, {alone.get(family)} one by one"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What some work gives, and the seconds it took."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _pass(model: ServedModel, snapshot: Snapshot, row: Ints, as_of_s: Ints) -> tuple[Inputs, float]:
    inputs = model.read(snapshot, row, as_of_s)
    return inputs, float(model.log_odds(inputs)[0])


def _figure(
    key: str,
    ours: Sequence[tuple[object, float]],
    rival: Sequence[tuple[object, float]],
    name: str,
    counts: dict[str, int],
    note: str,
) -> Figure:
    taken, rivals = ([seconds * 1000 for _, seconds in each[WARM_UP:]] for each in (ours, rival))
    return Figure(
        key,
        median(taken),
        "ms a borrower",
        low=min(taken),
        high=float(np.quantile(taken, WORST)),
        rival=median(rivals),
        rival_name=name,
        counts=counts,
        seed=SEED,
        note=f"median, with the quickest and the 99th percentile; {note}",
    )
