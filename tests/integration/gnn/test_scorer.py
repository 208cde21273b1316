import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gnn.errors import BundleCorrupt, EmptyTrainingSet, ModelNotFound, ResearchRefused, SubjectNotScored
from gnn.scores import Status
from gnn.serving import Include, ScoreRequest, load_scorer
from gnn.tasks import TASKS
from gnn.training import train_bundle
from graph.errors import NodeUnknown, PepperMismatch, SnapshotCorrupt
from graph.identity import NodeKey, Pepper
from graph.snapshot import Snapshot, write_base, write_delta
from graph.snapshot.format import read_pointer
from graph.vocabulary import Basis, EdgeType, NodeLabel, RelType
from tests.integration.gnn.conftest import Trained
from tests.support.lending import (
    APPLIED_FOR,
    DAY_S,
    DESCRIBED,
    JULY_S,
    PEPPER,
    REFERRED,
    REPAID,
    FactWriter,
    key,
    planted_batches,
)

NOTHING: frozenset[Include] = frozenset()
NOW_S = JULY_S + 31 * DAY_S


def application(name: str, *, days_late_of_referrer: int | None = None) -> FactWriter:
    """A stranger's own facts, with an employment status never seen in training."""
    writer = FactWriter()
    writer.add(DESCRIBED, name, name, NOW_S - DAY_S, birth_year=1980, employment_status="Beekeeper")
    writer.add(APPLIED_FOR, name, f"{name}:1", NOW_S - 100, amount_minor=300_000, term_days=30, loan_number=1)
    if days_late_of_referrer is not None:
        writer.add(REFERRED, f"{name}'s friend", name, NOW_S - 10 * DAY_S)
        loan = f"{name}'s friend:0"
        writer.add(
            APPLIED_FOR, f"{name}'s friend", loan, NOW_S - 110 * DAY_S, amount_minor=300_000, term_days=30, loan_number=1
        )
        writer.add(REPAID, f"{name}'s friend", loan, NOW_S - 40 * DAY_S, instalment=1, days_late=days_late_of_referrer)
    return writer


def ask(name: str, writer: FactWriter | None = None) -> ScoreRequest:
    return ScoreRequest(NodeLabel.PERSON, key(NodeLabel.PERSON, name), NOW_S, () if writer is None else tuple(writer.batches()))


def test_stranger_is_scored_by_the_facts_of_the_request(trained: Trained) -> None:
    careful, careless = (application("ada", days_late_of_referrer=days) for days in (-3, 30))
    low, high = trained.scorer.score([ask("ada", careful), ask("ada", careless)], NOTHING)
    assert low.probability_of_default < high.probability_of_default
    assert low.score > high.score


def test_facts_of_one_request_are_gone_with_it(trained: Trained) -> None:
    before = trained.scorer.score(trained.requests[:5], NOTHING)
    trained.scorer.score([ask("ada", application("ada")), *trained.requests[:5]], NOTHING)
    assert trained.scorer.score(trained.requests[:5], NOTHING) == before
    assert not trained.scorer.knows(NodeLabel.PERSON, key(NodeLabel.PERSON, "ada"))


def test_mixed_requests_are_answered_in_their_order(trained: Trained) -> None:
    mixed = [trained.requests[3], ask("ada", application("ada")), trained.requests[1]]
    together = trained.scorer.score(mixed, NOTHING)
    assert together == [trained.scorer.score([request], NOTHING)[0] for request in mixed]


def test_unknown_borrower_without_facts_is_refused(trained: Trained) -> None:
    with pytest.raises(NodeUnknown, match="Person"):
        trained.scorer.score([ask("nobody")], NOTHING)


def test_borrower_of_whom_nothing_is_known_yet_is_unscorable(trained: Trained) -> None:
    early = replace(trained.requests[0], as_of_s=1)
    (result,) = trained.scorer.score([early], frozenset(Include))
    assert result.status is Status.UNSCORABLE
    assert (result.thickness.own, result.thickness.neighbours) == (0, 0)
    figures = (result.score, result.probability_of_default, result.probability_low, result.probability_high, result.log_odds)
    assert figures == (None,) * 5
    assert (result.contributions, result.parts, result.reasons, result.evidence) == (None,) * 4


def test_ghost_who_refers_a_stranger_does_not_make_the_stranger_scorable(trained: Trained) -> None:
    writer = FactWriter()
    writer.add(APPLIED_FOR, "ada", "ada:1", NOW_S - 100, amount_minor=300_000, term_days=30, loan_number=1)
    writer.add(REFERRED, "a ghost", "ada", NOW_S - 10 * DAY_S)
    (result,) = trained.scorer.score([ask("ada", writer)], NOTHING)
    assert (result.status, result.thickness.own, result.thickness.neighbours) == (Status.UNSCORABLE, 2, 0)


@pytest.mark.parametrize("relation", [RelType.MISSED, RelType.DEFAULTED_ON])
def test_whoever_is_known_to_have_missed_or_defaulted_is_scored(trained: Trained, relation: RelType) -> None:
    writer = FactWriter()
    writer.add(APPLIED_FOR, "ada", "ada:1", NOW_S - 100, amount_minor=300_000, term_days=30, loan_number=1)
    stated = {"instalment": 1} if relation is RelType.MISSED else {}
    writer.add(EdgeType(NodeLabel.PERSON, relation, NodeLabel.LOAN), "ada", "ada:0", NOW_S - 40 * DAY_S, **stated)
    (result,) = trained.scorer.score([ask("ada", writer)], NOTHING)
    assert (result.status, result.thickness.own) == (Status.SCORED, 2)


def test_another_label_than_the_model_scores_is_refused(trained: Trained) -> None:
    company = ScoreRequest(NodeLabel.COMPANY, NodeKey("0" * 32), NOW_S)
    with pytest.raises(SubjectNotScored, match="Company"):
        trained.scorer.score([company], NOTHING)


def test_scorer_follows_the_snapshot_that_serves(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.snapshots, tmp_path / "snapshots")
    scorer = load_scorer(trained.report.place, tmp_path / "snapshots", pepper=PEPPER, allow_research=False)
    before = scorer.snapshot_version
    newcomer = application("ada", days_late_of_referrer=30)
    write_delta(newcomer.batches(), tmp_path / "snapshots", seq=9, below=Snapshot.open(tmp_path / "snapshots"))
    assert not scorer.knows(NodeLabel.PERSON, key(NodeLabel.PERSON, "ada"))
    scorer.refresh()
    assert scorer.snapshot_version != before
    published, carried = scorer.score([ask("ada")], NOTHING), trained.scorer.score([ask("ada", newcomer)], NOTHING)
    assert published[0].log_odds == carried[0].log_odds


def test_snapshot_with_one_byte_edited_is_never_scored_with(trained: Trained, tmp_path: Path) -> None:
    served = tmp_path / "snapshots"
    shutil.copytree(trained.snapshots, served)
    scorer = load_scorer(trained.report.place, served, pepper=PEPPER, allow_research=False)
    write_base(planted_batches(5), served, seq=2, pepper_fingerprint=PEPPER.fingerprint)
    file = max((served / read_pointer(served).name).glob("*.npy"), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(SnapshotCorrupt, match=file.name):
        scorer.refresh()
    assert scorer.score([trained.requests[0]], NOTHING) == trained.scorer.score([trained.requests[0]], NOTHING)
    with pytest.raises(SnapshotCorrupt, match=file.name):
        load_scorer(trained.report.place, served, pepper=PEPPER, allow_research=False)


def test_research_snapshot_is_refused_unless_allowed(trained: Trained, tmp_path: Path) -> None:
    write_base(planted_batches(5, basis=Basis.RESEARCH), tmp_path, seq=1, pepper_fingerprint=PEPPER.fingerprint)
    with pytest.raises(ResearchRefused, match="research"):
        load_scorer(trained.report.place, tmp_path, pepper=PEPPER, allow_research=False)
    assert load_scorer(trained.report.place, tmp_path, pepper=PEPPER, allow_research=True).snapshot_version


def test_bundle_or_snapshot_of_another_pepper_is_refused(trained: Trained, tmp_path: Path) -> None:
    other = Pepper("another pepper for tests")
    with pytest.raises(PepperMismatch, match="bundle"):
        load_scorer(trained.report.place, trained.snapshots, pepper=other, allow_research=False)
    write_base(planted_batches(5), tmp_path, seq=1, pepper_fingerprint=other.fingerprint)
    with pytest.raises(PepperMismatch):
        load_scorer(trained.report.place, tmp_path, pepper=PEPPER, allow_research=False)


def test_no_model_is_said_to_be_missing(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        load_scorer(tmp_path / "none", trained.snapshots, pepper=None, allow_research=False)


def test_real_bundle_with_a_byte_edited_in_any_file_is_refused(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.report.place, tmp_path / "bundle")
    for path in sorted((tmp_path / "bundle").iterdir()):
        intact = path.read_bytes()
        for at in (0, len(intact) // 3, len(intact) // 2, len(intact) - 1):
            path.write_bytes(intact[:at] + bytes([intact[at] ^ 4]) + intact[at + 1 :])
            with pytest.raises(BundleCorrupt, match=path.name):
                load_scorer(tmp_path / "bundle", trained.snapshots, pepper=None, allow_research=False)
        path.write_bytes(intact)
    assert load_scorer(tmp_path / "bundle", trained.snapshots, pepper=None, allow_research=False).model_version


def test_graph_network_finds_the_planted_rule(trained: Trained) -> None:
    assert trained.report.metrics["average"]["auc"] > 0.8
    assert set(trained.report.metrics) == {"gnn", "lightgbm_milestones", "average"}


def test_progress_counts_every_stage_once_and_ends_with_all(trained: Trained) -> None:
    *_, total = trained.progress[0]
    assert [done for _, done, _ in trained.progress] == list(range(total + 1))


def test_too_few_loans_to_learn_from_are_said_so(tmp_path: Path) -> None:
    write_base(planted_batches(4), tmp_path, seq=1)
    with pytest.raises(EmptyTrainingSet, match="superlender has"):
        train_bundle(Snapshot.open(tmp_path), TASKS["superlender"], seed=1, out=tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()
