"""The saved queries are named once, explained in a line, and written to read."""

import re
from importlib.resources import files

import pytest

import graph.browser
from graph.browser.queries import SavedQuery, read_queries
from graph.vocabulary import NodeLabel, RelType

WRITING = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|LOAD|CALL|FOREACH)\b", re.IGNORECASE)


def test_every_block_of_the_file_is_a_query_with_a_name_of_its_own() -> None:
    text = files(graph.browser).joinpath("queries.cypher").read_text(encoding="utf-8")
    assert len({query.name for query in read_queries()}) == text.count("// name: ") == 8


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
