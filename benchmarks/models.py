"""Every model on both real data sets, by the protocols that their bars were set with.

    CREDITGRAPH_DATA=FOLDER python -m benchmarks.prove models

Finished parts are kept under `.prove/models`, so that an interrupted run goes on. The reduced count runs the first part
of each protocol.
"""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from benchmarks.caveats import note_of
from benchmarks.results import Figure
from benchmarks.scale import Scale
from gnn.dataset import Dataset, Model, Split, build_dataset
from gnn.evaluation.contenders import contenders
from gnn.evaluation.evaluate import Figure as Measured
from gnn.evaluation.evaluate import build_figures
from gnn.evaluation.protocol_run import Contender, Fitted, Predictions, run_protocol
from gnn.evaluation.protocols import Part, Protocol, out_of_time, stratified_folds
from gnn.examples import Examples
from gnn.features.table import FeatureTable, build_features
from gnn.models.baselines import SETTINGS_VERSION, lightgbm_own
from gnn.tasks import TASKS, Verdict, Within
from graph.identity import Pepper
from graph.snapshot import Snapshot, write_base
from ingest.load import read_facts

DATA_VARIABLE = "CREDITGRAPH_DATA"
CACHE = Path(".prove") / "models"
PEPPER = Pepper("the pepper of figures, which keep no key")
DATED_ONLY = "lightgbm_dated_only"
OUT_OF_TIME_SEEDS = 3
PROCESSES = 2  # each holds the data once, below 3 GB


@dataclass(frozen=True)
class Bar:
    """What a plain baseline without message passing reached on the same protocol, as the data's own notes give it."""

    task: str
    protocol: Protocol
    auc: float
    by: str


BARS = (
    Bar("superlender", Protocol.OUT_OF_TIME, 0.691, "LightGBM on own loan history"),
    Bar("superlender", Protocol.FOLDS, 0.714, "LightGBM on own loan history"),
    Bar("berka", Protocol.FOLDS, 0.944, "logistic regression on transactions, +- 0.037 over folds"),
)


def main(scale: Scale) -> list[Figure]:
    """Figures of every model; none, said aloud, where the real data are not at hand."""
    named = os.environ.get(DATA_VARIABLE)
    if not named or not Path(named).is_dir():
        print(f"models: no figures, {DATA_VARIABLE} names no folder of real data", file=sys.stderr)
        return []
    figures: list[Figure] = []
    for task in sorted({bar.task for bar in BARS}):
        data = read_dataset(Path(named), task)
        for bar in BARS:
            if bar.task == task:
                figures.extend(_prove(data, bar, scale, Path(named)))
    return figures


@cache
def read_dataset(folder: Path, name: str) -> Dataset:
    """Examples and features of one real data set, read from its files without a store."""
    batches, _ = read_facts(name, folder / name, PEPPER)
    with tempfile.TemporaryDirectory() as root:
        write_base(batches, Path(root), seq=1, pepper_fingerprint=PEPPER.fingerprint)
        return build_dataset(Snapshot.open(Path(root)), TASKS[name])


def parts_of(data: Dataset, protocol: Protocol, scale: Scale) -> list[Part]:
    """The parts of a protocol: all of them, or the first alone."""
    if protocol is Protocol.OUT_OF_TIME:
        parts = out_of_time(data.examples, seeds=OUT_OF_TIME_SEEDS)
    else:
        repeats = 3 if data.task.name == "superlender" else 4
        parts = stratified_folds(data.examples, folds=5, repeats=repeats)
    return parts if scale is Scale.FULL else parts[:1]


@cache
def read_dated(folder: Path, name: str) -> Dataset:
    """The same examples with every relation left out that has an undated fact: what rests on dates alone."""
    data = read_dataset(folder, name)
    outcome = data.task.outcome
    assert isinstance(outcome, Verdict | Within)
    left_out = frozenset(
        edge.rel
        for edge in data.snapshot.edges()
        if any(bool(table.columns["undated"].any()) for table in data.snapshot.facts(edge)) and edge != outcome.edge
    )

    def dated(examples: Examples) -> FeatureTable:
        return build_features(data.snapshot, data.own_plan, examples.rows, examples.as_of_s, left_out)

    past = data.earlier and replace(data.earlier, own=dated(data.earlier.examples))
    return replace(data, own=dated(data.examples), earlier=past)


def _prove(data: Dataset, bar: Bar, scale: Scale, folder: Path) -> list[Figure]:
    parts = parts_of(data, bar.protocol, scale)
    if scale is Scale.FULL:
        # Each process reads the data for itself and leaves its parts in the cache, from where they are read below.
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            for number, _ in enumerate(pool.map(_fit_part, *zip(*((folder, bar, n) for n in range(len(parts))), strict=True))):
                print(f"{bar.task}.{bar.protocol}: {number + 1} of {len(parts)} parts", file=sys.stderr, flush=True)
    predictions = _run(folder, bar.task, parts)
    return [_figure(found, bar, parts) for found in build_figures(data, bar.protocol, predictions)]


def _fit_part(folder: Path, bar: Bar, number: int) -> None:
    _run(folder, bar.task, parts_of(read_dataset(folder, bar.task), bar.protocol, Scale.FULL)[number : number + 1])


def _run(folder: Path, task: str, parts: list[Part]) -> dict[str, Predictions]:
    # The same trees on the same parts, on a table that no undated fact enters.
    dated = Contender(DATED_ONLY, _fit_trees, SETTINGS_VERSION)
    found = run_protocol(read_dataset(folder, task), parts, contenders(), CACHE)
    return found | run_protocol(read_dated(folder, task), parts, [dated], CACHE)


def _fit_trees(data: Dataset, split: Split, seed: int, _: Fitted) -> Model:
    trees = lightgbm_own()
    trees.fit(data, split, seed)
    return trees


def _figure(found: Measured, bar: Bar, parts: list[Part]) -> Figure:
    is_auc = f".{bar.protocol}.auc." in found.key
    return Figure(
        key=found.key,
        value=found.value,
        unit="difference in AUC" if ".gain." in found.key else found.key.split(".")[2],
        low=found.low,
        high=found.high,
        rival=bar.auc if is_auc else None,
        rival_name=bar.by if is_auc else None,
        counts={"examples": found.examples, "bad": found.bad, "parts": found.parts},
        note=note_of(found.key),
    )
