"""The spells in which facts count are the instants at which a search finds them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.lasting import ENDLESS, lasting
from graph.snapshot.columns import split_key
from graph.steps import Direction, Step
from tests.support.snapshots import (
    CONSENTED,
    HOLDS,
    ON_CONSENT,
    SAME_AS,
    consent,
    expected_recent,
    expected_standing,
    fact,
    graphs,
    in_memory,
    published,
    version,
)

EVERY = 10**6
OUT, IN = (Step(HOLDS, direction) for direction in Direction)


def found(snapshot, step: Step, as_of_s: int) -> list[tuple[str, str]]:
    """Keys at both ends of the facts that count, those at the person's end as they stand by then."""
    facts = lasting(snapshot, step)
    near, begin_s = split_key(facts.begin)
    end_s = np.full(len(near), ENDLESS) if facts.end_s is None else facts.end_s
    counting = (begin_s < as_of_s) & (as_of_s <= end_s)
    assert (facts.begin[1:] >= facts.begin[:-1]).all()
    ends = {step.near: near[counting], step.far: facts.other[counting].astype(np.int64)}
    keys = {}
    for label, rows in ends.items():
        standing = snapshot.standing(label, rows, np.full(len(rows), as_of_s))
        keys[label] = [snapshot.key_of(label, int(row)) for row in standing]
    return sorted(zip(keys[step.near], keys[step.far], strict=True))


@given(
    graphs(40, edges=(HOLDS, HOLDS, HOLDS, SAME_AS, CONSENTED), bases=ON_CONSENT, corrected=True),
    st.sampled_from([OUT, IN]),
)
@settings(max_examples=60, deadline=None)
def test_facts_count_in_the_spells_in_which_a_search_finds_them(rows, step):
    snapshot = in_memory(rows)
    near = "source_id" if step is OUT else "target_id"
    for as_of_s in range(12):
        standing = expected_standing(rows, step.near, as_of_s)
        nodes = {standing.get(row[near], row[near]) for edge, row in rows if edge == HOLDS}
        expected = [(node, other) for node in nodes for _, other in expected_recent(rows, step, node, as_of_s, EVERY)]
        assert found(snapshot, step, as_of_s) == sorted(expected)


def test_consent_given_and_taken_back_again_and_again_makes_a_spell_each(tmp_path):
    said = [(2, "granted"), (4, "revoked"), (6, "granted")]
    rows = [consent(n, 1, second, action, family="data") for n, (second, action) in enumerate(said)]
    facts = lasting(published(tmp_path, [*rows, fact(HOLDS, 9, 1, 1, 3, basis="consent")]), OUT)
    assert split_key(facts.begin)[1].tolist() == [3, 6]
    assert facts.end_s is not None
    assert facts.end_s.tolist() == [4, ENDLESS]


def test_version_in_a_delta_ends_the_one_in_the_base(tmp_path):
    snapshot = published(tmp_path, [version(HOLDS, 1, 7, 1, 1, 3)], [version(HOLDS, 2, 7, 1, 2, 5)])
    facts = lasting(snapshot, OUT)
    assert facts.end_s is not None
    assert list(zip(split_key(facts.begin)[1].tolist(), facts.end_s.tolist(), strict=True)) == [(3, 5), (5, ENDLESS)]


def test_facts_that_nothing_ends_are_read_where_they_lie(tmp_path):
    snapshot = published(tmp_path, [fact(HOLDS, n, n, n, 3) for n in range(4)])
    facts = lasting(snapshot, OUT)
    assert facts.end_s is None
    assert facts.begin is snapshot.runs(HOLDS, Direction.OUT)[0].key


def test_relation_without_facts_has_none():
    facts = lasting(in_memory([]), OUT)
    assert len(facts.begin) == len(facts.other) == 0


def test_fact_on_a_consent_that_nobody_ever_gave_never_counts():
    assert len(lasting(in_memory([fact(HOLDS, 1, 1, 1, 3, basis="consent"), fact(SAME_AS, 2, 1, 2, 3)]), OUT).begin) == 0
