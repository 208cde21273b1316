"""Without the extra `ml`, what needs it says so in one sentence."""

import sys
from pathlib import Path

import pytest

from gnn.errors import ExtraMissing
from gnn.registry.tracking import Registry
from gnn.tasks import TASKS
from gnn.tuning import Bounds, Tuned, tune
from graph.snapshot import Snapshot


def test_a_registry_without_mlflow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ExtraMissing, match=r"mlflow is not installed.*creditgraph\[ml\]"):
        Registry(tmp_path)


def test_tuning_without_optuna_says_what_to_install(planted: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ExtraMissing, match="optuna"):
        tune(planted, TASKS["superlender"], Tuned.TREES, Bounds(trials=1), tmp_path, seed=0)
