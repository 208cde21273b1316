"""A small lending graph with one planted rule: who was referred by a late payer goes bad. Own facts do not tell.

Applications follow the layout of the source `superlender`, so that its task finds them.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import NodeKey, Pepper
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel, RelType

PEPPER = Pepper("a pepper for tests only")
SOURCE = "planted"
DAY_S = 86_400
JULY_S = int(datetime(2017, 7, 1, tzinfo=UTC).timestamp())
JUDGED_S = int(datetime(2017, 12, 31, tzinfo=UTC).timestamp())

APPLIED_FOR = EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, NodeLabel.LOAN)
REPAID = EdgeType(NodeLabel.PERSON, RelType.REPAID, NodeLabel.LOAN)
REFERRED = EdgeType(NodeLabel.PERSON, RelType.REFERRED, NodeLabel.PERSON)
LIVES_AT = EdgeType(NodeLabel.PERSON, RelType.LIVES_AT, NodeLabel.PLACE)
DESCRIBED = EdgeType(NodeLabel.PERSON, RelType.DESCRIBED_AS, NodeLabel.PERSON)


@dataclass
class FactWriter:
    """Collects facts; an id follows from edge type and `parts`."""

    basis: Basis = Basis.CONTRACT
    rows: dict[EdgeType, list[dict[str, object]]] = field(default_factory=dict)

    def add(self, edge: EdgeType, source: str, target: str, at_s: int, *parts: str, **properties: object) -> str:
        """Add a fact known one second after it happened; `known_at_s` and `undated` may be given among the properties."""
        fact = {
            "id": PEPPER.fact_id(edge, SOURCE, source, target, *parts),
            "source_id": key(edge.source, source),
            "target_id": key(edge.target, target),
            "at_us": at_s * 1_000_000,
            "known_at_s": properties.pop("known_at_s", at_s + 1),
            "attested_by": Attestation.INSTITUTION,
            "basis": self.basis,
            "undated": properties.pop("undated", False),
            "origin": SOURCE,
        }
        if properties.get("amount_minor") is not None:
            properties["currency"] = "NGN"
        self.rows.setdefault(edge, []).append(fact | properties)
        return str(fact["id"])

    def batches(self) -> list[FactBatch]:
        """What was added, one batch an edge type."""
        return [
            FactBatch(edge, pl.DataFrame([dict.fromkeys(fact_schema(edge)) | row for row in rows], schema=fact_schema(edge)))
            for edge, rows in self.rows.items()
        ]


def key(label: NodeLabel, name: str) -> NodeKey:
    """Key of a node of the planted graph."""
    return PEPPER.node_key(label, SOURCE, name)


def planted_batches(borrowers: int = 400, seed: int = 7, basis: Basis = Basis.CONTRACT) -> list[FactBatch]:
    """Facts of `borrowers` July loans, about a third of them bad; every fifth borrower has no referrer and is at 1 in 10."""
    draw = random.Random(seed)
    writer = FactWriter(basis)
    for number in range(borrowers):
        name, applied_s = f"borrower{number}", JULY_S + number * 30 * DAY_S // borrowers
        writer.add(DESCRIBED, name, name, JULY_S - 700 * DAY_S, birth_year=1950 + draw.randrange(50), undated=True)
        writer.add(LIVES_AT, name, f"place{draw.randrange(20)}", JULY_S - 700 * DAY_S, undated=True)
        _apply(writer, name, f"{name}:0", applied_s - 90 * DAY_S, draw)
        writer.add(REPAID, name, f"{name}:0", applied_s - 60 * DAY_S, instalment=1, days_late=draw.randrange(-5, 6))
        bad = draw.random() < 0.1
        if number % 5:
            late = draw.random() < 0.4
            bad = (draw.random() < 0.03) != late
            _refer(writer, f"referrer{number}", name, applied_s - 10 * DAY_S, draw, late=late)
        _apply(writer, name, f"{name}:1", applied_s, draw)
        standing = "defaulted" if bad else "settled"
        writer.add(ASSESSED, "planted", f"{name}:1", JUDGED_S, standing=standing, undated=True)
    return writer.batches()


def _apply(writer: FactWriter, person: str, loan: str, at_s: int, draw: random.Random) -> None:
    amount = 100_000 * draw.randrange(1, 10)
    writer.add(APPLIED_FOR, person, loan, at_s, amount_minor=amount, term_days=30, loan_number=1)
    writer.add(FUNDED, "planted", loan, at_s + 3600, amount_minor=amount)


def _refer(writer: FactWriter, referrer: str, person: str, at_s: int, draw: random.Random, *, late: bool) -> None:
    writer.add(REFERRED, referrer, person, at_s)
    _apply(writer, referrer, f"{referrer}:0", at_s - 100 * DAY_S, draw)
    days_late = draw.randrange(10, 40) if late else draw.randrange(-5, 1)
    writer.add(REPAID, referrer, f"{referrer}:0", at_s - 30 * DAY_S, instalment=1, days_late=days_late)
