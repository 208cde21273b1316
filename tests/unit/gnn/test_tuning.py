"""Tuning: the search stays inside the training part, goes on where it was, and writes settings that training takes."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from gnn.dataset import build_dataset
from gnn.division import divide
from gnn.errors import SettingsUnusable
from gnn.models.baselines import TreeSettings
from gnn.network.settings import TrainingSettings
from gnn.tasks import TASKS
from gnn.training import ModelSettings
from gnn.tuning import (
    SPACES,
    Bounds,
    Tuned,
    read_settings_file,
    tune,
    validation_split,
    with_values,
    write_settings_file,
)
from graph.snapshot import Snapshot

USUAL = {Tuned.TREES: TreeSettings(), Tuned.NETWORK: TrainingSettings()}


@pytest.mark.parametrize("model", Tuned)
def test_every_range_is_of_a_setting_and_holds_the_usual_value(model: Tuned) -> None:
    usual = asdict(USUAL[model])  # type: ignore[call-overload] # both are dataclasses
    for name, span in SPACES[model].items():
        assert span.low <= usual[name] <= span.high, name
        assert isinstance(usual[name], int) is span.whole, name


def test_no_trial_reads_the_test_part(planted: Snapshot) -> None:
    split = divide(build_dataset(planted, TASKS["superlender"]))
    inner = validation_split(split)
    read = np.concatenate([inner.train, inner.test])
    assert set(read.tolist()) == set(split.train.tolist())
    assert read.max() < split.test.min()
    assert inner.train.max() < inner.test.min()


def test_a_search_starts_from_the_usual_settings_and_goes_on(planted: Snapshot, tmp_path: Path) -> None:
    told: list[str] = []
    found = tune(
        planted, TASKS["superlender"], Tuned.TREES, Bounds(trials=1), tmp_path, seed=1,
        progress=lambda what, done, total: told.append(what),
    )  # fmt: skip
    assert (found.trials, found.settings) == (1, ModelSettings())
    assert found.loss == found.usual_loss
    more = tune(planted, TASKS["superlender"], Tuned.TREES, Bounds(trials=1), tmp_path, seed=1)
    assert more.trials == 2
    assert more.loss <= more.usual_loss == found.loss
    assert told == ["trial 1"]


def test_settings_of_one_model_are_written_beside_those_of_the_other(tmp_path: Path) -> None:
    file = tmp_path / "tuned.json"
    write_settings_file(file, Tuned.TREES, with_values(ModelSettings(), Tuned.TREES, {"num_leaves": 5}))
    write_settings_file(file, Tuned.NETWORK, with_values(ModelSettings(), Tuned.NETWORK, {"hidden": 16}))
    read = read_settings_file(file)
    assert (read.trees.num_leaves, read.network.hidden, read.trees.rounds) == (5, 16, TreeSettings().rounds)


@pytest.mark.parametrize("text", ["", "[]", '{"trees": {"leaves": 3}}', '{"trees": 3}'])
def test_settings_that_cannot_be_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "tuned.json").write_text(text)
    with pytest.raises(SettingsUnusable, match=r"tuned\.json"):
        read_settings_file(tmp_path / "tuned.json")


def test_a_settings_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsUnusable, match="cannot be read"):
        read_settings_file(tmp_path / "none.json")
