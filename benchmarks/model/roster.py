"""Who is measured in the proof, and in which role: named here, looked up among the contenders, never made here.

The champion is named before any test is looked at; the best trees are found on the test, which favours them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gnn.evaluation.contenders import with_control
from gnn.evaluation.protocol_run import Contender

OWN_HISTORY = "lightgbm"  # where the gap to the true probability begins


class ContenderMissing(LookupError):
    """A model that the proof names is not among the contenders."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"the proof names the contender {name}; there are {', '.join(known)}")


@dataclass(frozen=True)
class Roster:
    """Names by role, and how contenders are had.

    `groups` are the models of one piece of work each: what is fitted in one is shared among its models, so one that builds
    on another stands in its group. `trees` are those that are trees alone. `control` is None as long as there is none.
    `fits_for_none` is how often the champion is fitted, with and without, where it ought to gain nothing: what one fit is
    luckier than another would pass for a gain.

    Raises:
        ValueError: a role is of a model in no group.
    """

    groups: tuple[tuple[str, ...], ...]
    champion: str
    trees: tuple[str, ...]
    control: str | None = None
    known: Callable[[], Sequence[Contender]] = with_control
    fits_for_none: int = 3

    def __post_init__(self) -> None:
        roles = {self.champion, *self.trees, OWN_HISTORY} | ({self.control} if self.control else set())
        if absent := sorted(roles - set(self.names)):
            raise ValueError(f"{', '.join(absent)} have a role and are not measured")

    @property
    def names(self) -> tuple[str, ...]:
        """All models, in order."""
        return tuple(name for group in self.groups for name in group)

    def group_of(self, name: str) -> tuple[str, ...]:
        """The models fitted together with one."""
        return next(group for group in self.groups if name in group)

    def look_up(self) -> dict[str, Contender]:
        """The contenders named.

        Raises:
            ContenderMissing: one is not there.
        """
        there = {one.name: one for one in self.known()}
        for name in self.names:
            if name not in there:
                raise ContenderMissing(name, list(there))
        return {name: there[name] for name in self.names}


EVERY = Roster(
    groups=(
        ("scorecard", "logistic", "logistic_neighbours"),
        ("lightgbm",),
        ("lightgbm_neighbours",),
        ("lightgbm_milestones",),
        ("lightgbm_peers", "own_average"),
        ("sequence",),
        ("gnn", "average"),
    ),
    champion="average",
    trees=("lightgbm", "lightgbm_neighbours", "lightgbm_milestones", "lightgbm_peers"),
    control="own_average",
)
QUICK = Roster(
    groups=(("logistic", "logistic_neighbours"), ("lightgbm", "lightgbm_neighbours")),
    champion="logistic_neighbours",
    trees=("lightgbm", "lightgbm_neighbours"),
    control="logistic",
    fits_for_none=2,
)
