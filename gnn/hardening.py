"""Camouflage in what a model learns from, so that it learns what ties to strangers are worth.

Made-up persons are planted around borrowers that teach, good and bad alike, as an attacker would plant them around bad ones
alone. Whoever is judged is left as they are. It decides no weight and measures nothing.
"""

import numpy as np

from gnn.camouflage import pick_targets, plant
from gnn.division import TEST_SHARE
from gnn.examples import Examples, build_examples
from gnn.tasks import Task
from graph.identity import Pepper
from graph.snapshot import Snapshot
from graph.vocabulary import NodeLabel

FELLOWS = 5  # made-up persons around one borrower
_PEPPER = Pepper("of persons whom nobody names: no key of theirs is ever looked up")


def with_camouflage(snapshot: Snapshot, task: Task, share: float, seed: int) -> Snapshot:
    """The snapshot with `share` made-up persons for each borrower that teaches and is not judged, `FELLOWS` around each chosen.

    The same arguments give the same facts. A task about other subjects than persons, or without any to learn from, is left
    as it is.

    Raises:
        ValueError: the share is not from 0 to `FELLOWS`.
    """
    if not 0 <= share <= FELLOWS:
        raise ValueError(f"camouflage takes a share from 0 to {FELLOWS} made-up persons a borrower, not {share}")
    if not share or task.subject is not NodeLabel.PERSON:
        return snapshot
    examples = teaching_alone(build_examples(snapshot, task))
    keys = [snapshot.key_of(NodeLabel.PERSON, row) for row in examples.rows.tolist()]
    everyone = np.ones(len(keys), np.int8)  # good borrowers too: strangers around bad ones alone would be a sign of them
    targets = pick_targets(keys, everyone, examples.as_of_s, share / FELLOWS, seed)
    if not targets:
        return snapshot
    return snapshot.with_overlay(plant(targets, FELLOWS * len(targets), _PEPPER, seed).batches)


def teaching_alone(examples: Examples) -> Examples:
    """The examples of subjects of whom none is among the last in time, which training keeps for measurement."""
    judged = examples.rows[int(len(examples) * (1 - TEST_SHARE)) :]
    return examples.take(np.flatnonzero(~np.isin(examples.rows, judged)))
