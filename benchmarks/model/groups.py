"""What is known of a protected group beside the champion's scores: joined after the fact, then measured.

The sealed files say who is of the group; no snapshot, feature or model holds it. Candidates for a less discriminatory model
learn from the first loans that the champion did not learn from, and are judged on the last.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.model.economies import Place
from benchmarks.model.trial import TASK, read_kept, write_arrays
from benchmarks.pieces import Result
from benchmarks.sandbox.truth import join_truth, read_sealed
from benchmarks.sandbox.worlds import PEPPER, World
from gnn.evaluation.evaluate import BOOTSTRAP_SEED
from gnn.evaluation.fairness import Groups, compare_impact, compare_telling, cutoffs_at, measure_impact, measure_telling
from gnn.evaluation.mitigation import SHARES, Candidate, Lessons, Point, build_candidates, measure_points
from gnn.examples import Examples, build_examples
from gnn.features.standardise import fit_standardiser
from gnn.network.inner import inner_vectors
from gnn.serving.served_model import ServedModel
from graph.snapshot import Snapshot
from ingest.sandbox.generate import SEALED

PROTECTED, OTHER = "protected", "other"
AT_ONCE = 512
LESSONS, VALIDATION = 0.5, 0.15  # of the loans that the champion did not learn from, in order of time; the rest is judged
BREAK_EVEN = 0.2  # probability of going bad above which a lender refuses: five good loans pay for a bad one
CHAMPION, WITHOUT = "champion", "champion without social edges"
Floats = NDArray[np.float64]


def describe(place: Place, model: Path, out: Path) -> Result:
    """Score the loans kept from training, with the network's inner vectors and the group of each applicant."""
    snapshot, kept = place.open(World.PLAIN), read_kept(model)
    every = build_examples(snapshot, TASK)
    examples = every.take(kept.test)
    log_odds, vectors, own = _apply(kept.model, snapshot, examples)
    truth = join_truth(read_sealed(place.truth), snapshot, examples, PEPPER)
    write_arrays(
        out,
        label=examples.label,
        person=truth.person,
        group=read_group(place.truth)[truth.person],
        log_odds=log_odds,
        vectors=vectors,
        own=own,
        validation=kept.validation,
    )
    return {"judged": len(examples), "vector": vectors.shape[1]}


def read_group(truth: Path) -> NDArray[np.str_]:
    """The protected group of each person by position in `people.csv`, str [persons]."""
    told = pl.read_csv(truth / SEALED / "people.csv", columns=["protected_group"], infer_schema=False)
    return np.where(told.to_series().to_numpy() == "1", PROTECTED, OTHER)


def weigh(described: Mapping[str, Path]) -> Result:
    """Impact, telling of the group and candidates, of what `describe` wrote of the champion with and without social edges."""
    both = {name: _read(file) for name, file in described.items()}
    one, other = both["with"], both["without"]
    groups = Groups(one["group"].astype(np.str_), one["person"], OTHER)
    cutoffs = {name: cutoffs_at(part["validation"], SHARES) for name, part in both.items()}
    impact = measure_impact(one["log_odds"], groups, cutoffs["with"])
    change = compare_impact((one["log_odds"], cutoffs["with"]), (other["log_odds"], cutoffs["without"]), groups)
    telling = compare_telling(one["vectors"], other["vectors"], groups, BOOTSTRAP_SEED)
    sources = {"own_features": one["own"], "score": one["log_odds"][:, None]}
    points = find_points(one, other)
    return {
        "judged": len(one["label"]),
        "bad": int(one["label"].sum()),
        "protected": int((groups.group == PROTECTED).sum()),
        "impact": [asdict(part) for part in impact],
        "change": [asdict(part) for part in change],
        "telling": asdict(telling[0]),
        "told_by": {name: asdict(measure_telling(v, groups, BOOTSTRAP_SEED)[PROTECTED]) for name, v in sources.items()},
        "points": [asdict(point) for point in points],
        "weighed": int(len(one["label"]) * (1 - LESSONS - VALIDATION)),
    }


def find_points(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Point]:
    """The champion, the one without social edges, and models made anew to treat groups alike, at every cut-off.

    The new ones read the network's inner vectors and the champion's score, and learn from loans that taught the champion
    nothing.
    """
    count = len(one["label"])
    first, second = int(count * LESSONS), int(count * (LESSONS + VALIDATION))
    learn, set_by, judged = slice(0, first), slice(first, second), slice(second, count)
    features = np.column_stack([one["vectors"], one["log_odds"]])
    features = fit_standardiser(features[learn]).apply(features).astype(np.float64)
    group = one["group"].astype(np.str_)
    lessons = Lessons(features[learn], one["label"][learn], group[learn])
    made = build_candidates(lessons, features[set_by], features[judged], break_even=BREAK_EVEN)
    as_they_are = [
        Candidate(name, part["log_odds"][set_by], part["log_odds"][judged])
        for name, part in ((CHAMPION, one), (WITHOUT, other))
    ]
    return measure_points([*as_they_are, *made], one["label"][judged], group[judged])


def _apply(model: ServedModel, snapshot: Snapshot, examples: Examples) -> tuple[Floats, Floats, Floats]:
    """Log-odds float64 [n], inner vectors [n, k], and what the network that hears of others reads of tables [n, f]."""
    told = model.graph.networks[0].told.numpy() > 0
    found: list[tuple[Floats, Floats, Floats]] = []
    for begin in range(0, len(examples), AT_ONCE):
        piece = slice(begin, begin + AT_ONCE)
        inputs = model.read(snapshot, examples.rows[piece], examples.as_of_s[piece])
        vectors = inner_vectors(model.graph, inputs.trees)
        found.append((model.log_odds(inputs), vectors, inputs.trees.own[:, told].astype(np.float64)))
    log_odds, vectors, own = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return log_odds, vectors, own


def _read(file: Path) -> dict[str, Any]:
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
