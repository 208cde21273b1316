"""Bank accounts, and payments from their statements, delivered as CSV or as camt.053 XML.

A payment between two accounts of which both have statements is stated twice, and is one fact: it is told apart by who paid
whom, when, and how much. Of the two statements the one recorded first stands, and the balance on the other side is lost with
the version that says it: 289 of 114,125 payments in the sandbox of 2,000 persons, 105 of them the payer's balance. What a
statement says of a payment's text and the other side's name is not read.
"""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, Format, TableSpec
from ingest.sources.columns import (
    CURRENCY,
    FREE_TEXT,
    IBAN,
    IN_A_NAME,
    RECORDED,
    day,
    is_company,
    moment,
    money,
    text,
    word,
)

_ACCOUNT, _LENDER = NodeLabel.BANK_ACCOUNT, NodeLabel.LENDER
_OF_COMPANY = is_company("customer_id")

ACCOUNTS = TableSpec(
    name="accounts",
    file="accounts.csv",
    columns=(
        ColumnSpec("iban", "iban", IBAN),
        text("bank_id"),
        text("customer_id"),
        word("role"),
        word("account_kind"),
        day("opened_on", "opened"),
        RECORDED,
    ),
    checks=(not_before("recorded", "opened"),),
    rules=(
        *(
            FactRule(
                EdgeType(label, RelType.HOLDS, _ACCOUNT),
                source="customer_id",
                target="iban",
                when=Dated("opened", known="recorded"),
                identity=("iban", "customer_id"),
                properties={"role": "role", "account_kind": "account_kind"},
                where=where,
            )
            for label, where in ((NodeLabel.PERSON, ~_OF_COMPANY), (NodeLabel.COMPANY, _OF_COMPANY))
        ),
        FactRule(
            EdgeType(_ACCOUNT, RelType.HELD_AT, _LENDER),
            source="iban",
            target="bank_id",
            when=Dated("opened", known="recorded"),
            identity=("iban",),
        ),
    ),
)

_SPENT = pl.col("amount") < 0
_SIDES = {
    "payer": pl.when(_SPENT).then("iban").otherwise("other_iban"),
    "payee": pl.when(_SPENT).then("other_iban").otherwise("iban"),
    "moved": pl.col("amount").abs(),
}
_PAYMENTS = (
    FactRule(
        EdgeType(_ACCOUNT, RelType.PAID, _ACCOUNT),
        source="payer",
        target="payee",
        when=Dated("booked", known="recorded"),
        identity=("payer", "payee", "booked_us", "moved", "currency"),
        properties={
            "amount_minor": "moved",
            "currency": "currency",
            "purpose": "purpose",
            "source_balance_minor": pl.when(_SPENT).then("balance"),
            "target_balance_minor": pl.when(~_SPENT).then("balance"),
        },
        where=pl.col("amount") != 0,
    ),
)
_ENTRY = (
    ColumnSpec("iban", "iban", IBAN),
    text("entry_id"),
    moment("booked_at", "booked"),
    money(signed=True),
    CURRENCY,
    ColumnSpec("counterparty_iban", "other_iban", IBAN),
    word("purpose_code", "purpose", optional=True),
    money("balance_after", "balance", optional=True, signed=True),
)
_NOT_READ = {"counterparty_name": IN_A_NAME, "remittance": FREE_TEXT}

STATEMENTS = TableSpec(
    name="statements",
    file="statements.csv",
    columns=(*_ENTRY, RECORDED),
    ignored={**_NOT_READ, "bank_id": "the accounts say where they are held"},
    derived=_SIDES,
    checks=(not_before("recorded", "booked"),),
    rules=_PAYMENTS,
)

STATEMENTS_XML = TableSpec(
    name="statements_xml",
    file="statements_camt053.xml",
    format=Format.CAMT_053,
    optional=True,
    columns=(*_ENTRY, moment("created_at", "recorded")),
    ignored=_NOT_READ,
    derived=_SIDES,
    checks=(not_before("recorded", "booked"),),
    rules=_PAYMENTS,
)
