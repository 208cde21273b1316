"""Figures of an economy that turns: days to the alarm, share of the loss restored, commands to go back.

Turns what was seen into figures; it scores nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.model.life import Months
from benchmarks.model.restored import Restored, excess_loss, measure_restored
from benchmarks.model.turning import month_s
from benchmarks.results import Figure
from gnn.evaluation.metrics import Interval

AREA = "model.drift"
DAY_S = 86_400
MOST_DAYS = 31.0  # to the alarm: the month in which the economy turns is over
LEAST_RESTORED = 0.8
NATS = "nats a loan"
Look = Mapping[str, Any]


@dataclass(frozen=True)
class Alarm:
    """When the alarm came: days from the turn to the month's end at which it was given first, and the false ones before.

    `days` is None where it never came while it was looked out for, `looked_days` long. `calm` counts the month-ends up to
    the turn that could be measured, `false` those of them with an alarm.
    """

    days: float | None
    looked_days: float
    calm: int
    false: int
    reasons: tuple[str, ...]
    false_reasons: tuple[str, ...]


def find_alarm(looks: Sequence[Look], turn: int) -> Alarm:
    """The first alarm after the turn, and those before.

    Args:
        looks: Of month-ends in order of time, as `benchmarks.model.life.look_out` gives them.
        turn: Month in which the economy turns; a look at its very beginning is before the turn.
    """
    calm = [look for look in looks if look["month"] <= turn and look["is_measured"]]
    false = [look for look in calm if look["reasons"]]
    after = [look for look in looks if look["month"] > turn]
    given = [look for look in after if look["reasons"]]
    days = _days(turn, given[0]["month"]) if given else None
    looked = _days(turn, after[-1]["month"]) if after else 0.0
    reasons = tuple(given[0]["reasons"]) if given else ()
    return Alarm(days, looked, len(calm), len(false), reasons, tuple(false[0]["reasons"]) if false else ())


def alarm_figure(alarm: Alarm, seed: int) -> Figure:
    """Days to the alarm; where none came, the days it was waited for in vain."""
    counts = {"calm_months": alarm.calm, "false_alarms": alarm.false}
    told = f"the alarm said: {'; '.join(alarm.reasons)}" if alarm.days is not None else "no alarm came in this time"
    before = f"{alarm.false} of {alarm.calm} month-ends before the turn gave one too"
    if alarm.false:
        before += f", so that it tells little of the turn ({'; '.join(alarm.false_reasons)})"
    value = alarm.looked_days if alarm.days is None else alarm.days
    note = f"from the turn to the first month's end with an alarm; {told}; {before}"
    return Figure(f"{AREA}.alarm_days", value, "days", None, None, MOST_DAYS, "most allowed", counts, seed, note)


def restored_figures(found: Restored, counts: Mapping[str, int], months: Months, old: Look, new: Look, seed: int) -> list[Figure]:
    """The share, and the losses it is of."""
    told = (
        "excess log loss is the expected log loss of a score less that of the true probability; share is (old model after "
        f"the turn - retrained) / (old model after the turn - old model before it); turn at month {months.turn}, applications "
        f"judged from month {months.anew} on, which both models score; the old one knew what was known at month "
        f"{months.learnt} (outcomes until {old['learnt_to']}), the retrained one what was known at month {months.anew} "
        f"(outcomes until {new['learnt_to']}, of applications until some 13 months before)"
    )
    if found.share is None:
        told = f"nothing is divided: the loss by the turn, {_bounded(found.loss)} {NATS}, is not surely above 0; {told}"
    share = found.share or Interval(0.0, 0.0, 0.0)
    low, high = (share.low, share.high) if found.share else (None, None)
    parts = {"excess_before": found.calm, "excess_after": found.after, "excess_retrained": found.anew, "loss": found.loss}
    return [
        Figure(
            *(f"{AREA}.restored_share", share.value, "share of the loss", low, high, LEAST_RESTORED, "least asked for"),
            *(counts, seed, told),
        ),
        *(
            Figure(f"{AREA}.{name}", one.value, NATS, one.low, one.high, counts=counts, seed=seed)
            for name, one in parts.items()
        ),
    ]


def drift_figures(
    looks: Sequence[Look], scores: Path, back: Look, old: Look, new: Look, months: Months, draws: int, seed: int
) -> list[Figure]:
    """All figures of the area.

    Args:
        looks: Of month-ends, in order of time.
        scores: What `benchmarks.model.life.score` wrote.
        back: What going back took.
        old: What the first training says of itself.
        new: What the second one does.
        months: When what happened.
        draws: Resamples of intervals.
        seed: Of the economy.
    """
    with np.load(scores, allow_pickle=False) as stored:
        one = {name: stored[name] for name in stored.files}
    calm = excess_loss(one["calm_truth"], one["calm_old"])
    later = [excess_loss(one["later_truth"], one[name]) for name in ("later_old", "later_new")]
    found = measure_restored((calm, one["calm_person"]), (later[0], later[1], one["later_person"]), draws)
    counts = {
        "before_turn": len(calm),
        "judged": len(later[0]),
        "learnt_old": sum(old[part] for part in ("fit", "stop", "calibrate")),
        "learnt_new": sum(new[part] for part in ("fit", "stop", "calibrate")),
    }
    commands = Figure(
        f"{AREA}.rollback_commands",
        float(back["commands"]),
        "commands",
        rival=1.0,
        rival_name="most allowed",
        counts={"changes_recorded": back["changes"]},
        seed=seed,
        note="`creditgraph rollback` was run on signed bundles of both models, and the first was champion again",
    )
    alarm = alarm_figure(find_alarm(looks, months.turn), seed)
    return [alarm, *restored_figures(found, counts, months, old, new, seed), commands]


def _days(turn: int, month: int) -> float:
    return (month_s(month) - month_s(turn)) / DAY_S


def _bounded(found: Interval) -> str:
    return f"{found.value:.5f} [{found.low:.5f}, {found.high:.5f}]"
