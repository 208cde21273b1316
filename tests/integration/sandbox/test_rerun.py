"""A replay meets the same luck: what differs between the two courses comes from what was done, and from nothing else."""

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.economy.economy import Economy, found_economy
from ingest.sandbox.economy.month import live_month
from ingest.sandbox.founding import build_society
from ingest.sandbox.identifiers import Identifiers
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.rerun import Intervention, rerun
from ingest.sandbox.society import NONE, Plan, Sector
from tests.support.sandbox_world import person_names

SCALE = Scale(1_000, months=14, knobs=Knobs(contagion=3.0))
AT = 5
MISSES_HEARD_OF = 2
"""Instalments missed in a row that others hear of; what they hear weighs on them from the next month on."""


@pytest.fixture(scope="module")
def then() -> Economy:
    """The economy at the start of the month in which something is done."""
    economy = found_economy(SCALE, build_society(SCALE))
    while economy.month < AT:
        live_month(economy, None)
    return economy


def borrowers(economy: Economy, instalments: int) -> np.ndarray:
    """Honest persons who owe at least so many instalments to lenders that lend their own money, most tied first."""
    ties, lives = economy.bonds.ties, economy.lives
    owing = np.where(lives.left > 0, lives.left, 0)
    custody = economy.setting.society.lenders.is_platform[np.maximum(economy.book.lender, 0)]
    own_money = ~((owing > 0) & custody).any(axis=1)
    able = (owing.max(axis=1) >= instalments) & own_money & (economy.setting.traits.plan == Plan.HONEST)
    degree = np.bincount(np.r_[ties.a, ties.b], minlength=len(lives))
    return np.flatnonzero(able)[np.argsort(-degree[able], kind="stable")]


def others(loans: pl.DataFrame, failed: list[str]) -> pl.DataFrame:
    return loans.filter(~pl.col("applicant").is_in(failed))


def test_nothing_done_changes_nothing() -> None:
    compared = rerun(SCALE, Intervention(AT))

    assert compared.loans.is_empty()
    assert compared.months["month"].to_list() == list(range(AT, SCALE.months))
    assert compared.months["defaults_before"].to_list() == compared.months["defaults_after"].to_list()
    assert compared.months["jobless_before"].to_list() == compared.months["jobless_after"].to_list()
    assert compared.months["defaults_before"].sum() > 0


def test_the_untouched_course_is_the_economy_itself() -> None:
    """What the replay calls before is what the sandbox's own months were."""
    economy = found_economy(SCALE, build_society(SCALE))
    lived = [live_month(economy, None) for _ in range(SCALE.months)]
    firms = {number for month in lived for number in (*month.lent.firms.number.tolist(), *month.lent.shells.number.tolist())}
    people = [sum(number not in firms for number in month.defaulted.tolist()) for month in lived]

    assert rerun(SCALE, Intervention(AT)).months["defaults_before"].to_list() == people[AT:]


def test_who_fails_defaults_and_no_one_else_differs_before_anyone_could_have_heard(then: Economy) -> None:
    failed = person_names(borrowers(then, 8)[:1])

    loans = rerun(SCALE, Intervention(AT, fail=tuple(failed))).loans

    own = loans.filter(pl.col("applicant").is_in(failed) & (pl.col("applied_month") < AT))
    assert own.height > 0
    assert own["default_after"].max() == AT + 2  # the third instalment in a row
    heard = AT + MISSES_HEARD_OF
    far = others(loans, failed)
    first = far.select(pl.min_horizontal("default_before", "default_after").fill_null(SCALE.months), "applied_month")
    assert (far.filter(pl.col("granted_before") != pl.col("granted_after"))["applied_month"] >= heard - 1).all()
    assert (first.filter(pl.col("applied_month") < AT)[:, 0] >= heard).all()


def test_trouble_of_many_spreads_and_isolating_them_stops_it(then: Economy) -> None:
    failed = person_names(borrowers(then, 8)[:40])
    spread = rerun(SCALE, Intervention(AT, fail=tuple(failed)))
    stopped = rerun(SCALE, Intervention(AT, fail=tuple(failed), isolate=tuple(failed)))

    more = [
        others(course.loans, failed)["default_after"].is_not_null().sum()
        - others(course.loans, failed)["default_before"].is_not_null().sum()
        for course in (spread, stopped)
    ]
    assert more[0] >= 5
    assert more[1] <= more[0] // 2


def test_a_failing_firm_lays_off_its_staff(then: Economy) -> None:
    firms = then.setting.society.firms
    staff = np.bincount(then.lives.employer[then.lives.employer != NONE], minlength=len(firms))
    staff[firms.sector == Sector.PUBLIC] = 0
    largest = int(np.argmax(staff))
    name = Identifiers(SCALE, then.setting.society).company_ids(np.array([largest]))[0]

    months = rerun(SCALE, Intervention(AT, fail=(name,))).months

    more = (months["jobless_after"] - months["jobless_before"]) * SCALE.persons
    assert staff[largest] >= 10
    assert 0.6 * staff[largest] <= more[0] <= staff[largest]
    assert more[-1] < more[0]  # they find work again


def test_someone_can_fail_from_the_first_month_on(then: Economy) -> None:
    failed = person_names(borrowers(then, 8)[:10])

    assert rerun(SCALE, Intervention(0, fail=tuple(failed))).loans["default_after"].is_not_null().any()
