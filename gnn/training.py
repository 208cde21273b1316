"""From a snapshot to a model bundle: examples, a division in time, models, calibration, measurement, files.

The last part of the examples in time is kept for measurement only. The same snapshot, task and seed give the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gnn.average import Average
from gnn.baselines import Trees, lightgbm_neighbours
from gnn.bundle import write_bundle
from gnn.dataset import Dataset, Split, build_dataset
from gnn.errors import EmptyTrainingSet
from gnn.graph_network import GraphNetwork
from gnn.metrics import auc, brier, expected_calibration_error, ks
from gnn.protocols import split_training
from gnn.served_model import ServedModel
from gnn.stored_model import store_model
from gnn.tasks import Task
from graph.snapshot import Snapshot

TEST_SHARE = 0.15  # of the examples, the last in time
LEAST_OF_EACH = 2  # good and bad loans that each part needs
STAGES = ("examples", "graph network", "boosted trees", "measurement", "bundle")
Progress = Callable[[str, int, int], None]
"""Called with the stage begun, how many are done and how many there are."""


@dataclass(frozen=True)
class BundleReport:
    """What was trained and how well it did on the test part; `metrics` by model, then by measure."""

    place: Path
    model_version: str
    examples: dict[str, int]
    metrics: dict[str, dict[str, float]]


def train_bundle(snapshot: Snapshot, task: Task, *, seed: int, out: Path, progress: Progress | None = None) -> BundleReport:
    """Train the model that is served, measure it, and write its bundle.

    Args:
        snapshot: Facts to learn from.
        task: What to predict.
        seed: Of every random draw.
        out: Folder of the bundle; one that is there is replaced.
        progress: Told of each stage.

    Raises:
        EmptyTrainingSet: a part of the examples has too few good or bad loans.
    """
    tell = progress or (lambda stage, done, total: None)

    def begin(stage: str) -> None:
        tell(stage, STAGES.index(stage), len(STAGES))

    begin("examples")
    data = build_dataset(snapshot, task)
    split = divide(data)
    graph, boosted = GraphNetwork(), lightgbm_neighbours()
    begin("graph network")
    graph.fit(data, split, seed)
    begin("boosted trees")
    boosted.fit(data, split, seed)
    average = Average(graph, boosted)
    average.calibrate(data, split)
    begin("measurement")
    metrics = {model.name: _measure(model.log_odds(data, split.test), data, split) for model in (graph, boosted, average)}
    begin("bundle")
    manifest, files = store_model(_served(data, graph, boosted, average))
    counts = {part: len(getattr(split, part)) for part in ("fit", "stop", "calibrate", "test")}
    described = manifest | _described(data, split, seed) | {"examples": counts, "metrics": metrics}
    version = write_bundle(out, described, files)
    tell("done", len(STAGES), len(STAGES))
    return BundleReport(out, version, counts, metrics)


def divide(data: Dataset) -> Split:
    """Divide examples by time: the last `TEST_SHARE` test, what comes before trains.

    Raises:
        EmptyTrainingSet: a part has too few good or bad loans.
    """
    every = np.arange(len(data.examples))
    cut = int(len(every) * (1 - TEST_SHARE))
    split = split_training(every[:cut], every[cut:])
    for part, index in (("fit", split.fit), ("stop", split.stop), ("calibrate", split.calibrate), ("test", split.test)):
        bad = int(data.examples.label[index].sum())
        good = len(index) - bad
        if min(good, bad) < LEAST_OF_EACH:
            raise EmptyTrainingSet(data.task.name, part, good=good, bad=bad, needed=LEAST_OF_EACH)
    return split


def _served(data: Dataset, graph: GraphNetwork, boosted: Trees, average: Average) -> ServedModel:
    assert graph.fitted is not None
    assert average.calibrator is not None
    return ServedModel(
        data.task.name, data.neighbours_plan, data.own_plan.names, graph.fitted, boosted.boosters, average.calibrator
    )


def _measure(log_odds: np.ndarray, data: Dataset, split: Split) -> dict[str, float]:
    label = data.examples.label[split.test]
    measures = {"auc": auc, "ks": ks, "brier": brier, "calibration_error": expected_calibration_error}
    return {name: measure(label, log_odds) for name, measure in measures.items()}


def _described(data: Dataset, split: Split, seed: int) -> dict[str, Any]:
    """Where the model comes from, for whoever reads the manifest."""
    times = data.examples.as_of_s
    return {
        "seed": seed,
        "snapshot_digest": data.snapshot.digest,
        "snapshot_version": data.snapshot.version,
        "pepper_fingerprint": data.snapshot.manifest.pepper_fingerprint,
        "trained_from_s": int(times[split.train].min()),
        "trained_to_s": int(times[split.train].max()),
    }
