"""Berka: loans, accounts and payments of a Czech bank, 1993 to 1998 (PKDD'99 challenge, anonymised).

Declares files, code tables and facts; decides nothing else. Dates are bare. The status of a loan carries no date and
counts as known after the last loan; who a client is counts as known before the first account; the statistics of a
district as known after the last year they describe. Sex, coded in the birth number, is not read.
"""

from graph.vocabulary import Basis
from ingest.berka.codes import DELIVERED_AT, NAME, STATUS, STATUS_BINARY
from ingest.berka.customers import ACCOUNTS, CLIENTS, DISPOSITIONS, DISTRICTS, cards
from ingest.berka.loans import loans
from ingest.berka.payments import ORDERS, PAYMENTS
from ingest.source import ColumnSpec, SourceSpec
from ingest.values import Code

BERKA = SourceSpec(
    name=NAME,
    publisher="PKDD'99 discovery challenge; free for research",
    basis=Basis.RESEARCH,
    delivered_at=DELIVERED_AT,
    tables=(
        ACCOUNTS,
        DISPOSITIONS,
        CLIENTS,
        DISTRICTS,
        cards("cards_early", "card_train.csv"),
        cards("cards_late", "card_test.csv"),
        loans("loans_early", "loan_train.csv", ";", ColumnSpec("status", "standing", Code(STATUS_BINARY)), {}),
        loans(
            "loans_late",
            "loans_1997_98_labelled.csv",
            ",",
            ColumnSpec("status", "standing", Code(STATUS)),
            {"y": "follows from the status"},
        ),
        # states the late loans a second time, without their status
        loans("loans_late_again", "loan_test.csv", ";", ColumnSpec("status", "standing", Code({}), optional=True), {}),
        PAYMENTS,
        ORDERS,
    ),
    unread={"SOURCE.txt": "describes the files"},
)
