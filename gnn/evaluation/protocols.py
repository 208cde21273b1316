"""How examples are divided to measure a model: out of time, or in stratified folds; and a training part in time.

A training part is cut by time into what a model fits on, what tells it when to stop, if anything has to, and what it is
calibrated on.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gnn.cohorts import EVER
from gnn.dataset import MANY_LESSONS, Split, training_end
from gnn.examples import Examples

FIT_SHARE, STOP_SHARE = 0.70, 0.15  # of the training part; the rest calibrates


class Protocol(StrEnum):
    """Ways of testing that results are named by."""

    OUT_OF_TIME = "oot"
    PURGED = "oot-purged"
    FOLDS = "cv"


@dataclass(frozen=True)
class Part:
    """One split of a protocol: which repeat and fold it is, and the seed its models draw from."""

    repeat: int
    fold: int
    seed: int
    split: Split


def split_training(train: NDArray[np.int64], test: NDArray[np.int64]) -> Split:
    """Cut a training part by time.

    Args:
        train: int64 positions to learn from, in examples ordered by time.
        test: int64 positions to be judged on.

    Returns:
        Split whose fit comes no later than its stop, and its stop no later than its calibrate.
    """
    train = np.sort(train)
    first, second = int(len(train) * FIT_SHARE), int(len(train) * (FIT_SHARE + STOP_SHARE))
    return Split(train[:first], train[first:second], train[second:], np.sort(test))


def out_of_time(examples: Examples, *, seeds: int = 1, purged: bool = False, milestones: bool = False) -> list[Part]:
    """The first 70 % in order of time to learn from, the last 30 % to be judged on, once for each model seed.

    Args:
        examples: In order of time.
        seeds: Of the models.
        purged: Learn only from what `purge` leaves. For tasks with dated outcomes; the published figures, of real loan books
            whose outcomes carry no date and of the sandbox, are of the protocol without it.
        milestones: Whether the examples' task has any; a purged split is as `with_young` has it.
    """
    cut = training_end(examples)
    every = np.arange(len(examples))
    train, test = every[:cut], every[cut:]
    if purged:
        kept = purge(examples, train, test)
        split = with_young(split_training(kept, test), examples, np.setdiff1d(train, kept), milestones=milestones)
    else:
        split = split_training(train, test)
    return [Part(repeat=seed, fold=0, seed=seed, split=split) for seed in range(seeds)]


def stratified_folds(examples: Examples, *, folds: int, repeats: int) -> list[Part]:
    """Every example is judged once a repeat; each fold has its share of bad loans, give or take one.

    Repeat r shuffles with seed r, over positions in order of time, so folds do not depend on row numbers.
    """
    parts = []
    for repeat in range(repeats):
        fold_of = _folds_of(examples.label, folds, repeat)
        for fold in range(folds):
            train, test = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            parts.append(Part(repeat, fold, repeat, split_training(train, test)))
    return parts


def purge(examples: Examples, train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of positions to learn from, those whose outcome was known before the first test instant.

    The others could have taught nobody then. For tasks whose outcomes are dated (`Task.has_dated_outcomes`); outcomes told
    all at once, after the fact, would leave nothing.
    """
    return train[examples.known_s[train] < begins_s(examples, test)]


def with_young(split: Split, examples: Examples, young: NDArray[np.int64], *, milestones: bool) -> Split:
    """A purged split beside int64 positions it left out, which teach by milestones known before the test part began.

    Where a task has `milestones` and there are `MANY_LESSONS`, nobody is stopped by a period, so that one calibrates too: a
    slope and a rate from twice as many loans. Not where what is left to fit on knows one outcome alone.
    """
    found = replace(split, young=np.sort(young), taught_to_s=begins_s(examples, split.test))
    if not milestones or found.lessons < MANY_LESSONS or len(np.unique(examples.label[split.fit])) < 2:
        return found
    return replace(found, stop=split.stop[:0], calibrate=np.concatenate([split.stop, split.calibrate]))


def begins_s(examples: Examples, test: NDArray[np.int64]) -> int:
    """The first test instant; `EVER` where there is none."""
    return int(examples.as_of_s[test].min(initial=EVER))


def _folds_of(label: NDArray[np.int8], folds: int, seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    fold_of = np.empty(len(label), np.int64)
    begin = 0
    for outcome in (0, 1):
        members = generator.permutation(np.flatnonzero(label == outcome))
        # Continuing the count where the other outcome ended keeps the folds' sizes within one of each other.
        fold_of[members] = (np.arange(len(members)) + begin) % folds
        begin += len(members)
    return fold_of
