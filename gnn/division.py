"""Divides examples by time into what is learnt from and what is measured on, and says what a model knows of.

Where outcomes are dated, those that were not known when the test part began teach nothing, unless too few would be left.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.errors import EmptyTrainingSet
from gnn.evaluation.protocols import FIT_SHARE, STOP_SHARE, purge, with_young

TEST_SHARE = 0.15  # of the examples, the last in time
LEAST_OF_EACH = 2  # good and bad loans to learn from, and to calibrate on
LEAST_KEPT = 0.5  # of what could teach; where fewer outcomes were known in time, leaving out the others costs the model more


def divide(data: Dataset) -> Split:
    """Divide examples by time: the last `TEST_SHARE` test, what comes before trains.

    Where outcomes are dated, only those known before the test part began train, as long as `keep_known_in_time` finds
    enough of them; nor do milestones teach then that were not known yet.

    The period that calibrates begins earlier than usual where it would lack an outcome, since loans that go bad may all
    be old ones. A test part with one outcome is let be: it can be measured in part.

    Raises:
        EmptyTrainingSet: too few good or bad loans to learn from, or to calibrate on.
    """
    every = np.arange(len(data.examples))
    cut = int(len(every) * (1 - TEST_SHARE))
    train, test = every[:cut], every[cut:]
    kept = keep_known_in_time(data, train, test)
    try:
        split = _divided(data, kept, test)
    except EmptyTrainingSet:
        if len(kept) == len(train):
            raise
        return _divided(data, train, test)
    if data.task.has_dated_outcomes and len(purge(data.examples, train, test)) == len(kept):
        return with_young(split, data.examples, np.setdiff1d(train, kept), milestones=bool(data.milestones.names))
    return split


def keep_known_in_time(data: Dataset, train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of positions to learn from, those whose outcome was known before the first test instant; all where they are too few.

    A book younger than two windows would have none left. Outcomes without dates were told all at once, so all stay too.
    """
    if not data.task.has_dated_outcomes:
        return train
    kept = purge(data.examples, train, test)
    return kept if len(kept) >= LEAST_KEPT * len(train) else train


def _divided(data: Dataset, train: NDArray[np.int64], test: NDArray[np.int64]) -> Split:
    calibrate = _calibration_start(data.examples.label[train])
    stop = int(calibrate * FIT_SHARE / (FIT_SHARE + STOP_SHARE))
    check_both(data, "training", train[:calibrate])
    check_both(data, "calibration", train[calibrate:])
    return Split(train[:stop], train[stop:calibrate], train[calibrate:], test)


def trained_to_s(data: Dataset, split: Split) -> int:
    """The last instant of a loan that taught, be it by its outcome or by milestones alone."""
    return int(data.examples.as_of_s[np.concatenate([split.train, split.young])].max())


def outcomes_known_to_s(data: Dataset, split: Split) -> int | None:
    """The last second at which an outcome or a milestone that taught became known; None where outcomes bear no date."""
    if not data.task.has_dated_outcomes:
        return None
    told_s = data.milestones.known_s[np.concatenate([split.train, split.young])]
    signs_s = told_s[told_s < split.taught_to_s].max(initial=0)
    return int(max(data.examples.known_s[split.train].max(), signs_s))


def learnt_to_s(manifest: Mapping[str, Any]) -> int:
    """After which second a model can be judged: it knows of no instant, and of no dated outcome, that is later."""
    return max(int(manifest["trained_to_s"]), int(manifest["outcomes_known_to_s"] or 0))


def check_both(data: Dataset, part: str, index: NDArray[np.int64]) -> None:
    """Refuse a part, named for the message, with too few good or bad loans.

    Raises:
        EmptyTrainingSet: so it is.
    """
    bad = int(data.examples.label[index].sum())
    good = len(index) - bad
    if min(good, bad) < LEAST_OF_EACH:
        raise EmptyTrainingSet(data.task.name, part, good=good, bad=bad, needed=LEAST_OF_EACH)


def _calibration_start(label: NDArray[np.int8]) -> int:
    """Where a training part's labels, in order of time, are cut so that the rest holds enough of each outcome."""
    start = int(len(label) * (FIT_SHARE + STOP_SHARE))
    for outcome in (0, 1):
        start = min([start, *np.flatnonzero(label == outcome)[-LEAST_OF_EACH:].tolist()])
    return start
