"""A load that is killed, or whose store fails, at every point there is, and then goes on: area `ingest-kill`.

    python -m benchmarks.prove ingest-kill

Real processes die by `kill -9` at points in time drawn from a seed, before and after every commit, and within every write to
the quarantine; the Neo4j server dies under a load; every single write fails. A chain of such deaths, each resumed by the next
process, must end with the graph and the quarantine of the load that was left alone. Some rows are broken, so that there is a
quarantine. Finished chains are kept under `.prove/ingest/kill`.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.ingest.dirty import break_delivery
from benchmarks.ingest.economy import CACHE, COMMIT_FACTS, PEPPER, SMALL, SOURCE, Outcome, look, prepare_economy
from benchmarks.ingest.loader import Moment, Orders
from benchmarks.ingest.records import read_delivery, write_delivery
from benchmarks.pieces import Result, do_pieces
from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.errors import CreditGraphError, StoreFull
from graph.facts import FactBatch
from graph.identity import FactId
from graph.neo4j.assembly import Memory
from graph.neo4j.server import start_server, stop_server
from graph.opening import open_store
from graph.store import NO_CHECKPOINTS, NOTHING, WriteReport
from graph.vocabulary import EdgeType
from ingest.load import Intake, Pace, load_source
from ingest.sandbox.knobs import Scale as EconomyScale

BROKEN_SHARE = 0.01
LONGEST_LIFE_S = 4.0  # of a process that is killed at a point in time, after it is ready
MOST_LEGS = 500
BOLT_PORT, HTTP_PORT = 27707, 27494


@dataclass(frozen=True)
class Size:
    """How much is tried, of which economy.

    Attributes:
        economy: Whose delivery it is.
        points: Points in time at which a process is killed.
        a_chain: Of them in one chain, at most.
        on_neo4j: Points at which the Neo4j server is killed.
        commit_facts: Facts of one commit.
        life_s: How long a process lives at most before it is killed.
        most: Records of each file at most.
    """

    economy: EconomyScale
    points: int
    a_chain: int
    on_neo4j: int
    commit_facts: int = COMMIT_FACTS
    life_s: float = LONGEST_LIFE_S
    most: int | None = None


RUNS = {
    Scale.FULL: Size(SMALL, points=200, a_chain=10, on_neo4j=10),
    Scale.REDUCED: Size(EconomyScale(1_000, months=6), 6, 6, 0, commit_facts=400, life_s=1.5, most=200),
}


class Failing:
    """A store of which every second write fails, beginning with the first; what is not `write` is handed through."""

    def __init__(self, store: Any, *, fails_first: bool) -> None:
        self._store, self._fails = store, fails_first

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(
        self,
        batches: Iterable[FactBatch],
        *,
        retire: Mapping[EdgeType, Sequence[FactId]] = NOTHING,
        checkpoints: Mapping[str, str | None] = NO_CHECKPOINTS,
    ) -> WriteReport:
        """Write, or fail as a full disk does."""
        if self._fails:
            raise StoreFull("a store that fails on purpose", "no space left")
        self._fails = True
        report: WriteReport = self._store.write(batches, retire=retire, checkpoints=checkpoints)
        return report


def main(scale: Scale) -> list[Figure]:
    """Figures `ingest.kill.points` and `ingest.kill.mismatches`."""
    size = RUNS[scale]
    done = measure(prepare_economy(CACHE, size.economy), CACHE / f"kill-{scale}", size)
    points = {name: result["points"] for name, result in done.items()}
    wrong = sum(not result["same"] for result in done.values())
    kinds = {kind: sum(n for name, n in points.items() if name.startswith(kind)) for kind in ("time", *_TRAPS, "full", "neo4j")}
    note = "Processes, or the server, killed with -9, and single writes that failed; each load was resumed and compared."
    return [
        Figure("ingest.kill.points", sum(points.values()), "interruptions", counts=kinds, seed=size.economy.seed, note=note),
        Figure("ingest.kill.mismatches", wrong, "chains", counts={"chains": len(done) - 1}, seed=size.economy.seed),
    ]


def measure(raw: Path, kept: Path, size: Size) -> dict[str, Result]:
    """What came of each chain, by name: `points` interruptions, and whether graph and quarantine are the `same`."""
    every = break_delivery(read_delivery(raw, SOURCE, size.most), BROKEN_SHARE, seed=size.economy.seed).delivered
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_delivery(every, Path(scratch) / "delivery")
        done = do_pieces("ingest-kill", kept, ["alone"], lambda _: _alone(folder, size))
        alone = done["alone"]
        chains = [f"time-{number:03d}" for number in range(-(-size.points // size.a_chain))]
        names = [*_TRAPS, "full", *chains]
        done |= do_pieces("ingest-kill", kept, names, lambda name: _chain(folder, name, size, alone))
        if size.on_neo4j:
            done |= do_pieces("ingest-kill", kept, ["neo4j"], lambda _: _server_dies(folder, size, alone))
    return done


_TRAPS = {"commit": (Moment.BEFORE_COMMIT, Moment.AFTER_COMMIT), "shelf": (Moment.IN_SHELF,)}


def _chain(folder: Path, name: str, size: Size, alone: Result) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        orders = _orders(folder, Path(scratch), size)
        if name == "full":
            points = _fail_every_write(orders)
        elif name in _TRAPS:
            points = _die_at_every(orders, name)
        else:
            first = int(name.removeprefix("time-")) * size.a_chain
            points = _die_in_time(orders, min(size.a_chain, size.points - first), size.life_s, random.Random(name))
        return _compare(look(orders.url, Path(orders.intake)), alone) | {"points": points}


def _alone(folder: Path, size: Size) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        orders = _orders(folder, Path(scratch), size)
        began = time.monotonic()
        assert _run(orders) == 0, "a load that is left alone ends well"
        seconds = time.monotonic() - began
        outcome = look(orders.url, Path(orders.intake))
    found = {"hash": outcome.hash, "facts": outcome.facts, "refused": [list(row) for row in outcome.refused]}
    return found | {"same": bool(outcome.refused), "points": 0, "seconds": seconds}


def _compare(outcome: Outcome, alone: Result) -> Result:
    """0 lost and 0 twice: the same facts by edge type, the same refused rows, the same hash."""
    same_facts, same_refused = outcome.facts == alone["facts"], [list(row) for row in outcome.refused] == alone["refused"]
    same = outcome.hash == alone["hash"] and same_facts and same_refused
    return {"same": same, "same_facts": same_facts, "same_refused": same_refused}


def _orders(folder: Path, scratch: Path, size: Size) -> Orders:
    url = str(scratch / "graph.duckdb")
    return Orders(str(folder), url, str(scratch / "intake"), commit_facts=size.commit_facts)


def _run(orders: Orders, life_s: float | None = None) -> int:
    """Run one process, killed so long after it is ready; returns its exit status."""
    with subprocess.Popen(orders.command(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        if life_s is not None:
            try:
                process.wait(life_s)
            except subprocess.TimeoutExpired:
                process.kill()
        process.stdout.read()
    return process.returncode


def _die_in_time(orders: Orders, points: int, life_s: float, draw: random.Random) -> int:
    """Kill the load so often, beginning again where it came to its end before; the last process is left alone."""
    killed = 0
    for _ in range(MOST_LEGS):
        if killed == points:
            break
        if _run(replace(orders, workers=draw.choice((1, 1, 2))), draw.uniform(0, life_s)) == 0:
            Path(orders.url).unlink()  # through before its time: another load from the start
            shutil.rmtree(orders.intake, ignore_errors=True)
        else:
            killed += 1
    assert _run(orders) == 0, "a load that is left alone ends well"
    return killed


def _die_at_every(orders: Orders, name: str) -> int:
    """Die at each moment there is; after a death before a commit the next process dies after it, so the chain moves on."""
    moments = _TRAPS[name]
    for leg in range(MOST_LEGS):
        if name == "shelf":  # each block is a commit: the next process writes again what this one began, and dies at the next
            orders = replace(orders, commit_facts=1, number=1 if leg == 0 else 2)
        status = _run(replace(orders, dies=moments[leg % len(moments)]))
        if status == 0:
            return leg
        assert status == -signal.SIGKILL, f"a load that dies of itself dies by a kill, this one ended with {status}"
    raise AssertionError("a load that is resumed again and again comes to no end")


def _fail_every_write(orders: Orders) -> int:
    """Fail the first write, then in each further load the one after the next, until all are through."""
    failed = 0
    for leg in range(MOST_LEGS):
        with open_store(orders.url, PEPPER.fingerprint) as store:
            before = store.identity().seq
            failing: Any = Failing(store, fails_first=leg == 0)
            try:
                load_source(
                    SOURCE,
                    Path(orders.folder),
                    failing,
                    PEPPER,
                    Intake(Path(orders.intake)),
                    pace=Pace(commit_facts=orders.commit_facts),
                )
                return failed
            except StoreFull:
                failed += 1
                assert leg or store.identity().seq == before, "a write that failed wrote nothing"
    raise AssertionError("a load that is resumed again and again comes to no end")


def _server_dies(folder: Path, size: Size, alone: Result) -> Result:
    draw, killed = random.Random(size.economy.seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        home, intake = Path(scratch) / "server", Path(scratch) / "intake"
        home.mkdir()
        try:
            while True:
                address = start_server(home, BOLT_PORT, HTTP_PORT, memory=Memory(heap="1g")).bolt
                orders = Orders(str(folder), address, str(intake), commit_facts=size.commit_facts)
                if killed == size.on_neo4j:
                    break
                with subprocess.Popen(orders.command(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                    assert process.stdout is not None
                    process.stdout.readline()
                    time.sleep(draw.uniform(0, 2 * size.life_s))
                    os.kill(int((home / "server.pid").read_text()), signal.SIGKILL)
                killed += 1
            if _run(orders):
                raise CreditGraphError("a load into a server that was killed before and runs now does not end well")
            return _compare(look(address, intake), alone) | {"points": killed}
        finally:
            stop_server(home)
