"""Companies: their trade, who owns them or a lender, and what they invoice each other."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import CURRENCY, IN_A_NAME, MONEY, PERCENT, RECORDED, day, money, text
from ingest.values import Code, Text

_PERSON, _COMPANY, _LENDER = NodeLabel.PERSON, NodeLabel.COMPANY, NodeLabel.LENDER
OWNERS = {"person": _PERSON, "company": _COMPANY}
OWNED = {"company": _COMPANY, "lender": _LENDER}
_LATER = "how long an invoice stays open is not used yet"

COMPANIES = TableSpec(
    name="companies",
    file="companies.csv",
    columns=(
        text("company_id"),
        ColumnSpec("nace_section", "trade", Text(pattern="^[A-U]$")),
        day("registered_on", "registered"),
        RECORDED,
    ),
    ignored={
        "name": IN_A_NAME,
        "legal_form": "no relation carries it",
        "cell_lat": "no relation joins a company to a place",
        "cell_lon": "no relation joins a company to a place",
    },
    checks=(not_before("recorded", "registered"),),
    rules=(
        FactRule(
            EdgeType(_COMPANY, RelType.IN_CATEGORY, NodeLabel.CATEGORY),
            source="company_id",
            target="trade",
            when=Dated("registered", known="recorded"),
            identity=("company_id",),
        ),
    ),
)


def _kind(header: str, labels: dict[str, NodeLabel]) -> ColumnSpec:
    return ColumnSpec(header, header, Code({word: label.value for word, label in labels.items()}))


OWNERSHIP = TableSpec(
    name="ownership",
    file="ownership.csv",
    columns=(
        _kind("owner_kind", OWNERS),
        text("owner_id"),
        _kind("owned_kind", OWNED),
        text("owned_id"),
        ColumnSpec("share_pct", "share_pct", PERCENT),
        day("since", "since"),
        RECORDED,
    ),
    checks=(not_before("recorded", "since"),),
    rules=tuple(
        FactRule(
            EdgeType(owner, RelType.OWNS, owned),
            source="owner_id",
            target="owned_id",
            when=Dated("since", known="recorded"),
            identity=("owner_id", "owned_id"),
            properties={"share_pct": "share_pct"},
            where=(pl.col("owner_kind") == owner.value) & (pl.col("owned_kind") == owned.value),
        )
        for owner in OWNERS.values()
        for owned in OWNED.values()
    ),
)

INVOICES = TableSpec(
    name="invoices",
    file="invoices.csv",
    least_rows=0,
    columns=(
        text("invoice_id"),
        text("supplier_id"),
        text("buyer_id"),
        day("issued_on", "issued"),
        money(),
        CURRENCY,
        RECORDED,
    ),
    ignored={"due_on": _LATER, "paid_on": _LATER},
    checks=(not_before("recorded", "issued"),),
    rules=(
        FactRule(
            EdgeType(_COMPANY, RelType.SUPPLIES, _COMPANY),
            source="supplier_id",
            target="buyer_id",
            when=Dated("issued", known="recorded"),
            identity=("invoice_id",),
            properties=MONEY,
        ),
    ),
)
