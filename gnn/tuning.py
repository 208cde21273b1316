"""Searches better settings of the models: a study over declared ranges, judged inside the training part alone.

The test part is never read: a trial learns from the first of the training part and is judged on the rest of it. The study is
a local database, so a search that was stopped goes on; it is of one task, one model and one snapshot. The only module that
knows Optuna.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from gnn.dataset import Dataset, Model, Split, build_dataset
from gnn.division import divide, keep_known_in_time
from gnn.errors import ExtraMissing, SettingsUnusable
from gnn.evaluation.protocols import split_training
from gnn.models.baselines import TreeSettings, lightgbm_neighbours
from gnn.network.model import GraphNetwork
from gnn.network.settings import TrainingSettings
from gnn.network.train import log_loss
from gnn.tasks import Task
from gnn.training import ModelSettings
from graph.snapshot import Snapshot

if TYPE_CHECKING:
    from optuna import Trial

STUDY = "study.db"
TUNED = "tuned.json"
MOST_EXAMPLES = 20_000  # a trial of more takes longer than it tells
DIGEST_DIGITS = 12  # of the snapshot, in a study's name


class Tuned(StrEnum):
    """Models that can be tuned, by the part of `ModelSettings` that holds their settings."""

    TREES = "trees"
    NETWORK = "network"


@dataclass(frozen=True)
class Range:
    """Values a setting may take, both ends included; `log` draws evenly over orders of magnitude."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


SPACES: Mapping[Tuned, Mapping[str, Range]] = MappingProxyType(
    {
        Tuned.TREES: MappingProxyType(
            {
                "rounds": Range(100, 1200, log=True, whole=True),
                "learning_rate": Range(0.01, 0.1, log=True),
                "num_leaves": Range(4, 64, log=True, whole=True),
                "min_data_in_leaf": Range(5, 200, log=True, whole=True),
                "feature_fraction": Range(0.05, 0.8, log=True),
                "bagging_fraction": Range(0.5, 1.0),
                "lambda_l2": Range(0.1, 100.0, log=True),
            }
        ),
        Tuned.NETWORK: MappingProxyType(
            {
                "hidden": Range(16, 64, log=True, whole=True),
                "dropout": Range(0.1, 0.6),
                "weight_decay": Range(0.01, 1.0, log=True),
                "peak_rate": Range(5e-4, 1e-2, log=True),
                "epochs": Range(2, 8, whole=True),
                "ridge": Range(3e-4, 0.1, log=True),
            }
        ),
    }
)


@dataclass(frozen=True)
class Bounds:
    """How long to search: so many more trials, and no trial begun after so many minutes; None for no bound."""

    trials: int | None = 20
    minutes: float | None = None


@dataclass(frozen=True)
class Found:
    """The best settings of a study, their log loss on the validation period, that of the usual ones, and trials so far."""

    settings: ModelSettings
    loss: float
    usual_loss: float
    trials: int


def tune(
    snapshot: Snapshot,
    task: Task,
    model: Tuned,
    bounds: Bounds,
    folder: Path,
    *,
    seed: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> Found:
    """Search settings, starting from the usual ones, or go on with a search that was stopped.

    Args:
        snapshot: Facts to learn from.
        task: What to predict.
        model: Whose settings.
        bounds: How long.
        folder: Holds the study.
        seed: Of the search and of every training.
        progress: Told of each trial.

    Raises:
        EmptyTrainingSet: too few good or bad loans.
        ExtraMissing: Optuna is not installed.
    """
    data = build_dataset(snapshot, task, most=MOST_EXAMPLES)
    split = validation_split(divide(data))
    split = replace(split, fit=keep_known_in_time(data, split.fit, split.test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Optuna's own use of its libraries
        try:
            import optuna
        except ModuleNotFoundError as exc:
            raise ExtraMissing(str(exc.name)) from exc
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        folder.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            study_name=f"{task.name}-{model}-{snapshot.digest[:DIGEST_DIGITS]}",
            storage=f"sqlite:///{(folder / STUDY).absolute()}",
            load_if_exists=True,
            direction="minimize",
        )
        begun = len(study.trials)
        study.sampler = optuna.samplers.TPESampler(seed=seed + begun)  # a search that goes on must not repeat itself
        if not begun:
            study.enqueue_trial(_usual(model))

        def objective(trial: "Trial") -> float:
            if progress is not None:
                progress(f"trial {trial.number + 1}", trial.number - begun, bounds.trials or trial.number + 1)
            return _loss(data, split, with_values(ModelSettings(), model, _draw(trial, model)), model, seed)

        study.optimize(objective, n_trials=bounds.trials, timeout=None if bounds.minutes is None else bounds.minutes * 60)
        usual = next(trial.value for trial in study.trials if trial.value is not None)
        best = with_values(ModelSettings(), model, study.best_params)
        return Found(best, float(study.best_value), float(usual), len(study.trials))


def validation_split(split: Split) -> Split:
    """A split inside a training part: what calibrated it is judged on, what came before is learnt from."""
    return split_training(np.concatenate([split.fit, split.stop]), split.calibrate)


def with_values(settings: ModelSettings, model: Tuned, values: Mapping[str, Any]) -> ModelSettings:
    """Settings with some values of one model replaced."""
    if model is Tuned.TREES:
        return replace(settings, trees=replace(settings.trees, **values))
    return replace(settings, network=replace(settings.network, **values))


def read_settings_file(file: Path) -> ModelSettings:
    """Settings that `write_settings_file` wrote; what it does not name has its default.

    Raises:
        SettingsUnusable: no JSON, or a name that is no setting.
    """
    try:
        return ModelSettings.from_json(json.loads(file.read_bytes()))
    except OSError as exc:
        raise SettingsUnusable(str(file), "it cannot be read") from exc
    except (ValueError, TypeError, AttributeError) as exc:
        raise SettingsUnusable(str(file), str(exc).removeprefix("ModelSettings.")) from exc


def write_settings_file(file: Path, model: Tuned, found: ModelSettings) -> None:
    """Write one model's settings, leaving the other's as they stand in the file."""
    kept = read_settings_file(file) if file.exists() else ModelSettings()
    both = replace(kept, trees=found.trees) if model is Tuned.TREES else replace(kept, network=found.network)
    file.write_text(json.dumps(both.to_json(), sort_keys=True, indent=1) + "\n", encoding="utf-8")


def _usual(model: Tuned) -> dict[str, Any]:
    usual = TreeSettings() if model is Tuned.TREES else TrainingSettings()
    return {name: getattr(usual, name) for name in SPACES[model]}


def _draw(trial: "Trial", model: Tuned) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for name, span in SPACES[model].items():
        if span.whole:
            drawn[name] = trial.suggest_int(name, int(span.low), int(span.high), log=span.log)
        else:
            drawn[name] = trial.suggest_float(name, span.low, span.high, log=span.log)
    return drawn


def _loss(data: Dataset, split: Split, settings: ModelSettings, model: Tuned, seed: int) -> float:
    fitted: Model = lightgbm_neighbours(settings.trees) if model is Tuned.TREES else GraphNetwork(settings=settings.network)
    fitted.fit(data, split, seed)
    return log_loss(fitted.log_odds(data, split.test), data.examples.label[split.test])
