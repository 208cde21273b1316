"""The demo counts and tells of a person as one, however many nodes stand for them, from when it could be said."""

from pathlib import Path

from api.cli.demo_known import read_known
from api.cli.demo_trouble import count_contacts
from gnn.scores import ScoreRequest
from graph.opening import open_store
from graph.vocabulary import EdgeType, RelType
from tests.support.snapshots import CALLED, LOAN, PERSON, SAME_AS, batches, fact, key, published

MISSED = EdgeType(PERSON, RelType.MISSED, LOAN)
AT_LENDER, BY_PHONE, FRIENDS_PHONE, FRIEND = 1, 2, 3, 4
FACTS = (
    fact(CALLED, 1, BY_PHONE, FRIENDS_PHONE, 10),
    fact(CALLED, 2, BY_PHONE, FRIENDS_PHONE, 11),
    fact(MISSED, 3, FRIEND, 1, 12, instalment=1),
    fact(SAME_AS, 4, AT_LENDER, BY_PHONE, 20),
    fact(SAME_AS, 5, FRIEND, FRIENDS_PHONE, 30),
)


def ask(as_of_s: int) -> ScoreRequest:
    return ScoreRequest(PERSON, key(PERSON, AT_LENDER), as_of_s)


def test_contacts_and_their_trouble_count_from_when_the_nodes_were_held_to_be_one(tmp_path: Path) -> None:
    found = count_contacts(published(tmp_path, FACTS), [ask(20), ask(21), ask(31)])

    assert found == [(0, 0), (1, 0), (1, 1)]


def test_what_was_known_is_told_of_all_that_were_held_to_be_the_person_by_then(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "s.duckdb"), "f" * 16) as store:
        store.write(batches(FACTS))
        early, late = (read_known(store, key(PERSON, AT_LENDER), as_of_s) for as_of_s in (20, 21))

    assert early.keys == {key(PERSON, AT_LENDER)}
    assert not early.facts
    assert late.keys == {key(PERSON, AT_LENDER), key(PERSON, BY_PHONE)}
    assert [(batch.edge, len(batch)) for batch in late.facts] == [(CALLED, 2)]
