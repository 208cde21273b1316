"""What camouflage by made-up persons achieves: how many bad borrowers a model then lets through, and what AUC loses.

Whoever asks plants it (`gnn.camouflage`), lays it over a snapshot and scores the same loans before and after.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.evaluation.cutoffs import approved, cutoff_approving
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED
from gnn.evaluation.metrics import Interval, auc, bootstrap_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
APPROVED_SHARE = 0.70


@dataclass(frozen=True)
class Evasion:
    """What camouflage achieved: `turned` is the share of targeted bad loans refused before and approved with it.

    `turned_of_refused` is the same number of those refused before, `auc_drop` AUC before less AUC with it, over all loans.
    """

    cutoff: float
    targeted: int
    refused: int
    turned: Interval
    turned_of_refused: float
    auc_before: float
    auc_drop: Interval


def measure_evasion(
    label: NDArray[np.int8],
    person: Ints,
    targeted: NDArray[np.bool_],
    before: Floats,
    after: Floats,
    validation: Floats,
    share: float = APPROVED_SHARE,
) -> Evasion:
    """How many targeted bad loans turn to approval at the cut-off approving `share` of validation, and what AUC loses.

    Args:
        label: int8 [n] of the loans judged.
        person: int64 [n], whose each is; intervals resample them.
        targeted: bool [n], whose borrower was hidden; of these the bad ones count.
        before: Log-odds float64 [n] without what was planted.
        after: With it.
        validation: Log-odds of an earlier period, without it; no lender knows that it is attacked.
        share: To approve.

    Raises:
        ValueError: no targeted loan is bad.
    """
    cutoff = cutoff_approving(validation, share)
    hidden = np.flatnonzero(targeted & (label == 1))
    if not len(hidden):
        raise ValueError("none of the targeted loans is bad, so none could turn")
    refused = ~approved(before[hidden], cutoff)
    turns = refused & approved(after[hidden], cutoff)

    def turned(places: Ints) -> float:
        return float(turns[places].mean())

    def drop(places: Ints) -> float:
        return auc(label[places], before[places]) - auc(label[places], after[places])

    return Evasion(
        cutoff,
        len(hidden),
        int(refused.sum()),
        bootstrap_interval(turned, person[hidden], draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED),
        float(turns.sum() / refused.sum()) if refused.any() else float("nan"),
        auc(label, before),
        bootstrap_interval(drop, person, draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED),
    )
