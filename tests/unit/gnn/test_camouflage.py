"""What is planted keeps to the vocabulary, is known in time and is crossed."""

import numpy as np
import pytest

from gnn.camouflage import (
    BILLED,
    CALLED,
    DAY_S,
    MUTUAL,
    REFERRED,
    Camouflage,
    Target,
    injected,
    pick_targets,
    plant,
)
from graph.facts import check_batch
from graph.identity import Pepper
from graph.vocabulary import SPECS, Attestation, NodeLabel
from tests.support.snapshots import PERSON, in_memory, key

PEPPER = Pepper("a pepper for the tests alone")
TARGETS = [Target(key(PERSON, 1), 1_600_000_000), Target(key(PERSON, 2), 1_650_000_000)]
BILLERS = [key(NodeLabel.COMPANY, n) for n in range(3)]


def _planted(count: int = 10, seed: int = 0, **values):
    return plant(TARGETS, count, PEPPER, seed, billers=BILLERS, **values)


def test_facts_keep_to_the_vocabulary_and_are_crossed():
    planted = _planted()
    assert [batch.edge for batch in planted.batches] == [MUTUAL, CALLED, REFERRED, BILLED]
    for batch in planted.batches:
        check_batch(batch)
        attested = set(batch.rows["attested_by"])
        assert attested == {Attestation.BOTH if batch.edge == MUTUAL else Attestation.INSTITUTION}
        assert attested <= SPECS[batch.edge].crossed_by
        assert batch.rows["id"].is_unique().all()


def test_made_up_persons_are_spread_evenly_and_tied_to_one_target_each():
    planted = _planted()
    assert len(set(planted.made_up)) == 10
    referred = planted.batches[2].rows
    assert referred["source_id"].to_list() == list(planted.made_up)
    assert referred["target_id"].value_counts()["count"].to_list() == [5, 5]
    calls = planted.batches[1].rows
    assert (calls["source_id"].is_in(list(planted.made_up)) != calls["target_id"].is_in(list(planted.made_up))).all()
    assert len(calls) == 10 * 2 * Camouflage().calls


def test_made_up_persons_know_fellows_of_their_own_target_once():
    planted = _planted()
    owner = dict(zip(planted.made_up, [0, 1] * 5, strict=True))
    pairs = [pair for pair in planted.batches[0].rows.select("source_id", "target_id").rows() if pair[1] in owner]
    assert len(pairs) == 2 * (4 + 3 + 2)  # each of five knows the next three of its group
    assert all(owner[one] == owner[other] for one, other in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)


def test_everything_is_known_before_its_target_is_scored():
    planted = _planted()
    earliest = {target.key: target.as_of_s for target in TARGETS}
    of_made_up = dict(zip(planted.made_up, [target.as_of_s for target in TARGETS] * 5, strict=True))
    for batch in planted.batches:
        for source, target, second in batch.rows.select("source_id", "target_id", "known_at_s").rows():
            limit = of_made_up.get(source) or of_made_up.get(target) or earliest[source]
            assert limit - Camouflage().days * DAY_S <= second < limit
        assert (batch.rows["at_us"] == batch.rows["known_at_s"] * 1_000_000).all()


def test_bills_are_paid_early_and_left_out_without_billers():
    bills = _planted().batches[3].rows
    assert len(bills) == 10 * Camouflage().bills
    assert set(bills["days_late"]) == {-5}
    assert set(bills["target_id"]) <= set(BILLERS)
    assert BILLED not in [batch.edge for batch in plant(TARGETS, 10, PEPPER, 0).batches]


def test_snapshot_takes_what_is_planted_and_holds_the_made_up_persons():
    planted = _planted()
    snapshot = in_memory([]).with_overlay(planted.batches)
    assert snapshot.num_nodes(PERSON) == len(TARGETS) + 10
    assert snapshot.row_of(PERSON, planted.made_up[0]) is not None


def test_same_seed_plants_the_same_and_another_other_persons():
    one, again, other = _planted(), _planted(), _planted(seed=1)
    assert all(a.rows.equals(b.rows) for a, b in zip(one.batches, again.batches, strict=True))
    assert not set(one.made_up) & set(other.made_up)


def test_nobody_made_up_plants_nothing_and_fewer_than_targets_hide_some():
    assert _planted(0).batches == []
    alone = _planted(1)
    assert set(alone.batches[2].rows["target_id"]) == {TARGETS[0].key}


@pytest.mark.parametrize("targets", [[], [TARGETS[0], TARGETS[0]]])
def test_targets_are_named_once_each(targets: list[Target]):
    with pytest.raises(ValueError, match="named once each"):
        plant(targets, 3, PEPPER, 0)


def test_impossible_camouflage_is_refused():
    with pytest.raises(ValueError, match="counts of 0 or more"):
        Camouflage(calls=-1)


def test_one_in_twenty_persons_is_injected():
    assert injected(50_000) == 2_500


def test_targets_are_bad_borrowers_as_of_their_first_instant():
    keys = [key(PERSON, n) for n in (3, 4, 3, 5)]
    label, as_of = np.array([0, 0, 1, 1], np.int8), np.array([10, 20, 30, 40])
    found = pick_targets(keys, label, as_of, 1.0, seed=0)
    assert set(found) == {Target(keys[0], 10), Target(keys[3], 40)}
    assert len(pick_targets(keys, label, as_of, 0.5, seed=0)) == 1
    assert pick_targets(keys, label, as_of, 0.0, seed=0) == []
