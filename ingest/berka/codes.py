"""Constants of the Berka source: zone, currency, declared times, and its code words in ours."""

from datetime import UTC, datetime

import polars as pl

from ingest.source import Undated

NAME = "berka"
CURRENCY = "CZK"
ZONE = "Europe/Prague"
DELIVERED_AT = datetime(1999, 1, 1, tzinfo=UTC)
AFTER_THE_LAST_LOAN = Undated(DELIVERED_AT)
BEFORE_THE_FIRST_ACCOUNT = Undated(datetime(1993, 1, 1, tzinfo=UTC))
AFTER_THE_STATISTICS = Undated(datetime(1997, 1, 1, tzinfo=UTC))  # they describe 1995 and 1996

FREQUENCY = {
    "monthly issuance": "monthly",
    "weekly issuance": "weekly",
    "issuance after transaction": "after_transaction",
}
OWNER = "owner"
ROLE = {"OWNER": OWNER, "DISPONENT": "disponent"}
CARD_KIND = {"junior": "junior", "classic": "classic", "gold": "gold"}
STATUS = {"A": "settled", "B": "defaulted", "C": "performing", "D": "arrears"}
STATUS_BINARY = {"1": "settled", "-1": "defaulted"}
BAD = ("defaulted", "arrears")
CREDIT, WITHDRAWAL = "credit", "withdrawal"
DIRECTION = {"credit": CREDIT, "withdrawal": WITHDRAWAL, "withdrawal in cash": WITHDRAWAL}
CHANNEL = {
    "credit in cash": "cash_deposit",
    "withdrawal in cash": "cash_withdrawal",
    "credit card withdrawal": "card_withdrawal",
    "collection from another bank": "transfer_in",
    "remittance to another bank": "transfer_out",
}
PURPOSE = {
    "interest credited": "interest",
    "payment for statement": "statement_fee",
    "sanction interest if negative balance": "sanction_interest",
    "household": "household",
    "insurrance payment": "insurance",
}
ORDER_PURPOSE = {"SIPO": "household", "UVER": "loan_payment", "POJISTNE": "insurance", "LEASING": "leasing"}

# The bank's own counters, the other end of money that goes to or comes from no account.
COUNTER_BY_PURPOSE = {"interest": "berka:interest", "statement_fee": "berka:fees", "sanction_interest": "berka:fees"}
COUNTER_BY_CHANNEL = {"cash_deposit": "berka:cash", "cash_withdrawal": "berka:cash", "card_withdrawal": "berka:card"}

BANK = pl.lit(NAME)
MONEY: dict[str, str | pl.Expr] = {"amount_minor": "amount", "currency": pl.lit(CURRENCY)}
