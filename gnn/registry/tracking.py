"""Runs and versions in a local MLflow database: what was trained with what, how it measured, and which version is which.

The only module that knows MLflow. The database tells; it decides nothing: what is live is said by the signed record, and a
version is the digest of its bundle.
"""

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from gnn.errors import ExtraMissing, TasksMixed, VersionUnknown
from gnn.serving.served_model import Combination

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

DATABASE = "registry.db"
ARTIFACTS = "artifacts"
LONGEST_PARAMETER = 500  # characters that MLflow keeps in any of its stores
BUNDLE_TAG, COMBINATION_TAG = "bundle", "combination"
MILLISECONDS = 1000


class Alias(StrEnum):
    """Names that one version at a time goes by."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    SHADOW = "shadow"


@dataclass(frozen=True)
class Run:
    """One training, to be logged: parameters, metrics, and tags that say where it came from."""

    name: str
    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Version:
    """One registered bundle: `number` counts within the registry, `version` is the bundle's own."""

    number: int
    version: str
    combination: Combination
    run_id: str
    registered_at_s: int
    aliases: frozenset[Alias]


class Registry:
    """Runs and versions of one task in a folder of models; opened when first asked.

    Raises:
        ExtraMissing: MLflow is not installed.
        TasksMixed: the folder holds versions of another task.
    """

    def __init__(self, models: Path, task: str | None = None) -> None:
        self._models = models
        self._client = _open(models)
        known = [model.name for model in self._client.search_registered_models()]
        if task is not None and known and known != [task]:
            raise TasksMixed(str(models), expected=known[0], actual=task)
        if task is not None and not known:
            self._client.create_registered_model(task)
        self.task = task or (known[0] if known else "")

    def log_run(self, run: Run) -> str:
        """Log a training that is done and return its id; figures that are no number are left out."""
        from mlflow.entities import Metric, Param, RunTag

        found = self._client.get_experiment_by_name(self.task)
        where = (self._models / ARTIFACTS).absolute().as_uri()
        experiment = found.experiment_id if found else self._client.create_experiment(self.task, artifact_location=where)
        run_id: str = self._client.create_run(experiment, run_name=run.name).info.run_id
        self._client.log_batch(
            run_id,
            metrics=[Metric(name, value, 0, 0) for name, value in run.metrics.items() if isfinite(value)],
            params=[Param(name, str(value)[:LONGEST_PARAMETER]) for name, value in run.parameters.items()],
            tags=[RunTag(name, value) for name, value in run.tags.items()],
        )
        self._client.set_terminated(run_id)
        return run_id

    def read_run(self, run_id: str) -> Run:
        """A run as it was logged; parameters as text."""
        found = self._client.get_run(run_id)
        return Run(found.info.run_name, found.data.params, found.data.metrics, found.data.tags)

    def add_version(self, version: str, combination: Combination, place: Path, run_id: str) -> Version:
        """Register a bundle; one that is registered already, byte for byte the same, stays as it is."""
        for known in self.versions():
            if known.version == version:
                return known
        tags = {BUNDLE_TAG: version, COMBINATION_TAG: combination.value}
        made = self._client.create_model_version(self.task, place.absolute().as_uri(), run_id, tags=tags)
        return _version(made, {})

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        if not self.task:
            return []
        aliases = {alias: int(number) for alias, number in self._client.get_registered_model(self.task).aliases.items()}
        found = self._client.search_model_versions(f"name = '{self.task}'")
        return sorted((_version(one, aliases) for one in found), key=lambda one: one.number)

    def trained(self) -> list[Version]:
        """Versions as trainings made them, oldest first; without those that are one of them at another level."""
        first: dict[tuple[str, Combination], Version] = {}
        for one in self.versions():
            first.setdefault((one.run_id, one.combination), one)
        return list(first.values())

    def find(self, named: str) -> Version:
        """The version of that number, bundle version or alias.

        Raises:
            VersionUnknown: there is none.
        """
        for one in self.versions():
            if named in (str(one.number), one.version, *one.aliases):
                return one
        raise VersionUnknown(named, str(self._models))

    def name(self, alias: Alias, version: str | None) -> None:
        """Let a version go by an alias, or none."""
        if version is None:
            self._client.delete_registered_model_alias(self.task, alias.value)
        else:
            self._client.set_registered_model_alias(self.task, alias.value, str(self.find(version).number))


def _version(found: "ModelVersion", aliases: Mapping[str, int]) -> Version:
    return Version(
        number=int(found.version),
        version=found.tags[BUNDLE_TAG],
        combination=Combination(found.tags[COMBINATION_TAG]),
        run_id=str(found.run_id),
        registered_at_s=int(found.creation_timestamp) // MILLISECONDS,
        aliases=frozenset(Alias(alias) for alias, number in aliases.items() if number == int(found.version)),
    )


def _open(models: Path) -> "MlflowClient":
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when the package is imported; nothing leaves the machine
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own use of SQLAlchemy, while its tables are mapped
        try:
            from mlflow import MlflowClient
        except ModuleNotFoundError as exc:
            raise ExtraMissing(str(exc.name)) from exc
        models.mkdir(parents=True, exist_ok=True)
        address = f"sqlite:///{(models / DATABASE).absolute()}"
        client = MlflowClient(tracking_uri=address, registry_uri=address)
        client.search_registered_models(max_results=1)  # makes or upgrades the tables
    return client
