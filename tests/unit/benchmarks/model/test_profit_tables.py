"""Cut-offs are chosen on earlier applications alone, profits told on the judged ones, beside those of a rival."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.judged import Judged
from benchmarks.model.profit_tables import COSTS, HEAD, profit_tables

COUNT = 600


def _judged(label: NDArray[np.int8]) -> Judged:
    every = np.arange(len(label))
    return Judged(label, every, np.zeros(len(label), np.bool_), every, np.full(len(label), 100_000), np.zeros(len(label)))


def _drawn(seed: int) -> tuple[Judged, dict[str, NDArray[np.float64]]]:
    generator = np.random.default_rng(seed)
    label = (generator.random(COUNT) < 0.2).astype(np.int8)
    return _judged(label), {"knowing": label * 2.0 - 1, "chance": generator.normal(size=COUNT)}


def test_knowing_the_outcome_earns_most_and_the_rival_nothing_above_itself() -> None:
    earlier, judged = _drawn(0), _drawn(1)
    tables = profit_tables(earlier, judged, "chance")
    assert len(tables) == len(COSTS)
    for table in tables:
        knowing, chance = (dict(zip(HEAD, row, strict=True)) for row in table.rows)
        assert knowing["approved"] == f"{float((judged[0].label == 0).mean()):.1%}"  # all that are judged are told of
        assert knowing["bad among them"] == "0.00%"
        assert chance["above the best trees"] == "0 (0 to 0)"
        assert not knowing["above the best trees"].startswith("-")


def test_no_outcome_of_the_judged_moves_a_cutoff() -> None:
    earlier, (judged, scores) = _drawn(0), _drawn(1)
    flipped = _judged(1 - judged.label)
    first, other = (profit_tables(earlier, (one, scores), "chance") for one in (judged, flipped))
    at = HEAD.index("approved")
    assert [[row[at] for row in table.rows] for table in first] == [[row[at] for row in table.rows] for table in other]


def test_a_model_without_earlier_scores_is_left_out() -> None:
    (earlier, chosen), judged = _drawn(0), _drawn(1)
    tables = profit_tables((earlier, chosen | {"knowing": np.empty(0)}), judged, "chance")
    assert [[row[0] for row in table.rows] for table in tables] == [["chance"]] * len(COSTS)
