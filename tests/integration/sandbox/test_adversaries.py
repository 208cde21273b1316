"""What the sealed files say of cheats is what happened: rings share, look-alikes share too, platforms are what they are."""

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.lenders import PLATFORMS, build_lenders
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Plan, Scheme
from tests.support.sandbox_world import World

SEEDS = range(1, 6)


@pytest.fixture(scope="module")
def rings(crooked: World) -> dict[int, list[int]]:
    """Persons of each ring."""
    members = crooked.sealed("adversaries.csv").filter(pl.col("kind") == "synthetic")
    number = pl.col("member").str.slice(1).cast(pl.Int64)
    return dict(members.group_by("group").agg(number).sort("group").iter_rows())


def shared(world: World, table: pl.DataFrame, thing: str, members: list[int]) -> tuple[int, int]:
    """How many of the members a table knows, and how many different things they have."""
    person = table["customer_id"].replace_strict(world.person_of, default=None, return_dtype=pl.Int64)
    mine = table.with_columns(person=person).filter(pl.col("person").is_in(members)).drop_nulls(thing)
    return mine["person"].n_unique(), mine[thing].n_unique()


def test_rings_share_phones_addresses_and_devices_in_the_raw_files(crooked: World, rings: dict[int, list[int]]) -> None:
    addresses = crooked.raw("addresses.csv").with_columns(place=pl.concat_str("street", "postcode"))
    tables = (
        ("phone", crooked.raw("customers.csv"), 3),
        ("place", addresses, 2),
        ("device_id", crooked.raw("logins.jsonl"), 3),
    )
    for thing, table, most in tables:
        found = np.array([shared(crooked, table, thing, members) for members in rings.values()])

        assert len(rings) >= 4
        assert (found[:, 1] <= most).all(), thing
        assert found[:, 0].sum() > 1.5 * found[:, 1].sum(), thing


def test_every_sealed_adversary_is_a_person_some_institution_knows(world: World, crooked: World) -> None:
    for each in (world, crooked):
        adversaries = each.sealed("adversaries.csv")
        plans = dict(each.sealed("people.csv").select("person", "plan").iter_rows())
        known = set(each.sealed("identities.csv")["person"])

        assert [plans[member] for member in adversaries["member"]] == adversaries["kind"].to_list()
        assert set(adversaries["member"]) <= known
        assert set(adversaries["kind"]) == {plan.name.lower() for plan in Plan} - {"honest"}
        assert adversaries["from_month"].is_between(0, each.scale.months - 1).all()


def test_rings_borrow_and_vanish(crooked: World) -> None:
    truth = crooked.sealed("truth.csv").filter(pl.col("approved") == 1)
    adversaries = crooked.sealed("adversaries.csv")
    made_up = set(adversaries.filter(pl.col("kind") == "synthetic")["member"])
    honest = truth.filter(~pl.col("applicant").is_in(adversaries["member"].implode()))
    theirs = truth.filter(pl.col("applicant").is_in(made_up))
    tape = crooked.raw("loan_tape.csv").filter(pl.col("event") == "defaulted")
    gone = theirs["application_id"].is_in(tape["loan_id"].implode())

    assert theirs.height > 20
    assert theirs["p_default_12m"].mean() > 0.9
    assert gone.mean() > 0.3  # the others' ninety days are not over
    assert honest["p_default_12m"].mean() < 0.1


def test_there_are_a_hundred_look_alikes_and_none_is_a_cheat(world: World) -> None:
    alike = world.sealed("look_alikes.csv")
    sizes = alike.group_by("group", "kind").len()

    assert sizes.height == 100
    assert dict(sizes["kind"].value_counts().iter_rows()) == {"family": 34, "flat_share": 33, "employer_housing": 33}
    assert sizes["len"].is_between(5, 9).all()
    assert not set(alike["member"]) & set(world.sealed("adversaries.csv")["member"])


def test_look_alikes_share_homes_and_devices_as_rings_do(world: World) -> None:
    people, devices, alike = world.society.people, world.society.devices, world.society.look_alikes
    for group in range(100):
        members = alike.person[alike.group == group]
        users = np.unique(devices.person[np.isin(devices.device, devices.device[devices.person == members[0]])])

        assert len(np.unique(people.home[members])) == 1
        assert set(members.tolist()) <= set(users.tolist())
        assert (people.plan[members] == Plan.HONEST).all()


def test_five_seeds_hold_thirty_fraudulent_and_thirty_honest_platforms() -> None:
    honest = fraudulent = 0
    for seed in SEEDS:
        lenders = build_lenders(Scale(1_000, seed=seed), np.arange(100, dtype=np.int32), Draws(seed))
        on_platforms = lenders.scheme[lenders.is_platform]
        honest += int((on_platforms == Scheme.HONEST).sum())
        fraudulent += int((on_platforms != Scheme.HONEST).sum())
        assert set(on_platforms.tolist()) == set(Scheme)
        assert ((lenders.scheme_month != NONE) == (lenders.scheme != Scheme.HONEST)).all()

    assert honest >= 30
    assert fraudulent >= 30


def test_platforms_are_sealed_and_their_ledgers_are_delivered(world: World) -> None:
    platforms = world.sealed("platforms.csv")
    ledger = world.raw("investors_ledger.csv")

    assert platforms.height == PLATFORMS
    assert set(ledger["platform_id"]) == set(platforms["platform_id"])
    assert (platforms["from_month"].is_null() == (platforms["scheme"] == "honest")).all()


def test_that_custody_moves_does_not_tell_fraudulent_platforms_from_honest_ones(world: World) -> None:
    """Honest platforms advance a little to and from their own account; who takes custody away takes more."""
    schemes = world.sealed("platforms.csv").select("platform_id", "scheme", "from_month")
    ledger = world.raw("investors_ledger.csv").unique("entry_id").join(schemes, on="platform_id")
    amount = pl.col("amount").cast(pl.Float64)
    moved = ledger.filter(pl.col("kind") == "moved")
    deposits = ledger.filter(pl.col("kind") == "deposit").group_by("scheme").agg(amount.sum().alias("deposited"))
    weight = moved.group_by("scheme").agg(amount.sum()).join(deposits, on="scheme")
    shares = dict(weight.select("scheme", pl.col("amount") / pl.col("deposited")).iter_rows())
    month = pl.col("booked_at").str.slice(0, 7)

    assert set(moved["scheme"]) == set(schemes["scheme"])
    assert (
        moved.filter(pl.col("scheme") == "honest")["platform_id"].n_unique()
        >= 0.8 * schemes.filter(pl.col("scheme") == "honest").height
    )
    begins = pl.format("{}-{}", 2022 + pl.col("from_month") // 12, (pl.col("from_month") % 12 + 1).cast(pl.String).str.zfill(2))
    assert moved.filter((pl.col("scheme") != "honest") & (month < begins)).height > 10, "schemes begin later than movements"
    assert min(shares["pools"], shares["absconds"]) > 1.5 * shares["honest"]
