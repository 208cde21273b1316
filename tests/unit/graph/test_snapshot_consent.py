from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.neighbourhood import recent
from graph.snapshot import Snapshot
from graph.snapshot.consent import YES, Consents
from graph.steps import Direction, Step
from graph.vocabulary import Family, Purpose
from tests.support.snapshots import (
    CALLED,
    CONSENTED,
    EDGES,
    FANOUTS,
    HOLDS,
    KNOWS,
    ON_CONSENT,
    PERSON,
    SAME_AS,
    batches,
    consent,
    expected_tree,
    fact,
    forest,
    graphs,
    in_memory,
    key,
    published,
    rows_of,
)

WITH_CONSENTS = (CALLED, CALLED, KNOWS, HOLDS, SAME_AS, CONSENTED, CONSENTED, CONSENTED)
BOTH_GRANT = [consent(10, 0, 1), consent(11, 1, 1)]


def calls(snapshot: Snapshot, person: int, as_of_s: int, limit: int = 9) -> list[str]:
    found = recent(snapshot, Step(CALLED, Direction.OUT), rows_of(snapshot, PERSON, [person]), np.array([as_of_s]), limit)
    return snapshot.fact_ids(CALLED, found.ref)


def called(number: int, known_at_s: int, source: int = 0, target: int = 1, **values):
    return fact(CALLED, number, source, target, known_at_s, **({"basis": "consent"} | values))


def persons(snapshot: Snapshot) -> list[int]:
    return [n for n in range(6) if snapshot.row_of(PERSON, key(PERSON, n)) is not None]


@given(graphs(40, edges=WITH_CONSENTS, bases=ON_CONSENT), st.data())
@settings(max_examples=80, deadline=None)
def test_facts_on_consent_count_as_a_walk_fact_by_fact_says(rows, data):
    snapshot = in_memory(rows)
    numbers = persons(snapshot)
    times = data.draw(st.lists(st.integers(0, 11), min_size=len(numbers), max_size=len(numbers)))
    expected = [expected_tree(rows, PERSON, key(PERSON, n), t, FANOUTS) for n, t in zip(numbers, times, strict=True)]
    assert forest(snapshot, numbers, times) == expected


@given(*(graphs(14, 100 * n, WITH_CONSENTS, ON_CONSENT) for n in range(3)), st.integers(0, 11))
@settings(max_examples=15, deadline=None)
def test_base_delta_and_overlay_answer_like_one_base(first, second, third, as_of_s):
    whole = in_memory([*first, *second, *third])
    with TemporaryDirectory() as folder:
        layered = published(Path(folder), first, second).with_overlay(batches(third))
        numbers = persons(whole)
        assert forest(layered, numbers, [as_of_s] * len(numbers)) == forest(whole, numbers, [as_of_s] * len(numbers))


@given(graphs(edges=WITH_CONSENTS, bases=ON_CONSENT), graphs(25, 1000, EDGES[:5], ON_CONSENT), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_later_facts_but_consents_change_nothing(rows, others, as_of_s):
    past = [(e, r) for e, r in rows if r["known_at_s"] < as_of_s]
    future = [(e, r | {"known_at_s": r["known_at_s"] + as_of_s}) for e, r in others]
    before, after = in_memory(past), in_memory(past + future)
    numbers = persons(before)
    assert forest(before, numbers, [as_of_s] * len(numbers)) == forest(after, numbers, [as_of_s] * len(numbers))


@pytest.mark.parametrize(
    ("consents", "as_of_s", "seen"),
    [
        ([], 9, False),
        (BOTH_GRANT, 9, True),
        (BOTH_GRANT[:1], 9, False),
        (BOTH_GRANT, 6, True),
        ([consent(10, 0, 1), consent(11, 1, 6)], 6, False),
        ([consent(10, 0, 1), consent(11, 1, 6)], 7, True),
        ([*BOTH_GRANT, consent(12, 0, 8, "revoked")], 7, False),
        ([*BOTH_GRANT, consent(12, 0, 7, "revoked"), consent(13, 0, 8)], 8, False),
        ([*BOTH_GRANT, consent(12, 0, 7, "revoked"), consent(13, 0, 8)], 7, True),
        ([*BOTH_GRANT, consent(12, 0, 8, "revoked", family="data")], 9, True),
        ([*BOTH_GRANT, consent(12, 0, 8, "revoked", purpose="collections")], 9, True),
        ([consent(10, 0, 1), consent(11, 1, 1, purpose="collections")], 9, False),
    ],
)
def test_a_fact_counts_where_each_person_consents_at_t_and_to_this_day(consents, as_of_s, seen):
    assert bool(calls(in_memory([called(1, 5), *consents]), 0, as_of_s)) is seen


def test_facts_on_another_basis_need_no_consent():
    snapshot = in_memory([called(1, 5), called(2, 5, basis="contract")])
    assert calls(snapshot, 0, 9) == [called(2, 5)[1]["id"]]


def test_consent_is_asked_before_the_limit():
    rows = [*BOTH_GRANT, called(1, 2), *(called(n, 5, target=2) for n in range(2, 40))]
    assert calls(in_memory(rows), 0, 9, limit=1) == [rows[2][1]["id"]]


def test_what_any_key_of_a_person_says_counts_for_all_of_them():
    same = fact(SAME_AS, 20, 0, 3, 6)
    rows = [called(1, 5), *BOTH_GRANT, same]
    assert calls(in_memory(rows), 0, 9)
    assert not calls(in_memory([*rows, consent(12, 3, 8, "revoked")]), 0, 9)


@pytest.mark.parametrize(("one", "other"), [(0, 3), (3, 0)])  # either may be the key that stands for both
def test_a_revocation_reaches_back_to_times_before_the_keys_were_one(one, other):
    rows = [called(1, 2, one), consent(10, one, 1), consent(11, 1, 1), fact(SAME_AS, 20, one, other, 6)]
    assert calls(in_memory(rows), one, 4)
    assert not calls(in_memory([*rows, consent(12, other, 8, "revoked")]), one, 4)


def test_purpose_of_the_snapshot_decides(tmp_path):
    published(tmp_path, [called(1, 5), *BOTH_GRANT])
    assert calls(Snapshot.open(tmp_path), 0, 9)
    assert not calls(Snapshot.open(tmp_path, purpose=Purpose.COLLECTIONS), 0, 9)
    assert not calls(Snapshot.open(tmp_path, purpose=Purpose.COLLECTIONS).with_overlay([]), 0, 9)


def test_revocation_in_an_overlay_acts_at_once(tmp_path):
    snapshot = published(tmp_path, [called(1, 5), *BOTH_GRANT])
    assert not calls(snapshot.with_overlay(batches([consent(12, 1, 8, "revoked")])), 0, 9)
    assert calls(snapshot, 0, 9)


@pytest.mark.parametrize(("consents", "seen"), [([], True), (BOTH_GRANT, True), ([consent(10, 1, 1, "revoked")], False)])
def test_a_request_vouches_for_its_own_facts_unless_consent_was_taken_back(tmp_path, consents, seen):
    snapshot = published(tmp_path, [called(1, 5), *consents])
    own = called(2, 6)
    wider = snapshot.with_overlay(batches([own]), as_of_s=9)
    assert (own[1]["id"] in calls(wider, 0, 9)) is seen
    assert (called(1, 5)[1]["id"] in calls(wider, 0, 9)) is (consents == BOTH_GRANT)


def test_consents_are_no_step_of_a_walk():
    snapshot = in_memory([called(1, 5), *BOTH_GRANT])
    assert [snapshot.runs(CONSENTED, direction) for direction in Direction] == [(), ()]


@given(graphs(40, edges=WITH_CONSENTS), st.sampled_from(list(Purpose)))
@settings(max_examples=60, deadline=None)
def test_spells_of_consent_are_the_instants_at_which_it_is_decided(rows, purpose):
    snapshot = in_memory(rows)
    consents = Consents(snapshot.facts(CONSENTED), snapshot.merges(PERSON), purpose)
    asked = rows_of(snapshot, PERSON, persons(snapshot))
    place, begin_s, end_s = consents.spells(Family.SOCIAL, asked)
    assert (np.diff(place) >= 0).all()
    for as_of_s in (*range(13), 2**34):
        seconds = np.full(len(asked), as_of_s)
        yes = consents.decided(Family.SOCIAL, snapshot.standing(PERSON, asked, seconds), seconds) == YES
        within = place[(begin_s < as_of_s) & (as_of_s <= end_s)]
        assert within.tolist() == np.flatnonzero(yes).tolist()
