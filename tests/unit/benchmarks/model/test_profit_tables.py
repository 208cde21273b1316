"""Profits are told on loans that no cut-off was chosen on, beside those of a rival."""

import numpy as np

from benchmarks.model.judged import Judged
from benchmarks.model.profit_tables import COSTS, HEAD, profit_tables

COUNT = 600


def test_knowing_the_outcome_earns_most_and_the_rival_nothing_above_itself() -> None:
    generator = np.random.default_rng(0)
    label = (generator.random(COUNT) < 0.2).astype(np.int8)
    judged = Judged(
        label,
        np.arange(COUNT),
        np.zeros(COUNT, np.bool_),
        np.arange(COUNT),
        np.full(COUNT, 100_000),
        np.zeros(COUNT),
    )
    scores = {"knowing": label * 2.0 - 1, "chance": generator.normal(size=COUNT)}
    tables = profit_tables(judged, scores, "chance")
    assert len(tables) == len(COSTS)
    for table in tables:
        knowing, chance = (dict(zip(HEAD, row, strict=True)) for row in table.rows)
        judged_good = float((label[COUNT // 3 :] == 0).mean())
        assert knowing["approved"] == f"{judged_good:.1%}"
        assert knowing["bad among them"] == "0.00%"
        assert chance["above the best trees"] == "0 (0 to 0)"
        assert not knowing["above the best trees"].startswith("-")
