"""Facts about a few people, as institutions know them; a test states only what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import Pepper
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel
from ingest.identity import birth_texts, name_texts
from ingest.linkage.evidence import CALLED, HOLDINGS, KNOWN_AS, LISTED_ON, LISTS_CONTACT

PEPPER = Pepper("a pepper for tests alone")
DAY_S = 86_400
FIRST_S = 1_600_000_000


def person(name: str) -> str:
    """Key of the person a source calls so."""
    return PEPPER.node_key(NodeLabel.PERSON, "made up", name)


def second(day: int) -> int:
    """The second that so many days after the first begins."""
    return FIRST_S + day * DAY_S


@dataclass
class People:
    """Gathers facts; `batches` gives them."""

    _rows: dict[EdgeType, list[dict[str, object]]] = field(default_factory=dict)

    def named(self, key: str, name: str | None, born: str | None, day: int, *, basis: Basis = Basis.RESEARCH) -> "People":
        """An institution writes down a name and a birth date."""
        texts = pl.DataFrame({"n": [name], "b": [born]}, schema={"n": pl.String, "b": pl.String})
        told = texts.select(**name_texts(pl.col("n")), **birth_texts(pl.col("b"))).row(0, named=True)
        tokens = {
            spec: " ".join(sorted(PEPPER.token(spec, word) for word in words)) if words else None
            for spec, words in told.items()
        }
        return self._add(KNOWN_AS, key, key, day, tokens, basis=basis)

    def has(self, key: str, day: int, *, by: Attestation = Attestation.INSTITUTION, **identifiers: str) -> "People":
        """A person is known to have identifiers: `phone`, `email`, `document`, `address`."""
        for kind, value in identifiers.items():
            self._add(HOLDINGS[kind], key, value, day, by=by)
        return self

    def lists(self, key: str, contact: str, day: int, *, basis: Basis = Basis.RESEARCH, undated: bool = False) -> "People":
        """Someone holds a number, or a person, as a contact."""
        return self._add(LISTS_CONTACT, key, contact, day, {"undated": undated}, by=Attestation.SUBJECT, basis=basis)

    def number(self, number: str, day: int) -> "People":
        """A number is called by nobody of interest."""
        self.has(f"tel:{number}", day, phone=number)
        return self._add(CALLED, "tel:nobody", f"tel:{number}", day)

    def listed(self, key: str, day: int) -> "People":
        """Someone is entered on a list."""
        return self._add(LISTED_ON, key, key, day, {"list": "sanctions"})

    def batches(self) -> list[FactBatch]:
        """All facts."""
        return [FactBatch(edge, pl.DataFrame(rows, schema=fact_schema(edge))) for edge, rows in self._rows.items()]

    def _add(
        self,
        edge: EdgeType,
        source: str,
        target: str,
        day: int,
        values: Mapping[str, object] = {},
        *,
        by: Attestation = Attestation.INSTITUTION,
        basis: Basis = Basis.RESEARCH,
    ) -> "People":
        ends = [PEPPER.node_key(label, "made up", raw) for label, raw in ((edge.source, source), (edge.target, target))]
        fact = {
            "id": PEPPER.fact_id(edge, "made up", source, target, str(day)),
            "source_id": ends[0],
            "target_id": ends[1],
            "at_us": second(day) * 1_000_000,
            "known_at_s": second(day),
            "attested_by": by.value,
            "basis": basis.value,
            "undated": False,
            "origin": "made up",
        }
        self._rows.setdefault(edge, []).append(fact | dict(values))
        return self


def known_before(batches: Iterable[FactBatch], moment_s: int) -> list[FactBatch]:
    """The facts known before a second."""
    return [FactBatch(batch.edge, batch.rows.filter(pl.col("known_at_s") < moment_s)) for batch in batches]
