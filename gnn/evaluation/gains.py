"""What each signal family and each relation adds: AUC with it less AUC without it, in all files, in thin and in thick ones.

Knows no model: whoever asks hands in the predictions made without a part, be the model fitted anew without it or asked with
the part masked. It draws no conclusion of whether a part may be used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gnn.evaluation.evaluate import Figure, Question, sum_up
from gnn.evaluation.metrics import Interval
from gnn.evaluation.protocol_run import Predictions
from graph.vocabulary import Family, RelType

Part = Family | RelType
_WITH, _PREFIX, _GAIN = "with", "without.", "gain"


class Way(StrEnum):
    """How scores without a part came about.

    Refitted, a model makes up from other facts for what it lost: the gain of buying the part. Masked, it cannot: the gain is
    how much the fitted model rests on the part, the larger of the two as a rule.
    """

    REFITTED = "refitted"
    MASKED = "masked"


class File(StrEnum):
    """Files told apart."""

    ALL = "all"
    THIN = "thin"
    THICK = "thick"


class Verdict(StrEnum):
    """What the interval of a gain says; `UNKNOWN` where one outcome leaves nothing to measure."""

    GAIN = "gain"
    NONE = "without gain"
    HARM = "harm"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gain:
    """What a part adds to AUC in one kind of file, with its interval, of so many examples and bad ones."""

    part: Part
    way: Way
    file: File
    gain: Interval
    verdict: Verdict
    examples: int
    bad: int

    @property
    def is_family(self) -> bool:
        """Whether the part is a whole family and not one relation."""
        return isinstance(self.part, Family)


@dataclass(frozen=True)
class Files:
    """All examples: `label` int8 [n], whose each is int64 [n], and whether the file is thin bool [n]."""

    label: NDArray[np.int8]
    person: NDArray[np.int64]
    thin: NDArray[np.bool_]


def measure_gains(files: Files, full: Predictions, without: Mapping[Part, Predictions], way: Way) -> list[Gain]:
    """The gain of each part, parts in the order given, each in all files, thin ones and thick ones.

    Differences are paired: both sides are measured on the same resampled persons.

    Args:
        files: What the predictions are judged by.
        full: Made with everything.
        without: Made without one part each, of the same examples in the same order.
        way: How.

    Raises:
        ValueError: predictions without a part are of other examples than those with it.
    """
    for part, found in without.items():
        if not (np.array_equal(found.index, full.index) and np.array_equal(found.part, full.part)):
            raise ValueError(f"predictions without {part} are of other examples than those with it")
    members = {File.ALL: np.ones_like(files.thin), File.THIN: files.thin, File.THICK: ~files.thin}
    by_file = {file: _figures(files, full, without, inside) for file, inside in members.items()}
    return [
        _gain(part, way, file, figures[f"{_GAIN}.{_GAIN}.{_WITH}_over_{_PREFIX}{part}"])
        for part in without
        for file, figures in by_file.items()
        if figures
    ]


def without_gain(gains: Sequence[Gain], file: File = File.ALL) -> tuple[Part, ...]:
    """Parts whose interval covers 0 or lies below it, in order of the gains."""
    return tuple(one.part for one in gains if one.file is file and one.verdict in (Verdict.NONE, Verdict.HARM))


def verdict_of(gain: Interval) -> Verdict:
    """What an interval says; one that touches 0 covers it."""
    if np.isnan([gain.value, gain.low, gain.high]).any():
        return Verdict.UNKNOWN
    if gain.low > 0:
        return Verdict.GAIN
    return Verdict.HARM if gain.high < 0 else Verdict.NONE


def _figures(
    files: Files, full: Predictions, without: Mapping[Part, Predictions], inside: NDArray[np.bool_]
) -> dict[str, Figure]:
    predictions = {_WITH: _taken(full, inside)} | {f"{_PREFIX}{part}": _taken(found, inside) for part, found in without.items()}
    if not len(predictions[_WITH].index):
        return {}
    pairs = [(_WITH, f"{_PREFIX}{part}") for part in without]
    question = Question(_GAIN, files.label, files.person, measures={}, compared=pairs)
    return {figure.key: figure for figure in sum_up(question, predictions)}


def _taken(found: Predictions, inside: NDArray[np.bool_]) -> Predictions:
    kept = inside[found.index]
    return Predictions(found.index[kept], found.log_odds[kept], found.part[kept])


def _gain(part: Part, way: Way, file: File, figure: Figure) -> Gain:
    low, high = (float("nan") if end is None else end for end in (figure.low, figure.high))
    gain = Interval(figure.value, low, high)
    return Gain(part, way, file, gain, verdict_of(gain), figure.examples, figure.bad)
