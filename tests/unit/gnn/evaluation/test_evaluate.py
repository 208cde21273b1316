"""A protocol runs each model once on each part, goes on where it stopped, and sums up with paired intervals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnn.dataset import Dataset, EarlierLoans, build_dataset
from gnn.evaluation.contenders import forest_contender, with_control
from gnn.evaluation.evaluate import Question, build_figures, sum_up
from gnn.evaluation.protocol_run import Contender, Predictions, digest_data, run_protocol
from gnn.evaluation.protocols import Protocol, out_of_time, stratified_folds
from gnn.models import narrowing
from gnn.models.baselines import logistic
from gnn.tasks import TASKS
from graph.snapshot import Snapshot


class Oracle:
    """Knows the label of every example but some it gets wrong; counts how often one was fitted."""

    fitted = 0

    def __init__(self, name: str, wrong: int) -> None:
        self.name, self._wrong = name, wrong

    def fit(self, data, split, seed):
        Oracle.fitted += 1

    def log_odds(self, data, index):
        return np.where(index % self._wrong == 0, 0.0, data.examples.label[index] * 2.0 - 1.0)


def _contender(name: str, wrong: int = 3, settings_version: int = 1) -> Contender:
    def fit(data, split, seed, fitted):
        model = Oracle(name, wrong)
        model.fit(data, split, seed)
        return model

    return Contender(name, fit, settings_version)


@pytest.fixture(scope="module")
def data(planted: Snapshot) -> Dataset:
    return build_dataset(planted, TASKS["superlender"])


@pytest.fixture
def parts(data):
    return stratified_folds(data.examples, folds=3, repeats=2)


@pytest.fixture(autouse=True)
def _count_from_zero():
    Oracle.fitted = 0


def test_interrupted_run_goes_on_with_the_parts_that_lack(data, parts, tmp_path: Path):
    run_protocol(data, parts[:4], [_contender("lightgbm")], tmp_path)
    assert Oracle.fitted == 4
    whole = run_protocol(data, parts, [_contender("lightgbm")], tmp_path)
    assert Oracle.fitted == 6
    fresh = run_protocol(data, parts, [_contender("lightgbm")], tmp_path / "other")
    assert whole["lightgbm"].log_odds.tobytes() == fresh["lightgbm"].log_odds.tobytes()


def test_other_settings_are_not_read_from_an_earlier_run(data, parts, tmp_path: Path):
    for version in (1, 2):
        run_protocol(data, parts[:1], [_contender("lightgbm", settings_version=version)], tmp_path)
    assert Oracle.fitted == 2


def test_model_built_on_another_takes_it_as_fitted(data, parts, tmp_path: Path):
    built_on = Contender("average", lambda data, split, seed, fitted: fitted("lightgbm"), 1)
    found = run_protocol(data, parts[:1], [_contender("lightgbm"), built_on], tmp_path)
    assert Oracle.fitted == 1
    assert found["average"].log_odds.tobytes() == found["lightgbm"].log_odds.tobytes()


def test_only_models_wanted_are_applied_and_those_they_build_on_are_at_hand(data, parts, tmp_path: Path):
    built_on = Contender("average", lambda data, split, seed, fitted: fitted("lightgbm"), 1)
    at_hand = [_contender("lightgbm"), _contender("lightgbm_neighbours"), built_on]
    found = run_protocol(data, parts[:1], at_hand, tmp_path, wanted=["average"])
    assert list(found) == ["average"]
    assert Oracle.fitted == 1


def test_what_the_first_fit_said_of_the_calibrating_period_is_kept_where_a_model_tells(data, parts, tmp_path: Path):
    def fit(data, split, seed, fitted):
        model = logistic()
        model.fit(data, split, seed)
        return model

    both = [Contender("logistic", fit, 1), _contender("lightgbm")]
    first = run_protocol(data, parts[:2], both, tmp_path)
    again = run_protocol(data, parts[:2], both, tmp_path)
    assert len(first["logistic"].earlier) == sum(len(part.split.calibrate) for part in parts[:2])
    assert again["logistic"].earlier.tobytes() == first["logistic"].earlier.tobytes()
    assert len(first["lightgbm"].earlier) == 0
    whole = fit(data, parts[0].split, 0, None).log_odds(data, parts[0].split.calibrate)
    assert not np.array_equal(first["logistic"].earlier[: len(whole)], whole)  # which learnt from that period


def test_scores_do_not_depend_on_how_many_are_scored_at_once(data, parts, tmp_path: Path, monkeypatch):
    whole = run_protocol(data, parts[:1], [_contender("lightgbm")], tmp_path / "whole")
    monkeypatch.setattr("gnn.evaluation.protocol_run.SCORED_AT_ONCE", 7)
    pieces = run_protocol(data, parts[:1], [_contender("lightgbm")], tmp_path / "pieces")
    assert pieces["lightgbm"].log_odds.tobytes() == whole["lightgbm"].log_odds.tobytes()


def test_difference_of_a_model_with_itself_is_nothing(data, parts, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("gnn.evaluation.evaluate.BOOTSTRAP_DRAWS", 20)
    models = [_contender("lightgbm"), _contender("lightgbm_neighbours")]
    figures = build_figures(data, Protocol.FOLDS, run_protocol(data, parts, models, tmp_path))
    gain = next(f for f in figures if f.key == "superlender.cv.gain.lightgbm_neighbours_over_lightgbm")
    assert (gain.value, gain.low, gain.high) == (0.0, 0.0, 0.0)
    assert [f.key.split(".")[2] for f in figures if f.key.endswith(".lightgbm")] == ["auc", "ks", "brier", "ece"]


def test_value_is_the_mean_over_parts_each_on_its_own_scale(data, monkeypatch):
    monkeypatch.setattr("gnn.evaluation.evaluate.BOOTSTRAP_DRAWS", 20)
    bad, good = (np.flatnonzero(data.examples.label == outcome)[:4] for outcome in (1, 0))
    index = np.concatenate([bad[:2], good[:2], bad[2:], good[2:]])
    # Perfect in the first part; in the second, on another scale, half of the pairs.
    scores = np.array([1.0, 1.0, 0.0, 0.0, 50.0, 70.0, 60.0, 60.0])
    figures = build_figures(data, Protocol.FOLDS, {"gnn": Predictions(index, scores, np.repeat([0, 1], 4))})
    assert figures[0].value == pytest.approx(0.75)
    assert figures[0].deviation == pytest.approx(0.25)
    assert (figures[0].examples, figures[0].bad) == (8, 4)


def test_measures_that_a_repeated_person_pushes_up_have_no_interval(data, parts, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("gnn.evaluation.evaluate.BOOTSTRAP_DRAWS", 20)
    figures = build_figures(data, Protocol.FOLDS, run_protocol(data, parts, [_contender("lightgbm")], tmp_path))
    bounded = {figure.key.split(".")[2] for figure in figures if figure.low is not None and figure.high is not None}
    assert bounded == {"auc", "brier"}
    assert all(0 <= figure.value <= 1 for figure in figures)


def test_whatever_models_read_is_part_of_the_key_of_kept_parts(data):
    earlier = EarlierLoans(data.examples, data.own, data.neighbours, 0.2)
    flipped = replace(data.examples, label=1 - data.examples.label)
    moved = replace(data.neighbours, values=np.nextafter(data.neighbours.values, np.inf))
    variants = [
        data,
        replace(data, earlier=earlier),
        replace(data, earlier=replace(earlier, weight=0.3)),
        replace(data, earlier=replace(earlier, examples=flipped)),
        replace(data, examples=flipped),
        replace(data, neighbours=moved),
        replace(data, task=replace(data.task, name="berka")),
        replace(data, own_plan=replace(data.own_plan, currency="CZK")),
    ]
    assert len({digest_data(variant) for variant in variants}) == len(variants)


def test_loans_of_one_cluster_are_drawn_together(monkeypatch):
    monkeypatch.setattr("gnn.evaluation.evaluate.BOOTSTRAP_DRAWS", 40)
    label = np.array([1, 0, 1, 0], np.int8)
    found = {"one": Predictions(np.arange(4), np.array([2.0, 1.0, 0.0, 1.0]), np.zeros(4, np.int64))}
    apart, together = (
        sum_up(Question("q", label, cluster, compared=()), found)[0] for cluster in (np.arange(4), np.zeros(4, np.int64))
    )
    assert (together.value, together.low, together.high) == (0.5, 0.5, 0.5)
    assert apart.low is not None
    assert apart.low < 0.5


def test_question_chooses_measures_and_pairs(monkeypatch):
    monkeypatch.setattr("gnn.evaluation.evaluate.BOOTSTRAP_DRAWS", 5)
    label = np.array([1, 0, 1, 0], np.int8)
    found = {name: Predictions(np.arange(4), np.arange(4.0), np.zeros(4, np.int64)) for name in ("a", "b")}
    question = Question("q", label, np.arange(4), {"mean": lambda _, score: float(score.mean())}, (("b", "a"),))
    assert [figure.key for figure in sum_up(question, found)] == ["q.mean.a", "q.mean.b", "q.gain.b_over_a"]


class Reader:
    """Keeps the columns of every table it is given, fitted or asked."""

    def __init__(self, data: Dataset) -> None:
        self.read = [data.neighbours.names]

    def fit(self, data, split, seed):
        raise AssertionError("it is fitted when made")

    def log_odds(self, data, index):
        self.read.append(data.neighbours.names)
        return np.zeros(len(index))


def test_only_narrowed_contenders_are_given_the_columns_worth_reading(data, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(narrowing, "LEAST_LESSONS", 100)
    monkeypatch.setattr(narrowing, "MOST_PATHS", 3)
    plain = replace(data, earlier=None)
    (part,) = out_of_time(plain.examples)
    readers: dict[str, Reader] = {}

    def reading(name: str, *, narrowed: bool) -> Contender:
        def fit(given, split, seed, fitted):
            return readers.setdefault(name, Reader(given))

        return Contender(name, fit, 1, narrowed=narrowed)

    run_protocol(plain, [part], [reading("whole", narrowed=False), reading("few", narrowed=True)], tmp_path)
    few = narrowing.narrow(plain, part.split).neighbours.names
    assert 0 < len(few) < len(plain.neighbours.names)
    assert readers["whole"].read == [plain.neighbours.names] * 2
    assert readers["few"].read == [few] * 2


def test_the_champion_and_its_network_are_narrowed_and_every_rival_reads_all():
    narrowed = {one.name for one in (*with_control(), forest_contender()) if one.narrowed}
    assert narrowed == {"gnn", "average"}
