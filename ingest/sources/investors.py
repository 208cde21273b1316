"""The investors' ledgers of lending platforms: what investors put in and what they were paid back.

What a platform lends, collects, takes as a fee or moves elsewhere is read and checked, and is no fact about an investor.
"""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import (
    CURRENCY,
    IBAN,
    MONEY,
    RECORDED,
    is_company,
    lacking,
    moment,
    money,
    text,
)
from ingest.values import Code

_LENDER = NodeLabel.LENDER
DEPOSIT, PAID_OUT = "deposit", "paid_out"
KINDS = (DEPOSIT, "lent", "collected", PAID_OUT, "fee", "moved")
_OF_COMPANY = is_company("investor_id")
_INVESTORS = ((NodeLabel.PERSON, ~_OF_COMPANY), (NodeLabel.COMPANY, _OF_COMPANY))
_WHEN = Dated("booked", known="recorded")

INVESTORS_LEDGER = TableSpec(
    name="investors_ledger",
    file="investors_ledger.csv",
    least_rows=0,
    columns=(
        text("entry_id"),
        text("platform_id"),
        text("investor_id", optional=True),
        ColumnSpec("kind", "kind", Code({word: word for word in KINDS})),
        money(),
        CURRENCY,
        moment("booked_at", "booked"),
        ColumnSpec("payer_iban", "payer_iban", IBAN, optional=True),
        ColumnSpec("payee_iban", "payee_iban", IBAN, optional=True),
        RECORDED,
    ),
    checks=(not_before("recorded", "booked"), lacking("investor_id", pl.col("kind").is_in([DEPOSIT, PAID_OUT]))),
    rules=(
        *(
            FactRule(
                EdgeType(label, RelType.INVESTED_IN, _LENDER),
                source="investor_id",
                target="platform_id",
                when=_WHEN,
                identity=("entry_id",),
                properties=MONEY,
                where=(pl.col("kind") == DEPOSIT) & where,
            )
            for label, where in _INVESTORS
        ),
        *(
            FactRule(
                EdgeType(_LENDER, RelType.PAID_OUT, label),
                source="platform_id",
                target="investor_id",
                when=_WHEN,
                identity=("entry_id",),
                properties=MONEY,
                where=(pl.col("kind") == PAID_OUT) & where,
            )
            for label, where in _INVESTORS
        ),
    ),
)
