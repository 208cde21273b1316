"""The scorer of what is live: the champion answers, the shadow is scored beside it and only told of in the log.

Follows `live.json`: a promotion or a rollback takes effect with the next request, without a restart. A shadow that fails
to score costs no answer.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gnn.scores import Include, ScoreRequest, ScoreResult
from gnn.serving.live import live_bytes, read_live_line, read_signed_bundle
from gnn.serving.scorer import Scorer, load_bundle_scorer
from gnn.serving.signing import TrustedKeys
from graph.errors import CreditGraphError
from graph.identity import NodeKey, Pepper
from graph.vocabulary import NodeLabel

log = logging.getLogger("creditgraph.shadow")
NOTHING_MORE: frozenset[Include] = frozenset()


@dataclass(frozen=True)
class LivePlaces:
    """Where models and snapshots lie, whose signatures count, and what may be scored on."""

    models: Path
    snapshot_root: Path
    trusted: TrustedKeys
    pepper: Pepper | None
    allow_research: bool


class LiveScorer:
    """Scores as `Scorer` does, with the champion of a folder of models; used from one thread at a time.

    Raises:
        NothingLive, SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of what is live.
        GraphError, ResearchRefused: as `load_scorer`.
    """

    def __init__(self, places: LivePlaces) -> None:
        self._places = places
        self._read = b""
        self._champion, self._shadow = self._load()

    @property
    def model_version(self) -> str:
        """Version of the champion."""
        return self._champion.model_version

    @property
    def shadow_version(self) -> str | None:
        """Version of the shadow, where there is one."""
        return None if self._shadow is None else self._shadow.model_version

    @property
    def snapshot_version(self) -> str:
        """Version of the snapshot that requests are scored with now."""
        return self._champion.snapshot_version

    def refresh(self) -> None:
        """Follow the models and the snapshot that serve now; a failure leaves those before in use.

        Raises:
            ModelError, GraphError: as on construction.
        """
        if live_bytes(self._places.models) != self._read:
            self._champion, self._shadow = self._load()
        self._champion.refresh()
        if self._shadow is not None:
            self._shadow.refresh()

    def knows(self, label: NodeLabel, key: NodeKey) -> bool:
        """Whether the snapshot holds this node."""
        return self._champion.knows(label, key)

    def score(self, requests: Sequence[ScoreRequest], include: frozenset[Include]) -> list[ScoreResult]:
        """Score requests with the champion, in the order given; what the shadow says is logged.

        Raises:
            ModelError, GraphError: as `Scorer.score`.
        """
        answers = self._champion.score(requests, include)
        if self._shadow is not None:
            self._tell(self._shadow, requests, answers)
        return answers

    def _tell(self, shadow: Scorer, requests: Sequence[ScoreRequest], answers: Sequence[ScoreResult]) -> None:
        try:
            beside = shadow.score(requests, NOTHING_MORE)
        except CreditGraphError as exc:
            log.warning("shadow=%s problem=%s", shadow.model_version, exc.code)
            return
        for answer, other in zip(answers, beside, strict=True):
            log.info(
                "champion=%s shadow=%s log_odds=%+.4f shadow_log_odds=%+.4f",
                answer.model_version, other.model_version, answer.log_odds, other.log_odds,
            )  # fmt: skip

    def _load(self) -> tuple[Scorer, Scorer | None]:
        raw = live_bytes(self._places.models)
        live = read_live_line(str(self._places.models / "live.json"), raw.removesuffix(b"\n"), self._places.trusted)
        loaded = self._scorer(live.champion), None if live.shadow is None else self._scorer(live.shadow)
        self._read = raw
        return loaded

    def _scorer(self, version: str) -> Scorer:
        places = self._places
        bundle = read_signed_bundle(places.models, version, places.trusted)
        return load_bundle_scorer(bundle, places.snapshot_root, pepper=places.pepper, allow_research=places.allow_research)
