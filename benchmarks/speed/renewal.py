"""A store whose last facts have just come in, and the two ways to let scoring know of them: a delta, or a new base.

Each ends with the first score that knows of the new facts. What both must agree on, thousands of scores, is kept with the time
taken. Knows no figures and draws nothing by chance.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.aggregates import ask_everyone
from benchmarks.pieces import Result
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import PEPPER, once, read_economy
from benchmarks.speed.passes import timed
from gnn.scores import ScoreRequest
from gnn.serving.scorer import Scorer, load_scorer
from gnn.tasks import TASKS
from graph.derived import table_name
from graph.facts import FactBatch
from graph.opening import open_store
from graph.snapshot import Snapshot
from graph.snapshot.build import merge_batches
from graph.snapshot.files import TABLES
from graph.snapshot.publish import publish_snapshot

NEW_SHARE = 0.01
COMMIT_FACTS = 1_000_000
AT_ONCE = 500  # persons scored together; changes no bit
OLD, NEW = "old", "new"
BASE, PARTS, STORE = "base", "parts", "graph.duckdb"
_AT = "known_at_s"


@dataclass(frozen=True)
class Place:
    """Where the parts, the store and the first snapshot are kept, with the model's bundle; so many persons are scored."""

    folder: Path
    bundle: Path
    scored: int

    @property
    def url(self) -> str:
        """Address of the store."""
        return str(self.folder / STORE)


def divide(economy: Path, place: Place) -> Result:
    """Keep the facts of an economy in two parts, the last of them in order of their being known apart."""
    batches = merge_batches(read_economy(economy))
    known = np.sort(np.concatenate([batch.rows[_AT].to_numpy() for batch in batches]))
    since_s = int(known[int(len(known) * (1 - NEW_SHARE))])

    def write(folder: Path) -> None:
        for part, chosen in ((OLD, pl.col(_AT) < since_s), (NEW, pl.col(_AT) >= since_s)):
            (folder / part).mkdir()
            for batch in batches:
                rows = batch.rows.filter(chosen)
                if rows.height:
                    rows.write_parquet(folder / part / f"{table_name(batch.edge)}.parquet")

    once(place.folder / PARTS, write)
    return {"facts": len(known), "new": int((known >= since_s).sum()), "since_s": since_s}


def publish_base(place: Place) -> Result:
    """Commit the old facts to an empty store and publish them; then commit the new ones, which nobody publishes yet."""
    for name in (STORE, f"{STORE}.wal"):
        (place.folder / name).unlink(missing_ok=True)
    shutil.rmtree(place.folder / BASE, ignore_errors=True)
    with open_store(place.url, PEPPER.fingerprint) as store:
        for file in _files(place, OLD):  # one relation after the other: all at once would take all memory
            batch = _batch(file)
            for rows in batch.rows.iter_slices(COMMIT_FACTS):
                store.write([FactBatch(batch.edge, rows)])
        publish_snapshot(store, place.folder / BASE)
        _, seconds = timed(lambda: store.write([_batch(file) for file in _files(place, NEW)]))
    return {"commit_s": seconds}


def renew(place: Place, *, rebuild: bool, rounds: int) -> Result:
    """Seconds from the commit of the new facts to the first score that knows of them, a round each, and the scores then.

    Every round begins with the same base in a folder of its own, which a scorer has open.
    """
    taken: list[float] = []
    scores: NDArray[np.float64] = np.empty(0)
    kind = ""
    with open_store(place.url, PEPPER.fingerprint) as store:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="round-", dir=place.folder) as folder:
                root = Path(folder) / "snapshots"
                shutil.copytree(place.folder / BASE, root, copy_function=os.link)
                scorer = load_scorer(place.bundle, root, pepper=PEPPER, allow_research=True)
                before, requests = scorer.snapshot_version, _requests(place, root)

                def work() -> None:
                    publish_snapshot(store, root, rebuild=rebuild)  # noqa: B023 # called at once
                    scorer.refresh()  # noqa: B023 # called at once
                    scorer.score(requests[:1], frozenset())  # noqa: B023 # called at once

                _, seconds = timed(work)
                kind = scorer.snapshot_version.split("-")[0]
                assert scorer.snapshot_version != before, "nothing was published"
                taken.append(seconds)
                scores = _scores(scorer, requests)
    return {"seconds": taken, "published": kind, "scores": scores.view(np.int64).tolist()}


def _files(place: Place, part: str) -> list[Path]:
    return sorted((place.folder / PARTS / part).glob("*.parquet"))


def _batch(file: Path) -> FactBatch:
    return FactBatch(TABLES[file.stem], pl.read_parquet(file))


def _requests(place: Place, root: Path) -> list[ScoreRequest]:
    """Persons of all there are, evenly, each asked about in the second after the last of the new facts."""
    as_of_s = 1 + max(int(pl.read_parquet(file, columns=[_AT])[_AT].to_numpy().max()) for file in _files(place, NEW))
    snapshot, label = Snapshot.open(root), TASKS[SOURCE].subject
    asked = ask_everyone(snapshot, TASKS[SOURCE])
    chosen = asked.rows[np.arange(place.scored) * len(asked.rows) // place.scored]
    return [ScoreRequest(label, snapshot.key_of(label, row), as_of_s) for row in chosen.tolist()]


def _scores(scorer: Scorer, requests: Sequence[ScoreRequest]) -> NDArray[np.float64]:
    """Log-odds float64 [n], NaN where there is too little to score by."""
    found: list[float] = []
    for begin in range(0, len(requests), AT_ONCE):
        results = scorer.score(requests[begin : begin + AT_ONCE], frozenset())
        found += [float("nan") if result.log_odds is None else result.log_odds for result in results]
    return np.array(found)
