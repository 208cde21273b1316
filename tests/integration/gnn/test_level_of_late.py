"""A model that young loans taught: nothing of the time of its test reaches it, and what serves says what was measured."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.dataset import Dataset, Split, build_dataset
from gnn.division import divide, trained_to_s
from gnn.evaluation import protocols
from gnn.examples import build_scored
from gnn.features.levels import months_of
from gnn.features.plan import Scope
from gnn.models import narrowing
from gnn.models.average import Average
from gnn.models.baselines import lightgbm_milestones
from gnn.models.calibrate import Calibrator, probability
from gnn.models.levelled import Levelled
from gnn.models.narrowing import narrow
from gnn.network.model import GraphNetwork
from gnn.serving import ScoreRequest, load_scorer
from gnn.serving.bundle import read_bundle
from gnn.serving.live import bundle_place
from gnn.serving.served_model import Combination, ServedModel
from gnn.serving.stored_model import restore_model
from gnn.tasks import TASKS
from gnn.training import TrainedModels
from graph.vocabulary import NodeLabel
from tests.integration.conftest import LEAST_LESSONS, MOST_PATHS, YoungBook
from tests.support.lending import PEPPER

EACH = pytest.mark.parametrize("combination", list(Combination))


@pytest.fixture(scope="module")
def trained(young_book: YoungBook) -> TrainedModels:
    return young_book.enrolled.trained


@pytest.fixture(scope="module")
def whole(trained: TrainedModels) -> Dataset:
    return build_dataset(trained.data.snapshot, TASKS["sandbox"])


def served_scores(model: ServedModel, trained: TrainedModels) -> np.ndarray:
    """Log-odds of the test part as serving gives them."""
    examples = trained.data.examples.take(trained.split.test)
    return model.log_odds(model.read(trained.data.snapshot, examples.rows, examples.as_of_s))


def test_young_loans_taught_it_and_it_reads_the_paths_that_tell_most(trained: TrainedModels, whole: Dataset) -> None:
    split, fitted = trained.split, trained.graph.fitted
    assert fitted is not None
    begins_s = int(trained.data.examples.as_of_s[split.test].min())
    assert len(split.train) > LEAST_LESSONS / 2 < len(split.young)
    assert split.taught_to_s == begins_s > trained_to_s(trained.data, split) > trained.data.examples.as_of_s[split.train].max()
    assert trained.in_time
    assert not len(split.stop)
    assert len(split.calibrate) > len(split.train) / 4
    assert fitted.networks[0].shape.heads > 2
    hearing, reading = (network.shape for network in fitted.networks)
    assert hearing.unread
    assert hearing.convolutions
    assert not reading.unread
    assert not reading.convolutions
    assert reading.pieces > hearing.pieces > 0
    assert 0 < len({column.path for column in trained.data.neighbours_plan.columns}) <= MOST_PATHS
    assert set(trained.data.neighbours.names) < set(whole.neighbours.names)
    assert trained.metrics["average"]["auc"] > 0.8
    assert set(trained.metrics) == {"gnn", "lightgbm_milestones", "average"}


def test_one_network_hears_of_others_and_is_told_no_column_of_them(trained: TrainedModels) -> None:
    data, fitted, some = trained.data, trained.graph.fitted, trained.split.test[:60]
    assert fitted is not None
    chosen, values = data.examples.take(some), data.neighbours.values[some]
    own = np.array([name in set(data.own_plan.names) for name in data.neighbours.names])
    assert 0 < own.sum() < len(own)

    def scores(table: np.ndarray) -> list[np.ndarray]:
        trees = fitted.encode(data.snapshot, chosen.rows, chosen.as_of_s, table)
        return [replace(fitted, networks=(network,)).score(trees, np.arange(len(some))) for network in fitted.networks]

    hears, reads = scores(values)
    of_others = scores(np.where(own, values, values[::-1]))
    assert np.array_equal(of_others[0], hears)
    assert not np.array_equal(of_others[1], reads)
    of_own = scores(np.where(own, values[::-1], values))
    assert not np.array_equal(of_own[0], hears)
    assert not np.array_equal(of_own[1], reads)
    bare = fitted.encode(data.snapshot, chosen.rows, chosen.as_of_s, values).bare
    silent = [replace(fitted, networks=(network,)).score(bare, np.arange(len(some))) for network in fitted.networks]
    assert not np.array_equal(silent[0], hears)
    assert np.array_equal(silent[1], reads)


def test_of_own_facts_alone_every_column_is_told(trained: TrainedModels) -> None:
    network = GraphNetwork(settings=trained.recipe.settings.network, scope=Scope.OWN)
    network.fit(trained.data, trained.split, 1)
    assert network.fitted is not None
    assert [one.shape.unread for one in network.fitted.networks] == [(), ()]
    assert [bool(one.shape.convolutions) for one in network.fitted.networks] == [True, False]


@EACH
def test_what_serves_says_what_was_measured_but_for_the_level(trained: TrainedModels, combination: Combination) -> None:
    measured, served = trained.calibrated[combination], trained.served(combination)
    assert served.calibrator == replace(measured.calibrator, level=served.calibrator.level)
    raw = served_scores(replace(served, calibrator=Calibrator(1.0, 0.0)), trained)
    assert raw.tobytes() == measured.model.raw_log_odds(trained.data, trained.split.test).tobytes()
    apart = served_scores(served, trained) - trained.tested[measured.name]
    months = months_of(trained.data.examples.as_of_s[trained.split.test])
    levels = [apart[months == month] for month in np.unique(months)]
    assert len(levels) > 3
    assert max(np.ptp(one) for one in levels) < 1e-9
    assert np.ptp([one[0] for one in levels]) > 1e-6


@EACH
def test_at_their_level_the_latest_applicants_have_the_rate_that_outcomes_last_gave(
    trained: TrainedModels, combination: Combination
) -> None:
    model, snapshot = trained.served(combination), trained.data.snapshot
    asked = build_scored(snapshot, TASKS["sandbox"])
    late = asked.take(np.flatnonzero(months_of(asked.as_of_s) >= months_of(np.array([asked.as_of_s.max()]))[0] - 2))
    chance = probability(model.log_odds(model.read(snapshot, late.rows, late.as_of_s)))
    assert chance.mean() == pytest.approx(model.calibrator.rate, abs=1e-9)
    measured, label = trained.calibrated[combination], trained.data.examples.label[trained.split.calibrate]
    assert probability(measured.calibrator.apply(measured.first_log_odds)).mean() == pytest.approx(model.calibrator.rate)
    assert model.calibrator.rate == pytest.approx(label.mean(), abs=0.05)


@EACH
def test_a_bundle_holds_the_level(young_book: YoungBook, trained: TrainedModels, combination: Combination) -> None:
    place = bundle_place(young_book.models, young_book.enrolled.versions[combination].version)
    restored, served = restore_model(read_bundle(place)), trained.served(combination)
    assert restored.calibrator == served.calibrator
    assert restored.calibrator.level is not None
    assert restored.graph.level.any()
    assert restored.graph.level.tobytes() == served.graph.level.tobytes()
    assert served_scores(restored, trained).tobytes() == served_scores(served, trained).tobytes()


def test_a_scorer_answers_with_what_the_model_says(young_book: YoungBook, trained: TrainedModels) -> None:
    place = bundle_place(young_book.models, young_book.enrolled.versions[Combination.AVERAGE].version)
    scorer = load_scorer(place, young_book.snapshots, pepper=PEPPER, allow_research=False)
    examples = trained.data.examples.take(trained.split.test[:8])
    requests = [
        ScoreRequest(NodeLabel.PERSON, trained.data.snapshot.key_of(NodeLabel.PERSON, row), as_of_s)
        for row, as_of_s in zip(examples.rows.tolist(), examples.as_of_s.tolist(), strict=True)
    ]
    answers = [answer.log_odds for answer in scorer.score(requests, frozenset())]
    assert answers == served_scores(trained.served(Combination.AVERAGE), trained)[:8].tolist()


def other_future(whole: Dataset, split: Split) -> Dataset:
    """Everything that is known from the first test instant on is otherwise: outcomes, milestones, and who is judged."""
    examples, signs, draw = whole.examples, whole.milestones, np.random.default_rng(1)
    label, met, known_s = examples.label.copy(), signs.label.copy(), signs.known_s.copy()
    label[np.concatenate([split.young, split.test])] ^= 1
    late = known_s >= split.taught_to_s
    met[late], known_s[late] = draw.integers(0, 2, late.sum()), known_s[late] + draw.integers(0, 9, late.sum())
    tables = []
    for table in (whole.own, whole.neighbours):
        values = table.values.copy()
        values[split.test] = draw.normal(size=values[split.test].shape)
        tables.append(replace(table, values=values))
    return replace(
        whole,
        examples=replace(examples, label=label),
        own=tables[0],
        neighbours=tables[1],
        milestones=replace(signs, label=met, known_s=known_s),
    )


def test_nothing_known_from_the_first_test_instant_on_reaches_the_model(
    whole: Dataset, trained: TrainedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "LEAST_LESSONS", LEAST_LESSONS)
    monkeypatch.setattr(protocols, "MANY_LESSONS", LEAST_LESSONS)
    monkeypatch.setattr(narrowing, "MOST_PATHS", MOST_PATHS)
    split = divide(whole)
    data = narrow(other_future(whole, split), split)
    assert data.neighbours_plan == trained.data.neighbours_plan
    graph, boosted = GraphNetwork(settings=trained.recipe.settings.network), lightgbm_milestones()
    graph.fit(data, split, trained.recipe.seed)
    boosted.fit(data, split, trained.recipe.seed)
    average = Levelled(Average(graph, boosted))
    average.calibrate(data, split)
    before = trained.calibrated[Combination.AVERAGE]
    assert average.calibrator == before.calibrator
    assert average.first_log_odds.tobytes() == before.first_log_odds.tobytes()
    judged = trained.split.test
    assert (
        average.model.raw_log_odds(trained.data, judged).tobytes() == before.model.raw_log_odds(trained.data, judged).tobytes()
    )
    assert average.log_odds(trained.data, judged).tobytes() == before.log_odds(trained.data, judged).tobytes()


def test_outcomes_that_calibrate_reach_neither_the_first_fit_nor_what_it_reads(
    whole: Dataset, trained: TrainedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "LEAST_LESSONS", LEAST_LESSONS)
    monkeypatch.setattr(protocols, "MANY_LESSONS", LEAST_LESSONS)
    monkeypatch.setattr(narrowing, "MOST_PATHS", MOST_PATHS)
    split, at = trained.split, trained.split.calibrate
    label, met = whole.examples.label.copy(), whole.milestones.label.copy()
    label[at], met[at] = 1 - label[at], 1 - met[at]
    turned = replace(whole, examples=replace(whole.examples, label=label), milestones=replace(whole.milestones, label=met))
    data = narrow(turned, split)
    assert data.neighbours_plan == trained.data.neighbours_plan
    for again, before in (
        (GraphNetwork(settings=trained.recipe.settings.network), trained.graph),
        (lightgbm_milestones(), trained.boosted),
    ):
        again.fit(data, split, trained.recipe.seed)
        assert again.first_log_odds.tobytes() == before.first_log_odds.tobytes()
        assert again.first_young.tobytes() == before.first_young.tobytes()
        test = split.test
        assert again.raw_log_odds(data, test).tobytes() != before.raw_log_odds(trained.data, test).tobytes()
