"""Watchlists, and people's consents.

An entry on a list is taken for a person's only where it names their document: a name and a birthday are shared by too many.
Consents are read and checked; no fact and no other row depends on them.
"""

import polars as pl

from graph.vocabulary import EdgeType, Family, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import IN_A_NAME, RECORDED, day, moment, text, word
from ingest.values import Code

_PERSON = NodeLabel.PERSON
LISTS = ("sanctions", "fraud_register", "insolvency")

WATCHLISTS = TableSpec(
    name="watchlists",
    file="watchlists.csv",
    least_rows=0,
    columns=(
        ColumnSpec("list", "list", Code({word: word for word in LISTS})),
        text("document_no", "person", optional=True),
        day("listed_on", "listed"),
        RECORDED,
    ),
    ignored={"full_name": IN_A_NAME, "birth_date": IN_A_NAME},
    checks=(not_before("recorded", "listed"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.LISTED_ON, _PERSON),
            source="person",
            target="person",
            when=Dated("listed", known="recorded"),
            identity=("list", "person"),
            properties={"list": "list"},
            where=pl.col("person").is_not_null(),
        ),
    ),
)

CONSENTS = TableSpec(
    name="consents",
    file="consents.csv",
    columns=(
        text("consent_id"),
        text("customer_id"),
        ColumnSpec("family", "family", Code({family.value: family.value for family in Family})),
        word("purpose"),
        ColumnSpec("action", "action", Code({word: word for word in ("granted", "revoked")})),
        moment("at", "happened"),
        RECORDED,
    ),
    checks=(not_before("recorded", "happened"),),
)
