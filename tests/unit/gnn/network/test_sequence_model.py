"""The order of a person's own facts is found in a snapshot; what comes later, and how young loans end, changes nothing."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.cohorts import EVER
from gnn.dataset import Dataset, Split
from gnn.evaluation.metrics import auc
from gnn.evaluation.protocols import split_training
from gnn.examples import Examples
from gnn.features.plan import Scope
from gnn.features.planning import plan_features
from gnn.features.table import FeatureTable
from gnn.milestones import Milestones
from gnn.models.levelled import Levelled
from gnn.network.sequence_model import SequenceModel
from gnn.network.settings import SequenceSettings
from gnn.tasks import TASKS
from graph.vocabulary import Family
from tests.support.snapshots import CALLED, HOLDS, PERSON, Rows, fact, in_memory, rows_of

DAY_S = 86_400
PERSONS = 240
ASKED_S = 100 * DAY_S
BEGINS_S = ASKED_S + 50 * DAY_S
SLOW = SequenceSettings(longest=8, hidden=8, dropout=0.0, epochs=8, peak_rate=1e-2, batch_sequences=32, least_batches=8)
QUICK = replace(SLOW, epochs=2)
TALL = replace(QUICK, least_lessons=1)


def world(rows: Rows = (), seed: int = 0) -> Dataset:
    """Everyone makes two calls and opens two accounts, on days drawn at random; bad is who did an account last."""
    draws = np.random.default_rng(seed)
    calls = np.stack([draws.permutation([True, True, False, False]) for _ in range(PERSONS)])
    day = np.sort(np.stack([draws.choice(np.arange(1, 99), 4, replace=False) for _ in range(PERSONS)]), axis=1)
    facts = [
        fact(CALLED if calls[n, k] else HOLDS, 4 * n + k, n, 1000 if calls[n, k] else 4 * n + k, int(day[n, k]) * DAY_S)
        for n in range(PERSONS)
        for k in range(4)
    ]
    snapshot = in_memory([*facts, *rows])
    person = np.arange(PERSONS)
    as_of_s = ASKED_S + 600 * person
    label = (~calls[:, -1]).astype(np.int8)
    examples = Examples(rows_of(snapshot, PERSON, person.tolist()), as_of_s, person, label, as_of_s + 5)
    table = FeatureTable(("noise",), (Family.CREDIT,), draws.normal(size=(PERSONS, 1)))
    plans = [plan_features(snapshot, PERSON, EVER - 1, scope, currency="EUR") for scope in (Scope.OWN, Scope.NEIGHBOURS)]
    early = Milestones(("early",), label[:, None].copy(), np.full((PERSONS, 1), BEGINS_S - 1), (0,))
    return Dataset(snapshot, TASKS["sandbox"], examples, table, table, plans[0], plans[1], early)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return world()


@pytest.fixture(scope="module")
def split() -> Split:
    """The last loans before the test part are young."""
    plain = split_training(np.arange(150), np.arange(180, PERSONS))
    return replace(plain, young=np.arange(150, 180), taught_to_s=BEGINS_S)


def fitted(data: Dataset, split: Split, settings: SequenceSettings = TALL, seed: int = 0) -> SequenceModel:
    model = SequenceModel(settings=settings)
    model.fit(data, split, seed)
    return model


def test_order_of_own_facts_is_learnt(data: Dataset, split: Split) -> None:
    model = fitted(data, split, SLOW)
    assert auc(data.examples.label[split.test], model.log_odds(data, split.test)) > 0.85


def test_same_seed_gives_the_same_bits_and_a_row_alone_its_own(data: Dataset, split: Split) -> None:
    first, again, other = (fitted(data, split, seed=seed) for seed in (3, 3, 4))
    together = first.log_odds(data, split.test)
    assert again.log_odds(data, split.test).tobytes() == together.tobytes()
    assert again.first_log_odds.tobytes() == first.first_log_odds.tobytes()
    assert other.log_odds(data, split.test).tobytes() != together.tobytes()
    assert [first.log_odds(data, split.test[i : i + 1])[0] for i in range(10)] == together[:10].tolist()
    assert first.log_odds(data, split.test[::-1]).tobytes() == together[::-1].tobytes()


def test_facts_known_at_the_instant_or_later_change_no_bit(data: Dataset, split: Split) -> None:
    after = [ASKED_S + 600 * n for n in range(PERSONS)]
    later = [fact(CALLED, 5000 + n, n, 1000, after[n]) for n in range(PERSONS)]
    later += [fact(HOLDS, 6000 + n, n, 6000 + n, after[n] + DAY_S) for n in range(PERSONS)]
    model = fitted(data, split)
    told = world(later)
    one, other = model.log_odds(data, split.test), fitted(told, split).log_odds(told, split.test)
    assert one.tobytes() == other.tobytes()
    sooner = world([fact(CALLED, 5000 + n, n, 1000, after[n] - 1) for n in range(PERSONS)])
    assert (model.log_odds(sooner, split.test) != one).all()


def test_what_others_did_changes_no_score(data: Dataset, split: Split) -> None:
    model = fitted(data, split)
    theirs = world([fact(CALLED, 5000 + n, 1000, 2000 + n, DAY_S) for n in range(50)])
    assert model.log_odds(theirs, split.test).tobytes() == model.log_odds(data, split.test).tobytes()


@pytest.mark.parametrize("settings", [TALL, QUICK], ids=["milestones", "few lessons"])
def test_how_young_and_test_loans_end_changes_nothing(data: Dataset, split: Split, settings: SequenceSettings) -> None:
    label, unseen = data.examples.label.copy(), np.concatenate([split.young, split.test])
    label[unseen] = 1 - label[unseen]
    blind = replace(data, examples=replace(data.examples, label=label))
    one, other = (fitted(known, split, settings).log_odds(data, split.test) for known in (data, blind))
    assert one.tobytes() == other.tobytes()


def test_milestones_of_young_loans_teach_if_known_in_time(data: Dataset, split: Split) -> None:
    late = data.milestones.known_s.copy()
    late[split.young] = BEGINS_S
    told = replace(data, milestones=replace(data.milestones, known_s=late))
    never = replace(data, milestones=replace(data.milestones, known_s=np.where(late < BEGINS_S, late, EVER)))
    one, other = (fitted(known, split).log_odds(data, split.test) for known in (told, never))
    assert one.tobytes() == other.tobytes()
    assert one.tobytes() != fitted(data, split).log_odds(data, split.test).tobytes()


def test_first_fit_has_not_seen_the_period_that_calibrates_and_levels_can_be_taken_off(data: Dataset, split: Split) -> None:
    model = fitted(data, split)
    label = data.examples.label.copy()
    label[split.calibrate] = 1 - label[split.calibrate]
    turned = fitted(replace(data, examples=replace(data.examples, label=label)), split)
    assert turned.first_log_odds.tobytes() == model.first_log_odds.tobytes()
    assert turned.first_young.tobytes() == model.first_young.tobytes()
    levelled = Levelled(model)
    levelled.calibrate(data, split)
    assert (levelled.name, len(model.first_young)) == ("sequence", len(split.young))
    assert np.isfinite(levelled.log_odds(data, split.test)).all()
