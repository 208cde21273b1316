"""From a snapshot to a model bundle: examples, a division in time, models, calibration, measurement, files.

The last part of the examples in time is kept for measurement only. The same snapshot, task and seed give the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split, build_dataset
from gnn.errors import EmptyTrainingSet
from gnn.evaluation.metrics import auc, brier, expected_calibration_error, ks
from gnn.evaluation.protocols import FIT_SHARE, STOP_SHARE
from gnn.models.average import Average
from gnn.models.baselines import Trees, lightgbm_neighbours
from gnn.network.model import GraphNetwork
from gnn.serving.bundle import write_bundle
from gnn.serving.served_model import ServedModel
from gnn.serving.stored_model import store_model
from gnn.tasks import Task
from graph.snapshot import Snapshot

TEST_SHARE = 0.15  # of the examples, the last in time
LEAST_OF_EACH = 2  # good and bad loans to learn from, and to calibrate on
STAGES = ("examples", "graph network", "boosted trees", "measurement", "bundle")
Progress = Callable[[str, int, int], None]
"""Called with the stage begun, how many are done and how many there are."""


@dataclass(frozen=True)
class BundleReport:
    """What was trained and how well it did on the test part; `metrics` by model, then by measure.

    A measure is missing where the test part has one outcome only.
    """

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
        EmptyTrainingSet: too few good or bad loans to learn from, or to calibrate on.
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

    The period that calibrates begins earlier than usual where it would lack an outcome, since loans that go bad may all
    be old ones. A test part with one outcome is let be: it can be measured in part.

    Raises:
        EmptyTrainingSet: too few good or bad loans to learn from, or to calibrate on.
    """
    every = np.arange(len(data.examples))
    label = data.examples.label
    cut = int(len(every) * (1 - TEST_SHARE))
    calibrate = _calibration_start(label[:cut])
    stop = int(calibrate * FIT_SHARE / (FIT_SHARE + STOP_SHARE))
    for part, index in (("training", every[:calibrate]), ("calibration", every[calibrate:cut])):
        bad = int(label[index].sum())
        good = len(index) - bad
        if min(good, bad) < LEAST_OF_EACH:
            raise EmptyTrainingSet(data.task.name, part, good=good, bad=bad, needed=LEAST_OF_EACH)
    return Split(every[:stop], every[stop:calibrate], every[calibrate:cut], every[cut:])


def _calibration_start(label: NDArray[np.int8]) -> int:
    """Where a training part's labels, in order of time, are cut so that the rest holds enough of each outcome."""
    start = int(len(label) * (FIT_SHARE + STOP_SHARE))
    for outcome in (0, 1):
        start = min([start, *np.flatnonzero(label == outcome)[-LEAST_OF_EACH:].tolist()])
    return start


def _served(data: Dataset, graph: GraphNetwork, boosted: Trees, average: Average) -> ServedModel:
    assert graph.fitted is not None
    assert average.calibrator is not None
    return ServedModel(
        data.task.name, data.neighbours_plan, data.neighbours_plan.names, graph.fitted, boosted.boosters, average.calibrator
    )


def _measure(log_odds: NDArray[np.float64], data: Dataset, split: Split) -> dict[str, float]:
    """Measures on the test part; one that a single outcome leaves undefined is not among them."""
    label = data.examples.label[split.test]
    measures = {"auc": auc, "ks": ks, "brier": brier, "calibration_error": expected_calibration_error}
    found = {name: measure(label, log_odds) for name, measure in measures.items()}
    return {name: value for name, value in found.items() if not np.isnan(value)}


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
