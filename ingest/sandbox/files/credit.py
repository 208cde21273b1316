"""What lenders state of credit: applications with their decisions, what became of loans, guarantees, recommendations.

Borrowers are persons, by the lender's own customer number, or firms, by their register number. Credit deliveries are
chased until they arrive, so none is lost for good; late, repeated and corrected rows there are.
"""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import LOAN_EVENTS, Event, LoanEvent
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import instant, money, running_ids, seconds

APPLICATIONS = (
    *("application_id", "lender_id", "applicant_kind", "applicant_id", "applied_at", "amount", "currency", "term_months"),
    *("purpose", "declared_income", "decision", "decided_at", "rate_pct", "instalment", "recorded_at"),
)
LOAN_TAPE = (
    *("loan_id", "borrower_kind", "borrower_id", "event", "instalment", "event_at", "amount", "currency", "days_late"),
    *("iban", "recorded_at"),
)
GUARANTEES = ("application_id", "guarantor_id", "amount", "currency", "signed_at", "recorded_at")
REFERRALS = ("referral_id", "lender_id", "referrer_id", "referred_id", "referred_at", "recorded_at")
PURPOSES = ("consumption", "repair", "education", "moving", "refinancing", "working_capital")
CURRENCY = pl.lit("EUR").alias("currency")
INCOME_MISSING_SHARE = 0.02
_WITHOUT_INSTALMENT = (LoanEvent.DISBURSED, LoanEvent.DEFAULTED, LoanEvent.CLOSED, LoanEvent.RECOVERED)


def party_ids(delivery: Delivery, lenders: NDArray[np.integer], accounts: NDArray[np.integer]) -> pl.Series:
    """Ids of parties a lender deals with, by account number: customer ids of persons, register numbers of firms."""
    ids, persons = delivery.identifiers, len(delivery.society.people)
    number = np.asarray(accounts, np.int64)
    person = number < persons
    names = ids.customer_ids(ids.lender_position(lenders), np.where(person, number, 0))
    firms = ids.company_ids(number[~person] - persons)
    return names if person.all() else names.scatter(np.flatnonzero(~person), firms)


def party_kinds(delivery: Delivery, accounts: NDArray[np.integer]) -> pl.Series:
    """`person` or `company` by account number."""
    return pl.Series(["person", "company"]).gather((np.asarray(accounts) >= len(delivery.society.people)).astype(np.int64))


def write_applications(delivery: Delivery, path: Path) -> int:
    """Applications with the decisions on them."""
    return write_table(path, APPLICATIONS, (_applications(delivery, month) for month in range(delivery.months)))


def write_loan_tape(delivery: Delivery, path: Path) -> int:
    """What became of loans."""
    return write_table(path, LOAN_TAPE, (_loan_tape(delivery, month) for month in range(delivery.months)))


def write_guarantees(delivery: Delivery, path: Path) -> int:
    """Who stands in for whose loan."""
    return write_table(path, GUARANTEES, (_guarantees(delivery, month) for month in range(delivery.months)))


def write_referrals(delivery: Delivery, path: Path) -> int:
    """Who recommended a lender to whom."""
    return write_table(path, REFERRALS, (_referrals(delivery, month) for month in range(delivery.months)))


def _applications(delivery: Delivery, month: int) -> pl.DataFrame:
    log, ids, dirt = delivery.log.read(Event.APPLICATION, month), delivery.identifiers, delivery.dirt
    loan, lender, applicant = (log[name].to_numpy() for name in ("loan", "lender", "applicant"))
    row = dirt.identity(loan)
    decided = seconds(month, log["decided_second"].to_numpy())
    undeclared = pl.Series(dirt.missing("applications", "declared_income", INCOME_MISSING_SHARE, row))
    frame = pl.DataFrame(
        {
            "row": row,
            "application_id": ids.loan_ids(lender, loan),
            "lender_id": ids.lender_ids(lender),
            "applicant_kind": party_kinds(delivery, applicant),
            "applicant_id": party_ids(delivery, lender, applicant),
            "applied_at": seconds(month, log["second"].to_numpy()),
            "amount": log["amount"],
            "term_months": log["term_months"],
            "purpose": pl.Series(PURPOSES).gather(log["purpose"].cast(pl.Int64)),
            "declared_income": log["declared_income"].set(undeclared, None),
            "approved": log["approved"],
            "decided_at": decided,
            "rate_pct": log["rate_bp"],
            "instalment": log["instalment"],
            "recorded_at": dirt.soon("applications", row, decided),
        }
    )
    offered = pl.when("approved")
    arrived = dirt.delivered("applications", dirt.with_corrections("applications", frame, "declared_income"))
    return arrived.with_columns(
        CURRENCY,
        *(instant(name) for name in ("applied_at", "decided_at", "recorded_at")),
        *(money(name) for name in ("amount", "declared_income")),
        # a lender that refuses names no price
        *(offered.then(money(name)).alias(name) for name in ("rate_pct", "instalment")),
        decision=offered.then(pl.lit("approved")).otherwise(pl.lit("declined")),
    ).select(APPLICATIONS)


def _loan_tape(delivery: Delivery, month: int) -> pl.DataFrame:
    log, ids, dirt = delivery.log.read(Event.LOAN, month), delivery.identifiers, delivery.dirt
    loan, lender, borrower, kind = (log[name].to_numpy() for name in ("loan", "lender", "borrower", "kind"))
    at = seconds(month, log["second"].to_numpy())
    row = dirt.identity(loan, kind, log["instalment"].to_numpy(), at)
    iban = pl.Series([None], dtype=pl.String).gather(np.zeros(len(row), np.int64))
    paid_out = np.flatnonzero((kind == LOAN_EVENTS.index(LoanEvent.DISBURSED)) & (log["account"].to_numpy() >= 0))
    frame = pl.DataFrame(
        {
            "row": row,
            "loan_id": ids.loan_ids(lender, loan),
            "borrower_kind": party_kinds(delivery, borrower),
            "borrower_id": party_ids(delivery, lender, borrower),
            "event": pl.Series([event.value for event in LOAN_EVENTS]).gather(kind.astype(np.int64)),
            "instalment": log["instalment"],
            "event_at": at,
            "amount": log["amount"],
            "days_late": log["days_late"],
            "iban": iban.scatter(paid_out, ids.ibans(log["account"].to_numpy()[paid_out])),
            # a date due ahead is stated when it has come: nothing is recorded before it happened
            "recorded_at": dirt.soon("loan_tape", row, at),
        }
    )
    event = pl.col("event")
    return (
        # what falls on one second lies in the log in order of persons
        dirt.delivered("loan_tape", frame[np.lexsort((row, at))])
        .with_columns(
            CURRENCY,
            instant("event_at"),
            instant("recorded_at"),
            pl.when(pl.col("amount") != 0).then(money("amount")).alias("amount"),
            pl.when(~event.is_in(_WITHOUT_INSTALMENT)).then(pl.col("instalment")).alias("instalment"),
            pl.when(event == LoanEvent.PAID).then(pl.col("days_late")).alias("days_late"),
        )
        .select(LOAN_TAPE)
    )


def _guarantees(delivery: Delivery, month: int) -> pl.DataFrame:
    log, ids, dirt = delivery.log.read(Event.GUARANTEE, month), delivery.identifiers, delivery.dirt
    loan, guarantor = log["loan"].to_numpy(), log["guarantor"].to_numpy()
    lender = delivery.known.lenders_of_loans(month)[loan]
    signed = seconds(month, log["second"].to_numpy())
    row = dirt.identity(loan, guarantor)
    frame = pl.DataFrame(
        {
            "row": row,
            "application_id": ids.loan_ids(lender, loan),
            "guarantor_id": party_ids(delivery, lender, guarantor),
            "amount": log["amount"],
            "signed_at": signed,
            "recorded_at": dirt.soon("guarantees", row, signed),
        }
    )
    arrived = dirt.delivered("guarantees", dirt.with_corrections("guarantees", frame, "amount"))
    return arrived.with_columns(CURRENCY, money("amount"), instant("signed_at"), instant("recorded_at")).select(GUARANTEES)


def _referrals(delivery: Delivery, month: int) -> pl.DataFrame:
    log, ids, dirt = delivery.log.read(Event.REFERRAL, month), delivery.identifiers, delivery.dirt
    lender, referrer, referred = (log[name].to_numpy() for name in ("lender", "referrer", "referred"))
    at = seconds(month, log["second"].to_numpy())
    row = dirt.identity(lender, referrer, referred, at)
    frame = pl.DataFrame(
        {
            "row": row,
            "referral_id": running_ids("R", row),
            "lender_id": ids.lender_ids(lender),
            "referrer_id": party_ids(delivery, lender, referrer),
            "referred_id": party_ids(delivery, lender, referred),
            "referred_at": at,
            "recorded_at": dirt.soon("referrals", row, at),
        }
    )
    return dirt.delivered("referrals", frame).with_columns(instant("referred_at"), instant("recorded_at")).select(REFERRALS)
