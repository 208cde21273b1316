"""Made-up subjects whose every mark is known: rows of theirs in several files of a delivery, sound ones and broken ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ingest.search import Marks
from graph.identity import Pepper
from graph.vocabulary import NodeLabel

SOURCE = "sandbox"
_SYLLABLES = ("ba", "be", "bi", "bo", "da", "de", "di", "do", "ka", "ke", "ki", "ko", "ma", "me", "mi", "mo")
_RECORDED = "2025-03-04T05:06:07Z"


@dataclass(frozen=True)
class Canary:
    """One subject, by number: customer of a shop and of a telecom, with a telephone, an e-mail, a document and a name."""

    number: int

    @property
    def shop(self) -> str:
        """Customer number at the shop."""
        return f"SHOP-9{self.number:07d}"

    @property
    def telecom(self) -> str:
        """Customer number at the telecom."""
        return f"TEL-9{self.number:07d}"

    @property
    def phone(self) -> str:
        """A number nobody else has."""
        return f"+4915799{self.number:06d}"

    @property
    def mail(self) -> str:
        """A mailbox nobody else has."""
        return f"canary{self.number}@example.org"

    @property
    def document(self) -> str:
        """An identity card's number."""
        return f"ZZ{self.number:07d}"

    @property
    def name(self) -> str:
        """A name nobody else has."""
        digits = [(self.number >> shift) & 15 for shift in (0, 4, 8)]
        return f"Canaria{''.join(_SYLLABLES[digit] for digit in digits)} Vogelsanger"

    @property
    def birth_date(self) -> str:
        """ISO date."""
        return f"19{60 + self.number % 40}-0{1 + self.number % 9}-1{self.number % 10}"

    def marks(self, pepper: Pepper) -> Iterator[str]:
        """Every text and key the subject can be found by."""
        yield from (self.shop, self.telecom, self.phone, self.mail, self.document, self.name)
        for person in (self.shop, self.telecom, f"tel:{self.phone}"):
            yield pepper.node_key(NodeLabel.PERSON, SOURCE, person)
        yield pepper.node_key(NodeLabel.PHONE, SOURCE, self.phone)
        yield pepper.node_key(NodeLabel.EMAIL, SOURCE, self.mail)
        yield pepper.node_key(NodeLabel.DOCUMENT, SOURCE, self.document)


def all_marks(canaries: list[Canary], pepper: Pepper) -> Marks:
    """Every mark with the customer number of its owner."""
    return {mark: canary.shop for canary in canaries for mark in canary.marks(pepper)}


def add_canaries(raw: Path, canaries: list[Canary]) -> None:
    """Append the canaries' rows to the files of a delivery: six sound ones and three broken ones each."""
    rows: dict[str, list[str]] = {}
    for canary in canaries:
        for file, line in _rows(canary):
            rows.setdefault(file, []).append(line)
    for file, lines in rows.items():
        with (raw / file).open("a", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines))


def _rows(canary: Canary) -> Iterator[tuple[str, str]]:
    person = f"{canary.name},{canary.birth_date},{canary.phone},{canary.mail}"
    yield "customers.csv", f"{canary.shop},SHOP,{person},{_RECORDED}"
    yield "customers.csv", f"{canary.telecom},TEL,{person},{_RECORDED}"
    for customer in (canary.shop, canary.telecom):
        yield "documents.csv", f"{customer},id_card,DE,{canary.document},2025-03-01,{_RECORDED}"
    yield "subscribers.csv", f"{canary.phone},{canary.telecom},2025-01-02,{_RECORDED}"
    yield "calls.csv", f"T9{canary.number:08d},{canary.phone},+4915603188722,2025-03-03T10:00:00Z,60,{_RECORDED}"
    # broken: a date that is none, a field too many, and an entry on a list that names its person by the name alone
    yield "documents.csv", f"{canary.shop},id_card,DE,{canary.document},2025-02-31,{_RECORDED}"
    yield "calls.csv", f"T8{canary.number:08d},{canary.phone},+4915603188722,2025-03-03T10:00:00Z,60,{_RECORDED},7"
    yield "watchlists.csv", f"fraud_register,{canary.name},{canary.birth_date},,2025-13-01,{_RECORDED}"
