from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gnn.features.masked import FeatureMask
from gnn.features.table import build_features
from gnn.serving import Include, ScoreResult, load_scorer
from gnn.serving.bundle import read_bundle
from gnn.serving.explain import MAXIMUM_EVIDENCE, MAXIMUM_REASONS
from gnn.serving.stored_model import restore_model
from gnn.serving.subscores import SubScore, build_shares
from graph.facts import FactBatch
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import SPECS, Family, RelType
from tests.integration.gnn.conftest import Trained
from tests.support.lending import PEPPER, planted_batches

ALL = frozenset(Include)


@pytest.fixture(scope="module")
def explained(trained: Trained) -> list[ScoreResult]:
    return trained.scorer.score(trained.requests[180:220], ALL)


def test_contributions_add_up_to_the_log_odds(explained: list[ScoreResult]) -> None:
    for result in explained:
        assert result.contributions is not None
        assert result.base_log_odds is not None
        assert result.base_log_odds + sum(result.contributions.values()) == pytest.approx(result.log_odds, abs=1e-6)


def test_family_without_facts_contributes_exactly_nothing(explained: list[ScoreResult]) -> None:
    for result in explained:
        assert result.contributions is not None
        assert set(result.contributions) == set(Family)
        assert all(result.contributions[absent] == 0.0 for absent in (Family.COMMUNITY, Family.IDENTITY, Family.DATA))
        assert result.contributions[Family.CREDIT] != 0.0


def test_referral_by_a_late_payer_counts_against_the_borrower(trained: Trained, explained: list[ScoreResult]) -> None:
    riskiest = max(explained, key=lambda result: result.log_odds)
    assert riskiest.contributions is not None
    assert riskiest.reasons is not None
    assert RelType.REFERRED in {reason.relation for reason in riskiest.reasons}


def test_reasons_are_few_raise_the_risk_and_come_with_a_declared_text(explained: list[ScoreResult]) -> None:
    declared = {(spec.edge.rel, spec.family, spec.reason) for spec in SPECS.values()}
    for result in explained:
        assert result.reasons is not None
        effects = [reason.effect_log_odds for reason in result.reasons]
        assert len(effects) <= MAXIMUM_REASONS
        assert effects == sorted(effects, reverse=True)
        assert all(effect > 0 for effect in effects)
        assert all((reason.relation, reason.family, reason.text) in declared for reason in result.reasons)
        assert all(reason.code == reason.relation.lower() for reason in result.reasons)


def test_evidence_is_known_before_the_instant_and_belongs_to_a_reason(explained: list[ScoreResult]) -> None:
    for result in explained:
        assert result.reasons is not None
        assert result.evidence is not None
        given = {reason.relation for reason in result.reasons}
        assert {fact.edge.rel for fact in result.evidence} == given
        assert all(fact.known_at_s < result.as_of_s for fact in result.evidence)
        assert len(result.evidence) <= MAXIMUM_EVIDENCE
        known = [fact.known_at_s for fact in result.evidence]
        assert known == sorted(known, reverse=True)


def test_evidence_states_what_the_fact_states(explained: list[ScoreResult]) -> None:
    facts = [fact for result in explained for fact in result.evidence or () if fact.edge.rel is RelType.REPAID]
    assert facts
    assert all(set(fact.properties) == {"instalment", "days_late"} for fact in facts)


def test_evidence_has_a_date_unless_it_is_undated(trained: Trained) -> None:
    undated = {RelType.DESCRIBED_AS, RelType.LIVES_AT}
    affairs = trained.scorer.score(trained.requests, ALL)
    facts = [fact for result in affairs for fact in result.evidence or ()]
    assert {fact.edge.rel for fact in facts} & undated
    assert {fact.edge.rel for fact in facts} - undated
    assert all((fact.at_us is None) == (fact.edge.rel in undated) for fact in facts)


def test_what_is_not_asked_for_is_left_out(trained: Trained) -> None:
    (result,) = trained.scorer.score(trained.requests[:1], frozenset({Include.REASONS}))
    assert result.reasons is not None
    assert result.contributions is None
    assert result.base_log_odds is None
    assert result.evidence is None


def test_explaining_changes_no_bit_of_the_score(trained: Trained, explained: list[ScoreResult]) -> None:
    plain = trained.scorer.score(trained.requests[180:220], frozenset())
    assert [r.log_odds for r in plain] == [r.log_odds for r in explained]


def test_masked_features_are_those_of_a_graph_without_what_is_masked(trained: Trained) -> None:
    snapshot, plan = Snapshot.open(trained.snapshots), restore_model(read_bundle(trained.report.place)).plan
    removed = [frozenset({Family.CREDIT}), frozenset({RelType.REFERRED}), frozenset({Family.LIFE, RelType.REPAID}), frozenset()]
    for request in trained.requests[200:210]:
        row = snapshot.row_of(request.label, request.key)
        rows, times = np.array([row]), np.array([request.as_of_s])
        full, empty = (build_features(snapshot, plan, rows, times, gone).values[0] for gone in (frozenset(), frozenset(Family)))
        masked = FeatureMask(plan).apply(full, empty, removed)
        for values, without in zip(masked, removed, strict=True):
            expected = build_features(snapshot, plan, rows, times, without).values[0]
            assert np.array_equal(values, expected, equal_nan=True)


def test_a_reason_rests_on_the_subjects_own_facts_and_not_on_those_of_others(
    trained: Trained, explained: list[ScoreResult], tmp_path: Path
) -> None:
    """Taking the subject's own repayments out of the graph moves the score by just what the reason says; a referrer's stay."""
    stated = [
        (request, result, reason.effect_log_odds)
        for request, result in zip(trained.requests[180:220], explained, strict=True)
        for reason in result.reasons or ()
        if reason.relation is RelType.REPAID
    ]
    assert stated
    for number, (request, result, effect) in enumerate(stated[:3]):
        rest = [
            FactBatch(b.edge, b.rows.filter((pl.col("source_id") != request.key) | (b.edge.rel is not RelType.REPAID)))
            for b in planted_batches(240)
        ]
        root = tmp_path / str(number)
        write_base(rest, root, seq=2, pepper_fingerprint=PEPPER.fingerprint)
        (without,) = load_scorer(trained.report.place, root, pepper=PEPPER, allow_research=False).score([request], frozenset())
        assert result.log_odds - without.log_odds == pytest.approx(effect, abs=1e-9)


def test_shares_of_the_five_parts_add_up_to_the_log_odds_and_need_facts(trained: Trained) -> None:
    model = restore_model(read_bundle(trained.report.place))
    snapshot = Snapshot.open(trained.snapshots)
    for request in trained.requests[180:190]:
        row = snapshot.row_of(request.label, request.key)
        inputs = model.read(snapshot, np.array([row], np.int64), np.array([request.as_of_s], np.int64))
        told = build_shares(partial(model.log_odds_without, inputs))
        assert told.base + sum(told.shares.values()) == pytest.approx(float(model.log_odds(inputs)[0]), abs=1e-6)
        assert told.shares[SubScore.HISTORY] != 0.0
        assert told.shares[SubScore.IDENTITY] == 0.0
