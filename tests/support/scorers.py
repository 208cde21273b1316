"""A scorer without a model, for tests of the service: it answers by rule and remembers what it was asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from threading import Event

from gnn.scores import EvidenceFact, Include, Parts, PartShare, Reason, ScoreRequest, ScoreResult, SubScore, Thickness
from graph.identity import FactId, NodeKey
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType

SECRET = "a pepper for tests alone"
BORROWER = {"source": "superlender", "id": "customer-17"}
MISSED = EdgeType(NodeLabel.PERSON, RelType.MISSED, NodeLabel.LOAN)
PARTS = Parts(-1.5, {part: PartShare(None, 0.0) for part in SubScore} | {SubScore.HISTORY: PartShare(700, -0.5)})


@dataclass
class FakeScorer:
    """Knows the keys it is given; waits for `gate`, where there is one, before it answers; raises `failure`, where set.

    Of everyone it has seen `own_facts`, and scores nobody of whom it has seen fewer than three.
    """

    known: frozenset[NodeKey] = frozenset()
    gate: Event | None = None
    failure: Exception | None = None
    model_version: str = "fake-1"
    snapshot_version: str = "00000001"
    own_facts: int = 20
    asked: list[ScoreRequest] = field(default_factory=list)

    def refresh(self) -> None:
        """Raise the failure that was set, as a withdrawn snapshot would."""
        if self.failure is not None:
            raise self.failure

    def knows(self, label: NodeLabel, key: NodeKey) -> bool:
        """Whether the snapshot holds the node."""
        return label is NodeLabel.PERSON and key in self.known

    def score(self, requests: Sequence[ScoreRequest], include: frozenset[Include]) -> list[ScoreResult]:
        """The same answer for everyone, with what was asked for."""
        if self.gate is not None:
            self.gate.wait(timeout=10)
        self.asked += requests
        answer = self._unscorable if self.own_facts < 3 else self._result
        return [answer(request, include) for request in requests]

    @property
    def _thickness(self) -> Thickness:
        return Thickness(self.own_facts, 0, 3, 1)

    def _unscorable(self, request: ScoreRequest, _: frozenset[Include]) -> ScoreResult:
        nothing = dict.fromkeys(field.name for field in fields(ScoreResult))
        known = {"as_of_s": request.as_of_s, "model_version": self.model_version, "snapshot_version": self.snapshot_version}
        return ScoreResult(**(nothing | known | {"thickness": self._thickness}))

    def _result(self, request: ScoreRequest, include: frozenset[Include]) -> ScoreResult:
        reason = Reason("credit.missed", "Instalments paid late or missed", RelType.MISSED, Family.CREDIT, 0.2)
        fact = EvidenceFact(
            fact_id=FactId("0" * 32),
            edge=MISSED,
            near_label=request.label,
            near_key=request.key,
            other_label=NodeLabel.LOAN,
            other_key=NodeKey("1" * 32),
            at_us=1_499_000_000_000_000,
            known_at_s=1_499_000_001,
            properties={"instalment": 1},
        )
        return ScoreResult(
            score=640,
            probability_of_default=0.12,
            probability_low=0.08,
            probability_high=0.2,
            coverage=0.9,
            log_odds=-2.0,
            thickness=self._thickness,
            as_of_s=request.as_of_s,
            model_version=self.model_version,
            snapshot_version=self.snapshot_version,
            base_log_odds=-1.5 if Include.CONTRIBUTIONS in include else None,
            contributions={Family.CREDIT: -0.7, Family.LIFE: 0.2} if Include.CONTRIBUTIONS in include else None,
            reasons=(reason,) if Include.REASONS in include else None,
            evidence=(fact,) if Include.EVIDENCE in include else None,
            parts=PARTS if Include.SUBSCORES in include else None,
        )
