"""What answers requests: the bundle, the model in it, explanations, and the scorer that pins both to a snapshot."""

from gnn.scores import EvidenceFact, Include, Reason, ScoreRequest, ScoreResult
from gnn.serving.scorer import Scorer, load_scorer

__all__ = ["EvidenceFact", "Include", "Reason", "ScoreRequest", "ScoreResult", "Scorer", "load_scorer"]
