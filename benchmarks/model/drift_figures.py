"""Figures of an economy that turns: days to the alarm, share of the loss restored, commands to go back.

Turns what was seen into figures; it scores nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
SHARE = "share of the loss"
DEFINITION = (
    "share is (old model after the turn - trained anew) / (old model after the turn - old model before it) in mean excess log "
    "loss, the expected log loss of a score less that of the true probability itself, so that calm and bad times compare"
)
Look = Mapping[str, Any]
Scores = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Alarm:
    """When the alarm came: days from the turn to the month's end at which something spoke that had been silent in the calm.

    `days` is None where that never was while it was looked out for, `looked_days` long. `calm` counts the month-ends up to
    the turn that could be measured, `false` those of them at which anything spoke, and `noisy` names what did: it tells
    nothing of the turn afterwards. `kinds` and `reasons` are what spoke at the alarm and had been silent.
    """

    days: float | None
    looked_days: float
    calm: int
    false: int
    noisy: tuple[str, ...]
    kinds: tuple[str, ...]
    reasons: tuple[str, ...]


def find_alarm(looks: Sequence[Look], turn: int) -> Alarm:
    """The first alarm after the turn, and those before.

    Args:
        looks: Of month-ends in order of time, as `benchmarks.model.life.look_out` gives them.
        turn: Month in which the economy turns; a look at its very beginning is before the turn.
    """
    calm = [look for look in looks if look["month"] <= turn and look["is_measured"]]
    noisy = sorted({kind for look in calm for kind in look["kinds"]})
    after = [look for look in looks if look["month"] > turn]
    given = [look for look in after if set(look["kinds"]) - set(noisy)]
    return Alarm(
        _days(turn, given[0]["month"]) if given else None,
        _days(turn, after[-1]["month"]) if after else 0.0,
        len(calm),
        sum(bool(look["kinds"]) for look in calm),
        tuple(noisy),
        tuple(kind for kind in given[0]["kinds"] if kind not in noisy) if given else (),
        tuple(given[0]["reasons"]) if given else (),
    )


def alarm_figure(alarm: Alarm, seed: int) -> Figure:
    """Days to the alarm; where none came, the days it was waited for in vain."""
    counts = {"calm_months": alarm.calm, "false_alarms": alarm.false}
    told = "nothing else spoke in this time"
    if alarm.days is not None:
        told = f"then {' and '.join(alarm.kinds)} spoke first ({'; '.join(alarm.reasons)})"
    before = f"at {alarm.false} of {alarm.calm} month-ends before the turn an alarm was given"
    if alarm.noisy:
        before += f", by {' and '.join(alarm.noisy)}, which therefore are not taken for a sign of the turn"
    value = alarm.looked_days if alarm.days is None else alarm.days
    note = f"from the turn to the first month's end at which something speaks that was silent before it; {before}; {told}"
    return Figure(f"{AREA}.alarm_days", value, "days", None, None, MOST_DAYS, "most allowed", counts, seed, note)


def restored_figures(scores: Scores, months: Months, old: Look, new: Look, seed: int) -> list[Figure]:
    """The shares of the loss that are restored, and the losses they are of.

    Args:
        scores: As `read_scores` gives them.
        months: When what happened.
        old: What the first training says of itself.
        new: What the second one does.
        seed: Of the economy.
    """
    calm = excess_loss(scores["calm_truth"], scores["calm_old"])
    after, anew, by_all = (excess_loss(scores["later_truth"], scores[f"later_{name}"]) for name in ("old", "new", "all"))
    found, other = (
        measure_restored((calm, scores["calm_person"]), (after, one, scores["later_person"])) for one in (anew, by_all)
    )
    counts = {"before_turn": len(calm), "judged": len(after), "learnt_old": _learnt(old), "learnt_new": _learnt(new)}
    told = (
        f"{DEFINITION}; turn at month {months.turn}, judged are applications from month {months.anew} on; the old model knew "
        f"what was known at month {months.learnt}"
    )
    as_served = f"{told} (outcomes until {old['learnt_to']}); trained anew as `creditgraph retrain` does, which keeps the "
    as_served += f"latest outcomes to be measured on, at month {months.anew} (outcomes until {new['learnt_to']})"
    on_all = f"{told}; trained anew on all outcomes and early signs that were known at month {months.anew}, none kept back"
    parts = {
        "excess_before": (found.calm, "of the old model, on applications between its training and the turn"),
        "excess_after": (found.after, "of the old model, on the later applications"),
        "excess_retrained": (found.anew, "of the model trained anew as `creditgraph retrain` does, on the same"),
        "excess_retrained.all_known": (other.anew, "of the model trained anew on all that was known, on the same"),
        "loss": (found.loss, "of the old model after the turn less before it"),
    }
    return [
        share_figure("restored_share", found, counts, as_served, seed),
        share_figure("restored_share.all_known", other, counts, on_all, seed),
        *(
            Figure(
                f"{AREA}.{name}", one.value, NATS, one.low, one.high, counts=counts, seed=seed, note=f"excess log loss {what}"
            )
            for name, (one, what) in parts.items()
        ),
    ]


def share_figure(name: str, found: Restored, counts: Mapping[str, int], note: str, seed: int) -> Figure:
    """A share of the loss; where there is surely none to be restored, 0 and a note that says so."""
    bar = (LEAST_RESTORED, "least asked for", counts, seed)
    if found.share is None:
        lost = f"nothing is divided: the loss by the turn, {_bounded(found.loss)} {NATS}, is not surely above 0; {note}"
        return Figure(f"{AREA}.{name}", 0.0, SHARE, None, None, *bar, lost)
    return Figure(f"{AREA}.{name}", found.share.value, SHARE, found.share.low, found.share.high, *bar, note)


def rollback_figure(back: Look, seed: int) -> Figure:
    """How many commands going back took."""
    note = "`creditgraph rollback` was run on signed bundles of both models, and the first was champion again"
    counts = {"changes_recorded": back["changes"]}
    return Figure(
        f"{AREA}.rollback_commands", float(back["commands"]), "commands", None, None, 1.0, "most allowed", counts, seed, note
    )


def read_scores(*files: Path) -> Scores:
    """All arrays of the files that `benchmarks.model.life` wrote, by name."""
    found: Scores = {}
    for file in files:
        with np.load(file, allow_pickle=False) as stored:
            found |= {name: stored[name] for name in stored.files}
    return found


def _learnt(one: Look) -> int:
    return sum(int(one[part]) for part in ("fit", "stop", "calibrate"))


def _days(turn: int, month: int) -> float:
    return (month_s(month) - month_s(turn)) / DAY_S


def _bounded(found: Interval) -> str:
    return f"{found.value:.5f} [{found.low:.5f}, {found.high:.5f}]"
