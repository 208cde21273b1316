"""Berka: loans, accounts and payments of a Czech bank, 1993 to 1998 (PKDD'99 challenge, anonymised).

Declares files, code tables and facts; decides nothing else. Dates are bare. The status of a loan carries no date and
counts as known after the last loan; who a client is counts as known before the first account; the statistics of a
district as known after the last year they describe. Sex, coded in the birth number, is not read.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from graph.vocabulary import Basis, EdgeType, NodeLabel, RelType
from ingest.checks import Check, RejectReason
from ingest.source import ColumnSpec, Dated, FactRule, Lookup, SourceSpec, TableSpec, Undated
from ingest.values import BirthYear, Code, Decimal, Integer, Money, Text, bare_date

NAME = "berka"
CURRENCY = "CZK"
ZONE = "Europe/Prague"
_ZONE = ZoneInfo(ZONE)
DELIVERED_AT = datetime(1999, 1, 1, tzinfo=_ZONE)
AFTER_THE_LAST_LOAN = Undated(DELIVERED_AT)
BEFORE_THE_FIRST_ACCOUNT = Undated(datetime(1993, 1, 1, tzinfo=_ZONE))
AFTER_THE_STATISTICS = Undated(datetime(1997, 1, 1, tzinfo=_ZONE))  # they describe 1995 and 1996

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

_PERSON, _LOAN, _LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
_ACCOUNT, _PLACE = NodeLabel.BANK_ACCOUNT, NodeLabel.PLACE
_MONEY = {"amount_minor": "amount", "currency": pl.lit(CURRENCY)}
_BANK = pl.lit(NAME)

_ACCOUNTS = TableSpec(
    name="accounts",
    file="account.csv",
    delimiter=";",
    columns=(
        ColumnSpec("account_id", "account_id", Text()),
        ColumnSpec("district_id", "district_id", Text()),
        ColumnSpec("frequency", "frequency", Code(FREQUENCY)),
        ColumnSpec("date", "opened", bare_date(ZONE)),
    ),
    rules=(
        FactRule(
            EdgeType(_ACCOUNT, RelType.DESCRIBED_AS, _ACCOUNT),
            source="account_id",
            target="account_id",
            when=Dated("opened"),
            identity=("account_id",),
            properties={"statement_frequency": "frequency"},
        ),
        FactRule(
            EdgeType(_ACCOUNT, RelType.HELD_AT, _PLACE),
            source="account_id",
            target="district_id",
            when=Dated("opened"),
            identity=("account_id",),
        ),
        FactRule(
            EdgeType(_ACCOUNT, RelType.HELD_AT, _LENDER),
            source="account_id",
            target=_BANK,
            when=Dated("opened"),
            identity=("account_id",),
        ),
    ),
)

_DISPOSITIONS = TableSpec(
    name="dispositions",
    file="disp.csv",
    delimiter=";",
    columns=(
        ColumnSpec("disp_id", "disp_id", Text()),
        ColumnSpec("client_id", "client_id", Text()),
        ColumnSpec("account_id", "account_id", Text()),
        ColumnSpec("type", "role", Code(ROLE)),
    ),
    # the file has no dates: a right over an account begins with the account
    lookups=(Lookup("accounts", on="account_id", take={"opened_us": "opened_us", "opened_known_s": "opened_known_s"}),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.HOLDS, _ACCOUNT),
            source="client_id",
            target="account_id",
            when=Dated("opened"),
            identity=("disp_id",),
            properties={"role": "role"},
        ),
    ),
)

_CLIENTS = TableSpec(
    name="clients",
    file="client.csv",
    delimiter=";",
    columns=(
        ColumnSpec("client_id", "client_id", Text()),
        ColumnSpec("birth_number", "birth_year", BirthYear()),
        ColumnSpec("district_id", "district_id", Text()),
    ),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.DESCRIBED_AS, _PERSON),
            source="client_id",
            target="client_id",
            when=BEFORE_THE_FIRST_ACCOUNT,
            identity=("client_id",),
            properties={"birth_year": "birth_year"},
        ),
        FactRule(
            EdgeType(_PERSON, RelType.LIVES_AT, _PLACE),
            source="client_id",
            target="district_id",
            when=BEFORE_THE_FIRST_ACCOUNT,
            identity=("client_id",),
        ),
    ),
)

_SIZES = "sizes of municipalities, which the region and the share of towns stand for"
_DISTRICTS = TableSpec(
    name="districts",
    file="district.csv",
    delimiter=";",
    missing=("", "?"),
    columns=(
        ColumnSpec("code", "district_id", Text()),
        ColumnSpec("region", "region", Text()),
        ColumnSpec("no. of inhabitants", "inhabitants", Integer(1, 100_000_000), optional=True),
        ColumnSpec("ratio of urban inhabitants", "urban_pct", Decimal(), optional=True),
        ColumnSpec("average salary", "salary", Money(), optional=True),
        ColumnSpec("unemploymant rate '96", "unemployment_pct", Decimal(), optional=True),
        ColumnSpec("no. of enterpreneurs per 1000 inhabitants", "entrepreneurs", Decimal(), optional=True),
    ),
    ignored={
        "name": "the code names the district",
        "no. of municipalities with inhabitants < 499": _SIZES,
        "no. of municipalities with inhabitants 500-1999": _SIZES,
        "no. of municipalities with inhabitants 2000-9999": _SIZES,
        "no. of municipalities with inhabitants >10000": _SIZES,
        "no. of cities": _SIZES,
        "unemploymant rate '95": "the later year is read",
        "no. of commited crimes '95": "crime where one lives is no ground for a decision on credit",
        "no. of commited crimes '96": "crime where one lives is no ground for a decision on credit",
    },
    rules=(
        FactRule(
            EdgeType(_PLACE, RelType.DESCRIBED_AS, _PLACE),
            source="district_id",
            target="district_id",
            when=AFTER_THE_STATISTICS,
            identity=("district_id",),
            properties={
                "region": "region",
                "inhabitants": "inhabitants",
                "average_salary_minor": "salary",
                "currency": pl.when(pl.col("salary").is_not_null()).then(pl.lit(CURRENCY)),
                "unemployment_pct": "unemployment_pct",
                "entrepreneurs_per_1000": "entrepreneurs",
                "urban_pct": "urban_pct",
            },
        ),
    ),
)


def _cards(name: str, file: str) -> TableSpec:
    return TableSpec(
        name=name,
        file=file,
        delimiter=";",
        columns=(
            ColumnSpec("card_id", "card_id", Text()),
            ColumnSpec("disp_id", "disp_id", Text()),
            ColumnSpec("type", "card_kind", Code(CARD_KIND)),
            ColumnSpec("issued", "issued", bare_date(ZONE)),
        ),
        lookups=(Lookup("dispositions", on="disp_id", take={"client_id": "client_id", "account_id": "account_id"}),),
        rules=(
            FactRule(
                EdgeType(_PERSON, RelType.HAS_CARD, _ACCOUNT),
                source="client_id",
                target="account_id",
                when=Dated("issued"),
                identity=("card_id",),
                properties={"card_kind": "card_kind"},
            ),
        ),
    )


_HAS_STATUS = pl.col("standing").is_not_null()
_LOAN_RULES = (
    FactRule(
        EdgeType(_PERSON, RelType.APPLIED_FOR, _LOAN),
        source="owner_id",
        target="loan_id",
        when=Dated("granted"),
        identity=("loan_id",),
        properties=_MONEY | {"instalment_minor": "instalment", "term_months": "term_months"},
    ),
    FactRule(
        EdgeType(_LENDER, RelType.FUNDED, _LOAN),
        source=_BANK,
        target="loan_id",
        when=Dated("granted"),
        identity=("loan_id",),
        properties=_MONEY,
    ),
    FactRule(
        EdgeType(_LOAN, RelType.DISBURSED_TO, _ACCOUNT),
        source="loan_id",
        target="account_id",
        when=Dated("granted"),
        identity=("loan_id",),
        properties=_MONEY,
    ),
    FactRule(
        EdgeType(_LENDER, RelType.ASSESSED, _LOAN),
        source=_BANK,
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


def _loans(name: str, file: str, delimiter: str, status: ColumnSpec, ignored: dict[str, str]) -> TableSpec:
    return TableSpec(
        name=name,
        file=file,
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


_PAYMENT = _MONEY | {"channel": "channel", "purpose": "purpose"}
_PAYMENTS = TableSpec(
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

_ORDERS = TableSpec(
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
            properties=_MONEY | {"purpose": "purpose"},
        ),
    ),
)

BERKA = SourceSpec(
    name=NAME,
    publisher="PKDD'99 discovery challenge; free for research",
    basis=Basis.RESEARCH,
    delivered_at=DELIVERED_AT,
    tables=(
        _ACCOUNTS,
        _DISPOSITIONS,
        _CLIENTS,
        _DISTRICTS,
        _cards("cards_early", "card_train.csv"),
        _cards("cards_late", "card_test.csv"),
        _loans("loans_early", "loan_train.csv", ";", ColumnSpec("status", "standing", Code(STATUS_BINARY)), {}),
        _loans(
            "loans_late",
            "loans_1997_98_labelled.csv",
            ",",
            ColumnSpec("status", "standing", Code(STATUS)),
            {"y": "follows from the status"},
        ),
        # states the late loans a second time, without their status
        _loans("loans_late_again", "loan_test.csv", ";", ColumnSpec("status", "standing", Code({}), optional=True), {}),
        _PAYMENTS,
        _ORDERS,
    ),
    unread={"SOURCE.txt": "describes the files"},
)
