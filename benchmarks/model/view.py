"""A world of an economy as models and the judged see it, and what came of it; everything is named by what decides it."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.code import DECIDES_FEATURES, MEASURES
from benchmarks.model.division import read_data, write_data
from benchmarks.model.economies import Place
from benchmarks.model.judged import Judged
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import DIGITS, World, place_of
from gnn.dataset import Dataset
from gnn.evaluation.fit_digest import code_digest
from gnn.evaluation.protocols import Part
from gnn.tasks import TASKS
from graph.vocabulary import Family

TASK = TASKS[SOURCE]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A world of an economy, as the judged applications and models see it."""

    place: Place
    world: World
    least_tested: int

    @property
    def data(self) -> Path:
        """Folder of who teaches and who is judged; tables stand beside it."""
        told = f"{place_of(self.place.folder, self.world).name} {code_digest(DECIDES_FEATURES)} {self.least_tested}"
        return self.place.folder / f"data-{self.world}-{sha256(told.encode()).hexdigest()[:DIGITS]}"

    @property
    def judged(self) -> Path:
        """Folder of what is known of the judged."""
        return self.data.with_name(f"{self.data.name}-judged")

    def read(self) -> tuple[Dataset, Part]:
        """Data and division, made where they lack."""
        snapshot = self.place.open(self.world)
        write_data(snapshot, TASK, self.least_tested, self.data)
        return read_data(snapshot, TASK, self.data)


@dataclass(frozen=True)
class Seen:
    """What came of a view: judged applications, log-odds float64 [k] by model, and by family left out then by model.

    `digest` is of what models read, and of all that is known of the judged. `earlier` are applications that calibrate, and
    `earlier_scores` log-odds by model of a fit that saw nothing of them.
    """

    judged: Judged
    scores: Mapping[str, Floats]
    without: Mapping[Family, Mapping[str, Floats]]
    learnt: int
    digest: str
    earlier: Judged
    earlier_scores: Mapping[str, Floats]

    @property
    def counts(self) -> dict[str, int]:
        """On how much figures rest."""
        return {"judged": len(self.judged.label), "bad": int(self.judged.label.sum()), "learnt": self.learnt}

    @property
    def state(self) -> str:
        """Short digest of what was judged, how it was scored and the code that measures it, to name what follows."""
        state = sha256(f"{self.digest} {code_digest(MEASURES)}".encode())
        for scores in (self.scores, self.earlier_scores):
            for name, log_odds in scores.items():
                state.update(name.encode() + log_odds.tobytes())
        return state.hexdigest()[:DIGITS]
