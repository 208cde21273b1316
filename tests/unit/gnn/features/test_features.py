"""A row of features is a function of its subject's facts before its instant, to the last bit."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gnn.features.table import FeaturePlan, FeatureTable, Scope, build_features, plan_features
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType
from tests.support.snapshots import (
    DESCRIBED,
    HOLDS,
    KNOWS,
    PAID,
    PERSON,
    SAME_AS,
    Rows,
    fact,
    graphs,
    in_memory,
    key,
    published,
)

APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
REPAID = EdgeType(PERSON, RelType.REPAID, NodeLabel.LOAN)
LIVES_AT = EdgeType(PERSON, RelType.LIVES_AT, NodeLabel.PLACE)
DAY_S = 86_400
PERSONS = range(6)


def _table(
    snapshot: Snapshot, plan: FeaturePlan, persons: list[int], as_of_s: int, without: frozenset[Family | RelType] = frozenset()
) -> FeatureTable:
    rows = np.array([snapshot.row_of(PERSON, key(PERSON, person)) for person in persons], np.int64)
    return build_features(snapshot, plan, rows, np.full(len(persons), as_of_s, np.int64), without)


def _known(snapshot: Snapshot) -> list[int]:
    return [person for person in PERSONS if snapshot.row_of(PERSON, key(PERSON, person)) is not None]


def _plan(rows: Rows, scope: Scope = Scope.OWN, as_of_s: int = 10**9, currency: str = "CZK") -> FeaturePlan:
    return plan_features(in_memory(rows), PERSON, as_of_s, scope, currency=currency)


def _value(rows: Rows, name: str, person: int = 1, as_of_s: int = 100 * DAY_S, scope: Scope = Scope.OWN, **kwargs) -> float:
    plan = _plan(rows, scope, **kwargs)
    return float(_table(in_memory(rows), plan, [person], as_of_s).values[0, plan.names.index(name)])


@settings(max_examples=40, deadline=None)
@given(graphs(), graphs(max_facts=20, first=1000), st.integers(1, 9), st.sampled_from(Scope))
def test_facts_known_at_or_after_the_instant_change_no_bit(rows, others, as_of_s, scope):
    before = [row for row in rows if row[1]["known_at_s"] < as_of_s]
    later = [(edge, row | {"known_at_s": row["known_at_s"] + as_of_s}) for edge, row in others]
    then, now = in_memory(before), in_memory([*rows, *later])
    plan = plan_features(then, PERSON, as_of_s, scope, currency="CZK")
    assert plan_features(now, PERSON, as_of_s, scope, currency="CZK") == plan
    persons = _known(then)
    assert _table(then, plan, persons, as_of_s).values.tobytes() == _table(now, plan, persons, as_of_s).values.tobytes()


@settings(max_examples=25, deadline=None)
@given(graphs(), st.integers(1, 10), st.sampled_from(Scope))
def test_scoring_alone_or_in_any_company_gives_the_same_bits(rows, as_of_s, scope):
    snapshot = in_memory(rows)
    plan, persons = plan_features(snapshot, PERSON, as_of_s, scope, currency="CZK"), _known(snapshot)
    together = _table(snapshot, plan, persons[::-1], as_of_s).values[::-1]
    for place, person in enumerate(persons):
        assert _table(snapshot, plan, [person], as_of_s).values[0].tobytes() == together[place].tobytes()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs(), st.integers(0, 40), st.sampled_from(Scope))
def test_a_published_snapshot_with_a_delta_gives_the_same_bits(tmp_path_factory, rows, cut, scope):
    root: Path = tmp_path_factory.mktemp("snapshot")
    whole, parts = in_memory(rows), published(root, rows[:cut], rows[cut:])
    plan = plan_features(whole, PERSON, 10, scope, currency="CZK")
    assert plan_features(parts, PERSON, 10, scope, currency="CZK") == plan
    persons = _known(whole)
    assert _table(parts, plan, persons, 10).values.tobytes() == _table(whole, plan, persons, 10).values.tobytes()


@settings(max_examples=25, deadline=None)
@given(graphs(), st.sampled_from(Scope), st.sampled_from([Family.DATA, Family.SOCIAL, RelType.PAID, RelType.HOLDS]))
def test_what_is_left_out_counts_as_if_it_held_no_facts(rows, scope, left_out):
    snapshot = in_memory(rows)
    plan = plan_features(snapshot, PERSON, 10, scope, currency="CZK")
    families = {HOLDS: Family.DATA, PAID: Family.DATA, DESCRIBED: Family.LIFE, SAME_AS: Family.IDENTITY}
    kept = [r for r in rows if left_out not in (r[0].rel, families.get(r[0], Family.SOCIAL))]
    persons = _known(in_memory(kept))
    without = _table(snapshot, plan, persons, 10, frozenset({left_out}))
    assert without.values.tobytes() == _table(in_memory(kept), plan, persons, 10).values.tobytes()


@pytest.mark.parametrize("scope", list(Scope))
def test_a_person_has_the_same_features_under_any_key_once_the_keys_are_one(scope):
    rows = [
        *(fact(HOLDS, n, n, n, 2) for n in range(4)),
        *(fact(PAID, 10 + n, n, (n + 1) % 4, 3) for n in range(4)),
        *(fact(KNOWS, 20 + n, n, (n + 1) % 4, 4) for n in range(3)),
        fact(SAME_AS, 30, 0, 1, 6),
    ]
    snapshot = in_memory(rows)
    plan = plan_features(snapshot, PERSON, 10, scope, currency="CZK")
    apart, joined = (_table(snapshot, plan, [0, 1], as_of_s).values for as_of_s in (6, 7))
    assert apart[0].tobytes() != apart[1].tobytes()
    assert joined[0].tobytes() == joined[1].tobytes()


def test_plan_comes_back_from_json_as_it_was():
    plan = _plan([fact(HOLDS, 1, 1, 1, 5, role="owner"), fact(PAID, 2, 1, 2, 6), fact(KNOWS, 3, 1, 2, 5)], Scope.NEIGHBOURS)
    assert len(plan.columns) > 20
    assert FeaturePlan.from_json(plan.to_json()) == plan


def test_plan_of_another_format_is_refused():
    text = _plan([fact(KNOWS, 1, 1, 2, 5)]).to_json().replace('"format":3', '"format":99')
    with pytest.raises(ValueError, match="format 99"):
        FeaturePlan.from_json(text)


def test_category_first_seen_after_planning_gets_no_column():
    rows = [fact(HOLDS, 1, 1, 1, 5, role="owner"), fact(HOLDS, 2, 1, 2, 50, role="disponent")]
    names = _plan(rows, as_of_s=50).names
    assert any(name.endswith("role:owner") for name in names)
    assert not any("disponent" in name for name in names)


def test_person_without_facts_counts_nothing_and_knows_nothing_else():
    rows = [fact(KNOWS, 1, 1, 2, 500), fact(HOLDS, 2, 3, 1, 5, role="owner"), fact(PAID, 3, 1, 2, 6)]
    plan = _plan(rows, Scope.NEIGHBOURS)
    values = _table(in_memory(rows), plan, [1], 10).values[0]
    assert set(values[~np.isnan(values)]) == {0.0}


def test_amounts_of_another_currency_are_missing_not_summed():
    rows = [
        fact(HOLDS, 1, 1, 1, 0),
        fact(PAID, 2, 1, 2, DAY_S, amount_minor=700),
        fact(PAID, 3, 1, 2, 2 * DAY_S, amount_minor=11, currency="EUR"),
    ]
    path = "HOLDS.out.BankAccount/PAID.out.BankAccount"
    assert _value(rows, f"{path}:sum:amount_minor") == 700.0
    assert _value(rows, f"{path}:mean:amount_minor") == 700.0
    assert _value(rows, f"{path}:count") == 2.0


def test_only_the_balance_of_the_own_end_is_read():
    names = _plan([fact(HOLDS, 1, 1, 1, 0), fact(PAID, 2, 1, 2, 1)]).names
    assert "HOLDS.out.BankAccount/PAID.out.BankAccount:min:source_balance_minor" in names
    assert "HOLDS.out.BankAccount/PAID.out.BankAccount:min:target_balance_minor" not in names
    assert "HOLDS.out.BankAccount/PAID.in.BankAccount:min:target_balance_minor" in names


def test_ages_are_whole_days_of_the_last_the_last_but_one_and_the_first_fact():
    rows = [fact(KNOWS, n, 1, n + 1, day * DAY_S) for n, day in enumerate((10, 40, 97), start=1)]
    found = [_value(rows, f"KNOWS.out.Person:{name}") for name in ("recency_days", "previous_days", "span_days")]
    assert found == [3.0, 60.0, 90.0]


def test_undated_fact_has_no_age():
    rows = [fact(KNOWS, 1, 1, 2, DAY_S, undated=True), fact(KNOWS, 2, 3, 4, DAY_S)]
    assert np.isnan(_value(rows, "KNOWS.out.Person:recency_days"))
    assert _value(rows, "KNOWS.out.Person:count") == 1.0


def test_what_only_the_subject_asserts_gives_no_column():
    assert _plan([fact(HOLDS, 1, 1, 1, 5, attested_by="subject"), fact(KNOWS, 2, 1, 2, 5)]).families == (
        _plan([fact(KNOWS, 2, 1, 2, 5)]).families
    )


def test_a_window_is_shorter_than_its_days():
    rows = [fact(KNOWS, 1, 1, 2, 70 * DAY_S), fact(KNOWS, 2, 1, 3, 70 * DAY_S + 1)]
    assert _value(rows, "KNOWS.out.Person:count:30d") == 1.0


def test_history_of_several_accounts_runs_in_order_of_knowing():
    rows = [
        fact(HOLDS, 1, 1, 1, 0),
        fact(HOLDS, 2, 1, 2, 0),
        fact(PAID, 3, 2, 5, 5 * DAY_S, amount_minor=5),
        fact(PAID, 4, 1, 5, 9 * DAY_S, amount_minor=9),
        fact(PAID, 5, 2, 5, 7 * DAY_S, amount_minor=7),
    ]
    assert _value(rows, "HOLDS.out.BankAccount/PAID.out.BankAccount:last:amount_minor") == 9.0


def test_what_is_asked_for_is_set_against_what_was_usual():
    rows = [
        fact(APPLIED, 1, 1, 1, DAY_S, amount_minor=100, currency="CZK"),
        fact(APPLIED, 2, 1, 2, 2 * DAY_S, amount_minor=500, currency="CZK"),
    ]
    path = "APPLIED_FOR.out.Loan"
    assert _value(rows, f"({path}:last:amount_minor)/({path}:mean:amount_minor)") == pytest.approx(500 / 300)


def test_neighbours_tell_what_was_known_of_their_loans_and_never_the_subject_its_own():
    rows = [
        fact(LIVES_AT, 1, 1, 9, 0),
        fact(LIVES_AT, 2, 2, 9, 0),
        fact(LIVES_AT, 3, 3, 9, 0),
        fact(REPAID, 4, 1, 1, DAY_S, instalment=1, days_late=50),
        fact(REPAID, 5, 2, 2, DAY_S, instalment=1, days_late=4),
        fact(REPAID, 6, 3, 3, DAY_S, instalment=1, days_late=-2),
        fact(REPAID, 7, 3, 4, 200 * DAY_S, instalment=1, days_late=99),
    ]
    path = "LIVES_AT.out.Place/LIVES_AT.in.Person"
    assert _value(rows, f"{path}:peers", scope=Scope.NEIGHBOURS) == 2.0
    assert _value(rows, f"{path}/REPAID.out.Loan:mean:days_late", scope=Scope.NEIGHBOURS) == 1.0
    assert _value(rows, f"{path}/REPAID.out.Loan:positive_share:days_late", scope=Scope.NEIGHBOURS) == 0.5


def test_co_holder_of_an_account_is_a_neighbour():
    rows = [fact(HOLDS, 1, 1, 1, 0), fact(HOLDS, 2, 2, 1, 0), fact(KNOWS, 3, 1, 3, 0)]
    assert _value(rows, "HOLDS.out.BankAccount/HOLDS.in.Person:peers", scope=Scope.NEIGHBOURS) == 1.0


def test_size_of_a_shared_place_counts_its_members_beyond_the_limit_of_neighbours():
    rows = [fact(LIVES_AT, n, n, 1, 5) for n in range(1, 201)] + [fact(LIVES_AT, 300 + n, n, 2, 5) for n in (1, 2)]
    path = "LIVES_AT.out.Place/LIVES_AT.in.Person"
    assert _value(rows, f"{path}:size_max", scope=Scope.NEIGHBOURS) == 200
    assert _value(rows, f"{path}:size_mean", scope=Scope.NEIGHBOURS) == 101
    assert _value(rows, f"{path}:peers", scope=Scope.NEIGHBOURS) < 200


def test_size_counts_members_known_before_the_instant_and_no_place_is_no_size():
    rows = [fact(LIVES_AT, n, n, 1, 10 * n) for n in range(1, 4)] + [fact(KNOWS, 9, 5, 1, 5)]
    name = "LIVES_AT.out.Place/LIVES_AT.in.Person:size_max"
    assert _value(rows, name, as_of_s=30, scope=Scope.NEIGHBOURS) == 2
    assert np.isnan(_value(rows, name, person=5, scope=Scope.NEIGHBOURS))


def test_trade_with_a_shop_makes_no_size():
    bought = EdgeType(PERSON, RelType.BOUGHT_FROM, NodeLabel.COMPANY)
    plan = _plan([fact(bought, n, n, 1, 5, amount_minor=1, currency="CZK") for n in (1, 2)], Scope.NEIGHBOURS)
    assert any(name.endswith("BOUGHT_FROM.in.Person:peers") for name in plan.names)
    assert not any("size" in name for name in plan.names)


def test_relation_without_any_date_gets_no_window_and_no_age():
    undated, dated = (_plan([fact(KNOWS, 1, 1, 2, 5, undated=True), fact(KNOWS, 2, 1, 3, 5, undated=u)]) for u in (True, False))
    assert not any(column.window_days or "_days" in column.name for column in undated.columns)
    assert any(column.window_days for column in dated.columns)
    assert set(undated.names) < set(dated.names)
