"""The most recent facts of a few nodes over several steps, put into order all together.

For a few nodes a sort costs less than the calls that lead to it; for many, each step is sorted by itself. What is found is
the same. Knows no search: that is recent.py's.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from graph.question import Question, Selection
from graph.recent import PLAIN_SEARCH_LIMIT, last, parts_of, recent_of, tied
from graph.snapshot.columns import KEY_DTYPE, Ints, Keys, composite_key
from graph.snapshot.reader import Snapshot
from graph.steps import Step


def recent_over(snapshot: Snapshot, asked: Sequence[tuple[Step, Question]], limit: int) -> dict[Step, Selection]:
    """`recent_of` for each of several distinct steps, from the nodes of its question."""
    few = [(step, question) for step, question in asked if len(question.row) < PLAIN_SEARCH_LIMIT]
    together = _together(snapshot, few, limit)
    return {
        step: together[step] if step in together else recent_of(snapshot, step, question, limit) for step, question in asked
    }


def _together(snapshot: Snapshot, asked: Sequence[tuple[Step, Question]], limit: int) -> dict[Step, Selection]:
    steps, questions = [step for step, _ in asked], [question for _, question in asked]
    parts = [(number, part) for number, one in enumerate(asked) for part in parts_of(snapshot, *one, limit)]
    if not parts:
        nothing = np.empty(0, np.int64)
        return dict.fromkeys(steps, Selection(nothing, nothing, nothing))
    number = np.repeat([number for number, _ in parts], [len(part.ref) for _, part in parts])
    owner = np.concatenate([_owners(questions[number], part) for number, part in parts])
    ref, other = (np.concatenate(column) for column in zip(*((part.ref, part.other) for _, part in parts), strict=True))
    known_at_s = np.concatenate([snapshot.take(steps[number].edge, "known_at_s", part.ref) for number, part in parts])
    nodes = np.cumsum([0, *(len(question.row) for question in questions)])
    whose = nodes[number] + owner
    key = composite_key(whose, known_at_s)
    order = key.argsort(kind="stable")
    open_places = tied(key[order])
    if len(open_places):
        open_ = order[open_places]
        order[open_places] = open_[np.lexsort((_ids(snapshot, steps, number[open_], ref[open_]), key[open_]))]
    order = order[last(whose[order], limit)]
    bounds = number[order].searchsorted(np.arange(len(steps) + 1)).tolist()
    owner, ref, other = owner[order], ref[order], other[order]
    cuts = (slice(begin, end) for begin, end in pairwise(bounds))
    return {step: Selection(owner[cut], ref[cut], other[cut]) for step, cut in zip(steps, cuts, strict=True)}


def _owners(question: Question, part: Selection) -> Ints:
    """Whose each fact of a part is, as positions in the question."""
    return part.owner if question.owner is None else question.owner[part.owner]


def _ids(snapshot: Snapshot, steps: Sequence[Step], number: Ints, ref: Ints) -> Keys:
    """S16[n] ids of facts, each of the step of that number."""
    ids = np.empty(len(ref), KEY_DTYPE)
    for one in np.unique(number).tolist():
        mine = number == one
        ids[mine] = snapshot.take(steps[one].edge, "id", ref[mine])
    return ids
