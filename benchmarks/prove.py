"""Runs the full counts of one area and writes its figures to the results page.

    python -m benchmarks.prove AREA [AREA ...]      all areas without one; they are named in `AREAS`

Each area is a function `scale -> figures`, imported when it is run; long ones keep finished pieces under `.prove/` and go
on from there when run again. Each area stays under 30 minutes.
"""

import importlib
import sys

from benchmarks.results import record
from benchmarks.scale import Scale

AREAS = {
    "sampler": ("benchmarks.sampler", "main"),
    "neo4j": ("benchmarks.neo4j_store", "main"),
    "api": ("benchmarks.http_score", "main"),
    "models": ("benchmarks.models", "main"),
    "model-aggregates": ("benchmarks.aggregates", "main"),
    "model-sampler": ("benchmarks.sampler", "main_many"),
    "model-pass": ("benchmarks.speed.passes", "main"),
    "model-score-all": ("benchmarks.speed.score_all", "main"),
    "model-incremental": ("benchmarks.speed.incremental", "main"),
    "model-time-to-auc": ("benchmarks.speed.time_to_auc", "main"),
    "smesd": ("benchmarks.nodes", "smesd"),
    "bitcoin-otc": ("benchmarks.nodes", "bitcoin_otc"),
    "sandbox": ("benchmarks.sandbox.run", "main"),
    "sandbox-truth": ("benchmarks.sandbox.resimulation", "main"),
    "sandbox-large": ("benchmarks.sandbox.large", "main"),
    "model-sandbox": ("benchmarks.model.sandbox", "main"),
    "model-gains": ("benchmarks.model.sandbox", "main_gains"),
    "model-drift": ("benchmarks.model.drift", "main"),
    "model-sybil": ("benchmarks.model.sybil", "main"),
    "model-fairness": ("benchmarks.model.fairness", "main"),
    "ingest-order": ("benchmarks.ingest.order", "main"),
    "ingest-kill": ("benchmarks.ingest.kill", "main"),
    "ingest-dirty": ("benchmarks.ingest.dirty", "main"),
    "ingest-duckdb": ("benchmarks.ingest.duckdb_speed", "main"),
    "ingest-erase": ("benchmarks.ingest.erasure", "main"),
    "ingest-neo4j": ("benchmarks.ingest.neo4j_speed", "main"),
    "ingest-linkage": ("benchmarks.ingest.linkage", "main"),
    "demo": ("benchmarks.fresh_clone", "demo"),
    "test": ("benchmarks.fresh_clone", "test"),
}


def main(arguments: list[str]) -> int:
    """Prove the named areas; 2 when a name is unknown."""
    names = list(AREAS) if arguments in ([], ["all"]) else arguments
    unknown = [name for name in names if name not in AREAS]
    if unknown:
        print(f"unknown area {', '.join(unknown)}; areas are {', '.join(AREAS)} and all", file=sys.stderr)
        return 2
    for name in names:
        module, function = AREAS[name]
        figures = getattr(importlib.import_module(module), function)(Scale.FULL)
        record(figures, command=f"make prove WHAT={name}")
        for figure in figures:
            print(f"{figure.key} = {figure.value:.6g} {figure.unit}" + (f" (rival {figure.rival:.6g})" if figure.rival else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
