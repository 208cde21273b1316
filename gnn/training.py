"""From a snapshot to a model bundle: examples, a division in time, models, calibration, measurement, files.

The last part of the examples in time is kept for measurement only. The same snapshot, task and seed give the same bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.answer_scales import fit_ends, with_scales
from gnn.cohorts import EVER
from gnn.dataset import Dataset, Split, build_dataset
from gnn.division import divide, learnt_to_s, outcomes_known_to_s, trained_to_s
from gnn.evaluation.coverage import measure_coverage
from gnn.evaluation.metrics import auc, brier, expected_calibration_error, ks
from gnn.hardening import with_camouflage
from gnn.models.average import Average, RawModel
from gnn.models.baselines import Trees, TreeSettings, lightgbm_milestones, table_of
from gnn.models.levelled import Levelled, calibrated
from gnn.models.narrowing import narrow
from gnn.models.thickness import ScorableRule
from gnn.network.model import GraphNetwork
from gnn.network.settings import TrainingSettings
from gnn.serving.bundle import write_bundle
from gnn.serving.level import at_level
from gnn.serving.served_model import Combination, ServedModel
from gnn.serving.stored_model import store_model
from gnn.serving.subscores import SubScales
from gnn.tasks import Task
from graph.snapshot import Snapshot

NOT_IN_TIME = (
    "outcomes that became known only after the first loan measured on were learnt from, since too few were known before; "
    "what was measured in training is too favourable"
)
STAGES = ("examples", "graph network", "boosted trees", "measurement", "bundle")
Progress = Callable[[str, int, int], None]
"""Called with the stage begun, how many are done and how many there are."""


@dataclass(frozen=True)
class BundleReport:
    """What was trained and how well it did on the test part; `metrics` by model, then by measure.

    A measure is missing where the test part has one outcome only. `in_time` is false where outcomes taught that were not
    known yet when the test part began.
    """

    place: Path
    model_version: str
    examples: dict[str, int]
    metrics: dict[str, dict[str, float]]
    in_time: bool


@dataclass(frozen=True)
class ModelSettings:
    """What of the models may be chosen, tuned or taken over from an earlier training."""

    trees: TreeSettings = field(default_factory=TreeSettings)
    network: TrainingSettings = field(default_factory=TrainingSettings)

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Mapping[str, Any]]) -> "ModelSettings":
        """The settings that `to_json` wrote; what is lacking has its default.

        Raises:
            TypeError: names a setting there is not.
        """
        return cls(TreeSettings(**data.get("trees", {})), TrainingSettings.from_json(data.get("network", {})))


@dataclass(frozen=True)
class Recipe:
    """How to train: the seed of every random draw, the settings of the models, and with how much camouflage.

    `camouflage` is how many made-up persons there are for each borrower that teaches, as `with_camouflage` plants them.
    """

    seed: int
    settings: ModelSettings = field(default_factory=ModelSettings)
    camouflage: float = 0.0


@dataclass(frozen=True)
class TrainedModels:
    """Network, trees and their average, fitted on one division of one data set; `metrics` as in `BundleReport`.

    `data` has the columns worth reading alone; `calibrated` are the models as they are measured, by what combines in them.
    `tested` holds each model's calibrated log-odds of the test part, float64 [k], by name.
    """

    data: Dataset
    split: Split
    recipe: Recipe
    graph: GraphNetwork
    boosted: Trees
    calibrated: Mapping[Combination, Levelled]
    metrics: dict[str, dict[str, float]]
    tested: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    _served: dict[Combination, ServedModel] = field(default_factory=dict, repr=False)

    @property
    def examples(self) -> dict[str, int]:
        """Number of examples by part."""
        return {part: len(getattr(self.split, part)) for part in ("fit", "stop", "calibrate", "test")}

    @property
    def in_time(self) -> bool:
        """Whether every outcome learnt from was known before the test part began; also where outcomes bear no date."""
        known_s = outcomes_known_to_s(self.data, self.split)
        return known_s is None or known_s < int(self.data.examples.as_of_s[self.split.test].min(initial=EVER))

    @property
    def learnt_to_s(self) -> int:
        """The last second of which this knows: of an instant it learnt from, and of an outcome where they are dated."""
        return learnt_to_s(_described(self.data, self.split, self.recipe))

    def served(self, combination: Combination) -> ServedModel:
        """What answers requests when these parts combine so."""
        if combination not in self._served:
            model = self._without_scales(combination)
            if self.calibrated[combination].from_s is not None:
                model = at_level(model, self.data.snapshot)
            self._served[combination] = with_scales(model, self.data, self.split)
        return self._served[combination]

    def _without_scales(self, combination: Combination) -> ServedModel:
        one, fitted, plan = self.calibrated[combination], self.graph.fitted, self.data.neighbours_plan
        assert fitted is not None
        return ServedModel(
            self.data.task.name,
            plan,
            table_of(self.data, self.graph.scope).names,
            fitted,
            self.boosted.boosters,
            one.calibrator,
            fit_ends(self.data, self.split, one.calibrator.apply(one.first_log_odds)),
            ScorableRule(),
            SubScales({}),
            combination=combination,
        )

    def write(self, out: Path, combination: Combination = Combination.AVERAGE) -> str:
        """Write the bundle of a combination to the folder `out` and return its model version."""
        model = self.served(combination)
        manifest, files = store_model(model)
        described = _described(self.data, self.split, self.recipe)
        described |= {"examples": self.examples, "metrics": self.metrics, "outcomes_in_time": self.in_time}
        described |= _thin_and_thick(model, self.tested[self.calibrated[combination].name], self.data, self.split)
        return write_bundle(out, manifest | described, files)


def train_bundle(
    snapshot: Snapshot,
    task: Task,
    *,
    seed: int,
    out: Path,
    settings: ModelSettings | None = None,
    camouflage: float = 0.0,
    progress: Progress | None = None,
) -> BundleReport:
    """Train the model that is served, measure it, and write its bundle.

    Args:
        snapshot: Facts to learn from.
        task: What to predict.
        seed: Of every random draw.
        out: Folder of the bundle; one that is there is replaced.
        settings: Of the models; the usual ones when None.
        camouflage: As in `Recipe`.
        progress: Told of each stage.

    Raises:
        EmptyTrainingSet: too few good or bad loans to learn from, or to calibrate on.
    """
    trained = train_models(snapshot, task, Recipe(seed, settings or ModelSettings(), camouflage), progress)
    version = trained.write(out)
    _tell(progress, "done")
    return BundleReport(out, version, trained.examples, trained.metrics, trained.in_time)


def train_models(snapshot: Snapshot, task: Task, recipe: Recipe, progress: Progress | None = None) -> TrainedModels:
    """Train network, trees and their average, and measure each on the last loans in time; writes nothing.

    Args:
        snapshot: Facts to learn from.
        task: What to predict.
        recipe: Seed, settings and camouflage.
        progress: Told of each stage but the last.

    Raises:
        EmptyTrainingSet: too few good or bad loans to learn from, or to calibrate on.
    """
    _tell(progress, "examples")
    whole = build_dataset(with_camouflage(snapshot, task, recipe.camouflage, recipe.seed), task)
    split = divide(whole)
    data = narrow(whole, split)
    graph = GraphNetwork(settings=recipe.settings.network)
    boosted = lightgbm_milestones(recipe.settings.trees)
    _tell(progress, "graph network")
    graph.fit(data, split, recipe.seed)
    _tell(progress, "boosted trees")
    boosted.fit(data, split, recipe.seed)
    average = Average(graph, boosted)
    average.calibrate(data, split)
    _tell(progress, "measurement")
    models: dict[Combination, RawModel] = {
        Combination.NETWORK: graph,
        Combination.TREES: boosted,
        Combination.AVERAGE: average,
    }
    levelled = {combination: calibrated(model, data, split) for combination, model in models.items()}
    tested = {model.name: model.log_odds(data, split.test) for model in levelled.values()}
    metrics = {name: _measure(log_odds, data, split) for name, log_odds in tested.items()}
    _tell(progress, "bundle")
    return TrainedModels(data, split, recipe, graph, boosted, levelled, metrics, tested)


def _tell(progress: Progress | None, stage: str) -> None:
    if progress is not None:
        progress(stage, STAGES.index(stage) if stage in STAGES else len(STAGES), len(STAGES))


def _measure(log_odds: NDArray[np.float64], data: Dataset, split: Split) -> dict[str, float]:
    """Measures on the test part; one that a single outcome leaves undefined is not among them."""
    label = data.examples.label[split.test]
    measures = {"auc": auc, "ks": ks, "brier": brier, "calibration_error": expected_calibration_error}
    found = {name: measure(label, log_odds) for name, measure in measures.items()}
    return {name: value for name, value in found.items() if not np.isnan(value)}


def _thin_and_thick(model: ServedModel, log_odds: NDArray[np.float64], data: Dataset, split: Split) -> dict[str, Any]:
    """How intervals held on the test part by thickness of file, and how many of its loans are too thin to score."""
    facts, label = data.facts.take(split.test), data.examples.label[split.test]
    return {
        "coverage": [one.to_json() for one in measure_coverage(model.intervals, log_odds, facts.own, label)],
        "unscorable": int(model.scorable.is_unscorable(facts).sum()),
    }


def _described(data: Dataset, split: Split, recipe: Recipe) -> dict[str, Any]:
    """Where the model comes from, for whoever reads the manifest."""
    times = data.examples.as_of_s
    return {
        "seed": recipe.seed,
        "settings": recipe.settings.to_json(),
        "camouflage": recipe.camouflage,
        "snapshot_digest": data.snapshot.digest,
        "snapshot_version": data.snapshot.version,
        "pepper_fingerprint": data.snapshot.manifest.pepper_fingerprint,
        "trained_from_s": int(times[split.train].min()),
        "trained_to_s": trained_to_s(data, split),
        "outcomes_known_to_s": outcomes_known_to_s(data, split),
        "measured_to_s": int(times[split.test].max()),
    }
