"""Loans of the Berka source: one table declaration for its three loan files."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.berka.codes import (
    AFTER_THE_LAST_LOAN,
    BAD,
    BANK,
    MONEY,
    OWNER,
    ZONE,
)
from ingest.source import ColumnSpec, Dated, FactRule, Lookup, TableSpec
from ingest.values import Integer, Money, Text, bare_date

_PERSON, _LOAN, _LENDER, _ACCOUNT = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER, NodeLabel.BANK_ACCOUNT

_HAS_STATUS = pl.col("standing").is_not_null()
_LOAN_RULES = (
    FactRule(
        EdgeType(_PERSON, RelType.APPLIED_FOR, _LOAN),
        source="owner_id",
        target="loan_id",
        when=Dated("granted"),
        identity=("loan_id",),
        properties=MONEY | {"instalment_minor": "instalment", "term_months": "term_months"},
    ),
    FactRule(
        EdgeType(_LENDER, RelType.FUNDED, _LOAN),
        source=BANK,
        target="loan_id",
        when=Dated("granted"),
        identity=("loan_id",),
        properties=MONEY,
    ),
    FactRule(
        EdgeType(_LOAN, RelType.DISBURSED_TO, _ACCOUNT),
        source="loan_id",
        target="account_id",
        when=Dated("granted"),
        identity=("loan_id",),
        properties=MONEY,
    ),
    FactRule(
        EdgeType(_LENDER, RelType.ASSESSED, _LOAN),
        source=BANK,
        target="loan_id",
        when=AFTER_THE_LAST_LOAN,
        identity=("loan_id",),
        properties={"standing": "standing"},
        where=_HAS_STATUS,
    ),
    FactRule(
        EdgeType(_PERSON, RelType.DEFAULTED_ON, _LOAN),
        source="owner_id",
        target="loan_id",
        when=AFTER_THE_LAST_LOAN,
        identity=("loan_id",),
        where=pl.col("standing").is_in(BAD),
    ),
)


def loans(name: str, file: str, delimiter: str, status: ColumnSpec, ignored: dict[str, str]) -> TableSpec:
    """One of the three loan files, which differ in delimiter, code words of the status and surplus columns."""
    return TableSpec(
        name=name,
        file=file,
        whole=True,
        delimiter=delimiter,
        columns=(
            ColumnSpec("loan_id", "loan_id", Text()),
            ColumnSpec("account_id", "account_id", Text()),
            ColumnSpec("date", "granted", bare_date(ZONE)),
            ColumnSpec("amount", "amount", Money()),
            ColumnSpec("duration", "term_months", Integer(1, 600)),
            ColumnSpec("payments", "instalment", Money()),
            status,
        ),
        ignored=ignored,
        lookups=(Lookup("dispositions", on="account_id", take={"client_id": "owner_id"}, where=pl.col("role") == OWNER),),
        rules=_LOAN_RULES,
    )
