"""The saved queries are named once, explained in a line, and written to read."""

import re

import pytest

from graph.browser.queries import SavedQuery, read_queries
from graph.vocabulary import NodeLabel, RelType

WRITING = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|LOAD|CALL|FOREACH)\b", re.IGNORECASE)


def test_there_are_five_with_names_of_their_own() -> None:
    assert len({query.name for query in read_queries()}) == 5


@pytest.mark.parametrize("query", read_queries(), ids=lambda q: q.name)
def test_a_saved_query_only_reads(query: SavedQuery) -> None:
    assert not WRITING.search(query.text)


@pytest.mark.parametrize("query", read_queries(), ids=lambda q: q.name)
def test_a_saved_query_names_only_what_the_vocabulary_declares(query: SavedQuery) -> None:
    relations = {name for part in re.findall(r"\[\w*:([A-Z_|]+)", query.text) for name in part.split("|")}
    labels = set(re.findall(r"\(\w*:(\w+)", query.text))
    assert relations
    assert relations <= set(RelType)
    assert labels <= set(NodeLabel)


@pytest.mark.parametrize("query", read_queries(), ids=lambda q: q.name)
def test_a_saved_query_fits_one_paste(query: SavedQuery) -> None:
    assert query.text.startswith("MATCH")
    assert ";" not in query.text
    assert query.shows
