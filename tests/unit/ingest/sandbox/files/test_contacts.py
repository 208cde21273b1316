"""Address books hold what their owners wrote."""

import re
from pathlib import Path

import numpy as np
import pytest
import vobject

from ingest.sandbox.files.contacts import LISTED_STRONG, LISTED_WEAK, PADDED, STRONG, _of_ties, write_contacts
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.society import Coverage
from tests.support.small_logs import again, make_delivery
from tests.support.small_society import with_coverage


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def text(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("raw") / "contacts.vcf"
    written = write_contacts(delivery, path)
    found = path.read_bytes().decode()
    assert found.count("BEGIN:VCARD\r\n") == found.count("END:VCARD\r\n") == written > 2_000
    return found


def fields(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}[:;](.*?)\r$", text, re.MULTILINE)


def test_every_line_is_a_property(text: str) -> None:
    allowed = re.compile(r"(BEGIN|END|VERSION|UID|SOURCE|FN|REV):.*|TEL;VALUE=uri:tel:\+49156\d{8}")

    assert all(allowed.fullmatch(line) for line in text.removesuffix("\r\n").split("\r\n"))


def test_separators_in_names_are_escaped(text: str) -> None:
    card = next(c for c in text.split("END:VCARD\r\n") if "Meier & Sohn" in c and "Werkstatt" in c) + "END:VCARD\r\n"

    assert vobject.readOne(card).fn.value == "Werkstatt; Meier & Sohn"
    assert "FN:Pizza\\, Bringdienst" in text
    assert "FN:Arzt\\nPraxis" in text


def test_books_hold_numbers_of_people_and_of_nobody(delivery: Delivery, text: str) -> None:
    numbers = fields(text, "TEL")
    people = set(delivery.identifiers.msisdns(np.arange(len(delivery.society.people)), 0))
    known = [number.removeprefix("VALUE=uri:tel:") in people for number in numbers]

    assert 0.3 < np.mean(known) < 0.9
    assert len(set(fields(text, "UID"))) > 0.98 * len(numbers)


def test_cards_are_written_when_people_meet(delivery: Delivery, text: str) -> None:
    """Nothing is written after the months delivered unless it came late; most ties stand since before the first month."""
    revised = np.array(fields(text, "REV"))

    assert (revised < "20220101T000000Z").mean() > 0.5
    assert (revised < "20220601T000000Z").all()
    assert (revised > "20160101T000000Z").all()


def test_a_faker_pads_the_book_with_strangers_of_standing(delivery: Delivery, text: str) -> None:
    books = delivery.identifiers.customer_ids("TEL", np.arange(len(delivery.society.people)))
    cards = text.split("END:VCARD\r\n")
    sizes = {book: sum(f"customer:{book}\r" in card for card in cards) for book in (books[0], books[1])}
    others = len(fields(text, "UID")) / len(books)

    assert all(size > others + PADDED[0] / 2 for size in sizes.values())
    wages = dict(
        zip(
            delivery.identifiers.msisdns(np.arange(len(books)), 2).to_list(),
            delivery.society.people.wage_minor.tolist(),
            strict=True,
        )
    )
    march = [card for card in cards if f"customer:{books[0]}\r" in card and "REV:202203" in card]
    listed = [wages.get(card.split("tel:")[1].split("\r")[0], 0) for card in march]
    assert np.mean(np.array(listed) >= np.quantile(delivery.society.people.wage_minor, 0.9)) > 0.8


def test_strong_ties_are_listed_more_and_mostly_by_both(delivery: Delivery) -> None:
    ties, pairs = delivery.society.ties, set()
    everyone = np.ones(len(delivery.society.people), np.bool_)
    for cards in _of_ties(delivery, everyone):
        pairs |= set(zip(cards.owner.tolist(), cards.other.tolist(), strict=True))
    ends = list(zip(ties.a.tolist(), ties.b.tolist(), strict=True))
    forth, back = (np.array(x) for x in zip(*(((a, b) in pairs, (b, a) in pairs) for a, b in ends), strict=True))
    strong, met = ties.strength >= STRONG, ties.born < delivery.months

    assert abs(forth[strong & met].mean() - LISTED_STRONG) < 0.05
    assert abs(forth[~strong & met].mean() - LISTED_WEAK) < 0.05
    assert back[forth].mean() > forth.mean() + 0.2


def test_only_the_covered_have_books(delivery: Delivery, tmp_path: Path) -> None:
    bits = np.where(np.arange(len(delivery.society.people)) % 10 == 0, Coverage.ADDRESS_BOOK, 0)
    some = Delivery(delivery.scale, with_coverage(delivery.society, bits), delivery.log, delivery.months)
    write_contacts(some, tmp_path / "contacts.vcf")
    owners = {
        source.removeprefix("urn:customer:") for source in fields((tmp_path / "contacts.vcf").read_bytes().decode(), "SOURCE")
    }

    assert owners <= set(delivery.identifiers.customer_ids("TEL", np.arange(0, len(bits), 10)))
    assert len(owners) > 50


def test_the_same_bytes_twice(delivery: Delivery, text: str, tmp_path: Path) -> None:
    write_contacts(again(delivery), tmp_path / "second")

    assert (tmp_path / "second").read_bytes().decode() == text
