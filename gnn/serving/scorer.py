"""The scorer: a model bundle and the snapshot that serves, pinned together, answering requests alone or in batches.

An answer has the same bits in whatever company it is asked for. It knows no HTTP and no store.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from gnn.errors import CurrencyNotScored, ResearchRefused, SubjectNotScored
from gnn.scores import EvidenceFact, Include, Reason, ScoreRequest, ScoreResult, Thickness, points, probability
from gnn.serving.bundle import Bundle, read_bundle
from gnn.serving.explain import Explanation, Subject, explain
from gnn.serving.served_model import ServedModel
from gnn.serving.stored_model import restore_model
from graph.errors import NodeUnknown, PepperMismatch
from graph.identity import NodeKey, Pepper
from graph.snapshot import Snapshot
from graph.snapshot.format import Pointer, read_pointer
from graph.vocabulary import NodeLabel

__all__ = ["EvidenceFact", "Include", "Reason", "ScoreRequest", "ScoreResult", "Scorer", "load_scorer"]

NOTHING = Explanation(None, None, None, None, None)


def load_scorer(bundle_dir: Path, snapshot_root: Path, *, pepper: Pepper | None, allow_research: bool) -> "Scorer":
    """Load the model and open the snapshot that serves now.

    Args:
        bundle_dir: Folder of the bundle.
        snapshot_root: Folder of all snapshot versions.
        pepper: When given, refuse a bundle or snapshot made with another one.
        allow_research: Whether facts whose basis is research may be scored on.

    Raises:
        ModelNotFound, BundleCorrupt, BundleMismatch: of the bundle.
        SnapshotMissing, SnapshotCorrupt, VocabularyMismatch, FormatMismatch, PepperMismatch: of the snapshot.
        ResearchRefused: the snapshot holds research data.
    """
    return load_bundle_scorer(read_bundle(bundle_dir), snapshot_root, pepper=pepper, allow_research=allow_research)


def load_bundle_scorer(bundle: Bundle, snapshot_root: Path, *, pepper: Pepper | None, allow_research: bool) -> "Scorer":
    """`load_scorer` of a bundle that was read already."""
    made_with = bundle.manifest["pepper_fingerprint"]
    if pepper is not None and pepper.fingerprint != made_with:
        raise PepperMismatch(f"the model bundle {bundle.place}")
    snapshot = _open(snapshot_root, pepper, allow_research=allow_research)
    return Scorer(bundle, restore_model(bundle), snapshot, snapshot_root, pepper=pepper, allow_research=allow_research)


class Scorer:
    """Scores with one bundle and one pinned snapshot; made by `load_scorer`, used from one thread at a time."""

    def __init__(
        self,
        bundle: Bundle,
        model: ServedModel,
        snapshot: Snapshot,
        snapshot_root: Path,
        *,
        pepper: Pepper | None,
        allow_research: bool,
    ) -> None:
        self.model_version = bundle.version
        self._model = model
        self._snapshot = snapshot
        self._root = snapshot_root
        self._pepper = pepper
        self._allow_research = allow_research

    @property
    def snapshot_version(self) -> str:
        """Version of the snapshot that requests are scored with now."""
        return self._snapshot.version

    def refresh(self) -> None:
        """Open the snapshot that serves now, when it is another one; a failure leaves the one before in use.

        Raises:
            GraphError, ResearchRefused: as `load_scorer`.
        """
        if read_pointer(self._root) != self._snapshot.pointers[-1]:
            verified = self._snapshot.pointers
            self._snapshot = _open(self._root, self._pepper, allow_research=self._allow_research, verified=verified)

    def knows(self, label: NodeLabel, key: NodeKey) -> bool:
        """Whether the snapshot holds this node."""
        return self._snapshot.row_of(label, key) is not None

    def score(self, requests: Sequence[ScoreRequest], include: frozenset[Include]) -> list[ScoreResult]:
        """Score requests, in the order given; of a subject too little is known of, the answer says so and has no figures.

        Raises:
            NodeUnknown: neither the snapshot nor the request's own facts hold the subject.
            SubjectNotScored: the model was trained for subjects of another label.
            CurrencyNotScored: the loan applied for is in another currency than those the model learnt from.
            FactMalformed, KeySpaceExceeded: the request's own facts break the vocabulary.
        """
        self._check_currencies(requests)
        answers: dict[int, ScoreResult] = {}
        plain = [i for i, request in enumerate(requests) if not request.overlay]
        if plain:
            answers |= zip(plain, self._score(self._snapshot, [requests[i] for i in plain], include), strict=True)
        for i, request in enumerate(requests):
            if request.overlay:
                wider = self._snapshot.with_overlay(request.overlay, as_of_s=request.as_of_s)
                answers[i] = self._score(wider, [request], include)[0]
        return [answers[i] for i in range(len(requests))]

    def _score(self, snapshot: Snapshot, requests: Sequence[ScoreRequest], include: frozenset[Include]) -> list[ScoreResult]:
        rows = np.array([self._row(snapshot, request) for request in requests], np.int64)
        times = np.array([request.as_of_s for request in requests], np.int64)
        inputs = self._model.read(snapshot, rows, times)
        log_odds = self._model.log_odds(inputs)
        ends = zip(*(end.tolist() for end in self._model.intervals.ends(log_odds, inputs.facts.own)), strict=True)
        too_thin = self._model.scorable.is_unscorable(inputs.facts)
        results = []
        for i, (value, (low, high)) in enumerate(zip(log_odds.tolist(), ends, strict=True)):
            thickness = self._thickness(int(inputs.facts.own[i]), int(inputs.facts.neighbours[i]))
            if too_thin[i]:
                results.append(self._unscorable(requests[i], thickness))
                continue
            explained = NOTHING
            if include:
                own = inputs if len(requests) == 1 else self._model.read(snapshot, rows[i : i + 1], times[i : i + 1])
                subject = Subject(snapshot, int(rows[i]), int(times[i]), own, value)
                explained = explain(self._model, subject, include)
            results.append(self._result(requests[i], thickness, (low, value, high), explained))
        return results

    def _check_currencies(self, requests: Sequence[ScoreRequest]) -> None:
        # Amounts in other currencies are passed over, so such a loan would be scored as one of unknown size.
        trained = self._model.plan.currency
        if any(request.currency not in (None, trained) for request in requests):
            raise CurrencyNotScored(trained=trained)

    def _row(self, snapshot: Snapshot, request: ScoreRequest) -> int:
        if request.label is not self._model.label:
            raise SubjectNotScored(asked=request.label, trained=self._model.label)
        row = snapshot.row_of(request.label, request.key)
        if row is None:
            raise NodeUnknown(request.label)
        return row

    def _thickness(self, own: int, neighbours: int) -> Thickness:
        rule = self._model.scorable
        return Thickness(own, neighbours, rule.least_own, rule.least_neighbours)

    def _unscorable(self, request: ScoreRequest, thickness: Thickness) -> ScoreResult:
        return ScoreResult(
            score=None,
            probability_of_default=None,
            probability_low=None,
            probability_high=None,
            coverage=None,
            log_odds=None,
            thickness=thickness,
            as_of_s=request.as_of_s,
            model_version=self.model_version,
            snapshot_version=self.snapshot_version,
            base_log_odds=None,
            contributions=None,
            reasons=None,
            evidence=None,
            parts=None,
        )

    def _result(
        self, request: ScoreRequest, thickness: Thickness, log_odds: tuple[float, float, float], explained: Explanation
    ) -> ScoreResult:
        low, value, high = log_odds
        return ScoreResult(
            score=points(value),
            probability_of_default=probability(value),
            probability_low=probability(low),
            probability_high=probability(high),
            coverage=self._model.intervals.rule.coverage,
            log_odds=value,
            thickness=thickness,
            as_of_s=request.as_of_s,
            model_version=self.model_version,
            snapshot_version=self.snapshot_version,
            base_log_odds=explained.base_log_odds,
            contributions=explained.contributions,
            reasons=explained.reasons,
            evidence=explained.evidence,
            parts=explained.parts,
        )


def _open(root: Path, pepper: Pepper | None, *, allow_research: bool, verified: Collection[Pointer] = ()) -> Snapshot:
    """The snapshot that serves, every byte of it as published: an edited file would score without a sign of it."""
    snapshot = Snapshot.open(root, None if pepper is None else pepper.fingerprint)
    if snapshot.has_research and not allow_research:
        raise ResearchRefused(str(root))
    snapshot.verify(but=verified)
    return snapshot
