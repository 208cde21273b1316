"""Replays a sandbox with the same random numbers after something was done to it: the referee of stress tests.

Someone fails: a person stops paying, a company closes. Or someone is isolated: their ties, or a company's trade, end. Both
courses, as it was and changed, are lived from that month to the end, and compared loan by loan.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.errors import SandboxUnknownId
from ingest.sandbox.economy.economy import Economy, found_economy
from ingest.sandbox.economy.month import live_month
from ingest.sandbox.founding import build_society
from ingest.sandbox.identifiers import Identifiers
from ingest.sandbox.knobs import Scale
from ingest.sandbox.sealed import PERSON, PERSON_DIGITS
from ingest.sandbox.society import NONE, Plan

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Intervention:
    """What is done at the start of a month: who fails, who is isolated; ids as in the sealed and raw files."""

    month: int
    fail: tuple[str, ...] = ()
    isolate: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Both courses side by side.

    Attributes:
        months: month, defaults_before, defaults_after, jobless_before, jobless_after: one row a month from the intervention.
        loans: applicant, applied_month, granted_before, granted_after, default_before, default_after (months, null where
            none): persons' loans whose course differs. A loan is the same one when the same person applied in the same month.
    """

    months: pl.DataFrame
    loans: pl.DataFrame


def rerun(scale: Scale, intervention: Intervention) -> Comparison:
    """Live an economy up to a month, then on in both courses.

    Args:
        scale: Of the sandbox.
        intervention: What is changed.

    Raises:
        SandboxUnknownId: an id names nobody.
        ValueError: the month lies outside the sandbox.
    """
    if not 0 <= intervention.month < scale.months:
        raise ValueError(f"month {intervention.month}: the sandbox has months 0 to {scale.months - 1}")
    society = build_society(scale)
    names = Identifiers(scale, society)
    fail, isolate = (_resolve(names, ids) for ids in (intervention.fail, intervention.isolate))
    economy = found_economy(scale, society)
    before = _Course()
    while economy.month < intervention.month:
        before.live(economy)
    changed, after = economy.imagine(scale.seed), before.copy()
    _fail(changed, *fail)
    _isolate(changed, *isolate)
    while economy.month < scale.months:
        before.live(economy)
        after.live(changed)
    return Comparison(_by_month(before, after, intervention.month), _by_loan(before, after))


LoanKey = tuple[int, int, int]
"""Person, month and round of the application."""


@dataclass
class _Course:
    """What happens in one course: loans granted, the month each defaulted, and the state of every month."""

    granted: dict[int, LoanKey] = field(default_factory=dict)  # by loan number of this course
    defaulted: dict[LoanKey, int] = field(default_factory=dict)
    by_month: list[tuple[int, float]] = field(default_factory=list)

    def copy(self) -> "_Course":
        return _Course(self.granted.copy(), self.defaulted.copy(), self.by_month.copy())

    def live(self, economy: Economy) -> None:
        month = economy.month
        lived = live_month(economy, None)
        for turn, part in enumerate(lived.lent.people):
            yes = part.verdict.approved
            for number, person in zip(part.number[yes].tolist(), part.asking.rows[yes].tolist(), strict=True):
                self.granted[number] = (person, month, turn)
        people = [number for number in lived.defaulted.tolist() if number in self.granted]
        self.defaulted |= {self.granted[number]: month for number in people}
        self.by_month.append((len(people), float((economy.lives.idle > 0).mean())))


def _resolve(names: Identifiers, ids: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Persons and firms by their ids."""
    persons, firms = [], []
    companies = {name: number for number, name in enumerate(names.company_ids(np.arange(len(names.society.firms))).to_list())}
    for name in ids:
        digits = name.removeprefix(PERSON)
        if name in companies:
            firms.append(companies[name])
        elif name == f"{PERSON}{digits}" and _numbered(digits, len(names.society.people)):
            persons.append(int(digits))
        else:
            raise SandboxUnknownId(name)
    return np.asarray(persons, np.int64), np.asarray(firms, np.int64)


def _numbered(digits: str, persons: int) -> bool:
    return len(digits) == PERSON_DIGITS and digits.isascii() and digits.isdigit() and int(digits) < persons


def _fail(economy: Economy, persons: Numbers, firms: Numbers) -> None:
    """From now on these persons pay no instalment, and these firms are closed."""
    traits = economy.setting.traits
    plan, since = traits.plan.copy(), traits.plan_month.copy()
    made_up = plan[persons] == Plan.SYNTHETIC  # stay what they are, and are gone at once
    plan[persons], since[persons] = np.where(made_up, Plan.SYNTHETIC, Plan.BUST_OUT), economy.month - 1
    economy.setting = replace(economy.setting, traits=replace(traits, plan=plan, plan_month=since))
    economy.business.open[firms] = False
    laid_off = np.isin(economy.lives.employer, firms)
    economy.lives.employer = np.where(laid_off, NONE, economy.lives.employer).astype(np.int32)


def _isolate(economy: Economy, persons: Numbers, firms: Numbers) -> None:
    """From now on these persons have no ties; a firm trades with no one that could pass its trouble on."""
    ties = economy.bonds.ties
    cut = np.isin(ties.a, persons) | np.isin(ties.b, persons)
    economy.bonds.ties = replace(ties, dead=np.where(cut, np.minimum(ties.dead, economy.month), ties.dead).astype(np.int16))
    firms_before = economy.setting.society.firms
    severed = np.isin(firms_before.buyer, firms) | np.isin(firms_before.supplier, firms)
    supplier = np.where(severed, firms_before.buyer, firms_before.supplier).astype(np.int32)  # a firm's trade with itself
    society = replace(economy.setting.society, firms=replace(firms_before, supplier=supplier))
    economy.setting = replace(economy.setting, society=society)


def _by_month(before: _Course, after: _Course, first: int) -> pl.DataFrame:
    both = zip(before.by_month[first:], after.by_month[first:], strict=True)
    rows = [(first + i, a[0], b[0], a[1], b[1]) for i, (a, b) in enumerate(both)]
    schema: dict[str, pl.DataType] = {"month": pl.Int64(), "defaults_before": pl.Int64(), "defaults_after": pl.Int64()}
    schema |= {"jobless_before": pl.Float64(), "jobless_after": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _by_loan(before: _Course, after: _Course) -> pl.DataFrame:
    granted = set(before.granted.values()), set(after.granted.values())
    rows = []
    for key in sorted(granted[0] | granted[1]):
        course = (key in granted[0], key in granted[1], before.defaulted.get(key), after.defaulted.get(key))
        if course[0] != course[1] or course[2] != course[3]:
            rows.append((f"{PERSON}{key[0]:0{PERSON_DIGITS}d}", key[1], *course))
    schema: dict[str, pl.DataType] = {"applicant": pl.String(), "applied_month": pl.Int64(), "granted_before": pl.Boolean()}
    schema |= {"granted_after": pl.Boolean(), "default_before": pl.Int64(), "default_after": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")
