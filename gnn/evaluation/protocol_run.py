"""Runs a protocol for several models over one data set and keeps each part's predictions.

A finished part is a file named by everything that decides it, so an interrupted run goes on where it stopped. It measures
nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Model, Split
from gnn.evaluation.fit_digest import digest_part, name_fit
from gnn.evaluation.protocols import Part
from gnn.models.calibrate import Calibrator
from gnn.models.narrowing import narrow

KEY_DIGITS = 16  # of the name of a kept part
SCORED_AT_ONCE = 4_096  # examples; bounds memory, changes no bit
Progress = Callable[[str], None]
Fitted = Callable[[str], Model]
"""Gives the model of that name as fitted on the part at hand."""


@dataclass(frozen=True)
class Contender:
    """A model to be measured: `fit` gives it fitted on a split with a seed, and may build on other contenders' models.

    A `narrowed` one is given only the columns worth reading (`gnn.models.narrowing`).
    Kept predictions are named by `settings_version` too: raise it where settings change that are not code (`fit_digest`).
    """

    name: str
    fit: Callable[[Dataset, Split, int, Fitted], Model]
    settings_version: int
    narrowed: bool = False


@dataclass(frozen=True)
class Predictions:
    """Log-odds of one model for every judged example, by repeat: `index` int64 [k], `log_odds` float64 [k], `part` int64 [k].

    `part` numbers the parts of the protocol; scores of different parts come from differently fitted models. `earlier` are
    calibrated log-odds float64 of `split.calibrate` of each part in turn, by the fit that saw nothing of that period: what a
    cut-off may be chosen by. It is empty where a model keeps none.
    """

    index: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    part: NDArray[np.int64]
    earlier: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


@runtime_checkable
class TellsEarlier(Protocol):
    """A model that keeps what its first fit said of `split.calibrate`, before calibration."""

    @property
    def first_log_odds(self) -> NDArray[np.float64]:
        """Of `split.calibrate`, float64."""
        ...

    @property
    def calibrator(self) -> Calibrator | None:
        """None before it is fitted."""
        ...


def run_protocol(
    data: Dataset,
    parts: Sequence[Part],
    contenders: Sequence[Contender],
    cache: Path,
    progress: Progress | None = None,
    wanted: Collection[str] | None = None,
) -> dict[str, Predictions]:
    """Fit and apply every model on every part, or read what an earlier run left.

    Args:
        data: Examples and features.
        parts: Splits of the protocol.
        contenders: Models.
        cache: Folder for finished parts; made when lacking.
        progress: Told the name of each part as it is done.
        wanted: Names of the models to apply; the others are fitted only where one of these builds on them. All when None.

    Returns:
        Predictions by model name.
    """
    cache.mkdir(parents=True, exist_ok=True)
    digest = digest_data(data)
    applied = [contender for contender in contenders if wanted is None or contender.name in wanted]
    scores: dict[str, list[_Scores]] = {contender.name: [] for contender in applied}
    for part in parts:
        fits = _PartFits(data, digest, part, {contender.name: contender for contender in contenders})
        for contender in applied:
            scores[contender.name].append(_predict(fits, contender, cache))
            if progress:
                progress(f"{data.task.name} repeat {part.repeat} fold {part.fold}: {contender.name}")
    index = np.concatenate([part.split.test for part in parts])
    number = np.repeat(np.arange(len(parts)), [len(part.split.test) for part in parts])
    return {
        name: Predictions(index, np.concatenate([one[0] for one in found]), number, np.concatenate([one[1] for one in found]))
        for name, found in scores.items()
    }


_Scores = tuple[NDArray[np.float64], NDArray[np.float64]]  # of `split.test` and of `split.calibrate`


class _PartFits:
    """Models fitted on one part, each once, when first asked for."""

    def __init__(self, data: Dataset, data_digest: bytes, part: Part, contenders: Mapping[str, Contender]) -> None:
        self.data, self.part_digest, self.part = data, digest_part(data_digest, part), part
        self._contenders = contenders
        self._models: dict[str, Model] = {}

    def model(self, name: str) -> Model:
        if name not in self._models:
            contender = self._contenders[name]
            self._models[name] = contender.fit(self.data_for(contender), self.part.split, self.part.seed, self.model)
        return self._models[name]

    def data_for(self, contender: Contender) -> Dataset:
        """What a contender is given to read."""
        return self._narrowed if contender.narrowed else self.data

    @cached_property
    def _narrowed(self) -> Dataset:
        return narrow(self.data, self.part.split)


def _predict(fits: _PartFits, contender: Contender, cache: Path) -> _Scores:
    part = fits.part
    key = name_fit(fits.part_digest, contender.name, contender.settings_version)[:KEY_DIGITS]
    file = cache / f"{fits.data.task.name}-{contender.name}-{part.repeat}-{part.fold}-{key}.npz"
    if not file.exists():
        model, data = fits.model(contender.name), fits.data_for(contender)
        pieces = np.split(part.split.test, range(SCORED_AT_ONCE, len(part.split.test), SCORED_AT_ONCE))
        log_odds = np.concatenate([model.log_odds(data, piece) for piece in pieces])
        beside = file.with_suffix(".part")
        with beside.open("wb") as out:
            np.savez(out, log_odds=log_odds, earlier=_earlier(model))
        beside.replace(file)
    with np.load(file, allow_pickle=False) as kept:
        return kept["log_odds"], kept["earlier"]


def _earlier(model: Model) -> NDArray[np.float64]:
    if not isinstance(model, TellsEarlier) or model.calibrator is None:
        return np.empty(0)
    return model.calibrator.apply(model.first_log_odds)


def digest_data(data: Dataset) -> bytes:
    """Digest of all that models read: the graph, tables as computed, labels, milestones, the earlier loans at their weight."""
    state = sha256(data.snapshot.digest.encode())
    for plan in (data.own_plan, data.neighbours_plan):
        state.update(plan.to_json().encode())
    past, signs = data.earlier, data.milestones
    state.update(f"{signs.names}\n".encode() + signs.label.tobytes() + signs.known_s.tobytes())
    state.update(f"{data.task.name} {past.weight if past else None}\n".encode())
    for part in (data, past) if past else (data,):
        arrays = (part.examples.rows, part.examples.as_of_s, part.examples.label, part.own.values, part.neighbours.values)
        for array in arrays:
            state.update(np.ascontiguousarray(array).tobytes() + b"\n")
    return state.digest()
