"""Drift is told from luck on a real model, and retraining is asked for by age or by drift alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from gnn.errors import NothingToCompare, VersionUnknown
from gnn.evaluation import drift as drift_module
from gnn.evaluation.drift import Drift, measure_drift
from gnn.evaluation.metrics import auc
from gnn.examples import UNKNOWN, build_examples, build_scored
from gnn.models.calibrate import Calibrator, fit_calibrator
from gnn.registry import retrain
from gnn.registry.measure import Entrant, compare
from gnn.registry.models import Models
from gnn.registry.retrain import Conditions, decide_retraining
from gnn.registry.tracking import Registry, Run
from gnn.serving.bulk import score_examples
from gnn.serving.live import BUNDLES, sign_bundle
from gnn.serving.served_model import Combination, ServedModel
from gnn.serving.signing import write_new_key
from gnn.tasks import TASKS
from gnn.training import Recipe, TrainedModels, train_models
from graph.errors import PepperMismatch
from graph.snapshot import Snapshot, write_base
from tests.support.lending import JULY_S, PEPPER, planted_batches

TASK = TASKS["superlender"]
LEARNT_SHARE = 0.5  # of the month; the second half is newer than the model
SWING = 2.0


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    root = tmp_path_factory.mktemp("drift")
    write_base(planted_batches(300), root, seq=1, pepper_fingerprint=PEPPER.fingerprint)
    return Snapshot.open(root)


@pytest.fixture(scope="module")
def models(snapshot: Snapshot, trained: TrainedModels, tmp_path_factory: pytest.TempPathFactory) -> Models:
    """A folder with one registered version, made by hand."""
    root = tmp_path_factory.mktemp("models")
    key = write_new_key(root / "signing.key")
    version = trained.write(root / BUNDLES / "new", Combination.AVERAGE)
    (root / BUNDLES / "new").rename(root / BUNDLES / version)
    sign_bundle(root / BUNDLES / version, key)
    registry = Registry(root, TASK.name)
    run_id = registry.log_run(Run("by hand", {}, {"auc": float("nan")}, {}))
    registry.add_version(version, Combination.AVERAGE, root / BUNDLES / version, run_id)
    return Models(root, key.trusted)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedModels:
    root: Path = tmp_path_factory.mktemp("learnt")
    write_base(planted_batches(100), root, seq=1, pepper_fingerprint=PEPPER.fingerprint)
    return train_models(Snapshot.open(root), TASK, Recipe(1, camouflage=0.1))


@pytest.fixture
def half() -> int:
    """The middle of the month, UTC seconds."""
    return JULY_S + int(LEARNT_SHARE * 30 * 86_400)


def levelled(trained: TrainedModels, snapshot: Snapshot, until_s: int) -> ServedModel:
    """The trees, calibrated on the loans until an instant: what was learnt from 100 borrowers alone is far off."""
    model = replace(trained.served(Combination.TREES), calibrator=Calibrator(1.0, 0.0))
    examples = build_examples(snapshot, TASK)
    examples = examples.take(np.flatnonzero(examples.as_of_s <= until_s))
    return replace(model, calibrator=fit_calibrator(score_examples(model, snapshot, examples), examples.label))


def test_loans_without_outcome_are_found_with_those_that_have_one(snapshot: Snapshot) -> None:
    scored = build_scored(snapshot, TASK)
    assert scored.as_of_s.tolist() == build_examples(snapshot, TASK).as_of_s.tolist()
    assert set(scored.label.tolist()) == {UNKNOWN}


def test_people_like_those_before_are_no_drift(snapshot: Snapshot, trained: TrainedModels, half: int) -> None:
    model = levelled(trained, snapshot, half)
    third = JULY_S + 10 * 86_400
    found = measure_drift(model, snapshot, learnt=(JULY_S, third), measured_to_s=half)
    assert found.decisions > drift_module.LEAST_COMPARED
    assert found.reasons == ()
    assert found.level is not None


def test_defaults_beyond_what_was_expected_are_drift(snapshot: Snapshot, trained: TrainedModels, half: int) -> None:
    model = levelled(trained, snapshot, half)
    calibrator = replace(model.calibrator, intercept=model.calibrator.intercept - SWING)
    third = JULY_S + 10 * 86_400
    found = measure_drift(replace(model, calibrator=calibrator), snapshot, learnt=(JULY_S, third), measured_to_s=half)
    assert found.level is not None
    assert found.level.is_off
    assert "were expected" in found.reasons[-1]


def test_nothing_newer_is_no_drift(snapshot: Snapshot, trained: TrainedModels) -> None:
    last = int(build_examples(snapshot, TASK).as_of_s.max())
    found = measure_drift(trained.served(Combination.TREES), snapshot, learnt=(JULY_S, last - 1), measured_to_s=last)
    assert (found.decisions, found.reasons) == (0, ())


def test_comparison_is_of_the_same_later_loans_and_paired(snapshot: Snapshot, trained: TrainedModels, half: int) -> None:
    entrants = [Entrant(str(c), trained.served(c), to_s) for c, to_s in zip(Combination, (JULY_S, half, JULY_S), strict=True)]
    found = compare(snapshot, entrants, draws=50)
    assert found.examples.as_of_s.min() > half
    for one in found.candidates:
        assert one.auc.value == auc(found.examples.label, found.log_odds[one.version])
        assert one.has_network is (one.version != "trees")
        gain = found.gains[one.version, one.version]
        assert (gain.low, gain.high) == (0.0, 0.0)
    there, back = found.gains["trees", "average"], found.gains["average", "trees"]
    assert there.low == pytest.approx(-back.high)


def test_models_that_learnt_from_every_loan_cannot_be_compared(snapshot: Snapshot, trained: TrainedModels) -> None:
    last = int(build_examples(snapshot, TASK).as_of_s.max())
    with pytest.raises(NothingToCompare, match="0 good and 0 bad"):
        compare(snapshot, [Entrant("one", trained.served(Combination.TREES), last)])


def test_a_network_alone_and_trees_alone_average_to_the_average_before_calibration(
    snapshot: Snapshot, trained: TrainedModels
) -> None:
    examples = build_examples(snapshot, TASK).take(np.arange(5))
    raw = {}
    for combination in Combination:
        model = trained.served(combination)
        log_odds = model.log_odds(model.read(snapshot, examples.rows, examples.as_of_s))
        raw[combination] = (log_odds - model.calibrator.intercept) / model.calibrator.slope
    mean = (raw[Combination.NETWORK] + raw[Combination.TREES]) / 2
    assert raw[Combination.AVERAGE] == pytest.approx(mean)


def test_retraining_waits_for_a_newer_snapshot(models: Models, trained: TrainedModels) -> None:
    decision = decide_retraining(models, trained.data.snapshot, Conditions(older_than_days=0), datetime.now(UTC))
    assert not decision.train
    assert "learnt from" in decision.why
    assert (decision.task, decision.recipe) == (TASK, trained.recipe)


@pytest.mark.parametrize(("days", "train"), [(29, False), (31, True)])
def test_retraining_by_age(models: Models, snapshot: Snapshot, days: int, train: bool) -> None:
    now = datetime.now(UTC) + timedelta(days=days)
    decision = decide_retraining(models, snapshot, Conditions(older_than_days=30), now)
    assert decision.train is train
    assert f"{days}.0 days old" in decision.why


def test_retraining_by_drift(models: Models, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Conditions(older_than_days=30, drift=True)
    calm = decide_retraining(models, snapshot, asked, datetime.now(UTC))
    assert not calm.train
    assert calm.drift is not None
    shifted = Drift(100, 0.5, (), 10, None, ("scores have shifted",))
    monkeypatch.setattr(retrain, "measure_drift", lambda *_, **__: shifted)
    decision = decide_retraining(models, snapshot, asked, datetime.now(UTC))
    assert decision.train
    assert decision.why == "scores have shifted"


def test_retraining_without_an_earlier_training_is_refused(models: Models, snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(VersionUnknown, match="to start from"):
        decide_retraining(Models(tmp_path, models.trusted), snapshot, Conditions(), datetime.now(UTC))


def test_a_model_of_another_pepper_does_not_take_part(models: Models, tmp_path: Path) -> None:
    write_base(planted_batches(5), tmp_path, seq=1, pepper_fingerprint="f" * 16)
    versions = [one.version for one in models.registry.versions()]
    with pytest.raises(PepperMismatch):
        models.entrants(Snapshot.open(tmp_path), versions)


def test_too_few_newer_decisions_to_measure_drift_on_are_told_apart_from_no_drift(
    models: Models, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrain, "measure_drift", lambda *_, **__: Drift(0, float("nan"), (), 0, None, ()))
    decision = decide_retraining(models, snapshot, Conditions(drift=True), datetime.now(UTC))
    assert (decision.train, decision.is_measured) == (False, False)
    assert "not measured" in decision.why


def test_a_last_training_of_another_vocabulary_is_a_reason_to_train_with_its_settings(
    models: Models, snapshot: Snapshot, trained: TrainedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gnn.serving.bundle.vocabulary_digest", lambda: "another")
    decision = decide_retraining(models, snapshot, Conditions(older_than_days=30), datetime.now(UTC))
    assert decision.train
    assert "vocabulary" in decision.why
    assert (decision.task, decision.recipe) == (TASK, trained.recipe)
