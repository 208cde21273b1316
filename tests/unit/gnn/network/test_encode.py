from pathlib import Path

import numpy as np
import pytest

from gnn.network.encode import LABELS, encode_trees, fit_encoder
from gnn.network.encoder_plan import AGE_COLUMNS, FIRST_CODE, MISSING_CODE, UNKNOWN_CODE, EncoderPlan
from gnn.network.forest import FAR, NEAR, StoredHop, TreeStore
from gnn.network.model import FANOUTS
from graph.neighbourhood import Direction, Step, neighbourhood
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType
from tests.support.lending import APPLIED_FOR, DAY_S, DESCRIBED, JULY_S, REFERRED, REPAID, FactWriter, key

PERSON = NodeLabel.PERSON


def publish(root: Path, writer: FactWriter) -> Snapshot:
    write_base(writer.batches(), root, seq=1)
    return Snapshot.open(root)


def subject(snapshot: Snapshot, name: str, as_of_s: int) -> tuple[np.ndarray, np.ndarray]:
    row = snapshot.row_of(PERSON, key(PERSON, name))
    assert row is not None
    return np.array([row]), np.array([as_of_s])


def plan_of(snapshot: Snapshot, name: str, as_of_s: int) -> EncoderPlan:
    rows, times = subject(snapshot, name, as_of_s)
    return fit_encoder(snapshot, PERSON, FANOUTS, neighbourhood(snapshot, PERSON, rows, times, FANOUTS))


def encoded(snapshot: Snapshot, plan: EncoderPlan, name: str, as_of_s: int) -> TreeStore:
    rows, times = subject(snapshot, name, as_of_s)
    return encode_trees(
        snapshot, plan, neighbourhood(snapshot, PERSON, rows, times, FANOUTS), times, np.zeros((1, 1), np.float32)
    )


def hop(
    trees: TreeStore, plan: EncoderPlan, edge: EdgeType, direction: Direction = Direction.OUT, depth: int = NEAR
) -> StoredHop:
    (found,) = (h for h in trees.hops if h.depth == depth and plan.steps[h.step].step == Step(edge, direction))
    return found


def described(status: str | None) -> FactWriter:
    writer = FactWriter()
    writer.add(DESCRIBED, "ada", "ada", JULY_S, birth_year=1980, employment_status=status)
    return writer


def test_category_keeps_its_code_whatever_codes_another_snapshot_gives(tmp_path: Path) -> None:
    first = publish(tmp_path / "first", described("Permanent"))
    plan = plan_of(first, "ada", JULY_S + DAY_S)
    writer = described("Permanent")
    writer.add(DESCRIBED, "bob", "bob", JULY_S, employment_status="A status that sorts before")
    second = publish(tmp_path / "second", writer)
    for snapshot in (first, second):
        assert FIRST_CODE in hop(encoded(snapshot, plan, "ada", JULY_S + DAY_S), plan, DESCRIBED).codes


@pytest.mark.parametrize(("status", "code"), [("Never seen", UNKNOWN_CODE), (None, MISSING_CODE)])
def test_unknown_and_missing_categories_have_codes_of_their_own(tmp_path: Path, status: str | None, code: int) -> None:
    plan = plan_of(publish(tmp_path / "fit", described("Permanent")), "ada", JULY_S + DAY_S)
    trees = encoded(publish(tmp_path / "serve", described(status)), plan, "ada", JULY_S + DAY_S)
    assert hop(trees, plan, DESCRIBED).codes.tolist() == [[code]]


def repaid(at_s: int, *, undated: bool = False) -> FactWriter:
    writer = FactWriter()
    writer.add(REPAID, "ada", "loan", at_s, instalment=1, days_late=3, undated=undated)
    return writer


def test_age_counts_whole_days_of_the_calendar_in_utc(tmp_path: Path) -> None:
    snapshot = publish(tmp_path, repaid(JULY_S + 100))
    plan = plan_of(snapshot, "ada", JULY_S + DAY_S)
    late_that_day, at_midnight, next_evening = (
        hop(encoded(snapshot, plan, "ada", JULY_S + s), plan, REPAID).numbers for s in (DAY_S - 1, DAY_S, 2 * DAY_S - 1)
    )
    assert np.array_equal(at_midnight, next_evening)
    assert not np.array_equal(late_that_day, at_midnight)
    assert at_midnight[0, 0] == pytest.approx(np.log(2) / 8)


def test_undated_fact_has_no_age(tmp_path: Path) -> None:
    snapshot = publish(tmp_path, repaid(JULY_S, undated=True))
    plan = plan_of(snapshot, "ada", JULY_S + DAY_S)
    numbers = hop(encoded(snapshot, plan, "ada", JULY_S + 90 * DAY_S), plan, REPAID).numbers[0]
    assert not numbers[:AGE_COLUMNS].any()
    assert numbers[AGE_COLUMNS] == 1


def test_number_not_stated_is_zero_with_a_flag(tmp_path: Path) -> None:
    writer = FactWriter()
    writer.add(APPLIED_FOR, "ada", "one", JULY_S, amount_minor=100, term_days=30)
    writer.add(APPLIED_FOR, "ada", "two", JULY_S + 1, amount_minor=900)
    snapshot = publish(tmp_path, writer)
    plan = plan_of(snapshot, "ada", JULY_S + DAY_S)
    near = hop(encoded(snapshot, plan, "ada", JULY_S + DAY_S), plan, APPLIED_FOR)
    names = [number.name for number in plan.steps[near.step].numbers]
    at = plan.steps[near.step].width - 2 * len(names) + 2 * names.index("term_days")
    assert near.numbers[:, at + 1].tolist() == [0, 1]
    assert near.numbers[1, at] == 0


def test_fact_that_leads_back_to_the_subject_is_marked(tmp_path: Path) -> None:
    writer = FactWriter()
    writer.add(REPAID, "ada", "shared", JULY_S, instalment=1, days_late=0)
    writer.add(REPAID, "bob", "shared", JULY_S, instalment=2, days_late=0)
    snapshot = publish(tmp_path, writer)
    plan = plan_of(snapshot, "ada", JULY_S + DAY_S)
    far = hop(encoded(snapshot, plan, "ada", JULY_S + DAY_S), plan, REPAID, Direction.IN, FAR)
    assert sorted(far.numbers[:, AGE_COLUMNS + 1].tolist()) == [0, 1]


def test_plan_survives_json_and_orders_steps_by_the_vocabulary(planted_encoder: EncoderPlan) -> None:
    assert EncoderPlan.from_json(planted_encoder.to_json()) == planted_encoder
    near = [plan.step.edge.rel for plan in planted_encoder.steps if plan.depth == NEAR]
    assert near == [RelType.APPLIED_FOR, RelType.REPAID, RelType.DESCRIBED_AS, RelType.LIVES_AT, RelType.REFERRED]


def test_trees_without_a_family_are_those_of_a_neighbourhood_without_it(
    planted: Snapshot, planted_encoder: EncoderPlan
) -> None:
    rows, times = np.arange(60), np.full(60, JULY_S + 20 * DAY_S)
    own = np.zeros((60, 1), np.float32)
    whole = encode_trees(planted, planted_encoder, neighbourhood(planted, PERSON, rows, times, FANOUTS), times, own)
    for without in (frozenset({Family.CREDIT}), frozenset({RelType.REFERRED}), frozenset({Family.LIFE, RelType.REPAID})):
        sampled = neighbourhood(planted, PERSON, rows, times, FANOUTS, without)
        expected = encode_trees(planted, planted_encoder, sampled, times, own)
        keep = planted_encoder.kept([without])[0]
        assert facts_of(whole, keep) == facts_of(expected, np.ones_like(keep))


def facts_of(trees: TreeStore, keep: np.ndarray) -> dict[int, list[bytes]]:
    """What each step carries, tree by tree, of the facts reached through steps that are kept."""
    found = {}
    for h in trees.hops:
        kept = keep[h.step] & keep[h.via]
        if kept.any():
            found[h.step] = [row.tobytes() for row in h.numbers[kept]]
    return found


def test_labels_are_numbered_by_the_vocabulary() -> None:
    assert LABELS == tuple(NodeLabel)


def test_referral_is_read_from_both_ends(planted_encoder: EncoderPlan) -> None:
    steps = {(plan.depth, plan.step) for plan in planted_encoder.steps}
    assert (NEAR, Step(REFERRED, Direction.IN)) in steps
    assert (FAR, Step(REFERRED, Direction.OUT)) in steps
