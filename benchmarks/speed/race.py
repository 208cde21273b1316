"""Two ways to a validation AUC: stock PyG, full batch over monthly graphs, and the graph network of this project.

Both learn from loans whose outcome was known before the first loan of validation, and are judged on the same loans of it.
Each is timed from the facts on: what it prepares counts. Knows no figures.
"""

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks.pieces import Result
from benchmarks.speed.hetero_sage import HeteroSage
from benchmarks.speed.monthly import Month, build_months
from gnn.dataset import Dataset, Split, build_tables
from gnn.evaluation.metrics import auc
from gnn.evaluation.protocols import FIT_SHARE, STOP_SHARE
from gnn.examples import Examples, build_examples
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.milestones import read_milestones
from gnn.network.model import GraphNetwork
from gnn.tasks import Task
from graph.snapshot import Snapshot

Ints = NDArray[np.int64]
VALIDATION_SHARE = 0.15  # of the loans, the last in time
HIDDEN, RATE = 32, 0.01
PATIENCE = 4  # looks at validation without a better one
LOOKS_AN_EPOCH = 2
THREADS = (1, 2)  # the quicker is taken: where cores are busy, two wait for each other
SEED = 0


@dataclass(frozen=True)
class Race:
    """Loans to learn from, in order of time, and after them those of validation."""

    snapshot: Snapshot
    task: Task
    examples: Examples
    learnt: int

    @property
    def validation(self) -> Ints:
        """Positions of the loans judged."""
        return np.arange(self.learnt, len(self.examples))


def build_race(snapshot: Snapshot, task: Task, most_judged: int) -> Race:
    """Divide the loans of a snapshot; of those for validation at most so many are judged, evenly in time."""
    examples = build_examples(snapshot, task)
    cut = int(len(examples) * (1 - VALIDATION_SHARE))
    last = np.arange(cut, len(examples))
    judged = last[np.arange(min(most_judged, len(last))) * len(last) // min(most_judged, len(last))]
    known = np.flatnonzero(examples.known_s[:cut] < examples.as_of_s[cut])
    return Race(snapshot, task, examples.take(np.concatenate([known, judged])), len(known))


def run_stock(race: Race, cap_s: float) -> Result:
    """Train stock PyG until validation no longer gets better, or for so long, and tell when it was best.

    Returns:
        `auc`, the best; `seconds` to it, preparation included, of which `prepared_s`; looks taken; whether it was `stopped`
        by the clock.
    """
    begun = time.perf_counter()
    before = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=[]):
            return _run_stock(race, cap_s, begun)
    finally:
        torch.set_num_threads(before)


def _run_stock(race: Race, cap_s: float, begun: float) -> Result:
    torch.manual_seed(SEED)
    months = build_months(race.snapshot, race.task.subject, race.examples)
    label = torch.from_numpy(race.examples.label.astype(np.float32))
    widths = {name: table.shape[1] for name, table in months[0].x.items()}
    network = HeteroSage(list(months[0].edge_index), widths, HIDDEN, race.task.subject.value)
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    teaching = [month for month in months if int(month.places.min()) < race.learnt]
    threads = _quicker(network, teaching[-1])
    torch.set_num_threads(threads)
    prepared_s = time.perf_counter() - begun
    best, best_s, looks, behind, seen = 0.0, 0.0, 0, 0, 0
    order = torch.Generator().manual_seed(SEED)
    while behind < PATIENCE and time.perf_counter() - begun < cap_s:
        drawn = torch.randperm(len(teaching), generator=order).tolist()
        for part in np.array_split(drawn, min(LOOKS_AN_EPOCH, len(drawn))):
            for place in part.tolist():
                seen += _learn(network, optimiser, teaching[place], label, race.learnt)
            reached = _judge(network, months, race)
            looks += 1
            behind = 0 if reached > best else behind + 1
            if reached > best:
                best, best_s = reached, time.perf_counter() - begun
            if behind >= PATIENCE or time.perf_counter() - begun >= cap_s:
                break
    told = {"auc": best, "seconds": best_s, "prepared_s": prepared_s, "looks": looks, "loans_seen": seen}
    return told | {"months": len(months), "threads": threads, "stopped": behind < PATIENCE}


def _quicker(network: HeteroSage, month: Month) -> int:
    """With how many threads a pass over a month is quickest."""
    taken = {}
    for threads in THREADS:
        torch.set_num_threads(threads)
        begun = time.perf_counter()
        with torch.inference_mode():
            network(month.x, month.edge_index)
        taken[threads] = time.perf_counter() - begun
    return min(taken, key=lambda threads: taken[threads])


def _learn(network: HeteroSage, optimiser: torch.optim.Optimizer, month: Month, label: torch.Tensor, learnt: int) -> int:
    network.train()
    teaches = month.places < learnt
    optimiser.zero_grad(set_to_none=True)
    logits = network(month.x, month.edge_index)[month.nodes[teaches]]
    loss = functional.binary_cross_entropy_with_logits(logits, label[month.places[teaches]])
    torch.autograd.backward(loss)
    optimiser.step()
    return int(teaches.sum())


def _judge(network: HeteroSage, months: list[Month], race: Race) -> float:
    network.eval()
    found = np.empty(len(race.examples))
    with torch.inference_mode():
        for month in months:
            if int(month.places.max()) >= race.learnt:
                found[month.places.numpy()] = network(month.x, month.edge_index)[month.nodes].numpy()
    return auc(race.examples.label[race.validation], found[race.validation])


def run_ours(race: Race, wanted: float, sizes: tuple[int, ...]) -> Result:
    """Train the graph network on more and more loans, evenly in time, until validation is as good as `wanted`.

    Every attempt's time counts, with its features.

    Returns:
        `auc` of the last attempt, `seconds` of all, the `loans` it learnt from, and whether it `reached` what was wanted.
    """
    begun, reached, loans = time.perf_counter(), 0.0, 0
    planned = int(race.examples.as_of_s[race.learnt - 1])
    own, neighbours = (
        plan_features(race.snapshot, race.task.subject, planned, scope, currency=race.task.currency, unseen=race.task.unseen)
        for scope in (Scope.OWN, Scope.NEIGHBOURS)
    )
    for size in sizes:
        loans = min(size, race.learnt)
        reached = _attempt(race, loans, own, neighbours)
        if reached >= wanted or loans == race.learnt:
            break
    seconds = time.perf_counter() - begun
    return {"auc": reached, "seconds": seconds, "loans": loans, "reached": reached >= wanted}


def _attempt(race: Race, loans: int, own: FeaturePlan, neighbours: FeaturePlan) -> float:
    examples = race.examples.take(np.concatenate([np.arange(loans) * race.learnt // loans, race.validation]))
    tables = build_tables(race.snapshot, own, neighbours, examples)
    milestones = read_milestones(race.snapshot, race.task, examples)
    data = Dataset(race.snapshot, race.task, examples, *tables, own, neighbours, milestones)
    every = np.arange(len(examples))
    stop, calibrate = int(loans * FIT_SHARE), int(loans * (FIT_SHARE + STOP_SHARE))
    split = Split(every[:stop], every[stop:calibrate], every[calibrate:loans], every[loans:])
    network = GraphNetwork(members=1)
    network.fit(data, split, SEED)
    return auc(examples.label[split.test], network.raw_log_odds(data, split.test))
