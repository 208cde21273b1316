"""Accounts, clients, rights over accounts, cards and districts of the Berka source: tables and fact rules."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.berka.codes import (
    AFTER_THE_STATISTICS,
    BANK,
    BEFORE_THE_FIRST_ACCOUNT,
    CARD_KIND,
    CURRENCY,
    FREQUENCY,
    ROLE,
    ZONE,
)
from ingest.source import ColumnSpec, Dated, FactRule, Lookup, TableSpec
from ingest.values import BirthYear, Code, Decimal, Integer, Money, Text, bare_date

_PERSON, _ACCOUNT, _LENDER, _PLACE = NodeLabel.PERSON, NodeLabel.BANK_ACCOUNT, NodeLabel.LENDER, NodeLabel.PLACE

ACCOUNTS = TableSpec(
    name="accounts",
    file="account.csv",
    whole=True,
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
            target=BANK,
            when=Dated("opened"),
            identity=("account_id",),
        ),
    ),
)

DISPOSITIONS = TableSpec(
    name="dispositions",
    file="disp.csv",
    whole=True,
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

CLIENTS = TableSpec(
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
DISTRICTS = TableSpec(
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


def cards(name: str, file: str) -> TableSpec:
    """One of the two card files, which have the same columns."""
    return TableSpec(
        name=name,
        file=file,
        whole=True,
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
