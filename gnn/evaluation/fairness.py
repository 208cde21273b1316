"""How scores treat protected groups, and how well a group can be told from a model's inner vectors.

Groups are handed in by whoever may hold them, beside the scores, after the fact; no feature, plan or model reads them.
Measures alone: what a model made to be fairer would cost is `gnn.evaluation.mitigation`'s.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gnn.evaluation.cutoffs import approved, cutoff_approving
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED
from gnn.evaluation.metrics import Interval, auc, interval_of, resamples

Floats = NDArray[np.float64]
FOUR_FIFTHS = 0.8  # below it, selection has adverse impact by the Uniform Guidelines (29 CFR 1607.4 D)
UNTOLD = ""  # the group of who did not say; left out
FOLDS = 5  # of the telling of groups
MOST_STEPS = 1000


@dataclass(frozen=True)
class Groups:
    """Of each scored example: its protected group str [n], `UNTOLD` for unknown, and whose it is int64 [n].

    `reference` is the group whose approval rate those of others are divided by.

    Raises:
        ValueError: nobody is of the reference, or there is no other group.
    """

    group: NDArray[np.str_]
    person: NDArray[np.int64]
    reference: str

    def __post_init__(self) -> None:
        if self.reference not in self.names or len(self.names) < 2:
            raise ValueError(f"groups are compared with {self.reference!r}; there must be it and another, not {self.names}")

    @property
    def names(self) -> list[str]:
        """Groups that anyone is of, in order of their names."""
        return [name for name in np.unique(self.group).tolist() if name != UNTOLD]

    @property
    def others(self) -> list[str]:
        """All but the reference."""
        return [name for name in self.names if name != self.reference]


def largest_group(group: NDArray[np.str_]) -> str:
    """The group most examples are of, of several the first by name; a reference where nobody declared one."""
    names, counts = np.unique(group[group != UNTOLD], return_counts=True)
    return str(names[counts.argmax()])


@dataclass(frozen=True)
class Impact:
    """Adverse impact of one cut-off on one group: the share of it approved over the share of the reference approved.

    1 is alike; NaN where none of the reference is approved. `highest_share` is that of the group approved most often, the
    reference among them: it is against that group that impact is adverse (29 CFR 1607.4 D), whichever was declared.
    """

    cutoff: str
    group: str
    examples: int
    approved_share: float
    reference_share: float
    highest_share: float
    ratio: Interval

    @property
    def is_adverse(self) -> bool:
        """Whether the group is approved less than four fifths as often as the group approved most often."""
        return self.approved_share < FOUR_FIFTHS * self.highest_share

    @property
    def is_adverse_to_reference(self) -> bool:
        """The same of the reference itself, which no ratio to it can show."""
        return self.reference_share < FOUR_FIFTHS * self.highest_share


@dataclass(frozen=True)
class Change:
    """A measure with something, such as social edges, and without it; `gain` is with less without, paired."""

    what: str
    group: str
    with_it: Interval
    without_it: Interval
    gain: Interval


def cutoffs_at(log_odds: Floats, shares: tuple[float, ...]) -> dict[str, float]:
    """Cut-offs that approve these shares of scores float64 [n] of an earlier period, by names such as `approve 70%`."""
    return {f"approve {share:.0%}": cutoff_approving(log_odds, share) for share in shares}


def measure_impact(log_odds: Floats, groups: Groups, cutoffs: Mapping[str, float]) -> list[Impact]:
    """Adverse impact of each cut-off on each group but the reference, with intervals over resampled persons."""
    found = []
    ratios = _ratios(log_odds, groups, cutoffs)
    drawn = _drawn(ratios, groups.person)
    everyone = np.arange(len(log_odds))
    values = ratios(everyone)
    for c, (name, cutoff) in enumerate(cutoffs.items()):
        approve = approved(log_odds, cutoff)
        shares = {group: float(approve[groups.group == group].mean()) for group in groups.names}
        for g, group in enumerate(groups.others):
            found.append(
                Impact(
                    name,
                    group,
                    int((groups.group == group).sum()),
                    shares[group],
                    shares[groups.reference],
                    max(shares.values()),
                    interval_of(float(values[c, g]), drawn[:, c, g]),
                )
            )
    return found


def compare_impact(
    with_it: tuple[Floats, Mapping[str, float]], without_it: tuple[Floats, Mapping[str, float]], groups: Groups
) -> list[Change]:
    """Adverse impact of two models on the same examples, such as one with social edges and one without.

    Args:
        with_it: Log-odds float64 [n], and cut-offs by name.
        without_it: The other model's, with cut-offs of the same names.
        groups: Of the examples.

    Raises:
        ValueError: the cut-offs bear other names.
    """
    if list(with_it[1]) != list(without_it[1]):
        raise ValueError(f"cut-offs {list(with_it[1])} and {list(without_it[1])} do not go together")
    both = (_ratios(with_it[0], groups, with_it[1]), _ratios(without_it[0], groups, without_it[1]))
    names = [(cutoff, group) for cutoff in with_it[1] for group in groups.others]
    return _changes(both, groups.person, names)


def tell_group(vectors: Floats, is_member: NDArray[np.bool_], person: NDArray[np.int64], seed: int) -> Floats:
    """Log-odds of being a member, float64 [n], each by a logistic regression fitted on other persons.

    It is linear: a group that only a bent boundary tells, such as one of both extremes, is not told, so that 0.5 does not say
    that the vectors hold nothing of it.

    Args:
        vectors: float64 [n, d], finite; a model's inner vectors, or its features.
        is_member: bool [n].
        person: int64 [n]; all examples of a person are held out together.
        seed: Of the division into folds.

    Raises:
        ValueError: fewer persons among members or others than folds.
    """
    for which in (is_member, ~is_member):
        if len(np.unique(person[which])) < FOLDS:
            raise ValueError(f"a group is told from {FOLDS} folds; fewer persons than that are inside or outside of it")
    told = np.empty(len(vectors))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for lessons, held_out in folds.split(vectors, is_member, person):
        # Balanced weights keep folds of unlike shares on one scale.
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=MOST_STEPS))
        model.fit(vectors[lessons], is_member[lessons])
        told[held_out] = model.decision_function(vectors[held_out])
    return told


def measure_telling(vectors: Floats, groups: Groups, seed: int) -> dict[str, Interval]:
    """AUC of telling each group from all others by a model's inner vectors, linearly; 0.5 tells nothing that way.

    Of two groups each mirrors the other, so the reference is left out.
    """
    aucs = _telling(vectors, groups, seed)
    drawn = _drawn(aucs, groups.person)
    values = aucs(np.arange(len(vectors)))
    return {name: interval_of(float(values[g]), drawn[:, g]) for g, name in enumerate(groups.others)}


def compare_telling(with_it: Floats, without_it: Floats, groups: Groups, seed: int) -> list[Change]:
    """How well groups are told from the inner vectors of two models of the same examples, float64 [n, d] and [n, e]."""
    both = (_telling(with_it, groups, seed), _telling(without_it, groups, seed))
    return _changes(both, groups.person, [("telling", group) for group in groups.others])


Measured = Callable[[NDArray[np.int64]], Floats]


def _ratios(log_odds: Floats, groups: Groups, cutoffs: Mapping[str, float]) -> Measured:
    """Ratios float64 [cut-offs, other groups] of examples at places int64 [k]; counted here, as a draw is of persons."""
    approve = np.stack([approved(log_odds, cutoff) for cutoff in cutoffs.values()], axis=1).astype(np.float64)
    names = [groups.reference, *groups.others]
    member = np.stack([groups.group == name for name in names]).astype(np.float64)

    def measured(places: NDArray[np.int64]) -> Floats:
        inside = member[:, places]
        with np.errstate(invalid="ignore", divide="ignore"):
            rates = (inside @ approve[places]) / inside.sum(axis=1, keepdims=True)
            ratios = rates[1:] / rates[0]
        return np.where(np.isfinite(ratios), ratios, np.nan).T

    return measured


def _telling(vectors: Floats, groups: Groups, seed: int) -> Measured:
    known = np.flatnonzero(groups.group != UNTOLD)
    label = {name: (groups.group == name).astype(np.int8) for name in groups.others}
    told = {}
    for name in groups.others:
        told[name] = np.full(len(vectors), np.nan)
        told[name][known] = tell_group(vectors[known], label[name][known] == 1, groups.person[known], seed)

    def measured(places: NDArray[np.int64]) -> Floats:
        inside = places[groups.group[places] != UNTOLD]
        return np.array([auc(label[name][inside], told[name][inside]) for name in groups.others])

    return measured


def _drawn(measured: Measured, person: NDArray[np.int64]) -> Floats:
    return np.stack([measured(places) for places in resamples(person, draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED)])


def _changes(both: tuple[Measured, Measured], person: NDArray[np.int64], names: list[tuple[str, str]]) -> list[Change]:
    everyone = np.arange(len(person))
    one, other = (measured(everyone).ravel() for measured in both)
    draws = [_drawn(measured, person).reshape(BOOTSTRAP_DRAWS, -1) for measured in both]
    return [
        Change(
            what,
            group,
            interval_of(float(one[i]), draws[0][:, i]),
            interval_of(float(other[i]), draws[1][:, i]),
            interval_of(float(one[i] - other[i]), draws[0][:, i] - draws[1][:, i]),
        )
        for i, (what, group) in enumerate(names)
    ]
