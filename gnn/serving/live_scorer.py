"""The scorer of what is live: the champion answers, the shadow is scored beside it and only told of in the log.

Follows `live.json`: a promotion or a rollback takes effect with the next request, without a restart; a state that precedes
the one in use is refused. A shadow that cannot be loaded or fails to score costs no answer. What could not be loaded is tried
again after a while, not with every request.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gnn.errors import SignatureRefused
from gnn.scores import Include, ScoreRequest, ScoreResult, Status
from gnn.serving.live import LIVE, Live, check_task, live_bytes, read_live_line, read_signed_bundle
from gnn.serving.scorer import Scorer, load_bundle_scorer
from gnn.serving.signing import TrustedKeys
from graph.errors import CreditGraphError
from graph.identity import NodeKey, Pepper
from graph.vocabulary import NodeLabel

log = logging.getLogger("creditgraph.shadow")
NOTHING_MORE: frozenset[Include] = frozenset()
RETRY_SECONDS = 30.0  # loading takes seconds, in the thread that answers


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

    def __init__(self, places: LivePlaces, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._clock = clock
        self._read = b""
        self._live: Live | None = None
        self._refused: tuple[bytes, CreditGraphError, float] | None = None
        self._shadow: Scorer | None = None
        self._shadow_tried_at = clock()
        self._champion = self._follow()

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
        self._follow()
        self._champion.refresh()
        if self._shadow is not None:
            try:
                self._shadow.refresh()
            except Exception as exc:  # an edge: whatever is wrong with the shadow, the champion answers
                self._leave(self._shadow.model_version, exc)

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
        except Exception as exc:  # an edge: whatever is wrong with the shadow, the champion has answered
            log.warning("shadow=%s problem=%s", shadow.model_version, _code(exc))
            return
        for answer, other in zip(answers, beside, strict=True):
            log.info(
                "champion=%s shadow=%s log_odds=%s shadow_log_odds=%s",
                answer.model_version, other.model_version, _figure(answer.log_odds), _figure(other.log_odds),
            )  # fmt: skip

    def _follow(self) -> Scorer:
        """Load what `live.json` names now and is not loaded yet, and return the champion."""
        raw = live_bytes(self._places.models)
        if raw != self._read:
            self._check_back_off(raw)
            try:
                self._take(raw)
            except CreditGraphError as exc:
                self._refused = raw, exc, self._clock()
                raise
            self._refused = None
        elif self._is_shadow_due():
            self._load_shadow()
        return self._champion

    def _check_back_off(self, raw: bytes) -> None:
        if self._refused is not None:
            seen, refusal, at = self._refused
            if seen == raw and self._clock() - at < RETRY_SECONDS:
                raise refusal.with_traceback(None)

    def _take(self, raw: bytes) -> None:
        thing = str(self._places.models / LIVE)
        live, before = read_live_line(thing, raw.removesuffix(b"\n"), self._places.trusted), self._live
        if before is not None and live.sequence < before.sequence:
            raise SignatureRefused(thing, f"is the state of line {live.sequence}, and line {before.sequence} is served already")
        if before is None or live.champion != before.champion or live.task != before.task:
            self._champion = self._scorer(live, live.champion)
        self._live, self._read = live, raw
        if self._shadow is None or self._shadow.model_version != live.shadow:
            self._load_shadow()

    def _is_shadow_due(self) -> bool:
        lacking = self._live is not None and self._live.shadow is not None and self._shadow is None
        return lacking and self._clock() - self._shadow_tried_at >= RETRY_SECONDS

    def _load_shadow(self) -> None:
        self._shadow = None
        if self._live is None or self._live.shadow is None:
            return
        try:
            self._shadow = self._scorer(self._live, self._live.shadow)
        except Exception as exc:  # an edge: whatever is wrong with the shadow, the champion answers
            self._leave(self._live.shadow, exc)

    def _leave(self, version: str, exc: Exception) -> None:
        """Do without the shadow for a while."""
        self._shadow, self._shadow_tried_at = None, self._clock()
        log.warning("shadow=%s is not scored: problem=%s %s", version, _code(exc), exc)

    def _scorer(self, live: Live, version: str) -> Scorer:
        places = self._places
        bundle = read_signed_bundle(places.models, version, places.trusted)
        check_task(live, bundle)
        return load_bundle_scorer(bundle, places.snapshot_root, pepper=places.pepper, allow_research=places.allow_research)


def _figure(log_odds: float | None) -> str:
    return Status.UNSCORABLE if log_odds is None else f"{log_odds:+.4f}"


def _code(exc: Exception) -> str:
    return exc.code if isinstance(exc, CreditGraphError) else type(exc).__name__
