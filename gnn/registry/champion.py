"""The champion rule: which of several measured models should answer, and why, in words.

A pure function over measurements; the thresholds are data, each with its reason. The champion is chosen among models that
contain the graph network; where trees alone do better, the verdict says so, and only an explicit promotion acts on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from gnn.evaluation.metrics import Interval


@dataclass(frozen=True)
class Threshold:
    """A bound and why it is there."""

    value: float
    reason: str


LEAST_BAD = Threshold(50, "with fewer bad loans, slope, calibration error and months tell of luck, so they are not judged")
LOWEST_SLOPE = Threshold(0.7, "below it stated risks spread too far: the safest look safer than they are")
HIGHEST_SLOPE = Threshold(1.5, "above it risks are told apart too little to price a loan by them")
HIGHEST_CALIBRATION_ERROR = Threshold(0.05, "five points of probability are more than a lender's usual margin")
HIGHEST_COST_MS = Threshold(100.0, "a score is asked for while an applicant waits, and the service scores one at a time")
LARGEST_MONTHLY_DROP = Threshold(0.15, "a month surely so far below the whole says that the model holds for some months only")
CLEARLY = Threshold(0.0, "an interval of the paired difference that lies wholly on one side of nought is not luck")


@dataclass(frozen=True)
class Candidate:
    """One model as measured on loans that no candidate learnt from.

    `slope` is that of calibration, 1 at best; `cost_ms` the median time of one score; `worst_month_auc` the lowest AUC of
    a month with enough bad loans, and `worst_month_high` the lowest upper end of such months' intervals, which is what is
    judged: of many months the lowest is low by luck. What could not be measured is NaN and is not held against a model.
    """

    version: str
    has_network: bool
    bad: int
    auc: Interval
    brier: Interval
    slope: float
    calibration_error: float
    cost_ms: float
    worst_month_auc: float
    worst_month_high: float


Gains = Mapping[tuple[str, str], Interval]
"""Paired difference in AUC of the first version over the second, for every ordered pair of candidates."""


@dataclass(frozen=True)
class Verdict:
    """Who should be champion, None where no candidate may be, and why, a sentence a reason.

    `trees_win` is the version without the network that would do better, where one clearly does.
    """

    champion: str | None
    trees_win: str | None
    reasons: tuple[str, ...]


def choose_champion(candidates: Sequence[Candidate], gains: Gains, incumbent: str | None = None) -> Verdict:
    """Choose among models that contain the graph network.

    The incumbent stays while it passes its own checks and no other is clearly better; else the highest AUC wins, the
    cheaper one where two are equal.

    Args:
        candidates: All that were measured on the same loans.
        gains: Paired differences between them.
        incumbent: The champion now, where it is among the candidates.
    """
    passed, reasons = [], []
    for candidate in candidates:
        if not candidate.has_network:
            continue
        failed = failures(candidate)
        reasons += [f"{candidate.version} is out: {failure}" for failure in failed]
        if not failed:
            passed.append(candidate)
    if not passed:
        return Verdict(None, None, (*reasons, "no model with the graph network may be champion"))
    best = min(passed, key=lambda one: (-one.auc.value if not isnan(one.auc.value) else 0.0, one.cost_ms, one.version))
    chosen, why = best, f"{best.version} has the highest AUC of those that pass, {best.auc.value:.3f}"
    if incumbent is not None and incumbent != best.version and any(one.version == incumbent for one in passed):
        gain = gains[best.version, incumbent]
        if gain.low > CLEARLY.value:
            why = f"{best.version} is clearly better than the champion {incumbent}: {_told(gain)}"
        else:
            chosen = next(one for one in passed if one.version == incumbent)
            why = f"the champion {incumbent} stays: {best.version} is not clearly better, {_told(gain)}"
    winner, told = _trees_over(chosen, candidates, gains)
    return Verdict(chosen.version, winner, (*reasons, why, *told))


def refuse_promotion(version: str, candidates: Sequence[Candidate], gains: Gains, incumbent: str | None) -> str | None:
    """Why a model may not become champion, None where it may.

    It may not where it fails a check, or is clearly worse than the champion or than another that has the network and passes.
    """
    chosen = next(one for one in candidates if one.version == version)
    failed = failures(chosen)
    if failed:
        return " and ".join(failed)
    for other in candidates:
        rival = other.version == incumbent or (other.has_network and not failures(other))
        if rival and other is not chosen and gains[version, other.version].high < CLEARLY.value:
            name = f"the champion {incumbent}" if other.version == incumbent else other.version
            return f"it is clearly worse than {name}: {_told(gains[version, other.version])}"
    return None


def say_passed(version: str, candidates: Sequence[Candidate], gains: Gains, verdict: Verdict) -> str:
    """What is recorded of a model that may become champion: the checks it passed, those not made, and what did better.

    Args:
        version: The model, which `refuse_promotion` has nothing against.
        candidates: All that were measured on the same loans.
        gains: Paired differences between them.
        verdict: Whom the rule would choose.
    """
    chosen = next(one for one in candidates if one.version == version)
    left_out, others = skipped(chosen), [one for one in candidates if one is not chosen]
    parts = [f"passes the checks that were made; not judged: {'; '.join(left_out)}" if left_out else "passes every check"]
    better = [other for other in others if gains[other.version, version].low > CLEARLY.value]
    for other in better:
        kind = "" if other.has_network else "trees alone, "
        out = ", which fails a check of its own" if failures(other) else ""
        parts.append(f"{kind}{other.version}{out}, would do clearly better: {_told(gains[other.version, version])}")
    if not others:
        parts.append("nothing was measured beside it")
    elif not better:
        parts.append("nothing measured beside it is clearly better")
    if verdict.champion is not None and verdict.champion != version:
        parts.append(f"the rule would choose {verdict.champion}")
    return "; ".join(parts)


def skipped(candidate: Candidate) -> list[str]:
    """Which checks could not be made of a model, each with why."""
    if candidate.bad < LEAST_BAD.value:
        few = f"{candidate.bad} bad loans, under {LEAST_BAD.value:.0f} ({LEAST_BAD.reason})"
        found = [f"calibration slope, calibration error and months, for {few}"]
    else:
        measured = {
            "calibration slope": candidate.slope,
            "calibration error": candidate.calibration_error,
            "months": candidate.auc.value - candidate.worst_month_high,
        }
        found = [f"{name}, which could not be measured" for name, value in measured.items() if isnan(value)]
    return [*found, *(["cost, which could not be measured"] if isnan(candidate.cost_ms) else [])]


def failures(candidate: Candidate) -> list[str]:
    """Which checks a model fails, in words."""
    found = []
    if candidate.cost_ms > HIGHEST_COST_MS.value:
        found.append(f"a score takes {candidate.cost_ms:.0f} ms, over {HIGHEST_COST_MS.value:.0f} ({HIGHEST_COST_MS.reason})")
    if candidate.bad < LEAST_BAD.value:
        return found
    for value, bound, below in (
        (candidate.slope, LOWEST_SLOPE, True),
        (candidate.slope, HIGHEST_SLOPE, False),
    ):
        if (value < bound.value) if below else (value > bound.value):
            side = "below" if below else "above"
            found.append(f"its calibration slope {value:.2f} is {side} {bound.value:g} ({bound.reason})")
    if candidate.calibration_error > HIGHEST_CALIBRATION_ERROR.value:
        bound = HIGHEST_CALIBRATION_ERROR
        found.append(f"its calibration error {candidate.calibration_error:.3f} is above {bound.value:g} ({bound.reason})")
    drop = candidate.auc.value - candidate.worst_month_high
    if drop > LARGEST_MONTHLY_DROP.value:
        found.append(f"in its worst month the AUC is at least {drop:.2f} lower, over {LARGEST_MONTHLY_DROP.value:g}"
                     f" ({LARGEST_MONTHLY_DROP.reason})")  # fmt: skip
    return found


def _trees_over(chosen: Candidate, candidates: Sequence[Candidate], gains: Gains) -> tuple[str | None, list[str]]:
    """The version without the network that does better than the one chosen, and the sentence that says so."""
    trees = [one for one in candidates if not one.has_network and not isnan(one.auc.value)]
    if not trees:
        return None, []
    best = max(trees, key=lambda one: (one.auc.value, one.version))
    gain = gains[best.version, chosen.version]
    if gain.value <= 0:
        return None, [f"trees alone ({best.version}) do no better: {_told(gain)}"]
    if gain.low <= CLEARLY.value:
        return None, [f"trees alone ({best.version}) measured higher, though not clearly: {_told(gain)}"]
    remedy = f"to serve them, promote {best.version} with --trees-alone, and the network stays as shadow"
    return best.version, [f"trees alone ({best.version}) would win: {_told(gain)}; {remedy}"]


def _told(gain: Interval) -> str:
    return f"AUC {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
