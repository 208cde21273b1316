"""Sampled edges a second of the neighbourhood query that training and serving use, strictly as of random times.

    python -m benchmarks.prove sampler              5 million facts
    python -m benchmarks.prove model-sampler        20 million, a graph kept under `.prove/sampler`

Two threads split the seeds. An edge is a fact selected in either of two hops. Rivals draw from the same facts in the
same run; the quicker of them is the rival in the results.
"""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.pieces import apart
from benchmarks.results import Figure
from benchmarks.sampler_rivals import BisectSampler, SqlSampler
from benchmarks.sandbox.worlds import once
from benchmarks.scale import Scale
from benchmarks.skewed_graph import FIRST_SECOND, LAST_SECOND, PERSON, publish_skewed_graph
from graph.neighbourhood import Neighbourhood, neighbourhood
from graph.snapshot import Snapshot
from graph.snapshot.columns import Ints

CACHE = Path(".prove") / "sampler"
FACTS = {Scale.FULL: 5_000_000, Scale.REDUCED: 40_000}
MANY_FACTS = {Scale.FULL: 20_000_000, Scale.REDUCED: 80_000}
LEAST_EDGES_PER_S = 5_000_000
SEEDS = {Scale.FULL: 65_536, Scale.REDUCED: 512}
RIVAL_SEEDS = {Scale.FULL: 2_048, Scale.REDUCED: 64}
SINGLE_QUERIES = {Scale.FULL: 2_000, Scale.REDUCED: 20}
FANOUTS = (12, 8)
THREADS = 2
SEEDS_PER_CALL = 4_096
REPEATS = 5
SEED = 20_260_101


class Seeds(NamedTuple):
    """Persons to start from, int64[m] rows, each with its own as-of second."""

    rows: Ints
    as_of_s: Ints


def main(scale: Scale) -> list[Figure]:
    """Build the graph, check a whole pass against the clock, then time ours and both rivals."""
    with tempfile.TemporaryDirectory(prefix="creditgraph-sampler-") as folder:
        return [measure("sampler.edges_per_s", publish_skewed_graph(Path(folder), FACTS[scale], SEED), scale)]


def main_many(scale: Scale, root: Path = CACHE) -> list[Figure]:
    """The same on a graph as large as a lender's, kept once it is built: the area `model-sampler`."""
    place = root / f"skewed-{MANY_FACTS[scale]}-{SEED}"
    once(place, lambda folder: apart(_publish_many, folder, scale))
    found = measure("model.sampler.edges_per_s", Snapshot.open(place), scale)
    return [replace(found, note=f"{found.note}. At least {LEAST_EDGES_PER_S:,} edges a second are wanted")]


def _publish_many(folder: Path, scale: Scale) -> None:
    publish_skewed_graph(folder, MANY_FACTS[scale], SEED)


def measure(key: str, snapshot: Snapshot, scale: Scale) -> Figure:
    """Edges a second on one graph, beside the rivals'."""
    draw = np.random.default_rng(SEED)
    seeds = _draw_seeds(draw, snapshot, SEEDS[scale])
    edges = sum(check_as_of(snapshot, part, _sample(snapshot, part)) for part in _split(seeds))
    rates = [edges / _seconds(lambda: _sample_all(snapshot, seeds)) for _ in range(REPEATS)]
    few = _draw_seeds(draw, snapshot, RIVAL_SEEDS[scale])
    rivals = _rival_rates(snapshot, few)
    single_ms = _single_query_ms(snapshot, _draw_seeds(draw, snapshot, SINGLE_QUERIES[scale]))
    best = max(rivals, key=lambda name: rivals[name])
    told = "; ".join(f"{name}: {rate:,.0f} edges/s" for name, rate in sorted(rivals.items()))
    facts = sum(snapshot.num_facts(edge) for edge in snapshot.edges())
    return Figure(
        key,
        median(rates),
        "sampled edges/s",
        low=min(rates),
        high=max(rates),
        rival=rivals[best],
        rival_name=best,
        counts={"facts": facts, "seeds": len(seeds.rows), "sampled_edges": edges, "threads": THREADS},
        seed=SEED,
        note=f"fan-out 12x8, median of {REPEATS} passes with the range; every edge known before its seed's time. "
        f"One person's two hops: {single_ms:.2f} ms median. {told}",
    )


def check_as_of(snapshot: Snapshot, seeds: Seeds, found: Neighbourhood) -> int:
    """Assert that every selected fact was known strictly before its seed's time; returns how many there are."""
    total = 0
    for upper, hops in zip(found.levels, found.hops, strict=False):
        for hop in hops:
            as_of_s = seeds.as_of_s[upper.seed[hop.step.near][hop.parent]]
            assert (snapshot.take(hop.step.edge, "known_at_s", hop.ref) < as_of_s).all(), f"{hop.step} looks ahead"
            total += len(hop.ref)
    return total


def _draw_seeds(draw: np.random.Generator, snapshot: Snapshot, count: int) -> Seeds:
    middle = (FIRST_SECOND + LAST_SECOND) // 2
    return Seeds(draw.integers(0, snapshot.num_nodes(PERSON), count), draw.integers(middle, LAST_SECOND, count))


def _split(seeds: Seeds) -> list[Seeds]:
    size = min(SEEDS_PER_CALL, -(-len(seeds.rows) // THREADS))
    return [Seeds(seeds.rows[i : i + size], seeds.as_of_s[i : i + size]) for i in range(0, len(seeds.rows), size)]


def _sample(snapshot: Snapshot, seeds: Seeds) -> Neighbourhood:
    return neighbourhood(snapshot, PERSON, seeds.rows, seeds.as_of_s, FANOUTS)


def _count(found: Neighbourhood) -> int:
    return sum(len(hop.ref) for hops in found.hops for hop in hops)


def _sample_all(snapshot: Snapshot, seeds: Seeds) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in threads.map(lambda part: _count(_sample(snapshot, part)), _split(seeds)):
            pass


def _rival_rates(snapshot: Snapshot, seeds: Seeds) -> dict[str, float]:
    edges = _count(_sample(snapshot, seeds))
    rates = {}
    for rival in (BisectSampler(snapshot), SqlSampler(snapshot, THREADS)):
        counted: list[int] = []
        seconds = _seconds(lambda: counted.append(rival.count(PERSON, *seeds, FANOUTS)))  # noqa: B023 # called at once
        assert counted == [edges], f"{rival.name} selected {counted[0]} facts, ours {edges}"
        rates[rival.name] = edges / seconds
    return rates


def _single_query_ms(snapshot: Snapshot, seeds: Seeds) -> float:
    ones = [Seeds(seeds.rows[i : i + 1], seeds.as_of_s[i : i + 1]) for i in range(len(seeds.rows))]
    return median(_seconds(lambda: _sample(snapshot, one)) for one in ones) * 1000  # noqa: B023 # called at once


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
