"""SuperLender: instalment loans of a Nigerian lender, 2016-01 to 2017-07 (Zindi, "Loan Default Prediction").

Declares files, code tables and facts; decides nothing else. Times are Nigerian wall-clock time except `creationdate`,
which runs an hour behind `approveddate` and so is UTC. Outcomes carry no date: they count as known when every loan's
term had run out, demographics as known before the first loan, and no claim about a point in time rests on either.
"""

from datetime import UTC, datetime

import polars as pl

from graph.vocabulary import Basis, EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason, not_before
from ingest.source import ColumnSpec, Dated, FactRule, SourceSpec, TableSpec, Undated
from ingest.values import Code, Integer, Moment, Money, Text

NAME = "superlender"
CURRENCY = "NGN"
ZONE = "Africa/Lagos"
OUTCOMES = Undated(datetime(2017, 12, 31, tzinfo=UTC))
DEMOGRAPHICS = Undated(datetime(2016, 1, 1, tzinfo=UTC))
DELIVERED_AT = datetime(2018, 1, 1, tzinfo=UTC)

STANDING = {"Good": "settled", "Bad": "defaulted"}
ACCOUNT_KIND = {"Savings": "savings", "Current": "current", "Other": "other"}
EMPLOYMENT = {
    "Permanent": "permanent",
    "Self-Employed": "self_employed",
    "Student": "student",
    "Unemployed": "unemployed",
    "Retired": "retired",
    "Contract": "contract",
}
EDUCATION = {
    "Primary": "primary",
    "Secondary": "secondary",
    "Graduate": "graduate",
    "Post-Graduate": "post_graduate",
}

_PERSON, _LOAN, _LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
_ACCOUNT, _PLACE = NodeLabel.BANK_ACCOUNT, NodeLabel.PLACE
_MONEY: dict[str, str | pl.Expr] = {"amount_minor": "amount", "currency": pl.lit(CURRENCY)}
_FIRST_INSTALMENT: dict[str, str | pl.Expr] = {"instalment": pl.lit(1)}
_HAS_REFERRER = pl.col("referrer_id").is_not_null()
_DEGREES = Text(pattern=r"^-?[0-9]{1,3}\.[0-9]$", fault=RejectReason.BAD_NUMBER)

_LOAN_COLUMNS = (
    ColumnSpec("customerid", "customer_id", Text()),
    ColumnSpec("systemloanid", "loan_id", Text()),
    ColumnSpec("loannumber", "loan_number", Integer(1, 10_000)),
    ColumnSpec("approveddate", "approved", Moment(ZONE)),
    ColumnSpec("creationdate", "created", Moment("UTC")),
    ColumnSpec("loanamount", "amount", Money()),
    ColumnSpec("totaldue", "total_due", Money()),
    ColumnSpec("termdays", "term_days", Integer(1, 3_660)),
    ColumnSpec("referredby", "referrer_id", Text(), optional=True),
)

_LOAN_RULES = (
    FactRule(
        EdgeType(_PERSON, RelType.APPLIED_FOR, _LOAN),
        source="customer_id",
        target="loan_id",
        when=Dated("created"),
        identity=("loan_id",),
        properties=_MONEY | {"total_due_minor": "total_due", "term_days": "term_days", "loan_number": "loan_number"},
    ),
    FactRule(
        EdgeType(_LENDER, RelType.FUNDED, _LOAN),
        source=pl.lit(NAME),
        target="loan_id",
        when=Dated("approved"),
        identity=("loan_id",),
        properties=_MONEY,
    ),
    FactRule(
        EdgeType(_LOAN, RelType.DISBURSED_TO, _ACCOUNT),
        source="loan_id",
        target="customer_id",
        when=Dated("approved"),
        identity=("loan_id",),
        properties=_MONEY,
    ),
    # every loan of a borrower repeats the referral: the earliest statement stands
    FactRule(
        EdgeType(_PERSON, RelType.REFERRED, _PERSON),
        source="referrer_id",
        target="customer_id",
        when=Dated("created"),
        identity=("referrer_id", "customer_id"),
        where=_HAS_REFERRER,
    ),
)

_HISTORY_RULES = (
    FactRule(
        EdgeType(_PERSON, RelType.OWES, _LOAN),
        source="customer_id",
        target="loan_id",
        when=Dated("due", known="approved"),
        identity=("loan_id",),
        properties=_FIRST_INSTALMENT,
    ),
    FactRule(
        EdgeType(_PERSON, RelType.REPAID, _LOAN),
        source="customer_id",
        target="loan_id",
        when=Dated("repaid"),
        identity=("loan_id",),
        properties=_FIRST_INSTALMENT | {"days_late": "days_late"},
    ),
    FactRule(
        EdgeType(_PERSON, RelType.MISSED, _LOAN),
        source="customer_id",
        target="loan_id",
        when=Dated("due"),
        identity=("loan_id",),
        properties=_FIRST_INSTALMENT,
        where=pl.col("days_late") > 0,
    ),
    FactRule(
        EdgeType(_PERSON, RelType.CLOSED, _LOAN),
        source="customer_id",
        target="loan_id",
        when=Dated("closed"),
        identity=("loan_id",),
        properties={"days_open": "days_open"},
    ),
)

_OUTCOME_RULES = (
    FactRule(
        EdgeType(_LENDER, RelType.ASSESSED, _LOAN),
        source=pl.lit(NAME),
        target="loan_id",
        when=OUTCOMES,
        identity=("loan_id",),
        properties={"standing": "standing"},
    ),
    FactRule(
        EdgeType(_PERSON, RelType.DEFAULTED_ON, _LOAN),
        source="customer_id",
        target="loan_id",
        when=OUTCOMES,
        identity=("loan_id",),
        where=pl.col("standing") == STANDING["Bad"],
    ),
)

_HAS_BRANCH = pl.col("branch").is_not_null()

_DEMOGRAPHIC_RULES = (
    FactRule(
        EdgeType(_PERSON, RelType.HOLDS, _ACCOUNT),
        source="customer_id",
        target="customer_id",  # the source knows one account for each customer
        when=DEMOGRAPHICS,
        identity=("customer_id",),
        properties={"account_kind": "account_kind"},
    ),
    FactRule(
        EdgeType(_ACCOUNT, RelType.HELD_AT, _LENDER),
        source="customer_id",
        target="bank",
        when=DEMOGRAPHICS,
        identity=("customer_id",),
    ),
    FactRule(
        EdgeType(_ACCOUNT, RelType.HELD_AT, _PLACE),
        source="customer_id",
        target="branch_id",
        when=DEMOGRAPHICS,
        identity=("customer_id",),
        where=_HAS_BRANCH,
    ),
    FactRule(
        EdgeType(_PLACE, RelType.BRANCH_OF, _LENDER),
        source="branch_id",
        target="bank",
        when=DEMOGRAPHICS,
        identity=("branch_id",),
        where=_HAS_BRANCH,
    ),
    FactRule(
        EdgeType(_PERSON, RelType.LIVES_AT, _PLACE),
        source="customer_id",
        target="cell_id",
        when=DEMOGRAPHICS,
        identity=("customer_id",),
    ),
    FactRule(
        EdgeType(_PERSON, RelType.DESCRIBED_AS, _PERSON),
        source="customer_id",
        target="customer_id",
        when=DEMOGRAPHICS,
        identity=("customer_id",),
        properties={"birth_year": "birth_year", "employment_status": "employment", "education_level": "education"},
    ),
)

SUPERLENDER = SourceSpec(
    name=NAME,
    publisher="Data Science Nigeria and Zindi; competition terms, for evaluation only",
    basis=Basis.RESEARCH,
    delivered_at=DELIVERED_AT,
    tables=(
        TableSpec(
            name="scored_loans",
            file="trainperf.csv",
            columns=(*_LOAN_COLUMNS, ColumnSpec("good_bad_flag", "standing", Code(STANDING))),
            checks=(not_before("approved", "created"),),
            rules=(*_LOAN_RULES, *_OUTCOME_RULES),
        ),
        TableSpec(
            name="earlier_loans",
            file="trainprevloans.csv",
            columns=(
                *_LOAN_COLUMNS,
                ColumnSpec("closeddate", "closed", Moment(ZONE)),
                ColumnSpec("firstduedate", "due", Moment(ZONE, promise=True)),
                ColumnSpec("firstrepaiddate", "repaid", Moment(ZONE)),
            ),
            derived={
                "days_late": (pl.col("repaid_day") - pl.col("due_day")).dt.total_days(),
                "days_open": (pl.col("closed_day") - pl.col("approved_day")).dt.total_days(),
            },
            checks=(
                not_before("approved", "created"),
                not_before("due", "approved"),
                not_before("repaid", "approved"),
                not_before("closed", "repaid"),
            ),
            rules=(*_LOAN_RULES, *_HISTORY_RULES),
        ),
        TableSpec(
            name="demographics",
            file="traindemographics_coarse.csv",
            columns=(
                ColumnSpec("customerid", "customer_id", Text()),
                ColumnSpec("bank_account_type", "account_kind", Code(ACCOUNT_KIND)),
                ColumnSpec("longitude_gps", "longitude", _DEGREES),
                ColumnSpec("latitude_gps", "latitude", _DEGREES),
                ColumnSpec("bank_name_clients", "bank", Text()),
                ColumnSpec("bank_branch_clients", "branch", Text(), optional=True),
                ColumnSpec("employment_status_clients", "employment", Code(EMPLOYMENT), optional=True),
                ColumnSpec("level_of_education_clients", "education", Code(EDUCATION), optional=True),
                ColumnSpec("birth_year", "birth_year", Integer(1_880, 2_017)),
            ),
            derived={
                "branch_id": pl.concat_str("bank", "branch", separator="|"),
                "cell_id": pl.concat_str("longitude", "latitude", separator=","),
            },
            rules=_DEMOGRAPHIC_RULES,
        ),
    ),
    unread={
        "testperf.csv": "other customers, no outcomes, and dates without a day",
        "testprevloans.csv": "other customers, whose later loans have no outcomes",
        "testdemographics_coarse.csv": "other customers, whose later loans have no outcomes",
        "SOURCE.txt": "describes the files",
    },
)
