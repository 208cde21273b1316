"""From a size to snapshots: an economy's files, the world they tell of, and the altered worlds it is compared with.

Each is made once and kept in a folder named by everything that decides it, so that an interrupted run goes on; a folder of
the same size made by other code is removed. Fits nothing and reads no sealed file.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.variants import delete_future, move_future, shuffle_ends
from gnn.evaluation.fit_digest import code_digest
from gnn.examples import build_examples
from gnn.tasks import TASKS
from graph.facts import FactBatch
from graph.identity import Pepper
from graph.snapshot import Snapshot, write_base
from ingest.linkage import derived_batches
from ingest.load import read_facts
from ingest.sandbox.knobs import Scale, digest

PEPPER = Pepper("the pepper of figures, which keep no key")
SHUFFLE_SEED = 11
MOVED_DAYS = 200
FUTURE_FROM = 0.85  # share of the examples, in order of time, that come before T
DIGITS = 12  # of a folder's name
_CODE = ("graph", "ingest")  # packages whose code decides what a snapshot holds
_ALTERS = ("benchmarks/sandbox/variants.py", "gnn/cohorts.py", "gnn/examples.py", "gnn/outcomes.py")  # and chooses T
_KINDS = ("*.py", "*.json")  # the weights of linkage are data


class World(StrEnum):
    """Which facts there are: as delivered, or altered in one respect."""

    PLAIN = "plain"
    SHUFFLED = "shuffled"
    MOVED = "moved"
    DELETED = "deleted"


@dataclass(frozen=True)
class Worlds:
    """The worlds of one economy under `folder`; `economy` holds its raw and sealed files."""

    folder: Path

    @property
    def economy(self) -> Path:
        """Where the generator wrote."""
        return self.folder / "economy"

    def open(self, world: World) -> Snapshot:
        """The snapshot of one world."""
        return Snapshot.open(place_of(self.folder, world), PEPPER.fingerprint)


def prepare_worlds(scale: Scale, root: Path, generate: Callable[[Path, Scale], None]) -> Worlds:
    """Make what lacks of an economy and its worlds, or find it made.

    Args:
        scale: Size and luck of the economy.
        root: Folder of all economies.
        generate: Writes the economy's files into a folder.
    """
    worlds = Worlds(folder_of(scale, root))
    once(worlds.economy, lambda place: generate(place, scale))
    if all(place_of(worlds.folder, world).exists() for world in World):
        return worlds
    write_worlds(worlds, read_economy(worlds.economy))
    return worlds


def read_economy(economy: Path) -> list[FactBatch]:
    """The facts of an economy's raw files, as delivered and derived."""
    stated, _ = read_facts(SOURCE, economy / "raw", PEPPER)
    return [*stated, *derived_batches(stated, PEPPER)]


def write_worlds(worlds: Worlds, batches: Sequence[FactBatch]) -> None:
    """Write the snapshots that lack, each from the same facts as delivered and derived."""
    once(place_of(worlds.folder, World.PLAIN), lambda place: publish(batches, place))
    as_of_s = future_begins_s(worlds)
    altered: dict[World, Callable[[], list[FactBatch]]] = {
        World.SHUFFLED: lambda: shuffle_ends(batches, SHUFFLE_SEED),
        World.MOVED: lambda: move_future(batches, as_of_s, MOVED_DAYS),
        World.DELETED: lambda: delete_future(batches, as_of_s),
    }
    for world, alter in altered.items():
        once(place_of(worlds.folder, world), lambda place: publish(alter(), place))  # noqa: B023 # called at once


def place_of(folder: Path, world: World) -> Path:
    """Where a world of the economy in a folder is kept; an altered one is named by the code that alters it."""
    return folder / (world if world is World.PLAIN else f"{world}-{code_digest(_ALTERS)[:DIGITS]}")


def future_begins_s(worlds: Worlds) -> int:
    """The second T from which on the worlds `MOVED` and `DELETED` differ."""
    examples = build_examples(worlds.open(World.PLAIN), TASKS[SOURCE])
    return int(examples.as_of_s[int(len(examples) * FUTURE_FROM)])


def publish(batches: Sequence[FactBatch], place: Path) -> None:
    """Write facts as a snapshot into a folder."""
    write_base(batches, place, seq=1, pepper_fingerprint=PEPPER.fingerprint)


def once(place: Path, make: Callable[[Path], None]) -> None:
    """Make a folder beside its place and rename it, unless it is there."""
    if place.exists():
        return
    beside = place.with_name(f"{place.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    make(beside)
    beside.rename(place)


def folder_of(scale: Scale, root: Path) -> Path:
    """The folder of an economy, made where it lacks; one of the same size and seed made by other code is removed."""
    state = sha256(f"{digest(scale)} {SHUFFLE_SEED} {MOVED_DAYS} {FUTURE_FROM} {TASKS[SOURCE]}".encode())
    state.update(code_digest(f"{package}/**/{kind}" for package in _CODE for kind in _KINDS).encode())
    size = f"{scale.persons}-{scale.months}-{scale.seed}"
    folder = root / f"{size}-{state.hexdigest()[:DIGITS]}"
    for other in root.glob(f"{size}-*"):
        if other != folder:
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
