"""How fast and in how much memory a bank's CSV becomes facts in a DuckDB store, beside DuckDB loading the same file by itself.

The file is a statement as the source `sandbox` has it, its rows drawn at random with a seed: every row is checked, its ids
hashed, its fact written in commits with checkpoints. DuckDB alone reads the same columns with its own CSV reader into one table
with a key, with MD5 for ids: no check, no pepper, no rule for versions.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.results import Figure
from benchmarks.scale import Scale

ROWS = {Scale.REDUCED: 200_000, Scale.FULL: 10_000_000}
PIECE_ROWS = 500_000
ACCOUNTS = 400_000
SEED = 5
FIRST_S, SPAN_S = 1_640_995_200, 100_000_000  # three years from 2022 on
WORKERS = 2
GIB = 1 << 30
LOAD = """
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from dataclasses import replace
from graph.identity import Pepper
from graph.opening import open_store
from ingest.catalogue import SOURCES
from ingest.load import Intake, Pace, load_source

if __name__ == "__main__":
    folder, store, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    source = SOURCES["sandbox"]
    [statements] = [spec for spec in source.tables if spec.name == "statements"]
    pepper = Pepper("a pepper for benchmarks")
    began = time.monotonic()
    with open_store(store, pepper.fingerprint) as graph:
        report = load_source(
            replace(source, tables=(statements,)), folder, graph, pepper, Intake(folder / "intake"), pace=Pace(workers)
        )
    seconds = time.monotonic() - began
    own, child = (resource.getrusage(who).ru_maxrss * 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak = own + child * (workers if workers > 1 else 0)
    print(json.dumps({"facts": report.written.written, "seconds": seconds, "bytes": peak}))
"""


def main(scale: Scale) -> list[Figure]:
    """Facts a second, and the most memory of all processes together."""
    rows = ROWS[scale]
    with tempfile.TemporaryDirectory(prefix="creditgraph-speed-") as name:
        folder = Path(name) / "raw"
        folder.mkdir()
        write_statements(folder / "statements.csv", rows)
        ours = load(folder, Path(name) / "graph.duckdb")
        alone = load_alone(folder / "statements.csv", Path(name) / "alone.duckdb")
    if ours["facts"] != rows:
        raise AssertionError(f"{rows} rows gave {ours['facts']} facts")
    rate = ours["facts"] / ours["seconds"]
    return [
        Figure(
            "ingest.duckdb.facts_per_s",
            rate,
            "facts/s",
            rival=rows / alone,
            rival_name="DuckDB alone: its CSV reader into a table with a key, MD5 ids, nothing checked",
            counts={"facts": rows},
            seed=SEED,
            note="from a CSV file to committed facts: every check, keyed ids, checkpoints, linkage; two worker processes.",
        ),
        Figure(
            "ingest.peak_gib",
            ours["bytes"] / GIB,
            "GiB",
            counts={"facts": rows},
            seed=SEED,
            note="the sum of the largest memory of each process, which is more than they held at any one time.",
        ),
    ]


def write_statements(path: Path, rows: int) -> None:
    """A file of `rows` bookings in time order between random accounts."""
    draws = np.random.default_rng(SEED)
    ibans = pl.Series([f"DE{number % 90 + 10}99970010{number:010d}" for number in range(ACCOUNTS)])
    with path.open("wb") as file:
        for first in range(0, rows, PIECE_ROWS):
            size = min(PIECE_ROWS, rows - first)
            seconds = FIRST_S + (np.arange(first, first + size) * (SPAN_S / rows)).astype(np.int64)
            payer = draws.integers(0, ACCOUNTS, size)
            payee = (payer + draws.integers(1, ACCOUNTS, size)) % ACCOUNTS
            booked = pl.from_epoch(pl.Series(seconds), time_unit="s")
            recorded = pl.from_epoch(pl.Series(seconds + draws.integers(3_600, 86_400, size)), time_unit="s")
            pl.DataFrame(
                {
                    "bank_id": pl.Series(["BK1"]).new_from_index(0, size),
                    "iban": ibans.gather(payer),
                    "entry_id": pl.Series(np.arange(first, first + size)).cast(pl.String),
                    "booked_at": booked.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "amount": pl.Series(-draws.integers(1, 1_000_000, size) / 100).cast(pl.Decimal(18, 2)).cast(pl.String),
                    "currency": pl.Series(["EUR"]).new_from_index(0, size),
                    "counterparty_iban": ibans.gather(payee),
                    "counterparty_name": pl.Series(["Kiosk am Markt"]).new_from_index(0, size),
                    "purpose_code": pl.Series(["GDDS"]).new_from_index(0, size),
                    "remittance": pl.Series(["Einkauf"]).new_from_index(0, size),
                    "balance_after": pl.Series(draws.integers(-100_000, 1_000_000, size) / 100)
                    .cast(pl.Decimal(18, 2))
                    .cast(pl.String),
                    "recorded_at": recorded.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
            ).write_csv(file, include_header=first == 0)


def load(folder: Path, store: Path, workers: int = WORKERS) -> dict[str, float]:
    """Facts, seconds and bytes of a load in processes of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder), str(store), str(workers)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def load_alone(path: Path, store: Path) -> float:
    """Seconds that DuckDB needs by itself."""
    with duckdb.connect(str(store)) as connection:
        connection.execute("CREATE TABLE paid (id UUID PRIMARY KEY, source UUID, target UUID, booked TIMESTAMP, amount BIGINT)")
        began = time.monotonic()
        connection.execute(
            "INSERT INTO paid SELECT md5(iban || counterparty_iban || booked_at || amount)::UUID, md5(iban)::UUID,"
            " md5(counterparty_iban)::UUID, booked_at::TIMESTAMP, (amount * 100)::BIGINT"
            " FROM read_csv(?, types = {'booked_at': 'VARCHAR', 'amount': 'DECIMAL(18, 2)'}) ON CONFLICT DO NOTHING",
            [str(path)],
        )
        return time.monotonic() - began
