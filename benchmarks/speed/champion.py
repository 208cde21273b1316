"""The champion that the speed of scoring is measured with, and the economy it learnt from: made once and kept.

Trained as `creditgraph train` trains, on an economy whose seed no proof uses. It is made anew when the code that makes models
changes; measures nothing.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.aggregates import prepare_graph
from benchmarks.pieces import apart
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import DIGITS, once
from benchmarks.scale import Scale
from gnn.evaluation.fit_digest import code_digest
from gnn.examples import Examples, build_examples
from gnn.serving.bundle import read_bundle
from gnn.serving.served_model import ServedModel
from gnn.serving.stored_model import restore_model
from gnn.tasks import TASKS
from gnn.training import train_bundle
from graph.snapshot import Snapshot
from ingest.sandbox.knobs import Scale as EconomyScale

CACHE = Path(".prove") / "speed"
SEED = 303  # of the economy
TRAINING_SEED = 0
ECONOMIES = {Scale.FULL: EconomyScale(12_000, seed=SEED), Scale.REDUCED: EconomyScale(1_000, seed=SEED)}
"""Of the full size so many loans are learnt from that every part of the network has its place."""
LAST = 0.85  # of the loans in time, those after this share are asked about
_CODE = ("gnn/**/*.py", "graph/**/*.py")


@dataclass(frozen=True)
class Champion:
    """The model, the bundle it was read from, and the snapshot it learnt from."""

    model: ServedModel
    bundle: Path
    snapshot: Snapshot
    facts: int


def prepare_champion(scale: Scale, root: Path) -> Champion:
    """The champion of a scale, trained where it is not there yet."""
    graph = prepare_graph(ECONOMIES[scale], root)
    place = graph.with_name(f"{graph.name}-champion-{code_digest(_CODE)[:DIGITS]}")
    once(place, lambda folder: apart(_train, graph, folder))
    snapshot, bundle = Snapshot.open(graph), place / "bundle"
    facts = sum(snapshot.num_facts(edge) for edge in snapshot.edges())
    return Champion(restore_model(read_bundle(bundle)), bundle, snapshot, facts)


def choose_borrowers(champion: Champion, number: int) -> Examples:
    """So many of the last applications in time, evenly; all of them where they are fewer."""
    examples = build_examples(champion.snapshot, TASKS[SOURCE])
    last = np.arange(int(len(examples) * LAST), len(examples))
    return examples.take(last[np.arange(min(number, len(last))) * len(last) // min(number, len(last))])


def _train(graph: Path, folder: Path) -> None:
    train_bundle(Snapshot.open(graph), TASKS[SOURCE], seed=TRAINING_SEED, out=folder / "bundle")
