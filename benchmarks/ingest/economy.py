"""The delivery that proofs of the intake are about: the small simulated economy, written once, and what it should come to.

Decides which declaration reads it: the source `sandbox` with every table optional, since one part of a delivery lacks some.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from graph.canonical import canonical_hash
from graph.derived import table_name
from graph.identity import Pepper
from graph.opening import open_store
from graph.store import GraphStore
from ingest.load import Intake, Pace, load_source
from ingest.report import LoadReport
from ingest.sandbox.generate import RAW, write_sandbox
from ingest.sandbox.knobs import SIZES, Scale
from ingest.source import SourceSpec
from ingest.sources.sandbox import SANDBOX

CACHE = Path(".prove") / "ingest"
SMALL = Scale(SIZES["small"])
PEPPER = Pepper("the pepper of figures, which keep no key")
SOURCE: SourceSpec = replace(SANDBOX, tables=tuple(replace(table, optional=True) for table in SANDBOX.tables))
COMMIT_FACTS = 8_000  # some fifty commits of the small economy
_IDENTITY = ("table", "code", "field", "fields")


@dataclass(frozen=True)
class Outcome:
    """What a graph and its quarantine hold: the canonical hash, facts by edge type, and refused rows without their places."""

    hash: str
    facts: dict[str, int]
    refused: list[tuple[str, ...]]


def prepare_economy(root: Path = CACHE, scale: Scale = SMALL) -> Path:
    """Folder of the economy's files, written where it is not there yet."""
    place = root / f"economy-{scale.persons}-{scale.months}-{scale.seed}"
    if not place.exists():
        beside = place.with_name(f"{place.name}.part")
        beside.mkdir(parents=True, exist_ok=True)
        write_sandbox(beside, scale, workers=2)
        beside.rename(place)
    return place / RAW


def load(folder: Path, url: str, intake: Path, pace: Pace | None = None) -> LoadReport:
    """Load one delivery into the graph at an address."""
    with open_store(url, PEPPER.fingerprint) as store:
        return load_source(SOURCE, folder, store, PEPPER, Intake(intake), pace=pace or Pace(commit_facts=COMMIT_FACTS))


def load_all(folders: Sequence[Path], url: str, intake: Path, pace: Pace | None = None) -> list[LoadReport]:
    """Load deliveries one after the other."""
    return [load(folder, url, intake, pace) for folder in folders]


def look(url: str, intake: Path) -> Outcome:
    """What came of it."""
    with open_store(url, PEPPER.fingerprint) as store:
        return look_at(store, Intake(intake))


def look_at(store: GraphStore, intake: Intake) -> Outcome:
    """As `look`, of a store that is open."""
    facts: dict[str, int] = {}
    for batch in store.export():
        facts[table_name(batch.edge)] = facts.get(table_name(batch.edge), 0) + len(batch)
    return Outcome(canonical_hash(store), facts, sorted(_rows(intake.shelf.entries(SOURCE.name))))


def _rows(entries: pl.DataFrame) -> list[tuple[str, ...]]:
    return list(entries.select(_IDENTITY).iter_rows())
