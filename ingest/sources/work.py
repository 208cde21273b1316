"""Who works where: the payroll register's record of jobs taken up and ended."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import CURRENCY, RECORDED, day, money, text
from ingest.values import Code

STARTED, ENDED = "started", "ended"
_HAS_SALARY = pl.col("salary").is_not_null()


def _job(rel: RelType, event: str, properties: dict[str, str | pl.Expr]) -> FactRule:
    return FactRule(
        EdgeType(NodeLabel.PERSON, rel, NodeLabel.COMPANY),
        source="customer_id",
        target="company_id",
        when=Dated("happened", known="recorded"),
        identity=("job_id", "happened_day"),  # the same job may be taken up again
        properties=properties,
        where=pl.col("event") == event,
    )


EMPLOYMENT = TableSpec(
    name="employment",
    file="employment.csv",
    columns=(
        text("job_id"),
        text("customer_id"),
        text("company_id"),
        ColumnSpec("event", "event", Code({word: word for word in (STARTED, ENDED)})),
        day("on", "happened"),
        money("salary", "salary", optional=True),
        ColumnSpec(CURRENCY.header, CURRENCY.name, CURRENCY.parser, optional=True),
        RECORDED,
    ),
    checks=(not_before("recorded", "happened"),),
    rules=(
        _job(
            RelType.WORKS_AT,
            STARTED,
            {"salary_minor": "salary", "currency": pl.when(_HAS_SALARY).then(pl.col("currency"))},
        ),
        _job(RelType.LEFT, ENDED, {}),
    ),
)
