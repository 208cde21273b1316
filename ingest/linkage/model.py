"""The probabilistic model: what is compared, how strongly each outcome speaks, and which pairs are compared at all.

Splink (Fellegi and Sunter, 1969) finds the pairs and compares them on DuckDB; the weights are committed in `weights.json` and
come from `ingest.linkage.training`. Names are compared by their tokens alone: equal, or sharing the text of a slip.
"""

import json
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator

WEIGHTS = Path(__file__).parent / "weights.json"
FORMAT = 1
SPELLED = ("given_name", "family_name", "birth_date")
IDENTIFIERS = ("phone", "email", "document", "address")
COMPARED = (*SPELLED, *IDENTIFIERS)
NEAR, OTHER, ABSENT = 1, 0, -1
SAME = {**dict.fromkeys(SPELLED, 2), **dict.fromkeys(IDENTIFIERS, 1)}
"""Outcomes of a comparison: `SAME`, for spelled things also `NEAR`, then `OTHER`; `ABSENT` where a side lacks the value."""
MEMORY = "1GB"
_BLOCKS = (
    ("document",),
    ("email",),
    ("phone",),
    ("birth_date", "given_name"),
    ("birth_date", "family_name_near"),
    ("address", "given_name"),
)


@dataclass(frozen=True)
class Weights:
    """The committed weights.

    Attributes:
        levels: By comparison and outcome, the chance of that outcome among pairs of one person (m) and of two (u).
        matches_per_record: With how many other records of the same person a record is expected to be.
        link_bits: Log odds to base 2 from which a pair is linked.
        review_bits: Log odds from which a pair is worth an analyst's look.
    """

    levels: dict[str, dict[int, tuple[float, float]]]
    matches_per_record: float
    link_bits: float
    review_bits: float

    def bits(self, compared: str) -> dict[int, float]:
        """How many bits each outcome of a comparison speaks for the same person; 0 where a value is absent."""
        return {ABSENT: 0.0} | {level: log2(m / u) for level, (m, u) in self.levels[compared].items()}


@cache
def committed_weights(path: Path = WEIGHTS) -> Weights:
    """Read the weights.

    Raises:
        ValueError: the file has another format.
    """
    stored = json.loads(path.read_text(encoding="utf-8"))
    if stored["format"] != FORMAT:
        raise ValueError(f"{path.name} has format {stored['format']}, this code reads {FORMAT}; train again")
    levels = {
        compared: {int(level): (chance["m"], chance["u"]) for level, chance in outcomes.items()}
        for compared, outcomes in stored["comparisons"].items()
    }
    return Weights(levels, stored["matches_per_record"], stored["link_bits"], stored["review_bits"])


def candidate_pairs(records: pl.DataFrame) -> pl.DataFrame:
    """All pairs worth comparing, with the outcome of each comparison.

    Args:
        records: As `make_records` gives them.

    Returns:
        `left` < `right` (record numbers) and one Int8 column a comparison, ordered by both numbers.
    """
    schema = pl.Schema({"left": pl.Int64(), "right": pl.Int64()} | {name: pl.Int8() for name in COMPARED})
    if records.height < 2:
        return pl.DataFrame(schema=schema)
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as connection:
        linker = make_linker(connection, records, model_settings())
        found = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        outcomes = ", ".join(f"gamma_{name}::TINYINT AS {name}" for name in COMPARED)
        ends = 'least(record_l, record_r) AS "left", greatest(record_l, record_r) AS "right"'
        pairs = pl.DataFrame(found.project(f"{ends}, {outcomes}").to_arrow_table())
    return pairs.cast(schema).sort("left", "right")


def make_linker(connection: duckdb.DuckDBPyConnection, records: pl.DataFrame, settings: SettingsCreator) -> Linker:
    """A linker over records; `records` may have a column `person` to train with."""
    extra = [name for name in ("person",) if name in records.columns]
    lists = [f"{name}_near" for name in SPELLED]
    table = records.select("record", *COMPARED, *lists, *extra).to_arrow()
    return Linker(DuckDBAPI(connection).register(table, table_name="records"), settings, log_level=None)


def model_settings(extra: tuple[str, ...] = ()) -> SettingsCreator:
    """What splink compares and which pairs; `extra` columns are carried along."""
    comparisons: list[Any] = [_spelled(name) for name in SPELLED] + [_identifier(name) for name in IDENTIFIERS]
    blocks: list[Any] = [_block(names) for names in _BLOCKS]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
        unique_id_column_name="record",
        retain_matching_columns=True,  # keeps the outcomes
        retain_intermediate_calculation_columns=False,
        additional_columns_to_retain=list(extra),
    )


def _block(names: tuple[str, ...]) -> dict[str, Any]:
    """Pairs that agree on all names; of a list, on any of its texts."""
    rule = " AND ".join(f"l.{name} = r.{name}" for name in names)
    lists = [name for name in names if name.endswith("_near")]
    return {"blocking_rule": rule, "sql_dialect": "duckdb"} | ({"arrays_to_explode": lists} if lists else {})


def _spelled(name: str) -> dict[str, Any]:
    near = f"list_has_any({name}_near_l, {name}_near_r)"
    return _comparison(name, {f"{name}_l = {name}_r": "same", near: "near", "ELSE": "other"}, near=True)


def _identifier(name: str) -> dict[str, Any]:
    return _comparison(name, {f"{name}_l = {name}_r": "same", "ELSE": "other"}, near=False)


def _comparison(name: str, levels: dict[str, str], *, near: bool) -> dict[str, Any]:
    if near:  # a name of one word has no given name, yet its near texts hold the whole
        absent = f"{name}_near_l IS NULL OR {name}_near_r IS NULL"
    else:
        absent = f"{name}_l IS NULL OR {name}_r IS NULL"
    null = {"sql_condition": absent, "label_for_charts": "absent", "is_null_level": True}
    return {
        "output_column_name": name,
        "comparison_levels": [null, *({"sql_condition": sql, "label_for_charts": label} for sql, label in levels.items())],
    }
