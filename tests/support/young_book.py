"""A small loan book of almost three years, many of whose loans are too young to tell how they end when the test begins.

Who was referred by a late payer misses instalments and defaults; the later the year, the later they all pay. Facts follow the
layout of the sandbox, so that its task finds them.
"""

import random
from datetime import UTC, datetime

from graph.facts import FactBatch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.lending import APPLIED_FOR, DAY_S, DESCRIBED, FUNDED, REFERRED, REPAID, FactWriter

MISSED = EdgeType(NodeLabel.PERSON, RelType.MISSED, NodeLabel.LOAN)
DEFAULTED_ON = EdgeType(NodeLabel.PERSON, RelType.DEFAULTED_ON, NodeLabel.LOAN)
CLOSED = EdgeType(NodeLabel.PERSON, RelType.CLOSED, NodeLabel.LOAN)
BEGIN_S, LAST_S, TOLD_S = (int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2022, 4, 2), (2024, 12, 28), (2026, 2, 1)))


def young_book_batches(borrowers: int = 480, late_comers: int = 0, seed: int = 7) -> list[FactBatch]:
    """Facts of so many loans, evenly over the years, a third of them bad; `late_comers` all come in the last month, referred
    by late payers."""
    draw = random.Random(seed)
    writer = FactWriter()
    for number in range(borrowers):
        _borrow(writer, f"borrower{number}", BEGIN_S + number * (LAST_S - BEGIN_S) // borrowers, draw, late=draw.random() < 0.4)
    for number in range(late_comers):
        _borrow(writer, f"comer{number}", LAST_S - (number % 20) * DAY_S, draw, late=True)
    writer.add(CLOSED, "borrower0", "borrower0:1", TOLD_S)
    return writer.batches()


def _borrow(writer: FactWriter, name: str, at_s: int, draw: random.Random, *, late: bool) -> None:
    years = (at_s - BEGIN_S) // (180 * DAY_S)
    writer.add(DESCRIBED, name, name, at_s - 700 * DAY_S, birth_year=1950 + draw.randrange(50), undated=True)
    writer.add(REFERRED, f"{name}'s friend", name, at_s - 10 * DAY_S)
    for one, days in ((name, draw.randrange(0, 6)), (f"{name}'s friend", draw.randrange(10, 40) if late else 0)):
        writer.add(APPLIED_FOR, one, f"{one}:0", at_s - 100 * DAY_S, amount_minor=100_000 * draw.randrange(1, 10), term_days=30)
        writer.add(REPAID, one, f"{one}:0", at_s - 60 * DAY_S, instalment=1, days_late=days + 2 * years)
    writer.add(APPLIED_FOR, name, f"{name}:1", at_s, amount_minor=100_000 * draw.randrange(1, 10), term_days=360)
    writer.add(FUNDED, "planted", f"{name}:1", at_s + 3600, amount_minor=100_000)
    bad = (draw.random() < 0.05) != late
    for instalment in range(1, 4 if bad else 2 if draw.random() < 0.1 else 1):
        writer.add(MISSED, name, f"{name}:1", at_s + (5 + 30 * instalment) * DAY_S, str(instalment), instalment=instalment)
    if bad:
        writer.add(DEFAULTED_ON, name, f"{name}:1", at_s + 130 * DAY_S)
