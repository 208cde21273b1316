"""Each knob moves what it is named after, in an economy that is lived and not only declared."""

from collections.abc import Iterator

import numpy as np
import pytest

from ingest.sandbox.economy.applicants import freeze_applicants
from ingest.sandbox.economy.economy import Economy, found_economy
from ingest.sandbox.economy.futures import probability_of_default
from ingest.sandbox.economy.month import MonthLived, live_month
from ingest.sandbox.founding import build_society
from ingest.sandbox.founding.coverage import OWN_RECORDS
from ingest.sandbox.knobs import MONTHS, Knobs, Scale
from ingest.sandbox.society import NONE, Plan, Society, TieKind

STRONG = 0.4  # strength of a tie
LATELY = 4  # months
FUTURES = 20  # of each applicant
SEEDS = (7, 8, 9)


def economy_of(knobs: Knobs, persons: int = 2_000, seed: int = 7) -> Economy:
    scale = Scale(persons, seed=seed, knobs=knobs)
    return found_economy(scale, build_society(scale))


def months_of(economy: Economy, months: int) -> Iterator[MonthLived]:
    for _ in range(months):
        yield live_month(economy, None)


def likeness_of_friends(society: Society) -> float:
    """Correlation of willingness over ties of friendship, each taken both ways."""
    friends = society.ties.kind == TieKind.FRIEND
    a, b = society.people.willingness[society.ties.a[friends]], society.people.willingness[society.ties.b[friends]]
    return float(np.corrcoef(np.r_[a, b], np.r_[b, a])[0, 1])


def defaults_near_and_far(contagion: float) -> tuple[float, float]:
    """Chance a month of borrowers to default: with someone close who lately did, and without."""
    counts = np.zeros((2, 2))
    for seed in SEEDS:
        economy = economy_of(Knobs(contagion=contagion), 3_000, seed)
        ties = economy.setting.society.ties
        lately: list[np.ndarray] = []
        for month in range(24):
            owing, before = (economy.lives.left > 0).any(axis=1), economy.lives.defaults.copy()
            bad = np.any([np.zeros(len(owing), np.bool_), *lately[-LATELY:]], axis=0)
            close = (ties.strength > STRONG) & (ties.born <= month) & (month < ties.dead)
            near = np.zeros(len(owing), np.bool_)
            near[ties.a[close & bad[ties.b]]] = True
            near[ties.b[close & bad[ties.a]]] = True
            live_month(economy, None)
            lately.append(economy.lives.defaults > before)
            for row, exposed in enumerate((near, ~near)):
                counts[row] += (exposed & owing & lately[-1]).sum(), (exposed & owing).sum()
    assert counts[:, 1].min() > 1_000
    return float(counts[0, 0] / counts[0, 1]), float(counts[1, 0] / counts[1, 1])


def truth_of_answers(selection: float) -> tuple[float, float]:
    """Mean true probability of default of those who were granted a loan, and of those who were refused."""
    economy = economy_of(Knobs(selection=selection))
    granted, refused = [], []
    for lived in months_of(economy, 8):
        _, approved, applicants = freeze_applicants(economy, lived.lent.people)
        setting = economy.setting
        rng = np.random.default_rng(economy.month)
        chance = probability_of_default(applicants, setting.society.lenders, setting.scale.knobs, FUTURES, rng)
        granted.append(chance[approved])
        refused.append(chance[~approved])
    return float(np.concatenate(granted).mean()), float(np.concatenate(refused).mean())


def jobs_lost_and_defaults(drift: float) -> tuple[np.ndarray, np.ndarray]:
    """Jobs lost and loans of people in default, month by month."""
    economy = economy_of(Knobs(drift=drift))
    lost, defaults = [], []
    was = economy.lives.employer.copy()
    for lived in months_of(economy, MONTHS):
        lost.append(int(((was != NONE) & (economy.lives.employer == NONE)).sum()))
        defaults.append(len(lived.defaulted))
        was = economy.lives.employer.copy()
    return np.array(lost), np.array(defaults)


def test_homophily_moves_how_alike_friends_are() -> None:
    none, declared, double = (
        likeness_of_friends(build_society(Scale(6_000, knobs=Knobs(homophily=strength)))) for strength in (0.0, 1.0, 2.0)
    )

    assert none < 0.10
    assert 0.18 < declared < 0.32
    assert double > declared + 0.08


def test_contagion_moves_how_often_loans_default_near_a_default() -> None:
    alone, declared, strong = (defaults_near_and_far(strength) for strength in (0.0, 1.0, 3.0))

    # friends and kin are alike and share employers, so that defaults meet without any contagion too
    assert alone[0] < 4 * alone[1]
    assert declared[0] - declared[1] > 1.8 * (alone[0] - alone[1])
    assert strong[0] - strong[1] > 1.4 * (declared[0] - declared[1])


def test_selection_moves_how_much_worse_the_refused_are() -> None:
    gaps = [refused - granted for granted, refused in (truth_of_answers(strength) for strength in (0.0, 1.0, 3.0))]

    assert gaps[0] < 0.03
    assert gaps[1] > gaps[0] + 0.02
    assert gaps[2] > gaps[1]


def test_drift_moves_the_last_year_and_not_the_first() -> None:
    (jobs, defaults), (jobs_drifting, defaults_drifting) = (jobs_lost_and_defaults(strength) for strength in (0.0, 3.0))

    assert jobs_drifting[-12:].sum() > 1.3 * jobs[-12:].sum()
    assert jobs_drifting[:6].sum() <= 1.2 * jobs[:6].sum()
    assert jobs_drifting[0] == jobs[0]
    assert defaults_drifting[-18:].sum() > 1.5 * defaults[-18:].sum()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6])
def test_thin_share_moves_how_many_have_few_records(share: float) -> None:
    people = build_society(Scale(2_000, knobs=Knobs(thin_share=share))).people
    records = sum(((people.coverage & kind) > 0).astype(int) for kind in OWN_RECORDS)

    assert people.thin.mean() == pytest.approx(share, abs=0.001)
    assert (records[people.thin] <= 1).all()
    assert (records <= 1).mean() > share


@pytest.mark.parametrize("share", [0.0, 0.003, 0.02, 0.05])
def test_ring_share_moves_how_many_are_made_up_and_how_many_cheat(share: float) -> None:
    people = build_society(Scale(2_000, knobs=Knobs(ring_share=share))).people
    made_up = people.plan == Plan.SYNTHETIC
    others = (people.plan != Plan.HONEST) & ~made_up

    assert made_up.sum() == round(2_000 * share)
    assert others.mean() == pytest.approx(0.024 * share / 0.006, rel=0.15, abs=0.001)
    assert (np.bincount(people.gang[made_up]) >= 5).all()
