"""Drift: whether the people scored lately still look, score and default like those the model was made with.

Features are compared with the period the model learnt from; scores, and how many went bad, with the period it was measured
on, since scores of what a model learnt from spread wider than any later ones; instalments missed with the months just
before. The bounds are data, each with its reason.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.cohorts import EVER
from gnn.evaluation.arrears import Arrears, measure_arrears
from gnn.examples import Examples, build_examples, build_scored
from gnn.models.calibrate import probability
from gnn.serving.served_model import ServedModel
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

Floats = NDArray[np.float64]
BINS = 10
LEAST_SHARE = 1e-4  # of a bin: an empty one would make the index infinite
MONTH_S = 30 * 86_400
MOST_COMPARED = 2_000  # of a period, evenly in order of time: the index of more moves in its third decimal
LEAST_COMPARED = 50  # decisions of the latest month; of fewer nothing is said
STABILITY_BOUND = 0.25  # customary: above it a population has shifted (Siddiqi 2006, "Credit Risk Scorecards", chapter 9)
CHANCE_DEVIATIONS = 3.1  # of a normal: one index in a thousand passes by luck, and there are hundreds of features
SHIFTED_SHARE = 0.10  # of the features; a few always move with the season
CALIBRATION_DEVIATIONS = 3.0  # between expected and observed bad loans
CALIBRATION_RATIO = 1.25  # a gap smaller than a quarter is not worth a new model, however sure it is
AT_ONCE = 512


@dataclass(frozen=True)
class Level:
    """Calibration in the large: of `loans`, how many went bad, how many were expected to, and by how many deviations off."""

    loans: int
    bad: int
    expected: float
    deviations: float

    @property
    def is_off(self) -> bool:
        """Whether the gap is both beyond chance and worth acting on."""
        ratio = max(self.bad, 0.5) / max(self.expected, 1e-9)
        return abs(self.deviations) > CALIBRATION_DEVIATIONS and not 1 / CALIBRATION_RATIO <= ratio <= CALIBRATION_RATIO


@dataclass(frozen=True)
class Drift:
    """What was found of the latest month; stability indices are NaN, and `level` None, where too few loans are at hand.

    `shifted` names the features beyond their bounds with their index, the largest first; `reasons` are sentences, none
    where nothing speaks for a new model. `arrears` is None where no instalments are known.
    """

    decisions: int
    score_stability: float
    shifted: tuple[tuple[str, float], ...]
    features: int
    level: Level | None
    reasons: tuple[str, ...]
    arrears: Arrears | None = None

    @property
    def is_measured(self) -> bool:
        """Whether there were decisions enough to measure on."""
        return self.decisions >= LEAST_COMPARED


def population_stability(reference: Floats, latest: Floats, bins: int = BINS) -> float:
    """Population stability index of values float64 [n] and [m]: 0 where both spread alike, unbounded above.

    Bins hold equal counts of the reference; values that are missing make a bin of their own.
    """
    known = reference[~np.isnan(reference)]
    inner = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if len(known) else np.empty(0)
    first, second = _shares(reference, inner), _shares(latest, inner)
    return float(((second - first) * np.log(second / first)).sum())


def chance_bound(reference: int, latest: int, bins: int = BINS) -> float:
    """What the index of two samples of one population stays under, but for one in a thousand.

    Source:
        Yurdakul 2018, "Statistical Properties of Population Stability Index": (1/n + 1/m) times a chi-square of as many
        degrees as bins, here `bins` with the one for missing values; its quantile by Wilson and Hilferty 1931.
    """
    spread = 2 / (9 * bins)
    return float((1 / reference + 1 / latest) * bins * (1 - spread + CHANCE_DEVIATIONS * spread**0.5) ** 3)


def calibration_in_the_large(label: NDArray[np.int8], log_odds: Floats) -> Level:
    """How many of these loans went bad, beside how many their log-odds expected."""
    chance = probability(log_odds)
    expected = float(chance.sum())
    deviation = float(np.sqrt((chance * (1 - chance)).sum()))
    bad = int(label.sum())
    return Level(len(label), bad, expected, (bad - expected) / deviation if deviation > 0 else 0.0)


def measure_drift(
    model: ServedModel, snapshot: Snapshot, *, learnt: tuple[int, int], measured_to_s: int, as_of_s: int = EVER
) -> Drift:
    """Compare the latest month of decisions with the periods a model was made with.

    Args:
        model: The model, asked as serving asks it.
        snapshot: Facts as they are now.
        learnt: First and last instant it learnt from, UTC seconds.
        measured_to_s: Last instant it was measured on when it was made.
        as_of_s: UTC second, exclusive, of which the question is asked: later decisions, and outcomes known later, do not
            count, as if the snapshot ended there.

    Returns:
        The drift; where fewer than `LEAST_COMPARED` decisions are newer than the model, a `Drift` that finds nothing.
    """
    task = TASKS[model.task]
    asked = build_scored(snapshot, task)
    asked = asked.take(np.flatnonzero(asked.as_of_s < as_of_s))
    last_s = int(asked.as_of_s.max()) if len(asked) else 0
    latest = _between(asked, max(measured_to_s, last_s - MONTH_S), last_s)
    if len(latest) < LEAST_COMPARED:
        return Drift(len(latest), float("nan"), (), 0, None, ())
    features, scores = _apply(model, snapshot, latest)
    before, _ = _apply(model, snapshot, _between(asked, learnt[0] - 1, learnt[1]))
    _, measured = _apply(model, snapshot, _between(asked, learnt[1], measured_to_s))
    stability, bound = float("nan"), STABILITY_BOUND
    if len(measured) >= LEAST_COMPARED:
        stability = population_stability(measured, scores)
        bound = max(STABILITY_BOUND, chance_bound(len(measured), len(scores)))
    shifted = _shifted(model.names_read, before, features)
    known = build_examples(snapshot, task)
    level = _level(model, snapshot, known.take(np.flatnonzero(known.known_s < as_of_s)), measured_to_s)
    reasons = []
    if stability > bound:
        reasons.append(f"scores of the latest month spread otherwise (stability index {stability:.2f}, bound {bound:.2f})")
    if len(shifted) > SHIFTED_SHARE * len(model.names_read):
        reasons.append(f"{len(shifted)} of {len(model.names_read)} features have shifted, {shifted[0][0]} the most")
    if level is not None and level.is_off:
        reasons.append(f"{level.bad} loans went bad where {level.expected:.1f} were expected")
    arrears = measure_arrears(snapshot, task, as_of_s)
    if arrears is not None and arrears.is_off:
        reasons.append(
            f"{arrears.missed} of {arrears.loans} young loans missed an instalment where the months before lead to expect "
            f"{arrears.expected:.1f}"
        )
    return Drift(len(latest), stability, shifted, len(model.names_read), level, tuple(reasons), arrears)


def _shares(values: Floats, inner: Floats) -> Floats:
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(inner, values[~missing], side="left"), minlength=len(inner) + 1)
    shares = np.append(counts, missing.sum()) / max(len(values), 1)
    return np.maximum(shares, LEAST_SHARE)


def _shifted(names: tuple[str, ...], before: Floats, latest: Floats) -> tuple[tuple[str, float], ...]:
    bound = max(STABILITY_BOUND, chance_bound(len(before), len(latest))) if len(before) else np.inf
    found = [(name, population_stability(before[:, i], latest[:, i])) for i, name in enumerate(names)] if len(before) else []
    return tuple(sorted(((n, v) for n, v in found if v > bound), key=lambda pair: (-pair[1], pair[0])))


def _level(model: ServedModel, snapshot: Snapshot, examples: Examples, after_s: int) -> Level | None:
    """Of loans newer than the model whose outcome is known, those of their latest month."""
    newer = examples.as_of_s[examples.as_of_s > after_s]
    if len(newer) < LEAST_COMPARED:
        return None
    last_s = int(newer.max())
    chosen = _between(examples, max(after_s, last_s - MONTH_S), last_s)
    return calibration_in_the_large(chosen.label, _apply(model, snapshot, chosen)[1])


def _between(examples: Examples, after_s: int, to_s: int) -> Examples:
    """Examples in (after_s, to_s], evenly thinned."""
    places = np.flatnonzero((examples.as_of_s > after_s) & (examples.as_of_s <= to_s))
    return examples.take(places).thinned(MOST_COMPARED)


def _apply(model: ServedModel, snapshot: Snapshot, examples: Examples) -> tuple[Floats, Floats]:
    """Features float64 [n, f] and log-odds float64 [n]."""
    features, scores = [np.empty((0, len(model.names_read)))], [np.empty(0)]
    for begin in range(0, len(examples), AT_ONCE):
        piece = slice(begin, begin + AT_ONCE)
        inputs = model.read(snapshot, examples.rows[piece], examples.as_of_s[piece])
        features.append(inputs.features)
        scores.append(model.log_odds(inputs))
    return np.concatenate(features), np.concatenate(scores)
