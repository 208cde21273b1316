"""What an answer says beside the log-odds is fitted where it has to be: ends out of sample, scales on what was learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gnn import answer_scales
from gnn.answer_scales import with_scales
from gnn.features.removal import Without
from gnn.models.baselines import lightgbm_milestones
from gnn.models.calibrate import probability
from gnn.models.interval import fit_intervals
from gnn.serving.bundle import read_bundle
from gnn.serving.served_model import Combination
from gnn.serving.stored_model import restore_model
from gnn.serving.subscores import SubScales
from gnn.tasks import TASKS
from gnn.training import Recipe, TrainedModels, train_models
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import NodeLabel
from tests.support.lending import APPLIED_FOR, ASSESSED, DAY_S, FUNDED, JUDGED_S, JULY_S, FactWriter, key, planted_batches

SEED = 3
THIN = tuple(f"thin{number}" for number in range(24))


def thin_files() -> FactWriter:
    """Borrowers of July of whom nothing but the application is known, a third of them bad."""
    writer = FactWriter()
    for number, name in enumerate(THIN):
        applied_s = JULY_S + (number + 5) * DAY_S
        writer.add(APPLIED_FOR, name, f"{name}:1", applied_s, amount_minor=300_000, term_days=30, loan_number=1)
        writer.add(FUNDED, "planted", f"{name}:1", applied_s + 3600, amount_minor=300_000)
        standing = "settled" if number % 3 else "defaulted"
        writer.add(ASSESSED, "planted", f"{name}:1", JUDGED_S, standing=standing, undated=True)
    return writer


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> TrainedModels:
    root: Path = tmp_path_factory.mktemp("snapshots")
    write_base([*planted_batches(240), *thin_files().batches()], root, seq=1)
    return train_models(Snapshot.open(root), TASKS["superlender"], Recipe(SEED))


@pytest.fixture(scope="module")
def bundle(models: TrainedModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("models") / "bundle"
    models.write(place)
    return place


def test_ends_are_those_of_the_fit_that_had_not_seen_the_loans(models: TrainedModels, bundle: Path) -> None:
    at, average = models.split.calibrate, models.calibrated[Combination.AVERAGE]
    label, own = models.data.examples.label[at], models.data.facts.own[at]
    out_of_sample = fit_intervals(average.calibrator.apply(average.first_log_odds), label, own)
    in_sample = fit_intervals(average.log_odds(models.data, at), label, own)
    stored = restore_model(read_bundle(bundle)).intervals.to_json()
    assert stored == out_of_sample.to_json()
    assert stored != in_sample.to_json()


def test_first_fit_knows_nothing_of_the_outcomes_its_ends_are_fitted_on(models: TrainedModels) -> None:
    label = models.data.examples.label.copy()
    label[models.split.calibrate] = 1 - label[models.split.calibrate]
    turned = replace(models.data, examples=replace(models.data.examples, label=label))
    again = lightgbm_milestones(models.recipe.settings.trees)
    again.fit(turned, models.split, SEED)
    assert again.first_log_odds.tobytes() == models.boosted.first_log_odds.tobytes()
    assert not np.array_equal(
        again.log_odds(turned, models.split.test), models.boosted.log_odds(models.data, models.split.test)
    )


@dataclass(frozen=True)
class Asked:
    """In place of a model: keeps whom it was asked about."""

    subscales: SubScales
    asked: list[tuple[int, int]] = field(default_factory=list)

    def read(self, snapshot: Snapshot, rows: NDArray[np.int64], as_of_s: NDArray[np.int64]) -> None:
        self.asked.extend(zip(rows.tolist(), as_of_s.tolist(), strict=True))

    def log_odds_without(self, inputs: None, removed: Sequence[Without]) -> NDArray[np.float64]:
        return np.zeros(len(removed))


def scaled_on(models: TrainedModels) -> list[tuple[int, int]]:
    model = Asked(SubScales({}))
    with_scales(model, models.data, models.split)  # type: ignore[arg-type] # it is asked what a model is
    return model.asked


def test_scales_are_fitted_on_every_loan_learnt_from_and_on_no_other(
    models: TrainedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, times = models.data.examples.rows, models.data.examples.as_of_s
    learnt = [(int(rows[at]), int(times[at])) for at in sorted(models.split.train.tolist())]
    assert scaled_on(models) == learnt
    monkeypatch.setattr(answer_scales, "MOST_SUBJECTS", 40)
    thinned = scaled_on(models)
    assert len(thinned) == 40
    assert set(thinned) <= set(learnt)
    assert thinned[0] == learnt[0]


def test_loans_too_thin_to_score_are_counted_on_the_test_part(models: TrainedModels, bundle: Path) -> None:
    thin = {key(NodeLabel.PERSON, name) for name in THIN}
    rows = models.data.examples.rows[models.split.test].tolist()
    expected = sum(models.data.snapshot.key_of(NodeLabel.PERSON, row) in thin for row in rows)
    assert 0 < expected < len(rows)
    assert read_bundle(bundle).manifest["unscorable"] == expected


def test_coverage_told_is_that_of_the_cells_one_by_one(models: TrainedModels, bundle: Path) -> None:
    at, intervals = models.split.test, restore_model(read_bundle(bundle)).intervals
    log_odds, own, label = models.tested["average"], models.data.facts.own[at], models.data.examples.label[at]
    bounds = (0, *intervals.rule.thickness, 10**9)
    told = read_bundle(bundle).manifest["coverage"]
    for place, one in enumerate(told):
        thick = (own >= bounds[place]) & (own < bounds[place + 1])
        held = []
        for score_bin in range(len(intervals.edges) + 1):
            mine = np.flatnonzero(thick & (np.searchsorted(intervals.edges, log_odds, side="right") == score_bin))
            if len(mine):
                low = probability(log_odds[mine] + intervals.low[score_bin, place]).mean()
                high = probability(log_odds[mine] + intervals.high[score_bin, place]).mean()
                held.append(low <= label[mine].mean() <= high)
        assert (one["loans"], one["bad"]) == (thick.sum(), label[thick].sum())
        assert (one["cells"], one["held"]) == (len(held), sum(held))
    assert sum(one["held"] for one in told) > 0
    assert told[0]["loans"] > 0
