"""How the peers of a subject scored at their own latest applications before it, as columns beside a table of features.

Scores are log-odds of trees on own history, before calibration. Who teaches is scored out of fold, by trees that saw no loan
of that person; who does not, by trees that all who teach have taught. A score reads what was known at the peer's own
instant. Its trees are fitted when the whole model is, on outcomes that need not have been known then, the subject's among
them: so of what became of peers after the subject's instant nothing enters a column but by what trees learnt from all.
"""

from dataclasses import dataclass, replace

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, EarlierLoans
from gnn.features.aggregates import Groups
from gnn.features.peers import PeerApplications
from gnn.features.plan import Scope
from gnn.models.baselines import Floats, TrainingTable, TreeSettings, boost, raw_log_odds, training_table

Ints = NDArray[np.int64]
FOLDS = 5  # of persons


@dataclass(frozen=True)
class OutOfFold:
    """Trees by fold: example i is scored by booster `fold[i]`, int64 [examples], the last being for those that do not teach."""

    fold: Ints
    boosters: tuple[lightgbm.Booster, ...]

    def log_odds(self, data: Dataset, place: Ints) -> Floats:
        """Log-odds before calibration, float64 [k], of the examples at these positions."""
        wanted, back = np.unique(place, return_inverse=True)
        values, fold, found = data.own.values[wanted], self.fold[wanted], np.empty(len(wanted))
        for number in np.unique(fold):
            found[fold == number] = raw_log_odds((self.boosters[number],), values[fold == number])
        return found[back]

    def columns(self, data: Dataset, peers: PeerApplications) -> Floats:
        """Mean and maximum of peers' log-odds and how many there are, of each group in turn: float64 [n, 3 g].

        Mean and maximum are NaN where there is no peer.
        """
        size = peers.counts.size
        scores = self.log_odds(data, peers.place.astype(np.int64))
        cells = Groups(np.repeat(np.arange(size), peers.counts.ravel()), size)
        told = np.stack([cells.mean(scores), cells.most(scores), cells.count()], axis=1)
        return told.reshape(len(peers.counts), 3 * len(peers.groups))


def fit_out_of_fold(data: Dataset, index: Ints, settings: TreeSettings, seed: int) -> OutOfFold:
    """Trees on own history, one booster for each fold of the persons at positions `index`, and one taught by all of them.

    Who was known to be one person by the last of these examples is one person in the folds.

    Raises:
        EmptyTrainingSet: all good or all bad loans are one person's.
    """
    index = np.sort(index)
    persons = _persons(data, index)
    fold = np.full(len(data.examples), FOLDS, np.int64)
    fold[index] = divide_persons(persons.teaching, data.examples.label[index], seed)
    boosters = []
    for number in range(FOLDS):
        left_out = np.unique(persons.teaching[fold[index] == number])
        boosters.append(boost(_taught_without(data, index, persons, left_out), seed, settings, 1))
    boosters.append(boost(training_table(data, Scope.OWN, index), seed, settings, 1))
    return OutOfFold(fold, tuple(booster for (booster,) in boosters))


def divide_persons(person: Ints, label: NDArray[np.int8], seed: int) -> Ints:
    """The fold of each loan, int64 [k], all of a person's loans in one.

    Each fold has its share of persons with a bad loan, give or take one. Persons are drawn in order of their first loan, so
    the number `person` int64 [k] that they are known by decides nothing.
    """
    _, first, back = np.unique(person, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    at = rank[back]
    bad = np.bincount(at, weights=label) > 0
    generator = np.random.default_rng(seed)
    drawn = np.concatenate([generator.permutation(np.flatnonzero(bad == outcome)) for outcome in (False, True)])
    fold = np.empty(len(drawn), np.int64)
    fold[drawn] = np.arange(len(drawn)) % FOLDS
    return fold[at]


@dataclass(frozen=True)
class _Persons:
    """Whose each loan is: those that teach, and those decided before the cohort."""

    teaching: Ints
    past: Ints


def _persons(data: Dataset, index: Ints) -> _Persons:
    until_s = int(data.examples.as_of_s[index].max(initial=0))
    past = data.examples.rows[:0] if data.earlier is None else data.earlier.examples.rows
    standing = (
        data.snapshot.standing(data.task.subject, rows, np.full(len(rows), until_s))
        for rows in (data.examples.rows[index], past)
    )
    return _Persons(*standing)


def _taught_without(data: Dataset, index: Ints, persons: _Persons, left_out: Ints) -> TrainingTable:
    """What teaches when no loan of some persons may, neither of the cohort nor of those decided before it."""
    past = data.earlier
    if past is not None:
        kept = np.flatnonzero(~np.isin(persons.past, left_out))
        own = past.own.take(kept)
        past = EarlierLoans(past.examples.take(kept), own, own, past.weight)  # neighbours' columns are not read
    return training_table(replace(data, earlier=past), Scope.OWN, index[~np.isin(persons.teaching, left_out)])
