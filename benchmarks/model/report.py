"""The page of one economy: plots, every model on every part of the judged applications, and what each earns.

Only arranges what was kept; it fits nothing.
"""

from pathlib import Path

import numpy as np

from benchmarks.model.economies import Place
from benchmarks.model.judged import read_slices
from benchmarks.model.measured import Measured
from benchmarks.model.profit_tables import profit_tables
from benchmarks.model.roster import Roster
from benchmarks.model.view import Seen, View
from benchmarks.results import Figure
from benchmarks.sandbox.judge import TRUTH
from benchmarks.sandbox.report import Chapter, Table, write_report
from benchmarks.sandbox.worlds import World
from gnn.evaluation.slices import measure_slices

TITLE = "Out of time: what was known before the test period teaches"


def write_page(place: Place, least_tested: int, seen: Seen, one: Measured, figures: list[Figure], roster: Roster) -> Path:
    """Write the page of an economy as delivered and return where it is."""
    judged, scores = seen.judged, dict(seen.scores) | {TRUTH: seen.judged.truth}
    slices = read_slices(View(place, World.PLAIN, least_tested).judged)
    rows = measure_slices(slices, judged.label, scores, np.arange(len(judged.label)))
    earlier = dict(seen.earlier_scores) | {TRUTH: seen.earlier.truth}
    tables = [_months(one), *profit_tables((seen.earlier, earlier), (judged, scores), one.best_tree(roster))]
    chapter = Chapter("oot-purged", TITLE, judged.label, scores, rows, tables)
    facts = {
        "economy": f"{place.economy.seed}: {place.economy.name}",
        "persons": f"{place.making.persons:,}",
        "tested": f"{one.judged:,} applications, {one.bad:,} of them bad",
        "learnt from": f"{one.learnt:,} applications whose outcome was known before the test period",
        "champion": roster.champion,
        "best trees on this test": one.best_tree(roster),
    }
    return write_report(place.folder / "report", f"Simulated economy {place.economy.seed}", facts, figures, [chapter])


def _months(one: Measured) -> Table:
    head = ("month", "loans", "bad", "error", "the truth's own", "above it")
    rows = [
        (
            *(month.month, f"{month.examples:,}", f"{month.bad:,}"),
            *(f"{value:.4f}" for value in (month.error, month.reference, month.excess)),
        )
        for month in one.months
    ]
    return Table("Calibration error of the champion by month", head, rows)
