"""Bills of telephone companies and utilities, and how late they were paid."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import CURRENCY, MONEY, RECORDED, day, money, text
from ingest.values import Code

BILL_KIND = {"telecom": "telecom", "utility": "utility"}

BILLS = TableSpec(
    name="bills",
    file="bills.csv",
    columns=(
        text("bill_id"),
        text("biller_id", "company_id"),
        ColumnSpec("kind", "kind", Code(BILL_KIND)),
        text("customer_id"),
        day("issued_on", "issued"),
        day("due_on", "due", promise=True),
        money(),
        CURRENCY,
        day("paid_on", "paid", optional=True),
        RECORDED,
    ),
    derived={"days_late": (pl.col("paid_day") - pl.col("due_day")).dt.total_days()},
    checks=(not_before("due", "issued"), not_before("recorded", "issued"), not_before("recorded", "paid")),
    rules=(
        FactRule(
            EdgeType(NodeLabel.PERSON, RelType.BILLED_BY, NodeLabel.COMPANY),
            source="customer_id",
            target="company_id",
            when=Dated("issued", known="recorded"),
            identity=("bill_id",),
            properties={**MONEY, "bill_kind": "kind", "days_late": "days_late"},
        ),
    ),
)
