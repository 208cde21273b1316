"""Which nodes are a subject's own, and go with them: other customer numbers of theirs, and what nobody else holds.

A telephone, a document, an account that another person holds too stays, without the subject's facts. Whoever is known by a
telephone number alone goes with the number.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl

from graph.identity import NodeKey
from graph.store import GraphStore
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel, RelType
from ingest.errors import SubjectAmbiguous

PERSON = NodeLabel.PERSON
BELONGINGS = frozenset(
    {
        NodeLabel.PHONE,
        NodeLabel.EMAIL,
        NodeLabel.DOCUMENT,
        NodeLabel.DEVICE,
        NodeLabel.ADDRESS,
        NodeLabel.BANK_ACCOUNT,
        NodeLabel.LOAN,
    }
)
"""Labels of nodes that are about whoever holds them."""

Nodes = Mapping[NodeLabel, frozenset[NodeKey]]
_HOLDERS = frozenset({PERSON, NodeLabel.COMPANY})
_SAME_AS = EdgeType(PERSON, RelType.SAME_AS, PERSON)
_HAS_PHONE = EdgeType(PERSON, RelType.HAS_PHONE, NodeLabel.PHONE)
_HAS_EMAIL = EdgeType(PERSON, RelType.HAS_EMAIL, NodeLabel.EMAIL)
_NAMED_BY = frozenset(
    {
        EdgeType(PERSON, RelType.KNOWN_AS, PERSON),
        EdgeType(PERSON, RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT),
        _HAS_EMAIL,
        EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON),
    }
)
"""Facts of which an institution's customer has at least one."""


def find_subject(store: GraphStore, persons: Iterable[NodeKey], contacts: Mapping[NodeLabel, Collection[NodeKey]]) -> Nodes:
    """All nodes to forget with some persons.

    Args:
        store: Only read, edge type by edge type.
        persons: Keys of Person nodes of the subject.
        contacts: Telephones and mailboxes named beside them. One that nobody named holds tells who the subject is; one that
            another person holds too stays.

    Returns:
        Keys by label, the persons handed in among them.

    Raises:
        SubjectAmbiguous: a contact alone was named, and several persons hold it.
    """
    subject = _same_persons(store, set(persons))
    subject |= _only_holders(store, subject, contacts)
    subject |= _known_by_number_alone(store, subject, set(contacts.get(NodeLabel.PHONE, ())))
    nodes = {PERSON: subject, **_held_alone(store, subject)}
    return {label: frozenset(keys) for label, keys in nodes.items() if keys}


def _only_holders(store: GraphStore, subject: set[NodeKey], contacts: Mapping[NodeLabel, Collection[NodeKey]]) -> set[NodeKey]:
    """Whom contacts belong to that the subject does not hold."""
    found: set[NodeKey] = set()
    for edge in (_HAS_PHONE, _HAS_EMAIL):
        given = set(contacts.get(edge.target, ()))
        holders: defaultdict[str, set[str]] = defaultdict(set)
        for rows in _pairs(store, edge) if given else ():
            for person, contact in rows.filter(pl.col("target_id").is_in(list(given))).iter_rows():
                holders[contact].add(person)
        strangers = {person for people in holders.values() if not people & subject for person in people}
        named = _named(store, strangers)
        for people in holders.values():
            known = people & named
            if people & subject or not known:
                continue
            everyone = _same_persons(store, {NodeKey(min(known))})
            if not known <= everyone:
                raise SubjectAmbiguous(len(known))
            found |= everyone
    return found


def _pairs(store: GraphStore, edge: EdgeType) -> Iterator[pl.DataFrame]:
    return (batch.rows.select("source_id", "target_id") for batch in store.export(edges={edge}))


def _same_persons(store: GraphStore, subject: set[NodeKey]) -> set[NodeKey]:
    """The persons and all whom linkage holds to be the same."""
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for rows in _pairs(store, _SAME_AS):
        for source, target in rows.iter_rows():
            neighbours[source].append(target)
            neighbours[target].append(source)
    found, waiting = set(subject), list(subject)
    while waiting:
        new = [NodeKey(key) for key in neighbours.get(waiting.pop(), ()) if key not in found]
        found.update(new)
        waiting.extend(new)
    return found


def _known_by_number_alone(store: GraphStore, subject: set[NodeKey], given: set[NodeKey]) -> set[NodeKey]:
    """Persons known by a number alone, where only the subject holds that number, or named it."""
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for rows in _pairs(store, _HAS_PHONE):
        for person, phone in rows.iter_rows():
            holders[phone].add(person)
    ours = {phone: people - subject for phone, people in holders.items() if phone in given or people & subject}
    asked = set().union(*ours.values()) if ours else set()
    named = _named(store, asked)
    return {NodeKey(person) for people in ours.values() if not people & named for person in people}


def _named(store: GraphStore, asked: Collection[str]) -> set[str]:
    """Those of some persons who are an institution's customers."""
    return {key for edge in _NAMED_BY for rows in _pairs(store, edge) for key in rows["source_id"].to_list() if key in asked}


def _held_alone(store: GraphStore, subject: set[NodeKey]) -> dict[NodeLabel, set[NodeKey]]:
    edges = [spec.edge for spec in RELATIONS if spec.edge.source in _HOLDERS and spec.edge.target in BELONGINGS]
    people = pl.Series(sorted(subject), dtype=pl.String).implode()
    held: defaultdict[NodeLabel, set[NodeKey]] = defaultdict(set)
    for edge in edges:
        if edge.source is PERSON:
            for rows in _pairs(store, edge):
                held[edge.target] |= set(rows.filter(pl.col("source_id").is_in(people))["target_id"].to_list())
    for edge in edges:
        things = pl.Series(sorted(held[edge.target]), dtype=pl.String).implode()
        for rows in _pairs(store, edge):
            theirs = rows.filter(pl.col("target_id").is_in(things) & ~pl.col("source_id").is_in(people))
            held[edge.target] -= set(theirs["target_id"].to_list())
    return held
