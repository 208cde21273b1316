"""What lenders state: applications and decisions, the loan tape, guarantees, referrals.

A decision counts as known when it was taken, an application when it was made: the lender who states them knew them then.
What is recorded of an application more than `AT_ONCE` after the decision may be a correction and counts as known when that
was recorded; so does a row that merely came late, since no row says whether it is the first: 150 of 4,513 applications in the
sandbox of 2,000 persons, all others being known as early as if every row had been compared with all of its application.
"""

from datetime import timedelta

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import (
    CURRENCY,
    IBAN,
    MONEY,
    MONEY_IF_KNOWN,
    PERCENT,
    RECORDED,
    Values,
    count,
    is_company,
    lacking,
    moment,
    money,
    text,
    word,
)
from ingest.values import Code

_PERSON, _COMPANY, _LENDER, _LOAN = NodeLabel.PERSON, NodeLabel.COMPANY, NodeLabel.LENDER, NodeLabel.LOAN
BORROWER_KINDS = {"person": _PERSON, "company": _COMPANY}
APPROVED, DECLINED = "approved", "declined"
DISBURSED, DUE, PAID, MISSED = "disbursed", "due", "paid", "missed"
DEFAULTED, CLOSED, RECOVERED = "defaulted", "closed", "recovered"
TAPE_EVENTS = (DISBURSED, DUE, PAID, MISSED, DEFAULTED, CLOSED, RECOVERED)
_LOAN_OF_LENDER = "^([A-Z0-9]+)-"
AT_ONCE = timedelta(days=3)
"""From a decision; what is recorded by then is taken for the first statement of its application."""


def _of_borrower(
    rel: RelType,
    when: Dated,
    identity: tuple[str, ...],
    properties: Values,
    *,
    event: str | None = None,
) -> tuple[FactRule, ...]:
    """One rule a kind of borrower, who stands in `borrower_id`; of one event of the tape where one is named."""
    happened = pl.lit(True) if event is None else pl.col("event") == event
    return tuple(
        FactRule(
            EdgeType(label, rel, _LOAN),
            source="borrower_id",
            target="loan_id",
            when=when,
            identity=identity,
            properties=properties,
            where=happened & (pl.col("borrower_kind") == label.value),
        )
        for label in BORROWER_KINDS.values()
    )


def _kind(header: str) -> ColumnSpec:
    return ColumnSpec(header, "borrower_kind", Code({word: label.value for word, label in BORROWER_KINDS.items()}))


APPLICATIONS = TableSpec(
    name="applications",
    file="applications.csv",
    columns=(
        text("application_id", "loan_id"),
        text("lender_id"),
        _kind("applicant_kind"),
        text("applicant_id", "borrower_id"),
        moment("applied_at", "applied"),
        money(),
        CURRENCY,
        count("term_months", "term_months", 600, least=1),
        word("purpose", optional=True),
        money("declared_income", "declared_income", optional=True),
        ColumnSpec("decision", "decision", Code({word: word for word in (APPROVED, DECLINED)})),
        moment("decided_at", "decided"),
        ColumnSpec("rate_pct", "rate_pct", PERCENT, optional=True),
        RECORDED,
    ),
    ignored={"instalment": "follows from the decision, and the loan tape states every one"},
    derived={
        "stated_known_s": pl.when(pl.col("recorded_us") <= pl.col("decided_us") + AT_ONCE // timedelta(microseconds=1))
        .then("applied_known_s")
        .otherwise("recorded_known_s"),
    },
    checks=(not_before("decided", "applied"), not_before("recorded", "decided")),
    rules=(
        *_of_borrower(
            RelType.APPLIED_FOR,
            Dated("applied", known="stated"),
            ("loan_id",),
            {
                **MONEY,
                "term_months": "term_months",
                "purpose": "purpose",
                "declared_income_minor": "declared_income",
            },
        ),
        FactRule(
            EdgeType(_LENDER, RelType.FUNDED, _LOAN),
            source="lender_id",
            target="loan_id",
            when=Dated("decided"),
            identity=("loan_id",),
            properties={**MONEY, "rate_pct": "rate_pct"},
            where=pl.col("decision") == APPROVED,
        ),
        FactRule(
            EdgeType(_LENDER, RelType.DECLINED, _LOAN),
            source="lender_id",
            target="loan_id",
            when=Dated("decided"),
            identity=("loan_id",),
            where=pl.col("decision") == DECLINED,
        ),
    ),
)

_TOLD = Dated("happened", known="recorded")
_ON_INSTALMENT: Values = {"instalment": "instalment", **MONEY_IF_KNOWN}
_INSTALMENT = ("loan_id", "instalment")

LOAN_TAPE = TableSpec(
    name="loan_tape",
    file="loan_tape.csv",
    columns=(
        text("loan_id"),
        _kind("borrower_kind"),
        text("borrower_id"),
        ColumnSpec("event", "event", Code({word: word for word in TAPE_EVENTS})),
        count("instalment", "instalment", 600, least=1, optional=True),
        moment("event_at", "happened", promise=True),
        money(optional=True),
        CURRENCY,
        count("days_late", "days_late", 3_660, least=-3_660, optional=True),
        ColumnSpec("iban", "iban", IBAN, optional=True),
        RECORDED,
    ),
    derived={
        "lender_id": pl.col("loan_id").str.extract(_LOAN_OF_LENDER, 1),
        # an instalment may be announced; everything else is told after it happened
        "told_us": pl.when(pl.col("event") != DUE).then("happened_us"),
    },
    checks=(
        not_before("recorded", "told"),
        lacking("instalment", pl.col("event").is_in([DUE, PAID, MISSED])),
        lacking("days_late", pl.col("event") == PAID),
        lacking("amount", pl.col("event").is_in([DISBURSED, RECOVERED])),
        lacking("lender_id", pl.col("event") == RECOVERED),
    ),
    rules=(
        FactRule(
            EdgeType(_LOAN, RelType.DISBURSED_TO, NodeLabel.BANK_ACCOUNT),
            source="loan_id",
            target="iban",
            when=_TOLD,
            identity=("loan_id",),
            properties=MONEY,
            where=(pl.col("event") == DISBURSED) & pl.col("iban").is_not_null(),
        ),
        *_of_borrower(RelType.OWES, _TOLD, _INSTALMENT, _ON_INSTALMENT, event=DUE),
        *_of_borrower(RelType.REPAID, _TOLD, _INSTALMENT, {**_ON_INSTALMENT, "days_late": "days_late"}, event=PAID),
        *_of_borrower(RelType.MISSED, _TOLD, _INSTALMENT, _ON_INSTALMENT, event=MISSED),
        *_of_borrower(RelType.DEFAULTED_ON, _TOLD, ("loan_id",), MONEY_IF_KNOWN, event=DEFAULTED),
        *_of_borrower(RelType.CLOSED, _TOLD, ("loan_id",), {}, event=CLOSED),
        FactRule(
            EdgeType(_LENDER, RelType.RECOVERED, _LOAN),
            source="lender_id",
            target="loan_id",
            when=_TOLD,
            identity=("loan_id", "happened_us"),
            properties=MONEY,
            where=pl.col("event") == RECOVERED,
        ),
    ),
)

GUARANTEES = TableSpec(
    name="guarantees",
    file="guarantees.csv",
    least_rows=0,
    columns=(
        text("application_id", "loan_id"),
        text("guarantor_id"),
        money(),
        CURRENCY,
        moment("signed_at", "signed"),
        RECORDED,
    ),
    checks=(not_before("recorded", "signed"),),
    rules=tuple(
        FactRule(
            EdgeType(label, RelType.GUARANTEES, _LOAN),
            source="guarantor_id",
            target="loan_id",
            when=Dated("signed", known="recorded"),
            identity=("loan_id", "guarantor_id"),
            properties=MONEY,
            where=where,
        )
        for label, where in ((_PERSON, ~is_company("guarantor_id")), (_COMPANY, is_company("guarantor_id")))
    ),
)

REFERRALS = TableSpec(
    name="referrals",
    file="referrals.csv",
    least_rows=0,
    columns=(
        text("referral_id"),
        text("referrer_id"),
        text("referred_id"),
        moment("referred_at", "referred"),
        RECORDED,
    ),
    ignored={"lender_id": "both customer numbers begin with it"},
    checks=(not_before("recorded", "referred"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.REFERRED, _PERSON),
            source="referrer_id",
            target="referred_id",
            when=Dated("referred", known="recorded"),
            identity=("referral_id",),
        ),
    ),
)
