"""Models made to treat groups alike, and what that costs: accuracy against adverse impact, and the frontier of both.

Every candidate is group-blind when it scores. Groups weigh the lessons of some while they are fitted, no candidate has one
as an input, and there is no cut-off of a group's own. The only module that knows Fairlearn.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from gnn.errors import ExtraMissing
from gnn.evaluation.cutoffs import approved, cutoff_approving
from gnn.evaluation.fairness import UNTOLD
from gnn.evaluation.metrics import auc

Floats = NDArray[np.float64]
STRENGTHS = (0.5, 1.0)  # of reweighing: half way, and until outcome and group are independent
BOUNDS = (0.10, 0.05, 0.02)  # on the gap between groups' refusal rates, for the exponentiated gradient
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)  # approved, each with one cut-off for everyone
MOST_ROUNDS = 50  # of the exponentiated gradient
MOST_STEPS = 1000


class Learner(Protocol):
    """A classifier as scikit-learn has them, which takes weights; `classes_` are the outcomes it has seen."""

    classes_: NDArray[np.int8]

    def fit(self, features: Floats, label: NDArray[np.int8], sample_weight: Floats | None = None) -> "Learner":
        """Learn."""
        ...

    def predict_proba(self, features: Floats) -> Floats:
        """Probabilities float64 [n, classes]."""
        ...


def logistic() -> Learner:
    """Logistic regression, for features on one scale."""
    learner: Learner = LogisticRegression(max_iter=MOST_STEPS)
    return learner


@dataclass(frozen=True)
class Lessons:
    """What candidates learn from: features float64 [n, f], label int8 [n], and group str [n], which weighs lessons alone."""

    features: Floats
    label: NDArray[np.int8]
    group: NDArray[np.str_]

    def told(self) -> "Lessons":
        """Those whose group is known."""
        known = self.group != UNTOLD
        return Lessons(self.features[known], self.label[known], self.group[known])


@dataclass(frozen=True)
class Candidate:
    """A model's scores, float64, higher for riskier: of the period that sets its cut-offs, and of the one judged."""

    name: str
    validation: Floats
    judged: Floats


@dataclass(frozen=True)
class Point:
    """A candidate at one cut-off.

    `balanced_accuracy` is the mean of the share of good loans approved and of bad ones refused: 0.5 by chance, higher is
    better; plain accuracy is best where all are approved. `impact` is the lowest group's approval rate over the highest's:
    0 to 1, 1 is alike. `auc` does not depend on the cut-off.
    """

    candidate: str
    share: float
    balanced_accuracy: float
    auc: float
    bad_share: float
    impact: float


def build_candidates(
    lessons: Lessons,
    validation: Floats,
    judged: Floats,
    *,
    break_even: float,
    make: Callable[[], Learner] = logistic,
) -> list[Candidate]:
    """A plain model, reweighed ones and those of the exponentiated gradient, each fitted anew.

    Args:
        lessons: To learn from, features finite; who did not tell their group teaches the plain model alone.
        validation: Features float64 [v, f] of the period that sets cut-offs.
        judged: Features float64 [k, f].
        break_even: Probability of going bad above which a lender refuses; weighs both errors in the exponentiated gradient.
        make: A learner of its own each time.

    Raises:
        ExtraMissing: Fairlearn is not installed.
        ValueError: the probability is none that can be broken even at.
    """
    if not 0 < break_even < 1:
        raise ValueError(f"a probability to break even at lies within (0, 1), not {break_even}")
    reductions = _fairlearn()
    told = lessons.told()
    score: list[tuple[str, Callable[[Floats], Floats]]] = [("plain", _fitted(make(), lessons, None))]
    for strength in STRENGTHS:
        score.append((f"reweighed {strength:g}", _fitted(make(), told, reweigh(told.label, told.group, strength))))
    for bound in BOUNDS:
        score.append((f"exponentiated gradient {bound:g}", _reduced(reductions, make(), told, bound, break_even)))
    return [Candidate(name, apply(validation), apply(judged)) for name, apply in score]


def reweigh(label: NDArray[np.int8], group: NDArray[np.str_], strength: float) -> Floats:
    """Weights float64 [n] with which outcome and group are independent, at strength 1; without effect at 0.

    Source:
        Kamiran and Calders 2012, "Data preprocessing techniques for classification without discrimination", section 4.2.
    """
    weight = np.ones(len(label))
    for name in np.unique(group):
        for outcome in (0, 1):
            cell = (group == name) & (label == outcome)
            if cell.any():
                weight[cell] = (group == name).mean() * (label == outcome).mean() / cell.mean()
    return 1 + strength * (weight - 1)


def measure_points(
    candidates: Sequence[Candidate],
    label: NDArray[np.int8],
    group: NDArray[np.str_],
    shares: Sequence[float] = SHARES,
) -> list[Point]:
    """Each candidate at cut-offs that approve these shares in validation, in order of candidates, then shares.

    Args:
        candidates: Ours, or any model's scores.
        label: int8 [k] of the examples judged.
        group: str [k]; impact is measured on those whose group is known, all else on everyone.
        shares: To approve.
    """
    return [
        _point(candidate, share, label, group, approved(candidate.judged, cutoff_approving(candidate.validation, share)))
        for candidate in candidates
        for share in shares
    ]


def frontier(points: Sequence[Point]) -> list[Point]:
    """Points that no other beats in accuracy or in impact without losing in the other, in order of rising impact.

    Of points that are alike in both the first is kept.
    """
    kept: list[Point] = []
    known = [point for point in points if not np.isnan([point.balanced_accuracy, point.impact]).any()]
    for point in sorted(known, key=lambda one: (-one.impact, -one.balanced_accuracy)):
        if not kept or point.balanced_accuracy > kept[-1].balanced_accuracy:
            kept.append(point)
    return kept[::-1]


def _point(
    candidate: Candidate, share: float, label: NDArray[np.int8], group: NDArray[np.str_], approve: NDArray[np.bool_]
) -> Point:
    known = group != UNTOLD
    rates = [approve[known & (group == name)].mean() for name in np.unique(group[known])]
    good, bad = label == 0, label == 1
    both = good.any() and bad.any()
    return Point(
        candidate.name,
        share,
        float((approve[good].mean() + (~approve[bad]).mean()) / 2) if both else float("nan"),
        auc(label, candidate.judged),
        float(bad[approve].mean()) if approve.any() else float("nan"),
        float(min(rates) / max(rates)) if rates and max(rates) > 0 else float("nan"),
    )


def _fitted(learner: Learner, lessons: Lessons, weight: Floats | None) -> Callable[[Floats], Floats]:
    learner.fit(lessons.features, lessons.label, sample_weight=weight)
    return lambda features: np.asarray(learner.predict_proba(features)[:, 1], np.float64)


def _reduced(
    reductions: ModuleType, learner: Learner, lessons: Lessons, bound: float, break_even: float
) -> Callable[[Floats], Floats]:
    """Scores by the reduction of Agarwal and others 2018 ("A reductions approach to fair classification").

    Its classifier draws lots among the learners it made. A lender may not, so the score is the mean of their probabilities,
    weighed as the lots are; cut-offs are set afterwards as for every candidate.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Fairlearn's own use of its libraries
        reduction = reductions.ExponentiatedGradient(
            learner,
            reductions.DemographicParity(difference_bound=bound),
            objective=reductions.ErrorRate(costs={"fp": break_even, "fn": 1 - break_even}),
            eps=bound,
            max_iter=MOST_ROUNDS,
        )
        reduction.fit(lessons.features, lessons.label, sensitive_features=lessons.group)
    parts = [(float(reduction.weights_[i]), reduction.predictors_[i]) for i in reduction.predictors_.index]

    def apply(features: Floats) -> Floats:
        total = np.zeros(len(features))
        for weight, part in parts:
            if weight > 0:
                total += weight * _chance(part, features)
        return total

    return apply


def _chance(part: Learner, features: Floats) -> Floats:
    """Probability of refusal; a part whose weighed lessons all had one outcome knows that one alone."""
    column = np.flatnonzero(part.classes_ == 1)
    return np.asarray(part.predict_proba(features)[:, column[0]] if len(column) else np.zeros(len(features)), np.float64)


def _fairlearn() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own use of its libraries, on import
        try:
            from fairlearn import reductions
        except ModuleNotFoundError as exc:
            raise ExtraMissing(str(exc.name)) from exc
    module: ModuleType = reductions
    return module
