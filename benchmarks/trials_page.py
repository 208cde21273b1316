"""The part of the results page about the served model's trials: a turning economy, made-up persons, a protected group.

Pure: figures in, text out. A verdict is chosen by the figures, so it changes when they do.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.bar_lines import Bar, Figures
from benchmarks.model.bars import is_at_most

AREAS = ("model.drift.", "model.sybil.", "model.fairness.")
PICTURE = "pictures/fairness-frontier.png"
MONTH_DAYS, LEAST_RESTORED, ONE_COMMAND = 31.0, 0.8, 1.0
MOST_TURNED, MOST_DROP, MOST_TOLD = 0.01, 0.02, 0.60
INTRODUCTION = """\
Each trial has an economy of 50,000 persons of its own (seeds 201, 202 and 203), on which no choice was made, and a champion
trained as `creditgraph train` does. In the first, drift is off until January of the third year and then on at its declared
strength at once; the champion learns four months before. In the second, one person in twenty is made up and tied to bad
borrowers; keys without an ending hide every bad borrower, `.fifth` and `.twentieth` bring as many made-up persons to bear on
fewer, and `.hardened` is a model trained with camouflage around good and bad borrowers alike, one made-up person for every
four. In the third, the sealed files say who is of a protected group, which no model sees; without social edges the champion
is trained anew. Intervals resample persons and hold the one fit of each model fixed.
"""


def _is_kept_alarm(found: Mapping[str, Any]) -> bool:
    """In time, and nothing rang before."""
    return is_at_most(found["value"], MONTH_DAYS) and not found["counts"].get("false_alarms", 0)


BARS = (
    Bar("model.drift.alarm_days", "model-drift", "within a month, and no alarm before the turn", _is_kept_alarm),
    *(
        Bar(key, "model-drift", "at least 80 % of the loss restored", lambda found: is_at_most(LEAST_RESTORED, found["value"]))
        for key in ("model.drift.restored_share", "model.drift.restored_share.all_known")
    ),
    Bar("model.drift.rollback_commands", "model-drift", "one command", lambda found: is_at_most(found["value"], ONE_COMMAND)),
    Bar(
        "model.sybil.flips", "model-sybil", "at most 1 % turn to approve", lambda found: is_at_most(found["value"], MOST_TURNED)
    ),
    Bar("model.sybil.auc_drop", "model-sybil", "at most 0.02 AUC lost", lambda found: is_at_most(found["value"], MOST_DROP)),
    Bar("model.fairness.group_auc", "model-fairness", "at most 0.60", lambda found: is_at_most(found["value"], MOST_TOLD)),
)


def trial_keys(figures: Figures) -> list[str]:
    """Keys of the section's table."""
    return [key for area in AREAS for key in figures if key.startswith(area)]


def trial_lines(figures: Figures) -> Iterable[str]:
    """One line a bar: the figure, the bar and whether it is kept; then the frontier, where it was drawn."""
    yield from (bar.line(figures, _false_alarms) for bar in BARS)
    if any(key.startswith(AREAS[2]) for key in figures):
        yield f"\n![Accuracy against adverse impact]({PICTURE})"


def _false_alarms(found: Mapping[str, Any]) -> str:
    counts = found["counts"]
    if "false_alarms" not in counts:
        return ""
    return f" An alarm was given at {counts['false_alarms']} of {counts['calm_months']} month-ends before the turn."
