"""The part of the results page about speed: which figures, in which order, and whether those with a bar keep it.

Pure: figures in, text out.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from benchmarks.bar_lines import Bar, Figures
from benchmarks.model.bars import is_at_most

PREFIXES = (
    *("sampler.", "neo4j.", "api.", "model.aggregates.", "model.sampler.", "model.time_to_auc."),
    *("model.champion.pass_ms", "model.champion.shapley_ms", "model.score_all.", "model.incremental."),
)


def _reaches(least: float, found: Mapping[str, Any]) -> bool:
    return is_at_most(least, found["value"])


def _stays_under(most: float, found: Mapping[str, Any]) -> bool:
    return is_at_most(found["value"], most)


_LEAST = (
    ("model.sampler.edges_per_s", "model-sampler", "at least 5 million edges a second", 5e6),
    ("model.time_to_auc.ratio_full_batch", "model-time-to-auc", "at least 5 times as fast", 5.0),
    ("model.incremental.ratio_rebuild", "model-incremental", "at least 30 times as fast", 30.0),
)
_MOST = (
    ("model.aggregates.seconds_20m", "model-aggregates", "under 60 seconds", 60.0),
    ("model.score_all.minutes", "model-score-all", "under 10 minutes", 10.0),
    ("model.champion.pass_ms", "model-pass", "under 4 ms", 4.0),
    ("model.champion.shapley_ms", "model-pass", "under 12 ms", 12.0),
)
BARS = (
    *(Bar(key, area, word, partial(_reaches, least)) for key, area, word, least in _LEAST),
    *(Bar(key, area, word, partial(_stays_under, most)) for key, area, word, most in _MOST),
)


def speed_keys(figures: Figures) -> list[str]:
    """Keys of the section's table."""
    return [key for key in figures if key.startswith(PREFIXES)]


def speed_lines(figures: Figures) -> Iterable[str]:
    """One line a bar."""
    return (bar.line(figures) for bar in BARS)
