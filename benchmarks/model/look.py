"""The pieces of work on one world of one economy: files, snapshots, truth, features, each group of models, measures.

Each is done once, in a process of its own, and kept; what a piece needs it makes where it lacks. A run whose time is over
stops before the next piece. It makes no figure.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.model.code import LEAVES_OUT, NAMES_FITS
from benchmarks.model.division import remove_tables
from benchmarks.model.economies import Place, keep_truth, write_files, write_worlds
from benchmarks.model.judged import digest_judged, read_earlier, read_judged, write_judged
from benchmarks.model.measured import Measured, measure
from benchmarks.model.roster import Roster
from benchmarks.model.view import Seen, View
from benchmarks.model.without import leave_out
from benchmarks.pieces import BUDGET_S, Result, apart, do_pieces
from benchmarks.sandbox.worlds import DIGITS, World
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS
from gnn.evaluation.fit_digest import code_digest, digest_part, name_fit
from gnn.evaluation.protocol_run import digest_data, run_protocol
from graph.vocabulary import Family


@dataclass(frozen=True)
class Run:
    """One run of an area: its name, who is measured, how many at least are tested, and when it began.

    `call` does a piece; without processes of their own in tests.
    """

    area: str
    roster: Roster
    least_tested: int
    draws: int = BOOTSTRAP_DRAWS
    call: Callable[..., Any] = apart
    budget_s: float = BUDGET_S
    began: float = field(default_factory=time.monotonic)

    def do(self, folder: Path, pieces: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
        """Do pieces by name that are not done, while there is time."""
        left_s = self.budget_s - (time.monotonic() - self.began)
        return do_pieces(self.area, folder, pieces, lambda name: pieces[name](), left_s)


def prepare(run: Run, place: Place) -> None:
    """Simulate an economy and keep its worlds and its truth, nothing else."""
    steps = {"files": write_files, "worlds": write_worlds, "truth": keep_truth}
    run.do(place.folder / "pieces", {name: partial(run.call, _timed, work, place) for name, work in steps.items()})


def look(
    run: Run,
    place: Place,
    world: World,
    groups: tuple[tuple[str, ...], ...],
    left_out: tuple[Family, ...] = (),
    fits_each: int = 1,
) -> Seen:
    """Fit groups of models on a world, and the champion without each of some families; or read what was kept.

    With `fits_each` more than one, log-odds are means over fits that differ by the seed of the models.
    """
    view, kept = View(place, world, run.least_tested), place.folder / "pieces"
    described = f"{view.data.name}-described-{code_digest(NAMES_FITS)[:DIGITS]}"
    found = run.do(kept, {described: partial(run.call, describe, view)})[described]
    digest, contenders = found["digest"], run.roster.look_up()
    pieces: dict[str, Callable[[], Result]] = {}
    files: dict[tuple[Family | None, str], Path] = {}
    wanted: list[tuple[Family | None, tuple[str, ...]]] = [
        *((None, group) for group in groups),
        *((family, (run.roster.champion,)) for family in left_out),
    ]
    for family, names in wanted:
        gone = f"-without-{family}-{code_digest(LEAVES_OUT)[:DIGITS]}" if family else ""
        gone += f"-mean-of-{fits_each}" if fits_each > 1 else ""
        fits = {name: name_fit(bytes.fromhex(digest), name, contenders[name].settings_version)[:DIGITS] for name in names}
        out = {name: place.folder / "scores" / f"{world}{gone}-{name}-{key}.npy" for name, key in fits.items()}
        files |= {(family, name): path for name, path in out.items()}
        piece = "+".join(f"{name}-{key}" for name, key in fits.items())
        pieces[f"{world}{gone}-{piece}"] = partial(run.call, fit, view, run.roster, family, out, fits_each)
    run.do(kept, pieces)
    scores = {key: np.load(path, allow_pickle=False) for key, path in files.items()}
    return Seen(
        read_judged(view.judged),
        {name: log_odds for (family, name), log_odds in scores.items() if family is None},
        {family: {run.roster.champion: scores[family, run.roster.champion]} for family in left_out},
        found["learnt"],
        f"{digest} {digest_judged(view.judged)}",
        read_earlier(view.judged),
        {name: np.load(_earlier(path), allow_pickle=False) for (family, name), path in files.items() if family is None},
    )


def measured(run: Run, place: Place, world: World, seen: Seen) -> Measured:
    """Measures of every model seen, kept too: a thousand draws of each take minutes."""
    piece = f"{world}-measured-{run.roster.champion}-{run.draws}-{seen.state}"

    def work() -> Result:
        return measure(
            seen.judged, seen.scores, run.roster.champion, learnt=seen.learnt, seed=place.economy.seed, draws=run.draws
        ).to_json()

    return Measured.from_json(run.do(place.folder / "pieces", {piece: work})[piece])


def forget_tables(place: Place, world: World, least_tested: int) -> None:
    """Remove the features of a world: gigabytes, made again in minutes where a model lacks."""
    remove_tables(View(place, world, least_tested).data)


def describe(view: View) -> Result:
    """Write what models read and what is known of the judged; how many teach and are judged, and a digest of it all."""
    begun = time.monotonic()
    for other in view.data.parent.glob(f"data-{view.world}-*"):
        if not other.name.startswith(view.data.name):
            shutil.rmtree(other)
    data, part = view.read()
    write_judged(data, part.split, view.place.truth, view.judged)
    return {
        "digest": digest_part(digest_data(data), part).hex(),
        "judged": len(part.split.test),
        "learnt": len(part.split.train),
        "columns": len(data.own_plan.columns) + len(data.neighbours_plan.columns),
        "seconds": round(time.monotonic() - begun),
    }


def fit(view: View, roster: Roster, family: Family | None, out: Mapping[str, Path], fits_each: int = 1) -> Result:
    """Fit models and write what they say of the judged, each to its own file; without a family where one is given.

    Each is fitted `fits_each` times, from seeds of its own, and what is written is the mean.
    """
    begun = time.monotonic()
    data, part = view.read()
    if family is not None:
        data = leave_out(data, family)
    parts = [replace(part, repeat=seed, seed=seed) for seed in range(fits_each)]
    found = run_protocol(data, parts, roster.known(), view.place.folder / "parts", print, wanted=set(out))
    for name, path in out.items():
        path.parent.mkdir(exist_ok=True)
        for file, said in ((_earlier(path), found[name].earlier), (path, found[name].log_odds)):
            log_odds = said.reshape(fits_each, -1).mean(axis=0)
            beside = file.with_suffix(".part.npy")
            np.save(beside, log_odds, allow_pickle=False)
            beside.replace(file)
    return {"seconds": round(time.monotonic() - begun)}


def _earlier(path: Path) -> Path:
    """Where scores of applications that calibrate are kept, beside those of the judged."""
    return path.with_name(f"earlier-{path.name}")


def _timed(work: Callable[..., None], *arguments: object) -> Result:
    begun = time.monotonic()
    work(*arguments)
    return {"seconds": round(time.monotonic() - begun)}
