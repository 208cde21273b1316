"""Paths from a subject through the graph that the vocabulary allows.

A path of the subject's own affairs crosses `owned` relations only (to an account held, a loan applied for). A path to
neighbours crosses one relation that is not owned, and comes back from a shared place or bank to who else is there.
"""

from graph.derived import properties
from graph.snapshot import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import BELONGING, SPECS, Family, NodeLabel

Path = tuple[Step, ...]


def is_owned(step: Step) -> bool:
    """Whether the far end of a step is part of the near end's own affairs."""
    return SPECS[step.edge].owned and step.direction is Direction.OUT


def is_meeting(path: Path) -> bool:
    """Whether a path comes back from a node over a relation that states nothing but that one belongs there.

    Its facts at that node are its members; those of a purchase or a visit would be its trade.
    """
    return len(path) > 1 and path[-1] == path[-2].back and not is_owned(path[-2]) and not properties(path[-1].edge)


def is_venue(path: Path) -> bool:
    """Whether a path meets others where the subject lives, works or belongs, which may be more than a walk reads.

    Who shares an identifier is always few.
    """
    if len(path) != 2 or path[1] != path[0].back or SPECS[path[0].edge].family is Family.IDENTITY:
        return False
    return is_meeting(path) or path[0].edge.rel in BELONGING


def outcome_steps(snapshot: Snapshot, subject: NodeLabel) -> tuple[Step, ...]:
    """Steps to what is known of the loans, and other credit, of subjects of a label."""
    steps = snapshot.steps(subject)
    return tuple(step for step in steps if SPECS[step.edge].family is Family.CREDIT and step.direction is Direction.OUT)


def own_paths(snapshot: Snapshot, subject: NodeLabel) -> tuple[Path, ...]:
    """Paths to facts of the subject's own: at itself, and at what it owns where they do not lead back to a subject."""
    paths: list[Path] = [(step,) for step in snapshot.steps(subject)]
    for hop in snapshot.steps(subject):
        if is_owned(hop):
            paths.extend((hop, step) for step in snapshot.steps(hop.far) if step.far is not subject)
    return tuple(paths)


def peer_paths(snapshot: Snapshot, subject: NodeLabel) -> tuple[Path, ...]:
    """Paths that end at other nodes of the subject's label: tied to it directly, or met at a node that both share."""
    owned = tuple(step for step in snapshot.steps(subject) if is_owned(step))
    kept = frozenset(step.far for step in owned)
    paths: list[Path] = [path for path in _crossings((), subject, subject, snapshot) if path[-1].far not in kept]
    for hop in owned:
        paths.extend(_crossings((hop,), hop.far, subject, snapshot))
    return tuple(paths)


def venue_paths(snapshot: Snapshot, subject: NodeLabel) -> tuple[Path, ...]:
    """Paths that end in what is recorded of a node the subject, or what it owns, is tied to: a district, a branch."""
    bases: list[Path] = [(), *((step,) for step in snapshot.steps(subject) if is_owned(step))]
    paths: list[Path] = []
    for base in bases:
        label = base[-1].far if base else subject
        for step in snapshot.steps(label):
            if step.stays or is_owned(step) or step.far in (subject, label):
                continue
            paths.extend((*base, step, at) for at in snapshot.steps(step.far) if at.stays)
    return tuple(paths)


def _crossings(base: Path, label: NodeLabel, subject: NodeLabel, snapshot: Snapshot) -> list[Path]:
    found: list[Path] = []
    for step in snapshot.steps(label):
        if step.stays or is_owned(step):
            continue
        if step.far is subject:
            found.append((*base, step))
            continue
        met = (*base, step, step.back)
        found.append((*met, base[-1].back) if base else met)
        if base and step.far is label:  # another node of the kind that is owned: whose is it?
            found.append((*base, step, base[-1].back))
    return found
