"""Which paths are read is chosen on what teaches: nothing that calibrates or is judged, or is told later, has a say."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gnn.cohorts import EVER
from gnn.dataset import Dataset, EarlierLoans, Split
from gnn.examples import Examples
from gnn.features.plan import Column, FeaturePlan, Scope, Statistic
from gnn.features.table import FeatureTable
from gnn.milestones import Milestones
from gnn.models import narrowing
from gnn.models.narrowing import Reading, narrow, readings_of
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType

PERSON, LOAN, LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
APPLIED = Step(EdgeType(PERSON, RelType.APPLIED_FOR, LOAN), Direction.OUT)
KNOWS = Step(EdgeType(PERSON, RelType.KNOWS, PERSON), Direction.OUT)
FUNDED_BY = Step(EdgeType(LENDER, RelType.FUNDED, LOAN), Direction.IN)
FUNDED = Step(EdgeType(LENDER, RelType.FUNDED, LOAN), Direction.OUT)
OWN, TIE, OF_TIE = (APPLIED,), (KNOWS,), (KNOWS, APPLIED)
TO_LENDER, BEYOND = (APPLIED, FUNDED_BY), (APPLIED, FUNDED_BY, FUNDED)
BEGINS_S = 1_000
COUNT = 900


def column(name: str, path: tuple[Step, ...], over: tuple[str, str] | None = None) -> Column:
    statistic = Statistic.COUNT if over is None else Statistic.RATIO
    return Column(name, Family.CREDIT, path, statistic, over=over)


COLUMNS = (
    column("own", OWN),
    column("own_share", OWN, ("own", "own_more")),
    column("own_more", OWN),
    column("tie", TIE),
    column("of_tie", OF_TIE),
    column("tie_share", OF_TIE, ("of_tie", "tie")),
    column("lender", TO_LENDER),
    column("beyond", BEYOND),
)
NAMES = tuple(one.name for one in COLUMNS)
OWN_NAMES = ("own_more", "own", "own_share")
SPLIT = Split(
    fit=np.arange(200),
    stop=np.arange(200, 250),
    calibrate=np.arange(250, 320),
    test=np.arange(700, COUNT),
    young=np.arange(320, 700),
    taught_to_s=BEGINS_S,
)
FIRST = np.concatenate([SPLIT.fit, SPLIT.stop])


@pytest.fixture(autouse=True)
def two_paths_of_few_loans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "LEAST_LESSONS", 500)
    monkeypatch.setattr(narrowing, "MOST_PATHS", 2)


def plan(names: tuple[str, ...], scope: Scope) -> FeaturePlan:
    known = {one.name: one for one in COLUMNS}
    return FeaturePlan(PERSON, scope, "EUR", tuple(known[name] for name in names))


def lent(values: np.ndarray, label: np.ndarray, sign: np.ndarray | None = None, known_s: np.ndarray | None = None) -> Dataset:
    """Loans with these columns, outcomes and one telling milestone, known in time unless said otherwise; no graph is read."""
    nothing: Any = None
    plans = plan(OWN_NAMES, Scope.OWN), plan(NAMES, Scope.NEIGHBOURS)
    own = values[:, [NAMES.index(name) for name in OWN_NAMES]]
    tables = [FeatureTable(one.names, one.families, rows) for one, rows in zip(plans, (own, values), strict=True)]
    none = np.zeros(COUNT, np.int64)
    sign = np.zeros(COUNT) if sign is None else sign
    known_s = np.full(COUNT, BEGINS_S - 1) if known_s is None else known_s
    signs = Milestones(("early",), sign.astype(np.int8)[:, None], known_s[:, None], (0,))
    examples = Examples(none, np.arange(COUNT), none, label.astype(np.int8), none)
    return Dataset(nothing, nothing, examples, *tables, *plans, signs)


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(5).normal(size=(COUNT, len(COLUMNS)))


def by(values: np.ndarray, *names: str) -> np.ndarray:
    """1 where these columns say so, and now and then where they do not."""
    said = sum(values[:, NAMES.index(name)] for name in names)
    return (said + np.random.default_rng(6).normal(0.0, 0.5, COUNT) > 0).astype(np.int8)


def kept(data: Dataset) -> tuple[str, ...]:
    return narrow(data, SPLIT).neighbours.names


def test_the_paths_that_tell_most_are_kept_with_all_their_columns(values):
    found = narrow(lent(values, by(values, "of_tie", "tie")), SPLIT)
    assert found.neighbours.names == ("tie", "of_tie", "tie_share")
    assert found.neighbours_plan.names == found.neighbours.names
    assert len(found.neighbours.families) == 3
    assert found.neighbours.values.tolist() == values[:, [3, 4, 5]].tolist()


def test_a_ratio_is_kept_with_both_of_its_parts_alone(values):
    assert kept(lent(values, by(values, "of_tie", "own"))) == ("own", "own_share", "own_more", "of_tie")
    made_of = readings_of(plan(NAMES, Scope.NEIGHBOURS))[5]
    assert made_of == (Reading(OF_TIE, census=False), Reading(TIE, census=False))


def test_the_own_table_is_what_is_kept_of_it_in_its_own_order(values):
    found = narrow(lent(values, by(values, "of_tie", "own")), SPLIT)
    assert found.own.names == found.own_plan.names == ("own_more", "own", "own_share")
    assert found.own.values.tolist() == values[:, [2, 0, 1]].tolist()
    assert narrow(lent(values, by(values, "of_tie", "tie")), SPLIT).own.names == ()


def test_what_lies_beyond_a_lender_is_left_out_however_much_it_tells(values):
    assert kept(lent(values, by(values, "beyond", "lender"))).count("beyond") == 0
    assert "lender" in kept(lent(values, by(values, "beyond", "lender")))


def test_young_loans_choose_by_what_they_showed(values):
    nothing = np.random.default_rng(7).permutation(by(values, "own"))
    assert kept(lent(values, nothing, by(values, "of_tie", "tie"))) == ("tie", "of_tie", "tie_share")


@pytest.fixture
def plain(values: np.ndarray) -> Dataset:
    return lent(values, by(values, "of_tie", "tie"), by(values, "of_tie", "tie"))


def test_no_outcome_but_those_of_the_first_fit_chooses(values, plain):
    label = by(values, "own", "lender")
    label[FIRST] = plain.examples.label[FIRST]
    assert kept(lent(values, label, plain.milestones.label[:, 0])) == kept(plain)
    label = plain.examples.label.copy()
    label[FIRST] = by(values, "own", "lender")[FIRST]
    silent = np.full(COUNT, EVER)
    assert kept(lent(values, label, None, silent)) == ("own", "own_share", "own_more", "lender")


def test_nothing_of_loans_that_calibrate_or_are_judged_chooses(values, plain):
    other = np.concatenate([SPLIT.calibrate, SPLIT.test])
    altered, sign, label = values.copy(), plain.milestones.label[:, 0].copy(), plain.examples.label.copy()
    altered[other], sign[other], label[other] = 9.0, 1 - sign[other], 1 - label[other]
    altered[SPLIT.test, 0] = np.nan
    assert kept(lent(altered, label, sign)) == kept(plain)


def test_milestones_known_from_the_first_test_instant_on_choose_nothing(values):
    nothing, told = np.random.default_rng(7).permutation(by(values, "own")), by(values, "of_tie", "tie")
    late = lent(values, nothing, told, np.full(COUNT, BEGINS_S))
    never = lent(values, nothing, np.zeros(COUNT), np.full(COUNT, EVER))
    assert kept(late) == kept(never) != kept(lent(values, nothing, told))


def test_few_lessons_leave_the_data_as_they_are(plain, monkeypatch):
    monkeypatch.setattr(narrowing, "LEAST_LESSONS", 701)
    assert narrow(plain, SPLIT) is plain
    monkeypatch.setattr(narrowing, "LEAST_LESSONS", 700)
    assert narrow(plain, SPLIT) is not plain


def test_data_with_earlier_loans_are_left_as_they_are(plain):
    taught = replace(plain, earlier=EarlierLoans(plain.examples, plain.own, plain.neighbours, weight=0.2))
    assert narrow(taught, SPLIT) is taught
