"""The economies of the proof, and what is kept of each: snapshots of its worlds and what is true of its loans.

Their seeds were used for no choice. Raw files are removed once the worlds and the sealed files are kept: they take more
disk than all the rest. Fits nothing.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.sandbox.variants import shuffle_ends
from benchmarks.sandbox.worlds import PEPPER, SHUFFLE_SEED, World, folder_of, once, place_of, publish, read_economy
from graph.facts import FactBatch
from graph.snapshot import Snapshot
from ingest.sandbox.generate import SEALED, write_sandbox
from ingest.sandbox.knobs import MONTHS, Knobs, Scale

WORKERS = 2
ROUGH_PATHS = 20


@dataclass(frozen=True)
class Economy:
    """One economy: `name` says what it is, `seed` and `knobs` decide it, `worlds` of it are looked at."""

    name: str
    seed: int
    knobs: Knobs
    worlds: tuple[World, ...] = (World.PLAIN,)


ECONOMIES = (
    Economy("default knobs", 101, Knobs(), (World.PLAIN, World.SHUFFLED)),
    Economy("default knobs", 102, Knobs()),
    Economy("contagion halved", 103, Knobs(contagion=0.5)),
    Economy("homophily halved", 104, Knobs(homophily=0.5)),
    Economy("drift on", 105, Knobs(drift=1.0)),  # the declared strength of the mechanism
)
NULL_ECONOMY = Economy("without contagion, homophily and rings", 106, Knobs(contagion=0.0, homophily=0.0, ring_share=0.0))
"""Where ties say nothing, so that a gain from them would be made up."""


@dataclass(frozen=True)
class Making:
    """How big economies are and how one is made: `simulate` writes its files, `read` gives the facts these tell of."""

    persons: int
    simulate: Callable[[Path, Scale], None]
    read: Callable[[Path], list[FactBatch]] = read_economy
    months: int = MONTHS


def simulate(place: Path, scale: Scale) -> None:
    """Run the generator on both cores."""
    write_sandbox(place, scale, workers=WORKERS)


def simulate_roughly(place: Path, scale: Scale) -> None:
    """The same with few imagined futures: true probabilities are noisy, all else is as it would be."""
    write_sandbox(place, scale, workers=1, paths=ROUGH_PATHS)


@dataclass(frozen=True)
class Place:
    """Where one economy is kept under `root`; everything below is named by what decides it."""

    economy: Economy
    making: Making
    root: Path

    @property
    def scale(self) -> Scale:
        """Size, seed and knobs."""
        return Scale(self.making.persons, self.making.months, self.economy.seed, self.economy.knobs)

    @property
    def folder(self) -> Path:
        """Of this economy alone."""
        return folder_of(self.scale, self.root)

    @property
    def truth(self) -> Path:
        """Holds the sealed files."""
        return self.folder / "truth"

    def open(self, world: World) -> Snapshot:
        """The snapshot of one world."""
        return Snapshot.open(place_of(self.folder, world), PEPPER.fingerprint)


def write_files(place: Place) -> None:
    """Simulate the economy, unless its files are there."""
    once(_files(place), lambda folder: place.making.simulate(folder, place.scale))


def write_worlds(place: Place) -> None:
    """Write the snapshot of each world that lacks, all from files read once."""
    lacking = [world for world in place.economy.worlds if not place_of(place.folder, world).exists()]
    if not lacking:
        return
    write_files(place)
    batches = place.making.read(_files(place))
    for world in lacking:
        facts = shuffle_ends(batches, SHUFFLE_SEED) if world is World.SHUFFLED else batches
        once(place_of(place.folder, world), partial(publish, facts))


def keep_truth(place: Place) -> None:
    """Keep the sealed files and remove all others."""

    def make(folder: Path) -> None:
        write_files(place)
        shutil.copytree(_files(place) / SEALED, folder / SEALED)

    once(place.truth, make)
    shutil.rmtree(_files(place), ignore_errors=True)


def _files(place: Place) -> Path:
    return place.folder / "economy"
