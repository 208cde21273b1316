"""People's consents, and watchlists.

An entry on a list is about whoever bears the document it names; where it names none it is read and checked, and gives no fact:
a name and a birthday are shared by too many. Who bears a document is for linkage to find.
"""

import polars as pl

from graph.vocabulary import ConsentAction, EdgeType, Family, NodeLabel, Purpose, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import IN_A_NAME, RECORDED, bearer_of, day, document, moment, text
from ingest.values import Code

_PERSON = NodeLabel.PERSON
LISTS = ("sanctions", "fraud_register", "insolvency")
_LISTED = Dated("listed", known="recorded")
_NAMES_A_DOCUMENT = pl.col("document").is_not_null()

WATCHLISTS = TableSpec(
    name="watchlists",
    file="watchlists.csv",
    least_rows=0,
    columns=(
        ColumnSpec("list", "list", Code({word: word for word in LISTS})),
        text("document_no", "number", optional=True),
        day("listed_on", "listed"),
        RECORDED,
    ),
    ignored={"full_name": IN_A_NAME, "birth_date": IN_A_NAME},
    derived={"document": document("number"), "bearer": bearer_of("document")},
    checks=(not_before("recorded", "listed"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.LISTED_ON, _PERSON),
            source="bearer",
            target="bearer",
            when=_LISTED,
            identity=("list", "document"),
            properties={"list": "list"},
            where=_NAMES_A_DOCUMENT,
        ),
        FactRule(
            EdgeType(_PERSON, RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT),
            source="bearer",
            target="document",
            when=_LISTED,
            identity=("document",),
            where=_NAMES_A_DOCUMENT,
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
        ColumnSpec("purpose", "purpose", Code({purpose.value: purpose.value for purpose in Purpose})),
        ColumnSpec("action", "action", Code({action.value: action.value for action in ConsentAction})),
        moment("at", "happened"),
        RECORDED,
    ),
    checks=(not_before("recorded", "happened"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.CONSENTED, _PERSON),
            source="customer_id",
            target="customer_id",
            when=Dated("happened", known="recorded"),
            identity=("consent_id",),
            properties={"family": "family", "purpose": "purpose", "action": "action"},
        ),
    ),
)
