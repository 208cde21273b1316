"""Bank accounts, and payments from their statements, delivered as CSV or as camt.053 XML.

A payment between two accounts of which both have statements is stated twice: it is taken from the payer's. What a statement
says of a payment's text and the other side's name is not read.
"""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, Format, Lookup, TableSpec
from ingest.sources.columns import (
    CURRENCY,
    FREE_TEXT,
    IBAN,
    IN_A_NAME,
    RECORDED,
    Values,
    day,
    is_company,
    known_person,
    moment,
    money,
    person,
    text,
    word,
)

_ACCOUNT, _LENDER = NodeLabel.BANK_ACCOUNT, NodeLabel.LENDER
_ACCOUNTS = "accounts"
_OF_COMPANY = is_company("customer_id")

ACCOUNTS = TableSpec(
    name=_ACCOUNTS,
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
    lookups=(known_person(),),
    derived={"holder": person()},
    checks=(not_before("recorded", "opened"),),
    rules=(
        *(
            FactRule(
                EdgeType(label, RelType.HOLDS, _ACCOUNT),
                source="holder",
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

_PAID = EdgeType(_ACCOUNT, RelType.PAID, _ACCOUNT)
_PAYMENT: Values = {"amount_minor": pl.col("amount").abs(), "currency": "currency", "purpose": "purpose"}
_WHEN = Dated("booked", known="recorded")
_PAYMENTS = (
    FactRule(
        _PAID,
        source="iban",
        target="other_iban",
        when=_WHEN,
        identity=("entry_id",),
        properties={**_PAYMENT, "source_balance_minor": "balance"},
        where=pl.col("amount") < 0,
    ),
    FactRule(
        _PAID,
        source="other_iban",
        target="iban",
        when=_WHEN,
        identity=("entry_id",),
        properties={**_PAYMENT, "target_balance_minor": "balance"},
        where=(pl.col("amount") > 0) & pl.col("other_bank").is_null(),
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
# an account with two holders is in the file twice, at the same bank
_STATED_BY_THE_OTHER = Lookup(_ACCOUNTS, on="other_iban", key="iban", take={"bank_id": "other_bank"}, required=False)

STATEMENTS = TableSpec(
    name="statements",
    file="statements.csv",
    columns=(*_ENTRY, RECORDED),
    ignored={**_NOT_READ, "bank_id": "the accounts say where they are held"},
    lookups=(_STATED_BY_THE_OTHER,),
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
    lookups=(_STATED_BY_THE_OTHER,),
    checks=(not_before("recorded", "booked"),),
    rules=_PAYMENTS,
)
