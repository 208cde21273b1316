"""Turns the application and facts of a request into fact batches: hashed, checked against the vocabulary, dated.

They count for that one request and are never stored. What the lender states is attested by the institution; what it
says only the subject asserts keeps that mark, so that no neighbourhood crosses it. Refuses what could not be known
before `as_of`. Knows no snapshot and no model.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from api.errors import FieldProblem, RequestMalformed
from api.instants import EPOCH, whole_microseconds, whole_seconds_up
from api.schemas import Application, Fact, NodeRef, ScoreAsked
from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import NodeKey, Pepper
from graph.vocabulary import (
    AMOUNT,
    CURRENCY,
    DESCRIBING,
    SPECS,
    Attestation,
    Basis,
    EdgeType,
    Kind,
    NodeLabel,
    PropSpec,
    RelType,
)

ORIGIN = "request"  # marks facts that came with a request and are in no store
SUBJECT_LABEL = NodeLabel.PERSON
STRANGER_WITHOUT_FACTS = (
    "a stranger is scored from the request alone: send the application, or facts that not only the subject attests"
)
NOT_ASKED = frozenset({RelType.SAME_AS, RelType.KNOWN_AS, RelType.CONSENTED, RelType.KNOWS})
"""Relations that a request cannot state: they decide which other facts count."""
_APPLICATION = EdgeType(SUBJECT_LABEL, RelType.APPLIED_FOR, NodeLabel.LOAN)
_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.INTEGER: (int,),
    Kind.MONEY: (int,),
    Kind.DECIMAL: (int, float),
    Kind.CATEGORY: (str,),
}


@dataclass(frozen=True)
class _Row:
    """One fact, checked and hashed, before it joins its batch."""

    edge: EdgeType
    values: dict[str, Any]


def borrower_key(asked: ScoreAsked, pepper: Pepper) -> NodeKey:
    """Key of the borrower the request is about."""
    return pepper.node_key(SUBJECT_LABEL, asked.borrower.source, asked.borrower.id)


def build_overlay(asked: ScoreAsked, as_of: datetime, pepper: Pepper) -> tuple[FactBatch, ...]:
    """Facts of the request, by edge type; the same statement made twice counts once.

    Args:
        asked: The request, already of the right shape.
        as_of: UTC instant; every fact must be known strictly before it.
        pepper: The secret that keys identifiers.

    Raises:
        RequestMalformed: naming each field that breaks the vocabulary, or that was not known before `as_of`.
    """
    problems: list[FieldProblem] = []
    rows: list[_Row] = []
    facts = [(f"body.facts[{i}]", fact) for i, fact in enumerate(asked.facts)]
    if asked.application is not None:
        facts.append(("body.application", _application_fact(asked, asked.application, as_of)))
    for place, fact in facts:
        found = list(_check_fact(place, fact, as_of))
        problems += found
        if not found:
            rows.append(_build_row(fact, pepper))
    if asked.application is not None and None not in (asked.application.term_days, asked.application.term_months):
        problems.append(FieldProblem("body.application.term_months", "stands beside term_days: send one of the two"))
    if asked.stranger and all(fact.attested_by is Attestation.SUBJECT for _, fact in facts):
        problems.append(FieldProblem("body.stranger", STRANGER_WITHOUT_FACTS))
    if problems:
        raise RequestMalformed(tuple(problems))
    return _gather(rows)


def _application_fact(asked: ScoreAsked, application: Application, as_of: datetime) -> Fact:
    borrower = NodeRef(label=SUBJECT_LABEL, source=asked.borrower.source, id=asked.borrower.id)
    # Every term that the vocabulary declares, as training reads it; one the schema lacks would fail here.
    terms = {spec.name: getattr(application, spec.name) for spec in SPECS[_APPLICATION].properties}
    return Fact(
        relation=RelType.APPLIED_FOR,
        source=borrower,
        target=NodeRef(label=NodeLabel.LOAN, source=asked.borrower.source, id=application.loan_id),
        at=application.at or max(EPOCH, as_of - timedelta(seconds=1)),
        properties={name: value for name, value in terms.items() if value is not None},
    )


def _edge(fact: Fact) -> EdgeType:
    return EdgeType(fact.source.label, fact.relation, fact.target.label)


def _check_fact(place: str, fact: Fact, as_of: datetime) -> Iterator[FieldProblem]:
    """All that is wrong with one fact."""
    edge = _edge(fact)
    if edge not in SPECS:
        declared = ", ".join(f"{e.source} to {e.target}" for e in SPECS if e.rel == edge.rel)
        yield FieldProblem(f"{place}.relation", f"{edge.rel} runs from {declared}, not from {edge.source} to {edge.target}")
        return
    if edge.rel in NOT_ASKED:
        yield FieldProblem(
            f"{place}.relation", f"{edge.rel} is for ingest alone: no request decides who is who, knows whom or consented"
        )
        return
    if edge.source == edge.target and (fact.source == fact.target) != (edge.rel in DESCRIBING):
        yield FieldProblem(f"{place}.target", f"{' and '.join(sorted(DESCRIBING))}, and they alone, join a node to itself")
    if whole_seconds_up(fact.known_at or fact.at) >= whole_seconds_up(as_of):
        field = f"{place}.at" if fact.known_at is None else f"{place}.known_at"
        yield FieldProblem(field, "was not known before as_of: send the known_at it became known at, or a later as_of")
    specs = {spec.name: spec for spec in SPECS[edge].properties}
    for name in fact.properties.keys() - specs.keys():
        yield FieldProblem(
            f"{place}.properties.{name}", f"is not declared for {edge.rel}; declared are {', '.join(specs) or 'none'}"
        )
    for spec in specs.values():
        yield from _check_property(f"{place}.properties.{spec.name}", spec, fact.properties)


def _check_property(place: str, spec: PropSpec, given: dict[str, int | float | str]) -> Iterator[FieldProblem]:
    value = given.get(spec.name)
    if value is None:
        if spec.required:
            yield FieldProblem(place, f"is required ({spec.unit})")
        return
    if not isinstance(value, _TYPES[spec.kind]):
        yield FieldProblem(place, f"must be of kind {spec.kind} ({spec.unit})")
    elif spec.name == AMOUNT.name and isinstance(value, int) and value < 0:
        yield FieldProblem(place, "must not be negative; the relation's direction says who paid")
    elif spec.kind is Kind.MONEY and CURRENCY.name not in given:
        yield FieldProblem(place, f"needs {CURRENCY.name} beside it (ISO 4217)")
    elif (
        spec.name == CURRENCY.name and isinstance(value, str) and not (len(value) == 3 and value.isascii() and value.isupper())
    ):
        yield FieldProblem(place, "must be an ISO 4217 code of three capital letters")


def _build_row(fact: Fact, pepper: Pepper) -> _Row:
    edge = _edge(fact)
    decimals = {spec.name for spec in SPECS[edge].properties if spec.kind is Kind.DECIMAL}
    content = {name: float(value) if name in decimals else value for name, value in sorted(fact.properties.items())}
    values: dict[str, Any] = {
        "source_id": pepper.node_key(fact.source.label, fact.source.source, fact.source.id),
        "target_id": pepper.node_key(fact.target.label, fact.target.source, fact.target.id),
        "at_us": whole_microseconds(fact.at),
        "known_at_s": whole_seconds_up(fact.known_at or fact.at),
        "attested_by": fact.attested_by.value,
        "basis": (Basis.CONTRACT if edge.rel is RelType.APPLIED_FOR else Basis.CONSENT).value,
        "undated": False,
        "origin": ORIGIN,
    }
    parts = [f"{name}={value!r}" for name, value in (values | content).items()]
    return _Row(edge, {"id": pepper.fact_id(edge, ORIGIN, *parts)} | values | content)


def _gather(rows: list[_Row]) -> tuple[FactBatch, ...]:
    """One batch an edge type, in declared order, ordered by (known_at_s, id)."""
    by_edge: defaultdict[EdgeType, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        by_edge[row.edge][row.values["id"]] = row.values
    return tuple(
        FactBatch(edge, pl.DataFrame(list(by_edge[edge].values()), schema=fact_schema(edge)).sort("known_at_s", "id"))
        for edge in SPECS
        if edge in by_edge
    )
