"""Every model on two real graphs whose nodes are labelled beside them: bankrupt companies, fraudulent users.

    CREDITGRAPH_DATA=FOLDER python -m benchmarks.prove smesd bitcoin-otc

By the protocols of the data's notes: smesd in its fixed parts, settings chosen on `valid`, five seeds; bitcoin_otc in ten
stratified folds, on ratings given alone. Finished parts are kept under `.prove/models`. The reduced count runs the first
part of each.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.caveats import note_of
from benchmarks.models import CACHE, DATA_VARIABLE, PEPPER
from benchmarks.node_labels import TEST, TRAIN, VALID, NodeList, read_bitcoin_otc, read_smesd
from benchmarks.results import Figure
from benchmarks.scale import Scale
from gnn.dataset import Dataset, build_dataset
from gnn.evaluation.contenders import contenders, forest_contender
from gnn.evaluation.evaluate import COMPARED, MEASURES, Question, sum_up
from gnn.evaluation.evaluate import Figure as Measured
from gnn.evaluation.metrics import average_precision
from gnn.evaluation.protocol_run import Predictions, run_protocol
from gnn.evaluation.protocols import Part, split_training, stratified_folds
from gnn.tasks import NODE_TASKS
from graph.identity import Pepper
from graph.snapshot import Snapshot, write_base
from ingest.load import read_facts
from ingest.mapping import read_mapping

MAPPINGS = Path(__file__).parent.parent / "mappings"
SMESD_SEEDS = 5
FOLDS, REPEATS = 10, 3
NODE_MEASURES = {**MEASURES, "ap": average_precision}
NODE_COMPARED = (*COMPARED, ("forest", "lightgbm_neighbours"), ("gnn", "forest"), ("average", "forest"))


@dataclass(frozen=True)
class Bars:
    """What a random forest of ours without message passing reached by the same protocol, by measure."""

    by: str
    values: Mapping[str, float]


SMESD_BARS = Bars("random forest on degrees, mean weights and group sizes", {"auc": 0.837, "ap": 0.905})
BITCOIN_BARS = Bars("random forest on ratings given, by the user and by those rated", {"auc": 0.919})


@dataclass(frozen=True)
class Subset:
    """Examples that one set of figures is about: the beginning of its keys, bool [n] which, and its bars if it has any."""

    name: str
    which: NDArray[np.bool_]
    bars: Bars | None = None


def smesd(scale: Scale) -> list[Figure]:
    """Bankrupt companies: on the test part, and without those that train too on it and on the validation part."""
    folder = _folder("smesd")
    if folder is None:
        return []
    data, listed = read_nodes("smesd", folder, read_smesd)
    return _prove(data, smesd_parts(listed, scale), smesd_judged(data, listed))


def bitcoin_otc(scale: Scale) -> list[Figure]:
    """Fraudulent users, each judged once a repeat."""
    folder = _folder("bitcoin_otc")
    if folder is None:
        return []
    data, _ = read_nodes("bitcoin_otc", folder, read_bitcoin_otc)
    parts = stratified_folds(data.examples, folds=FOLDS, repeats=REPEATS)
    everyone = Subset("model.bitcoin_otc", np.ones(len(data.examples), dtype=bool), BITCOIN_BARS)
    return _prove(data, parts if scale is Scale.FULL else parts[:1], [everyone])


@cache
def read_nodes(name: str, folder: Path, read: Callable[[Path, Pepper], NodeList]) -> tuple[Dataset, NodeList]:
    """Examples and features of one data set, its facts by its mapping and its outcomes by its list."""
    listed = read(folder, PEPPER)
    batches, _ = read_facts(read_mapping(MAPPINGS / f"{name}.yaml"), folder, PEPPER)
    with tempfile.TemporaryDirectory() as root:
        write_base(batches, Path(root), seq=1, pepper_fingerprint=PEPPER.fingerprint)
        return build_dataset(Snapshot.open(Path(root)), NODE_TASKS[name], stated=listed.stated), listed


def smesd_parts(listed: NodeList, scale: Scale) -> list[Part]:
    """One part a seed: all learn from the same companies, and are judged on both other parts."""
    train, judged = np.flatnonzero(listed.part == TRAIN), np.flatnonzero(listed.part != TRAIN)
    split = split_training(train, judged)
    return [Part(seed, 0, seed, split) for seed in range(SMESD_SEEDS if scale is Scale.FULL else 1)]


def smesd_judged(data: Dataset, listed: NodeList) -> list[Subset]:
    """The parts that figures are about."""
    test, taught = listed.part == TEST, np.isin(data.examples.rows, data.examples.rows[listed.part == TRAIN])
    return [
        Subset("model.smesd", test, SMESD_BARS),
        Subset("model.smesd.apart", test & ~taught, SMESD_BARS),
        Subset("model.smesd.valid", (listed.part == VALID) & ~taught),
    ]


def _folder(name: str) -> Path | None:
    named = os.environ.get(DATA_VARIABLE)
    if not named or not (Path(named) / name).is_dir():
        print(f"{name}: no figures, {DATA_VARIABLE} names no folder of real data", file=sys.stderr)
        return None
    return Path(named) / name


def _prove(data: Dataset, parts: list[Part], judged: list[Subset]) -> list[Figure]:
    def tell(done: str) -> None:
        print(done, file=sys.stderr, flush=True)

    found = run_protocol(data, parts, (*contenders(), forest_contender()), CACHE, tell)
    figures = []
    for one in judged:
        question = Question(one.name, data.examples.label, data.examples.rows, NODE_MEASURES, NODE_COMPARED)
        chosen = {model: _among(predictions, one.which) for model, predictions in found.items()}
        figures.extend(_figure(measured, one) for measured in sum_up(question, chosen))
    return figures


def _among(predictions: Predictions, which: NDArray[np.bool_]) -> Predictions:
    kept = which[predictions.index]
    return Predictions(predictions.index[kept], predictions.log_odds[kept], predictions.part[kept])


def _figure(found: Measured, judged: Subset) -> Figure:
    measure = found.key.removeprefix(judged.name + ".").split(".")[0]
    bar = judged.bars.values.get(measure) if judged.bars else None
    return Figure(
        key=found.key,
        value=found.value,
        unit="difference in AUC" if measure == "gain" else measure,
        low=found.low,
        high=found.high,
        rival=bar,
        rival_name=judged.bars.by if judged.bars and bar is not None else None,
        counts={"examples": found.examples, "bad": found.bad, "parts": found.parts},
        note=note_of(found.key),
    )
