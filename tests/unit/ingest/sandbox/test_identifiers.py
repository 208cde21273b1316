"""Names are distinct, well formed, and show nothing of the numbers they come from."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.accounts import accounts_of
from ingest.sandbox.identifiers import PHONES_A_RING, Identifiers
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import Plan, Society
from tests.support.sandbox import make_registered_society

PERSONS = 6_000
EVERYONE = np.arange(PERSONS)


@pytest.fixture(scope="module")
def society() -> Society:
    return make_registered_society(PERSONS)


@pytest.fixture(scope="module")
def ids(society: Society) -> Identifiers:
    return Identifiers(Scale(PERSONS), society)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(np.argsort(np.argsort(one)), np.argsort(np.argsort(other)))[0, 1])


NAMERS: dict[str, Callable[[Identifiers], pl.Series]] = {
    "customer": lambda ids: ids.customer_ids("SHOP", EVERYONE),
    "bank customer": lambda ids: ids.bank_customer_ids(EVERYONE),
    "loan": lambda ids: ids.loan_ids(EVERYONE % 9, EVERYONE),
    "company": lambda ids: ids.company_ids(EVERYONE),
    "device": lambda ids: ids.device_ids(EVERYONE),
    "document": lambda ids: ids.documents(EVERYONE)["document_no"],
    "email": lambda ids: ids.emails(EVERYONE),
    "iban": lambda ids: ids.ibans(EVERYONE),
    "unknown phone": lambda ids: ids.unknown_msisdns(EVERYONE),
}


@pytest.mark.parametrize("name", NAMERS)
def test_distinct_things_have_distinct_names_out_of_order(ids: Identifiers, name: str) -> None:
    given = NAMERS[name](ids)
    digits = (
        given.str.extract(r"^(?:[A-Z]{1,4}\d{0,2}-)?.*?([0-9a-f]{4})[^0-9a-f]*(?:@.*)?$").str.to_integer(base=16).to_numpy()
    )

    assert given.n_unique() == PERSONS
    assert abs(rank_correlation(digits, EVERYONE)) < 0.05
    assert abs(rank_correlation(given.to_numpy(), EVERYONE)) < 0.05


def test_customer_ids_are_unique_over_all_institutions(ids: Identifiers) -> None:
    everywhere = pl.concat([ids.customer_ids(name, EVERYONE) for name in ids.institutions])

    assert everywhere.n_unique() == len(everywhere)
    assert everywhere.str.contains(r"^[A-Z]+\d?\d?-\d{8}$").all()


def test_one_person_has_unlike_numbers_at_two_institutions(ids: Identifiers) -> None:
    shop, lender = ids.customer_numbers("SHOP", EVERYONE), ids.customer_numbers("L01", EVERYONE)

    assert abs(rank_correlation(shop, lender)) < 0.05


def test_mixed_institutions_get_the_ids_each_would_give(ids: Identifiers) -> None:
    where = np.array([0, 4, 12])

    mixed = ids.customer_ids(where, np.array([5, 6, 7]))

    one_by_one = [
        ids.customer_ids(ids.institutions[at], np.array([person]))[0] for at, person in zip(where, (5, 6, 7), strict=True)
    ]
    assert mixed.to_list() == one_by_one


def test_ibans_pass_the_modulo_97_check(ids: Identifiers, society: Society) -> None:
    accounts = np.arange(accounts_of(society).count)

    ibans = ids.ibans(accounts).to_list()

    assert all(len(iban) == 22 and int(iban[4:] + "1314" + iban[2:4]) % 97 == 1 for iban in ibans)
    assert len(set(ibans)) == len(ibans)


def test_an_iban_names_the_bank_that_keeps_the_account(ids: Identifiers, society: Society) -> None:
    codes = ids.ibans(EVERYONE).str.slice(4, 8).to_list()

    assert len(set(zip(codes, society.people.bank.tolist(), strict=True))) == 3


def test_rings_share_a_few_phones_and_nobody_else_does(ids: Identifiers, society: Society) -> None:
    made_up = society.people.plan == Plan.SYNTHETIC
    numbers = ids.msisdns(EVERYONE, 0)
    rings = pl.DataFrame({"gang": society.people.gang[made_up], "phone": numbers.filter(pl.Series(made_up))})

    phones = rings.group_by("gang").agg(pl.col("phone").n_unique())["phone"]

    assert phones.is_between(1, PHONES_A_RING).all()
    assert numbers.filter(pl.Series(~made_up)).n_unique() == (~made_up).sum()
    assert not set(rings["phone"]) & set(numbers.filter(pl.Series(~made_up)))


def test_some_phones_change_once_to_a_number_nobody_had(ids: Identifiers) -> None:
    before, after = ids.msisdns(EVERYONE, 0), ids.msisdns(EVERYONE, 48)
    changed = (before != after).to_numpy()

    assert 0.06 < changed.mean() < 0.10
    assert not set(after.filter(pl.Series(changed))) & set(before)
    when = ids.phone_changed_months(EVERYONE)[changed]
    assert (ids.msisdns(EVERYONE[changed], when - 1) == before.filter(pl.Series(changed))).all()
    assert (ids.msisdns(EVERYONE[changed], when) == after.filter(pl.Series(changed))).all()


def test_unknown_phones_are_nobodys(ids: Identifiers) -> None:
    assert not set(ids.unknown_msisdns(EVERYONE)) & (set(ids.msisdns(EVERYONE, 0)) | set(ids.msisdns(EVERYONE, 48)))


def test_households_mostly_share_a_family_name(ids: Identifiers, society: Society) -> None:
    family, household = ids.family_names(EVERYONE).to_numpy(), society.people.household
    together = household[1:] == household[:-1]

    assert 0.6 < (family[1:] == family[:-1])[together].mean() < 0.9
    assert (family[1:] == family[:-1])[~together].mean() < 0.05


def test_lender_ids_do_not_follow_the_kind_of_lender(society: Society) -> None:
    seeds = range(40)
    first = [Identifiers(Scale(PERSONS, seed=seed), society).lender_ids(np.arange(9))[0] for seed in seeds]

    assert len(set(first)) > 4


def test_the_same_seed_gives_the_same_names(ids: Identifiers, society: Society) -> None:
    again = Identifiers(Scale(PERSONS), society)
    other = Identifiers(Scale(PERSONS, seed=8), society)

    assert again.full_names(EVERYONE).equals(ids.full_names(EVERYONE))
    assert (other.customer_ids("SHOP", EVERYONE) == ids.customer_ids("SHOP", EVERYONE)).mean() < 0.01


def test_emails_are_plain_ascii(ids: Identifiers) -> None:
    assert ids.emails(EVERYONE).str.contains(r"^[a-z]+\.[a-z]+\d+@[a-z.]+$").all()


def test_nothing_is_named_for_nobody(ids: Identifiers) -> None:
    nobody = np.zeros(0, np.int64)

    for given in (ids.customer_ids("SHOP", nobody), ids.msisdns(nobody, 3), ids.ibans(nobody), ids.full_names(nobody)):
        assert given.len() == 0
        assert given.dtype == pl.String
