"""Which applications of an economy teach and which are judged, and what models read of them, kept on disk.

Out of time and purged: what teaches was known before the test period begins. Applications whose outcome was not known by
then teach by such milestones as were. Fits nothing.
"""

import json
import shutil
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sandbox.worlds import once
from gnn.dataset import Dataset, Split, build_tables, training_end
from gnn.evaluation.protocols import Part, purge, split_training, with_young
from gnn.examples import Examples, build_examples
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.features.table import FeatureTable
from gnn.milestones import read_milestones
from gnn.tasks import Task
from graph.snapshot import Snapshot

MODEL_SEED = 0
_EXAMPLES, _SPLIT, _PLANS = "examples.npz", "split.npz", "plans.json"


class TooFewTested(ValueError):
    """An economy has too few applications to test as many as the bar asks for and learn from earlier ones."""


@dataclass(frozen=True)
class Division:
    """Examples in order of time, and the part of the protocol over them: who teaches, by what, and who is judged."""

    examples: Examples
    part: Part


def divide(examples: Examples, least_tested: int, *, milestones: bool) -> Division:
    """The last 30 % in order of time are judged, or `least_tested` where that is more; earlier ones teach as far as known then.

    The test begins with the month (UTC) in which that would be reached, so that calibration is told of whole months.

    Raises:
        TooFewTested: what is left to learn from knows one outcome only, or nothing is left.
    """
    cut = _month_begins(examples, min(training_end(examples), len(examples) - least_tested))
    every = np.arange(len(examples))
    earlier, test = every[:cut], every[cut:]
    train = purge(examples, earlier, test)
    bad = int(examples.label[train].sum())
    if len(test) < least_tested or not 0 < bad < len(train):
        raise TooFewTested(
            f"{len(examples)} applications: beside {least_tested} to be tested there are {len(train)}, {bad} of them bad, "
            "whose outcome was known in time to learn from"
        )
    split = with_young(split_training(train, test), examples, np.setdiff1d(earlier, train), milestones=milestones)
    return Division(examples, Part(0, 0, MODEL_SEED, split))


def write_data(snapshot: Snapshot, task: Task, least_tested: int, folder: Path) -> None:
    """Divide a world's applications and write what models read of them, unless it is there."""
    assert task.earlier is None, f"loans before the cohort of {task.name} would have to be kept too"
    once(folder, lambda place: _write_division(snapshot, task, least_tested, place))
    once(_tables(folder), lambda place: _write_tables(snapshot, folder, place))


def read_data(snapshot: Snapshot, task: Task, folder: Path) -> tuple[Dataset, Part]:
    """What `write_data` wrote; tables are read from disk as they are asked for."""
    own, neighbours = _read_plans(folder)
    tables = {
        plan.scope: FeatureTable(plan.names, plan.families, np.load(_tables(folder) / f"{plan.scope}.npy", mmap_mode="r"))
        for plan in (own, neighbours)
    }
    division = read_division(folder)
    milestones = read_milestones(snapshot, task, division.examples)
    data = Dataset(snapshot, task, division.examples, tables[Scope.OWN], tables[Scope.NEIGHBOURS], own, neighbours, milestones)
    return data, division.part


def remove_tables(folder: Path) -> None:
    """Remove the tables of `write_data`; it makes them again where they are asked for."""
    shutil.rmtree(_tables(folder), ignore_errors=True)


def read_division(folder: Path) -> Division:
    """Who teaches and who is judged, as written."""
    examples, split = _read(folder / _EXAMPLES), _read(folder / _SPLIT)
    taught_to_s = int(split.pop("taught_to_s"))
    part = Part(0, 0, MODEL_SEED, Split(**split, taught_to_s=taught_to_s))
    return Division(Examples(*(examples[field.name] for field in fields(Examples))), part)


def _month_begins(examples: Examples, at: int) -> int:
    """The first position in the same month as position `at`; 0 where that lies before all."""
    if at <= 0:
        return 0
    months = examples.as_of_s.astype("datetime64[s]").astype("datetime64[M]")
    return int(np.searchsorted(months, months[at]))


def _write_division(snapshot: Snapshot, task: Task, least_tested: int, place: Path) -> None:
    found = divide(build_examples(snapshot, task), least_tested, milestones=bool(task.milestones))
    begins_s = int(found.examples.as_of_s[found.part.split.test].min())
    plans = [
        plan_features(snapshot, task.subject, begins_s, scope, currency=task.currency, unseen=task.unseen).to_json()
        for scope in (Scope.OWN, Scope.NEIGHBOURS)
    ]
    np.savez(place / _EXAMPLES, **{field.name: getattr(found.examples, field.name) for field in fields(Examples)})
    np.savez(place / _SPLIT, **{field.name: getattr(found.part.split, field.name) for field in fields(Split)})
    (place / _PLANS).write_text(json.dumps(plans), encoding="utf-8")


def _write_tables(snapshot: Snapshot, folder: Path, place: Path) -> None:
    examples = read_division(folder).examples
    plans = _read_plans(folder)
    for plan, table in zip(plans, build_tables(snapshot, *plans, examples), strict=True):
        np.save(place / f"{plan.scope}.npy", table.values, allow_pickle=False)


def _read_plans(folder: Path) -> tuple[FeaturePlan, FeaturePlan]:
    own, neighbours = json.loads((folder / _PLANS).read_text(encoding="utf-8"))
    return FeaturePlan.from_json(own), FeaturePlan.from_json(neighbours)


def _read(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _tables(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-tables")
