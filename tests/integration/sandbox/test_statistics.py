"""What comes out of a default economy lies where published figures lie, each named with its source.

Ranges are of the publications and are not made wider to fit. Where a strength puts a figure outside, that is said.
"""

import networkx as nx
import numpy as np
import polars as pl
import pytest

from ingest.sandbox.events import Event, Purpose
from ingest.sandbox.life.calls import build_calls
from ingest.sandbox.society import Coverage, Work
from tests.support.sandbox_world import Course, World

OWN_FILES = {
    "orders.jsonl": Coverage.SHOP,
    "bills.csv": Coverage.UTILITY,
    "employment.csv": Coverage.PAYROLL,
    "visits.csv": Coverage.MOBILITY,
    "trips.csv": Coverage.MOBILITY,
    "statements.csv": Coverage.BANK,
}
FEW_ROWS = 10  # over four years
CONSUMPTION = {
    "housing and energy": (Purpose.RENT, Purpose.UTILITY),
    "food": (Purpose.FOOD,),
    "transport": (Purpose.TRANSPORT,),
    "telecommunication": (Purpose.TELECOM,),
    "health": (Purpose.HEALTH,),
    "leisure and restaurants": (Purpose.LEISURE,),
    "everything else": (Purpose.SHOP, Purpose.OTHER),
}


def test_two_to_eight_of_a_hundred_loans_default_within_a_year(world: World) -> None:
    """Instalment loans in Germany: about 2 of 100 are not repaid as agreed (SCHUFA, Risiko- und Kredit-Kompass, yearly).

    Unsecured loans of lending platforms lie well above: about 1 of 10 over the whole term (Serrano-Cinca, Gutierrez-Nieto
    and Lopez-Palacios 2015, PLoS ONE 10(10)). The lenders here are banks, online lenders and platforms.
    """
    over = world.sealed("truth.csv").filter(
        pl.col("applicant").str.starts_with("P") & (pl.col("approved") == 1) & pl.col("defaulted_12m").is_not_null()
    )

    assert over.height > 2_000
    assert 0.02 <= over["defaulted_12m"].mean() <= 0.08
    assert over["p_default_12m"].mean() == pytest.approx(over["defaulted_12m"].mean(), abs=0.012)


def test_friendships_have_the_shape_of_social_networks(world: World) -> None:
    """Between support clique, 3-5, and sympathy group, 12-20 (Zhou, Sornette, Hill and Dunbar 2005, Proc. R. Soc. B 272).

    Skewed to the right as in phone networks (Onnela and others 2007, PNAS 104(18)), but with no hubs beyond human reach;
    clustering as in e-mail address books, 0.17 and 0.13 in the two definitions (Newman 2003, SIAM Review 45(2), table II).
    """
    ties = world.society.ties
    graph = nx.Graph(zip(ties.a.tolist(), ties.b.tolist(), strict=True))
    degree = np.array([count for _, count in graph.degree()])

    assert 5 <= degree.mean() <= 20
    assert np.median(degree) < degree.mean()
    assert np.quantile(degree, 0.99) > 3 * np.median(degree)
    assert degree.max() < 0.1 * len(world.society.people)
    assert 0.12 <= nx.average_clustering(graph) <= 0.25
    assert 0.10 <= nx.transitivity(graph) <= 0.20


def test_strong_ties_carry_most_calls(course: Course) -> None:
    """Calls concentrate on strong ties (Onnela and others 2007, PNAS 104(18)); most ties are weak (Granovetter 1973)."""
    ties, society = course.economy.bonds.ties, course.economy.setting.society
    worry = course.events(Event.CIRCUMSTANCE)["worry"].to_numpy().reshape(course.economy.month, -1)
    calls = np.zeros(len(ties))
    key = ties.a.astype(np.int64) * len(society.people) + ties.b
    for month in range(24):
        made = build_calls(society, worry[month], month, course.economy.draws)
        low, high = np.minimum(made["caller"], made["callee"]), np.maximum(made["caller"], made["callee"])
        np.add.at(calls, np.searchsorted(key, low * len(society.people) + high), 1)
    fifth = np.digitize(ties.strength, np.quantile(ties.strength, [0.2, 0.4, 0.6, 0.8]))
    by_fifth = np.array([calls[fifth == one].mean() for one in range(5)])

    assert (np.diff(by_fifth) > 0).all()
    assert by_fifth[4] > 10 * by_fifth[0]
    assert calls[fifth == 4].sum() > 0.4 * calls.sum()


def test_four_of_ten_persons_are_thin_and_have_few_rows_of_their_own(world: World) -> None:
    """The knob's 40 %, more than a rich country's 19 % without a usable file (CFPB 2015, "Data Point: Credit Invisibles")."""
    thin = world.sealed("people.csv")["thin"].to_numpy() == 1
    rows = np.zeros(len(thin), np.int64)
    owners = dict(world.raw("accounts.csv").select("iban", "customer_id").iter_rows())
    for name in OWN_FILES:
        table = world.raw(name)
        if name == "orders.jsonl":
            ids = table["customer"].struct.field("identifier")
        elif name == "statements.csv":
            ids = table["iban"].replace_strict(owners, default=None)
        else:
            ids = table["customer_id"]
        for customer, count in ids.value_counts().iter_rows():
            if customer in world.person_of:
                rows[world.person_of[customer]] += count

    assert thin.mean() == pytest.approx(world.scale.knobs.thin_share, abs=0.001)
    assert (rows[thin] == 0).mean() > 0.3
    assert (rows[~thin] == 0).mean() < 0.05
    assert (rows[thin] < FEW_ROWS).mean() > 0.4
    assert (rows[~thin] < FEW_ROWS).mean() < 0.1
    assert np.median(rows[~thin]) > 4 * np.median(rows[thin])


@pytest.mark.parametrize(
    ("category", "least", "most"),
    [
        ("housing and energy", 0.32, 0.40),
        ("food", 0.13, 0.16),
        pytest.param("transport", 0.11, 0.145),
        pytest.param("telecommunication", 0.02, 0.032),
        pytest.param("health", 0.035, 0.046),
        ("leisure and restaurants", 0.13, 0.175),
    ],
)
def test_those_who_rent_spend_as_household_budget_surveys_say(course: Course, category: str, least: float, most: float) -> None:
    """Shares of private consumption in Germany, the years 2018 to 2022 (Destatis, Laufende Wirtschaftsrechnungen).

    The survey counts what owners would pay for their own home, which is no payment; so those who rent are compared.
    """
    rents = course.economy.setting.traits.rent > 0
    spent_on = {name: sum(int(course.paid[kind][rents].sum()) for kind in kinds) for name, kinds in CONSUMPTION.items()}

    assert least <= spent_on[category] / sum(spent_on.values()) <= most


def test_some_bills_are_paid_late_and_few_very_late(course: Course) -> None:
    """About four of five consumers' invoices are paid in time, 2-3 % very late or never (EOS, European Payment Practices)."""
    late = course.events(Event.BILL)["days_late"].to_numpy()

    assert np.median(late) <= 0
    assert 0.10 <= (late > 0).mean() <= 0.25
    assert 0.01 <= (late >= 30).mean() <= 0.05
    assert course.events(Event.BILL)["unpaid"].mean() < 0.01


def test_three_to_nine_of_a_hundred_are_out_of_work(course: Course) -> None:
    """Unemployment in the EU: 6 to 7 % of the labour force in 2021-2023, 3 % in Germany (Eurostat, une_rt_a)."""
    work = course.economy.setting.traits.work
    labour_force = np.isin(work, (Work.EMPLOYED, Work.SELF_EMPLOYED)).sum()
    rate = np.array(course.jobless) * (work == Work.EMPLOYED).sum() / labour_force

    assert 0.03 <= rate[12:].mean() <= 0.09


def test_one_order_in_eight_comes_back(course: Course) -> None:
    """12 % of articles and 16 % of parcels ordered in Germany in 2018 were returned (Asdecker, Retourenforschung Bamberg)."""
    returned = course.events(Event.ORDER)["returned_after_days"].to_numpy() > 0

    assert 0.08 <= returned.mean() <= 0.17
