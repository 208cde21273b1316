"""Where people were, to a cell of 0.1 degree: visits, and where trips ended."""

import polars as pl

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, TableSpec
from ingest.sources.columns import COORDINATES, RECORDED, count, moment, place, text
from ingest.values import MICROSECONDS

_VISITED = EdgeType(NodeLabel.PERSON, RelType.VISITED, NodeLabel.PLACE)
_LONGEST_MINUTES = 31 * 24 * 60
_MINUTE_SECONDS = 60

VISITS = TableSpec(
    name="visits",
    file="visits.csv",
    columns=(
        text("visit_id"),
        text("customer_id"),
        ColumnSpec("cell_lat", "cell_lat", COORDINATES),
        ColumnSpec("cell_lon", "cell_lon", COORDINATES),
        moment("arrived_at", "arrived"),
        count("minutes", "minutes", _LONGEST_MINUTES),
        RECORDED,
    ),
    ignored={"company_id": "no relation says that a person was at a company"},
    derived={"cell": place()},
    checks=(not_before("recorded", "arrived"),),
    rules=(
        FactRule(
            _VISITED,
            source="customer_id",
            target="cell",
            when=Dated("arrived", known="recorded"),
            identity=("visit_id",),
            properties={"minutes": "minutes"},
        ),
    ),
)

TRIPS = TableSpec(
    name="trips",
    file="trips.csv",
    columns=(
        text("trip_id"),
        text("customer_id"),
        ColumnSpec("to_lat", "to_lat", COORDINATES),
        ColumnSpec("to_lon", "to_lon", COORDINATES),
        moment("started_at", "started"),
        count("minutes", "minutes", _LONGEST_MINUTES),
        RECORDED,
    ),
    ignored={"from_lat": "where a trip began is where an earlier one ended", "from_lon": "as from_lat"},
    derived={
        "cell": place("to_lat", "to_lon"),
        "ended_us": pl.col("started_us") + pl.col("minutes") * (_MINUTE_SECONDS * MICROSECONDS),
        "visit": pl.concat_str(pl.lit("trip:"), "trip_id"),
    },
    checks=(not_before("recorded", "ended"),),
    rules=(
        FactRule(
            _VISITED,
            source="customer_id",
            target="cell",
            when=Dated("ended", known="recorded"),
            identity=("visit",),
        ),
    ),
)
