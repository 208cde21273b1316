"""Trains the weights of the model on deliveries whose persons are known, and writes them to `weights.json`.

    python -m ingest.linkage.training SOURCE FOLDER LABELS [SOURCE FOLDER LABELS ...]

LABELS is a CSV file of `person` and `customer_id`: which customer numbers are one person's. How often two records of one person
agree (m) is counted over those; how often two persons' do (u) over one record of each person, where no pair is one person.
Never train on what is used to measure.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from graph.identity import Pepper
from graph.vocabulary import NodeLabel
from ingest.catalogue import find_source
from ingest.linkage.evidence import HOLDINGS, KNOWN_AS, read_evidence
from ingest.linkage.model import COMPARED, FORMAT, IDENTIFIERS, MEMORY, SAME, WEIGHTS, make_linker, model_settings
from ingest.linkage.records import make_records
from ingest.load import read_facts

LINK_BITS, REVIEW_BITS = 10.0, 0.0  # chosen on a delivery of neither training nor measurement: benchmarks.ingest.linkage
LEAST_U = 1e-6  # no outcome is held to be rarer: what was never seen in training may be
LEAST_M = 5e-3  # nor any slip between two records of one person: the sandbox, unlike the world, never mistypes a birth date
SAMPLED_PAIRS, SEED = 3e7, 1
PEPPER = Pepper("training, no secret")  # weights know no token, so that any pepper gives the same
_TELLING = frozenset({KNOWN_AS, *HOLDINGS.values()})


@dataclass(frozen=True)
class Delivery:
    """A delivery and who is who in it."""

    source: str
    folder: Path
    labels: Path

    def labelled(self) -> pl.DataFrame:
        """Records with `person`, of those the labels name."""
        declared = find_source(self.source)
        telling = [table for table in declared.tables if any(rule.edge in _TELLING for rule in table.rules)]
        batches, _ = read_facts(replace(declared, tables=tuple(telling)), self.folder, PEPPER)
        named = pl.read_csv(self.labels, schema_overrides={"customer_id": pl.String})
        keys = PEPPER.node_keys(NodeLabel.PERSON, self.source, pl.col("customer_id"))
        people = named.select(keys.alias("node"), pl.col("person").cast(pl.String))
        return make_records(read_evidence(batches)).join(people, on="node")


def train(deliveries: Sequence[pl.DataFrame]) -> dict[str, Any]:
    """Levels and matches per record, as `weights.json` holds them.

    Args:
        deliveries: Records with `person`, whose names are the same only within one frame.
    """
    parts = [
        part.with_columns(
            pl.concat_str(pl.lit(f"{place}/"), "person").alias("person"),
            *(pl.col(name) * len(deliveries) + place for name in IDENTIFIERS),  # numbers of a frame mean nothing in another
        )
        for place, part in enumerate(deliveries)
    ]
    records = pl.concat(parts).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("record"))
    size = records.group_by("person").len()["len"]
    matches, total = int((size * (size - 1)).sum()), records.height
    one_each = records.sample(fraction=1.0, shuffle=True, seed=SEED).unique("person", keep="first", maintain_order=True)
    same, other = _levels(records, of_one_person=True), _levels(one_each, of_one_person=False)
    comparisons = {
        name: {
            str(level): {"m": round(max(same[name][level], LEAST_M), 8), "u": round(max(other[name][level], LEAST_U), 8)}
            for level in range(SAME[name], -1, -1)
        }
        for name in COMPARED
    }
    return {
        "format": FORMAT,
        "records": total,
        "pairs_of_one_person": matches // 2,
        "matches_per_record": round(matches / total, 4),
        "comparisons": comparisons,
    }


def _levels(records: pl.DataFrame, *, of_one_person: bool) -> dict[str, dict[int, float]]:
    """Share of each outcome of each comparison among the pairs that have both values."""
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as connection:
        linker = make_linker(connection, records, model_settings(("person",)))
        if of_one_person:
            linker.training.estimate_m_from_label_column("person")
        else:
            linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED, min_count_per_level=None)
        trained = linker.misc.save_model_to_json()
    chance = "m_probability" if of_one_person else "u_probability"
    return {
        comparison["output_column_name"]: {
            level: float(outcome.get(chance) or 0.0)
            for level, outcome in zip(
                range(SAME[comparison["output_column_name"]], -1, -1),
                [o for o in comparison["comparison_levels"] if not o.get("is_null_level")],
                strict=True,
            )
        }
        for comparison in trained["comparisons"]
    }


def write_weights(trained: dict[str, Any], link_bits: float, review_bits: float, path: Path = WEIGHTS) -> None:
    """Write what `committed_weights` reads."""
    whole = trained | {"link_bits": link_bits, "review_bits": review_bits}
    path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Train on the named deliveries; thresholds of an earlier training stay."""
    if not arguments or len(arguments) % 3:
        print(__doc__, file=sys.stderr)
        return 2
    threes = zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True)
    deliveries = [Delivery(source, Path(folder), Path(labels)) for source, folder, labels in threes]
    before = json.loads(WEIGHTS.read_text(encoding="utf-8")) if WEIGHTS.exists() else {}
    trained = train([delivery.labelled() for delivery in deliveries])
    write_weights(trained, before.get("link_bits", LINK_BITS), before.get("review_bits", REVIEW_BITS))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
