"""How well models did on parts of the judged loans, each part measured alone, and how well they are calibrated each month.

Whoever asks says what is known of each loan; this module reads no graph and fits nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gnn.evaluation.evaluate import MEASURES, Measure
from gnn.evaluation.metrics import CALIBRATION_BINS, calibration_slope, expected_calibration_error

MONTH_S = 2_629_746  # a twelfth of a Gregorian year
MONTHS_ON_BOOK = ((0, "first loan"), (0, "under 6"), (6, "6 to 11"), (12, "12 to 23"), (24, "24 and more"))
SLICE_MEASURES: Mapping[str, Measure] = {**MEASURES, "slope": calibration_slope}
EXCESS_BOUND = 0.01  # by which a month's calibration error may exceed the reference's own
_ROUNDING = 1e-12  # a difference of exactly the bound, as floats have it, keeps to it


@dataclass(frozen=True)
class Slice:
    """One part of the examples: what it is a part by, which part, and bool [n] who is in it."""

    by: str
    part: str
    members: NDArray[np.bool_]


@dataclass(frozen=True)
class SliceRow:
    """How the models did on one part: `measures` by model, then by measure; NaN where one outcome leaves nothing to say."""

    by: str
    part: str
    examples: int
    bad: int
    measures: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class MonthError:
    """Calibration error of a model in one month of decisions, and that of a reference on the same loans.

    Even true probabilities have an error: outcomes of few loans are far from what was to be expected.
    """

    month: str
    examples: int
    bad: int
    error: float
    reference: float

    @property
    def excess(self) -> float:
        """Error above the reference's own; below 0 where the model fits this month's luck better."""
        return self.error - self.reference

    @property
    def keeps_bound(self) -> bool:
        """Whether the error is at most `EXCESS_BOUND` above the reference's own."""
        return self.excess <= EXCESS_BOUND + _ROUNDING


def slices_of(by: str, names: Sequence[str], which: NDArray[np.int64]) -> list[Slice]:
    """One part a name, of the examples whose number in `which` int64 [n] is the name's place."""
    return [Slice(by, name, which == number) for number, name in enumerate(names)]


def ranges_of(by: str, bounds: Sequence[int], values: NDArray[np.int64]) -> list[Slice]:
    """Parts by ranges of int64 [n] values, cut at ascending bounds, each belonging to what lies above it."""
    inner = [f"{low} to {high - 1}" for low, high in pairwise(bounds)]
    names = [f"under {bounds[0]}", *inner, f"{bounds[-1]} and more"]
    return slices_of(by, names, np.searchsorted(bounds, values, side="right"))


def months_on_book(since_s: NDArray[np.int64]) -> list[Slice]:
    """Parts by seconds int64 [n] since the subject's first loan was decided; 0 or less for the first loan itself."""
    bounds = [bound for bound, _ in MONTHS_ON_BOOK[2:]]
    which = np.where(since_s > 0, 1 + np.searchsorted(bounds, since_s // MONTH_S, side="right"), 0)
    return slices_of("months on book", [name for _, name in MONTHS_ON_BOOK], which)


def files(thin: NDArray[np.bool_]) -> list[Slice]:
    """Thick files and thin ones, by bool [n]."""
    return slices_of("file", ["thick", "thin"], thin.astype(np.int64))


def lenders(lender: NDArray[np.str_]) -> list[Slice]:
    """Each lender's loans alone, by the lenders' names str [n], in order of the names."""
    return [Slice("lender", name, lender == name) for name in np.unique(lender).tolist()]


def months(as_of_s: NDArray[np.int64]) -> list[Slice]:
    """Calendar months in UTC, by UTC seconds int64 [n]."""
    found = as_of_s.astype("datetime64[s]").astype("datetime64[M]").astype(str)
    return [Slice("month", month, found == month) for month in np.unique(found).tolist()]


def measure_slices(
    slices: Sequence[Slice],
    label: NDArray[np.int8],
    scores: Mapping[str, NDArray[np.float64]],
    index: NDArray[np.int64],
    measures: Mapping[str, Measure] = SLICE_MEASURES,
) -> list[SliceRow]:
    """Each part of the judged examples measured alone; parts that no judged example is in are left out.

    Args:
        slices: Parts of all examples.
        label: int8 [n] of all examples.
        scores: Log-odds float64 [k] of the judged ones by model.
        index: int64 [k], the judged ones.
        measures: By name.
    """
    rows = []
    for one in slices:
        inside = np.flatnonzero(one.members[index])
        if not len(inside):
            continue
        came = label[index[inside]]
        found = {
            model: {name: measure(came, log_odds[inside]) for name, measure in measures.items()}
            for model, log_odds in scores.items()
        }
        rows.append(SliceRow(one.by, one.part, len(inside), int(came.sum()), found))
    return rows


def monthly_calibration(
    label: NDArray[np.int8],
    log_odds: NDArray[np.float64],
    reference: NDArray[np.float64],
    as_of_s: NDArray[np.int64],
    bins: int = CALIBRATION_BINS,
) -> list[MonthError]:
    """Calibration error of each calendar month of the judged examples, in bins of equal count, beside a reference's.

    Args:
        label: int8 [k].
        log_odds: float64 [k], the model's.
        reference: float64 [k], such as log-odds of the true probability.
        as_of_s: int64 [k], UTC seconds of scoring.
        bins: Of equal count, each side's in order of its own scores.
    """
    found = []
    for month in months(as_of_s):
        inside = month.members
        came = label[inside]
        errors = (expected_calibration_error(came, scores[inside], bins) for scores in (log_odds, reference))
        found.append(MonthError(month.part, len(came), int(came.sum()), *errors))
    return found
