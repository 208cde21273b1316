"""Who the institutions know: identity documents, customers with their names, telephone and e-mail, addresses.

Names and birth dates reach the graph as keyed hashes alone, by which linkage compares them; a fact for each way in which an
institution ever wrote them, so that a slip of the pen does not hide what it wrote before or after.
"""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.identity import birth_texts, name_texts
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import (
    COORDINATES,
    EMAIL,
    MSISDN,
    RECORDED,
    address,
    day,
    document,
    lacking,
    place,
    text,
)
from ingest.values import BirthDate, Code, Text

_PERSON, _ADDRESS, _PLACE = NodeLabel.PERSON, NodeLabel.ADDRESS, NodeLabel.PLACE
DOCUMENT_KIND = {"id_card": "id_card", "passport": "passport", "residence_permit": "residence_permit"}

DOCUMENTS_CHECKED = TableSpec(
    name="documents",
    file="documents.csv",
    columns=(
        text("customer_id"),
        ColumnSpec("document_kind", "kind", Code(DOCUMENT_KIND)),
        ColumnSpec("document_country", "country", Text(pattern="^[A-Z]{2,3}$")),
        text("document_no", "number"),
        day("checked_on", "checked"),
        RECORDED,
    ),
    derived={"document": document("number")},
    checks=(not_before("recorded", "checked"), lacking("document", pl.lit(value=True))),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT),
            source="customer_id",
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
        text("full_name", optional=True),
        ColumnSpec("birth_date", "birth", BirthDate(), optional=True),
        ColumnSpec("phone", "phone", MSISDN, optional=True),
        ColumnSpec("email", "mailbox", EMAIL, optional=True),
        RECORDED,
    ),
    ignored={"institution": "the customer number begins with it"},
    derived={"known_as": pl.concat_str(pl.col("full_name").fill_null(""), pl.col("birth_date").fill_null(""), separator="|")},
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.DESCRIBED_AS, _PERSON),
            source="customer_id",
            target="customer_id",
            when=Dated("recorded"),
            identity=("customer_id",),
            properties={"birth_year": "birth_year"},
            where=pl.col("birth_year").is_not_null(),
        ),
        FactRule(
            EdgeType(_PERSON, RelType.KNOWN_AS, _PERSON),
            source="customer_id",
            target="customer_id",
            when=Dated("recorded"),
            identity=("customer_id", "known_as"),
            properties={**name_texts(pl.col("full_name")), **birth_texts(pl.col("birth_date"))},
            where=pl.col("full_name").is_not_null() | pl.col("birth_date").is_not_null(),
        ),
        FactRule(
            EdgeType(_PERSON, RelType.HAS_PHONE, NodeLabel.PHONE),
            source="customer_id",
            target="phone",
            when=Dated("recorded"),
            identity=("customer_id", "phone"),
            where=pl.col("phone").is_not_null(),
        ),
        FactRule(
            EdgeType(_PERSON, RelType.HAS_EMAIL, NodeLabel.EMAIL),
            source="customer_id",
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
    derived={"address": address("street", "postcode", "city"), "cell": place()},
    checks=(not_before("recorded", "valid"),),
    rules=tuple(
        FactRule(
            EdgeType(_PERSON, RelType.LIVES_AT, label),
            source="customer_id",
            target=where,
            when=Dated("valid", known="recorded"),
            identity=("customer_id", "valid_day"),
        )
        for label, where in ((_ADDRESS, "address"), (_PLACE, "cell"))
    ),
)
