"""What answers requests: the bundle, the model in it, explanations, and the scorer that pins both to a snapshot."""

from gnn.scores import EvidenceFact, Include, Reason, ScoreRequest, ScoreResult
from gnn.serving.live_scorer import LivePlaces, LiveScorer
from gnn.serving.scorer import Scorer, load_scorer

__all__ = [
    "EvidenceFact",
    "Include",
    "LivePlaces",
    "LiveScorer",
    "Reason",
    "ScoreRequest",
    "ScoreResult",
    "Scorer",
    "load_scorer",
]
