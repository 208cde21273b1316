"""Payments and standing orders of the Berka source: tables and fact rules."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.berka.codes import (
    AFTER_THE_LAST_LOAN,
    CHANNEL,
    COUNTER_BY_CHANNEL,
    COUNTER_BY_PURPOSE,
    CREDIT,
    DIRECTION,
    MONEY,
    ORDER_PURPOSE,
    PURPOSE,
    WITHDRAWAL,
    ZONE,
)
from ingest.checks import Check, RejectReason
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.values import Code, Money, Text, bare_date

_ACCOUNT = NodeLabel.BANK_ACCOUNT

_PAYMENT = MONEY | {"channel": "channel", "purpose": "purpose"}
PAYMENTS = TableSpec(
    name="payments",
    file="trans_test.csv",
    delimiter=";",
    columns=(
        ColumnSpec("trans_id", "payment_id", Text()),
        ColumnSpec("account_id", "account_id", Text()),
        ColumnSpec("date", "paid", bare_date(ZONE)),
        ColumnSpec("type", "direction", Code(DIRECTION)),
        ColumnSpec("operation", "channel", Code(CHANNEL), optional=True),
        ColumnSpec("amount", "amount", Money()),
        ColumnSpec("balance", "balance", Money(signed=True)),
        ColumnSpec("k_symbol", "purpose", Code(PURPOSE), optional=True),
        ColumnSpec("bank", "other_bank", Text(), optional=True),
        ColumnSpec("account", "other_account", Text(), optional=True),
    ),
    derived={
        "counterparty": pl.coalesce(
            pl.concat_str("other_bank", "other_account", separator="|"),
            pl.col("purpose").replace_strict(COUNTER_BY_PURPOSE, default=None, return_dtype=pl.String),
            pl.col("channel").replace_strict(COUNTER_BY_CHANNEL, default=None, return_dtype=pl.String),
        )
    },
    checks=(Check(RejectReason.MISSING_VALUE, "other_bank", pl.col("counterparty").is_null()),),
    rules=(
        FactRule(
            EdgeType(_ACCOUNT, RelType.PAID, _ACCOUNT),
            source="counterparty",
            target="account_id",
            when=Dated("paid"),
            identity=("payment_id",),
            properties=_PAYMENT | {"target_balance_minor": "balance"},
            where=pl.col("direction") == CREDIT,
        ),
        FactRule(
            EdgeType(_ACCOUNT, RelType.PAID, _ACCOUNT),
            source="account_id",
            target="counterparty",
            when=Dated("paid"),
            identity=("payment_id",),
            properties=_PAYMENT | {"source_balance_minor": "balance"},
            where=pl.col("direction") == WITHDRAWAL,
        ),
    ),
)

ORDERS = TableSpec(
    name="standing_orders",
    file="order_undated.csv",
    delimiter=";",
    columns=(
        ColumnSpec("order_id", "order_id", Text()),
        ColumnSpec("account_id", "account_id", Text()),
        ColumnSpec("bank_to", "other_bank", Text()),
        ColumnSpec("account_to", "other_account", Text()),
        ColumnSpec("amount", "amount", Money()),
        ColumnSpec("k_symbol", "purpose", Code(ORDER_PURPOSE), optional=True),
    ),
    derived={"counterparty": pl.concat_str("other_bank", "other_account", separator="|")},
    rules=(
        FactRule(
            EdgeType(_ACCOUNT, RelType.ORDERED_TO_PAY, _ACCOUNT),
            source="account_id",
            target="counterparty",
            when=AFTER_THE_LAST_LOAN,
            identity=("order_id",),
            properties=MONEY | {"purpose": "purpose"},
        ),
    ),
)
