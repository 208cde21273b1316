"""Forgets subjects everywhere, in an order in which a stopped erasure can be begun again and loses nothing it must still find.

First quarantine, which is searched by what the graph knows; then the store; then the bytes the database keeps for reuse; then
snapshots, which are made anew. What linkage had derived from the subject's facts is derived again without them.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graph.identity import KEY_DIGITS, NodeKey, Pepper
from graph.snapshot.publish import publish_snapshot
from graph.store import GraphStore
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.erasure.quarantined import Name, purge_quarantine
from ingest.erasure.receipt import Receipt, write_receipts
from ingest.erasure.subject import PERSON, Nodes, find_subject
from ingest.identity.normalise import email_address, phone_number
from ingest.linkage import derive
from ingest.load import Intake

_KNOWN_AS = EdgeType(PERSON, RelType.KNOWN_AS, PERSON)


@dataclass(frozen=True)
class ErasePlaces:
    """Where a subject may be.

    Attributes:
        open_store: Opens the store; called again after `compact`.
        compact: Rewrites the closed store without bytes kept for reuse; None where its operator does that.
        intake: The folder of refused rows and accounts.
        snapshots: The folder of published versions, None where there is none.
    """

    open_store: Callable[[], AbstractContextManager[GraphStore]]
    compact: Callable[[], None] | None
    intake: Intake
    snapshots: Path | None


@dataclass(frozen=True)
class Erasure:
    """What was taken, by what it was taken from, and a receipt for each subject."""

    taken: Mapping[str, int]
    receipts: Sequence[Receipt]


def erase_subjects(source: str, subjects: Sequence[str], places: ErasePlaces, pepper: Pepper) -> Erasure:
    """Forget subjects.

    Args:
        source: Name of the source whose customer numbers the subjects are.
        subjects: Each a customer number, a telephone number, an e-mail address or a node key of 32 hexadecimal digits.
        places: Where to look.
        pepper: The secret the store was made with.

    Returns:
        Counts and receipts. Forgetting someone who is not there, or not any more, takes nothing and is no error.

    Raises:
        SubjectAmbiguous: a telephone or mailbox alone was named, and several persons hold it; nothing was done.
        StoreFull, StoreUnavailable, StoreInUse: call again with the same subjects.
    """
    persons, contacts = _keys(source, subjects, pepper)
    places.intake.shelf.sweep()
    with places.open_store() as store:
        nodes = find_subject(store, persons, contacts)
        quarantined = purge_quarantine(places.intake.shelf, nodes, _names(store, nodes), pepper)
        report = store.erase(nodes)
        derived = derive(store, pepper, places.intake.review)
    if places.compact is not None:
        places.compact()
    versions = 0
    if places.snapshots is not None and places.snapshots.is_dir():
        with places.open_store() as store:
            versions = _publish_anew(store, places.snapshots)
    taken = {
        "facts": report.facts,
        "versions": report.versions,
        "nodes": report.nodes,
        "quarantined_rows": quarantined,
        "derived_facts": derived.retired,
        "snapshot_versions": versions,
    }
    return Erasure(taken, write_receipts(places.intake.folder, subjects, taken))


def _keys(source: str, subjects: Sequence[str], pepper: Pepper) -> tuple[set[NodeKey], dict[NodeLabel, set[NodeKey]]]:
    """Whatever each text may be the name of; a key of nothing is passed over later."""
    text = pl.col("text")
    spelt = {PERSON: text, NodeLabel.PHONE: phone_number(text), NodeLabel.EMAIL: email_address(text)}
    told = pl.DataFrame({"text": list(subjects)}, schema={"text": pl.String()})
    keys = told.select(pepper.node_keys(label, source, each).alias(label) for label, each in spelt.items())
    contacts = {label: {*keys[label].drop_nulls()} for label in (NodeLabel.PHONE, NodeLabel.EMAIL)}
    return {*keys[PERSON], *(NodeKey(text) for text in subjects if _is_key(text))}, contacts


def _is_key(text: str) -> bool:
    return len(text) == KEY_DIGITS and all(digit in "0123456789abcdef" for digit in text)


def _names(store: GraphStore, nodes: Nodes) -> frozenset[Name]:
    ours = pl.Series(sorted(nodes.get(PERSON, ())), dtype=pl.String).implode()
    found = set()
    for batch in store.export(edges={_KNOWN_AS}):
        rows = batch.rows.filter(pl.col("source_id").is_in(ours)).select("given_name", "family_name", "birth_date")
        found |= {Name(*(frozenset((tokens or "").split()) for tokens in row)) for row in rows.iter_rows()}
    return frozenset(found)


def _publish_anew(store: GraphStore, snapshots: Path) -> int:
    """A base of what is left, then every older version gone; returns how many."""
    serving = publish_snapshot(store, snapshots, rebuild=True)
    older = [path for path in snapshots.iterdir() if path.is_dir() and path != serving]
    for path in older:
        shutil.rmtree(path)
    return len(older)
