"""Figures of gains: from social relations where there ought to be none, and from each family."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.model.bars import NO_GAIN
from benchmarks.model.figures import AREA, GAIN_UNIT, bounded_figure
from benchmarks.results import Figure
from gnn.evaluation.gains import File, Gain


def none_figure(key: str, gain: Gain, counts: Mapping[str, int], seed: int, what: str) -> Figure:
    """The gain from social relations where there ought to be none."""
    note = f"{what}; AUC of the champion less its AUC fitted anew without them; the interval is to cover 0 and lie within 0.003"
    found = bounded_figure(f"{AREA}.{key}", gain.gain, GAIN_UNIT, counts, seed)
    return replace(found, rival=NO_GAIN, rival_name="most, on either side", note=note)


def family_figures(gains: Sequence[Gain], counts: Mapping[str, int], seed: int) -> list[Figure]:
    """What each family adds, in all files and in thin and thick ones apart."""
    figures = []
    for one in gains:
        tail = "" if one.file is File.ALL else f".{one.file}"
        figure = bounded_figure(f"{AREA}.family_gain.{one.part}{tail}", one.gain, GAIN_UNIT, counts, seed)
        of = dict(counts) | {"judged": one.examples, "bad": one.bad}
        note = f"{one.verdict}; the champion {one.way} without the family, economy {seed}"
        figures.append(replace(figure, counts=of, note=note))
    return figures
