"""Small graphs as plain rows, as batches and as snapshots, and the plain-Python answers to compare with."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import NodeKey
from graph.neighbourhood import Neighbourhood, neighbourhood
from graph.snapshot.reader import EMPTY, Snapshot
from graph.snapshot.segment import unpack_hex
from graph.snapshot.writer import write_base, write_delta
from graph.steps import Direction, Step, steps_at
from graph.vocabulary import DESCRIBING, SPECS, UNCORRECTED, EdgeType, Family, NodeLabel, RelType

PERSON, ACCOUNT, LOAN = NodeLabel.PERSON, NodeLabel.BANK_ACCOUNT, NodeLabel.LOAN
CALLED = EdgeType(PERSON, RelType.CALLED, PERSON)
HOLDS = EdgeType(PERSON, RelType.HOLDS, ACCOUNT)
PAID = EdgeType(ACCOUNT, RelType.PAID, ACCOUNT)
DESCRIBED = EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON)
KNOWS = EdgeType(PERSON, RelType.KNOWS, PERSON)
SAME_AS = EdgeType(PERSON, RelType.SAME_AS, PERSON)
CONSENTED = EdgeType(PERSON, RelType.CONSENTED, PERSON)
EDGES = (CALLED, HOLDS, PAID, DESCRIBED, KNOWS, SAME_AS)
FANOUTS = (3, 2)
ON_CONSENT = ("contract", "consent")

Row = dict[str, Any]
Rows = Sequence[tuple[EdgeType, Row]]


def key(label: NodeLabel, number: int) -> NodeKey:
    """A key that sorts otherwise than its number, and ends in zero bytes for some."""
    return NodeKey(f"{(number * 7919 + len(label)) % 251:02x}{number:014x}" + "0" * 16)


def fact(edge: EdgeType, number: int, source: int, target: int, known_at_s: int, **values: Any) -> tuple[EdgeType, Row]:
    """One fact; its id sorts otherwise than its number."""
    row = {
        "id": f"{(number * 104729) % 2**32:08x}{number:024x}",
        "source_id": key(edge.source, source),
        "target_id": key(edge.target, source if edge.rel in DESCRIBING else target),
        "at_us": known_at_s * 1_000_000,
        "known_at_s": known_at_s,
        "attested_by": "both",
        "basis": "contract",
        "undated": False,
        "origin": "test",
    }
    if edge is PAID:
        row |= {"amount_minor": number, "currency": "CZK"}
    return edge, row | values


def consent(number: int, person: int, known_at_s: int, action: str = "granted", **values: Any) -> tuple[EdgeType, Row]:
    """What one person says about the use of social facts for scoring, unless `values` say otherwise."""
    said = {"family": "social", "purpose": "credit_scoring", "action": action}
    return fact(CONSENTED, number, person, person, known_at_s, **(said | values))


def version(
    edge: EdgeType, number: int, series: int, source: int, target: int, known_at_s: int, **values: Any
) -> tuple[EdgeType, Row]:
    """One version of the fact `series`; a deletion where `values` say that it is withdrawn."""
    return fact(edge, number, source, target, known_at_s, **({"series": f"{series:032x}"} | values))


@st.composite
def graphs(
    draw: st.DrawFn,
    max_facts: int = 40,
    first: int = 0,
    edges: Sequence[EdgeType] = EDGES,
    bases: Sequence[str] = ("contract",),
    *,
    corrected: bool = False,
) -> Rows:
    """Facts among few nodes and few seconds, so that ties, hubs and repeats occur."""
    count = draw(st.integers(0, max_facts))
    node, second = st.integers(0, 5), st.integers(0, 9)
    attested = st.sampled_from(["subject", "counterparty", "both", "institution"])
    rows = []
    for n in range(first, first + count):
        edge = draw(st.sampled_from(edges))
        if edge == CONSENTED:
            values = {
                "family": draw(st.sampled_from(["social", "social", "data"])),
                "purpose": draw(st.sampled_from(["credit_scoring", "credit_scoring", "collections"])),
            }
            rows.append(
                consent(n, draw(node), draw(second), draw(st.sampled_from(["granted", "granted", "revoked"])), **values)
            )
        else:
            values = {"attested_by": draw(attested), "basis": draw(st.sampled_from(bases))}
            if corrected and edge.rel not in UNCORRECTED and (series := draw(st.integers(0, 4))):
                values |= {"series": f"{series:032x}", "withdrawn": draw(st.sampled_from([None, None, None, True]))}
            rows.append(fact(edge, n, draw(node), draw(node), draw(second), **values))
    return rows


def batches(rows: Iterable[tuple[EdgeType, Row]]) -> list[FactBatch]:
    """The rows as one batch per edge type."""
    by_edge: defaultdict[EdgeType, list[Row]] = defaultdict(list)
    for edge, row in rows:
        by_edge[edge].append(row)
    found = []
    for edge, some in by_edge.items():
        schema = fact_schema(edge)
        found.append(FactBatch(edge, pl.DataFrame([{c: r.get(c) for c in schema} for r in some], schema=schema)))
    return found


def in_memory(rows: Rows) -> Snapshot:
    """A snapshot of these facts that no file holds."""
    return EMPTY.with_overlay(batches(rows))


def published(root: Path, *parts: Rows) -> Snapshot:
    """A snapshot with a base of the first part and a delta for each other one."""
    for seq, part in enumerate(parts, start=1):
        if seq == 1:
            write_base(batches(part), root, seq=1)
        else:
            write_delta(batches(part), root, seq=seq, below=Snapshot.open(root))
    return Snapshot.open(root)


def expected_standing(rows: Rows, label: NodeLabel, as_of_s: int) -> dict[NodeKey, NodeKey]:
    """Under whose key each merged node stands, found by joining groups one statement after the other."""
    told = [
        row
        for edge, row in rows
        if edge == SAME_AS and label == PERSON and row["known_at_s"] < as_of_s and row["attested_by"] != "subject"
    ]
    groups: dict[NodeKey, tuple[NodeKey, set[NodeKey]]] = {}  # of each node: who stands for it, and its whole group
    for row in sorted(told, key=lambda row: (row["known_at_s"], row["id"])):
        ends = [groups.get(row[end], (row[end], {row[end]})) for end in ("source_id", "target_id")]
        if ends[0][0] == ends[1][0]:
            continue
        small, large = sorted(ends, key=lambda group: (-len(group[1]), group[0]), reverse=True)
        joined = (large[0], large[1] | small[1])
        groups |= dict.fromkeys(joined[1], joined)
    return {node: leader for node, (leader, _) in groups.items()}


def expected_persons(edge: EdgeType, row: Row) -> list[NodeKey]:
    """Keys of the persons that a fact touches."""
    ends = ((edge.source, "source_id"), (edge.target, "target_id"))
    return [row[end] for label, end in ends if label == PERSON]


def expected_consent(rows: Rows, edge: EdgeType, person: NodeKey, as_of_s: int) -> bool:
    """Whether a person allows facts of an edge type to be scored, both by what was known before `as_of_s` and by all."""
    for until_s in (as_of_s, 2**34):
        standing = expected_standing(rows, PERSON, until_s)
        said = [
            (row["known_at_s"], row["id"], row["action"])
            for e, row in rows
            if e == CONSENTED
            and row["known_at_s"] < until_s
            and (row["family"], row["purpose"]) == (SPECS[edge].family, "credit_scoring")
            and standing.get(row["source_id"], row["source_id"]) == standing.get(person, person)
        ]
        if not said or max(said)[2] != "granted":
            return False
    return True


def expected_standing_version(rows: Rows, edge: EdgeType, row: Row, as_of_s: int) -> bool:
    """Whether a fact known before `as_of_s` is the last version known by then, and no deletion; so is one without versions."""
    if row.get("series") is None:
        return True
    versions = [r for e, r in rows if e == edge and r.get("series") == row["series"] and r["known_at_s"] < as_of_s]
    return max(versions, key=lambda r: (r["known_at_s"], bytes.fromhex(r["id"]))) is row and not row.get("withdrawn")


def expected_recent(rows: Rows, step: Step, node: NodeKey, as_of_s: int, limit: int) -> list[tuple[str, str]]:
    """(fact id, key at the other end) of the facts that `recent` must select, found by looking at each fact."""
    near, far = ("source_id", "target_id") if step.direction is Direction.OUT else ("target_id", "source_id")
    at_near, at_far = (expected_standing(rows, label, as_of_s) for label in (step.near, step.far))
    asked = at_near.get(node, node)
    seen = [
        row
        for edge, row in rows
        if edge == step.edge
        and at_near.get(row[near], row[near]) == asked
        and row["known_at_s"] < as_of_s
        and expected_standing_version(rows, edge, row, as_of_s)
        and row["attested_by"] in SPECS[edge].crossed_by
        and (step.near != step.far or step.stays or row[near] == row[far] or at_far.get(row[far], row[far]) != asked)
        and (row["basis"] != "consent" or all(expected_consent(rows, edge, p, as_of_s) for p in expected_persons(edge, row)))
    ]
    seen.sort(key=lambda row: (row["known_at_s"], bytes.fromhex(row["id"])))
    return [(row["id"], at_far.get(row[far], row[far])) for row in seen[max(len(seen) - limit, 0) :]]


Tree = tuple[NodeKey, tuple[tuple[Step, tuple[tuple[str, Any], ...]], ...]]


def expected_tree(
    rows: Rows,
    label: NodeLabel,
    node: str,
    as_of_s: int,
    fanouts: Sequence[int],
    without: frozenset[Family | RelType] = frozenset(),
) -> Any:
    """The tree of one seed as nested tuples, walked fact by fact."""
    node = expected_standing(rows, label, as_of_s).get(NodeKey(node), NodeKey(node))
    if not fanouts:
        return node, ()
    taken = []
    for step in steps_at(label):
        if step.edge.rel in without or SPECS[step.edge].family in without:
            continue
        found = expected_recent(rows, step, NodeKey(node), as_of_s, fanouts[0])
        children = [
            (i, expected_tree(rows, step.far, k, as_of_s, () if step.stays else fanouts[1:], without)) for i, k in found
        ]
        if children:
            taken.append((step, tuple(children)))
    return node, tuple(taken)


def forest(snapshot: Snapshot, numbers: Sequence[int], as_of_s: Sequence[int], **options: Any) -> list[Any]:
    """The trees of persons by number, each as of its own second."""
    rows = rows_of(snapshot, PERSON, numbers)
    found = neighbourhood(snapshot, PERSON, rows, np.array(as_of_s, np.int64), FANOUTS, **options)
    return trees(snapshot, found, PERSON)


def trees(snapshot: Snapshot, found: Neighbourhood, label: NodeLabel) -> list[Any]:
    """The forest as `expected_tree` writes it, in keys and fact ids only."""
    built: dict[NodeLabel, list[Any]] = {}
    for depth in reversed(range(len(found.levels))):
        level = found.levels[depth]
        above = {k: [(text, []) for text in unpack_hex(snapshot.keys_of(k, rows))] for k, rows in level.rows.items()}
        for hop in found.hops[depth] if depth < len(found.hops) else ():
            grown: defaultdict[int, list[Any]] = defaultdict(list)
            ids = snapshot.fact_ids(hop.step.edge, hop.ref)
            for parent, child, fact_id in zip(hop.parent.tolist(), hop.child.tolist(), ids, strict=True):
                grown[parent].append((fact_id, built[hop.step.far][child]))
            for parent, children in grown.items():
                above[hop.step.near][parent][1].append((hop.step, tuple(children)))
        built = {k: [(text, tuple(taken)) for text, taken in nodes] for k, nodes in above.items()}
    return built[label]


def rows_of(snapshot: Snapshot, label: NodeLabel, numbers: Iterable[int]) -> np.ndarray:
    """Snapshot rows of test nodes that it holds."""
    found = (snapshot.row_of(label, key(label, n)) for n in numbers)
    return np.array([row for row in found if row is not None], np.int64)
