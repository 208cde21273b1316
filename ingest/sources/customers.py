"""Who the institutions know: identity documents, customers with their telephone and e-mail, addresses."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import (
    COORDINATES,
    DOCUMENTS,
    IN_A_NAME,
    MSISDN,
    RECORDED,
    address,
    day,
    known_person,
    person,
    place,
    text,
)
from ingest.values import Code, Text, YearOfDate

_PERSON, _ADDRESS, _PLACE = NodeLabel.PERSON, NodeLabel.ADDRESS, NodeLabel.PLACE
DOCUMENT_KIND = {"id_card": "id_card", "passport": "passport", "residence_permit": "residence_permit"}

DOCUMENTS_CHECKED = TableSpec(
    name=DOCUMENTS,
    file="documents.csv",
    columns=(
        text("customer_id"),
        ColumnSpec("document_kind", "kind", Code(DOCUMENT_KIND)),
        ColumnSpec("document_country", "country", Text(pattern="^[A-Z]{2,3}$")),
        text("document_no", "number"),
        day("checked_on", "checked"),
        RECORDED,
    ),
    derived={
        "document": pl.concat_str("kind", "country", "number", separator="|"),
        # a number that was corrected later does not make a second person
        "person": pl.col("number").sort_by("recorded_us", "row").first().over("customer_id"),
    },
    checks=(not_before("recorded", "checked"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT),
            source="person",
            target="document",
            when=Dated("checked", known="recorded"),
            identity=("customer_id", "document"),
        ),
    ),
)

CUSTOMERS = TableSpec(
    name="customers",
    file="customers.csv",
    columns=(
        text("customer_id"),
        ColumnSpec("birth_date", "birth_year", YearOfDate(), optional=True),
        ColumnSpec("phone", "phone", MSISDN, optional=True),
        text("email", optional=True),
        RECORDED,
    ),
    ignored={"institution": "the customer number begins with it", "full_name": IN_A_NAME},
    lookups=(known_person(),),
    derived={"person": person(), "mailbox": pl.col("email").str.to_lowercase()},
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.DESCRIBED_AS, _PERSON),
            source="person",
            target="person",
            when=Dated("recorded"),
            identity=("customer_id",),
            properties={"birth_year": "birth_year"},
            where=pl.col("birth_year").is_not_null(),
        ),
        FactRule(
            EdgeType(_PERSON, RelType.HAS_PHONE, NodeLabel.PHONE),
            source="person",
            target="phone",
            when=Dated("recorded"),
            identity=("customer_id", "phone"),
            where=pl.col("phone").is_not_null(),
        ),
        FactRule(
            EdgeType(_PERSON, RelType.HAS_EMAIL, NodeLabel.EMAIL),
            source="person",
            target="mailbox",
            when=Dated("recorded"),
            identity=("customer_id", "mailbox"),
            where=pl.col("mailbox").is_not_null(),
        ),
    ),
)

ADDRESSES = TableSpec(
    name="addresses",
    file="addresses.csv",
    columns=(
        text("customer_id"),
        text("street"),
        text("postcode"),
        text("city"),
        ColumnSpec("cell_lat", "cell_lat", COORDINATES),
        ColumnSpec("cell_lon", "cell_lon", COORDINATES),
        day("valid_from", "valid"),
        RECORDED,
    ),
    lookups=(known_person(),),
    derived={"person": person(), "address": address("street", "postcode", "city"), "cell": place()},
    checks=(not_before("recorded", "valid"),),
    rules=tuple(
        FactRule(
            EdgeType(_PERSON, RelType.LIVES_AT, label),
            source="person",
            target=where,
            when=Dated("valid", known="recorded"),
            identity=("customer_id", "valid_day"),
        )
        for label, where in ((_ADDRESS, "address"), (_PLACE, "cell"))
    ),
)
