"""The part of the results page that is about the intake: every figure beside its bar, and what was tried where one is missed.

Pure: figures in, text out. A verdict is chosen by the figure, so it changes when the figure does.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Figures = Mapping[str, Mapping[str, Any]]

AT_LEAST = {
    "ingest.linkage.precision": 0.995,
    "ingest.linkage.recall": 0.95,
    "ingest.duckdb.facts_per_s": 250_000,
    "ingest.neo4j.ratio_single": 20,
    "ingest.neo4j.ratio_merge_loop": 1.3,
    "ingest.neo4j.ratio_importer": 0.25,
    "ingest.kill.points": 200,
    "ingest.dirty.rows": 1_000_000,
    "ingest.erase.subjects": 1_000,
}
AT_MOST = {
    "ingest.kill.mismatches": 0,
    "ingest.order.mismatches": 0,
    "ingest.dirty.unaccounted": 0,
    "ingest.erase.hits": 0,
    "ingest.peak_gib": 2,
}
TRIED = {
    "ingest.duckdb.facts_per_s": (
        "Tried: ids by keyed BLAKE2b, called one by one from Python, and then by HMAC-SHA-256, made for whole columns"
        " in native code, which takes a third less of the processor; an instant read once from its text; facts that "
        "go from worker to writer as columns; one worker and two, with one and two threads each; a memory of keys "
        "already made, which was slower than hashing again; blocks of 4 and 8 MB. Loads of a third of this size run "
        "faster: the look at which ids are held already reads the ids of the whole relation at each commit, and grows"
        " with it. Believed to close the gap: to look only into those parts of the relation whose smallest and "
        "largest ids leave it open, and to trim texts while the file is cut."
    ),
}
PICTURES = {"ingest.linkage.precision": "![Precision and recall over thresholds](pictures/linkage.png)"}


def intake_lines(figures: Figures) -> Iterable[str]:
    """One line a bar: the figure, the bar and whether it is reached."""
    for bars, word in ((AT_LEAST, "at least"), (AT_MOST, "at most")):
        for key, bar in bars.items():
            if key not in figures:
                yield f"- {key}: not measured yet (`make prove WHAT={_area(key)}`); the bar is {word} {bar:,}."
                continue
            value = figures[key]["value"]
            reached = value >= bar if bars is AT_LEAST else value <= bar
            yield f"- {key} is {_told(value)}: {'reaches' if reached else '**misses**'} the bar of {word} {bar:,}."
            if not reached and key in TRIED:
                yield f"  {TRIED[key]}"
            if key in PICTURES:
                yield f"\n{PICTURES[key]}\n"


def _told(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 or float(value).is_integer() else f"{value:,.4g}"


def _area(key: str) -> str:
    return "-".join(key.split(".")[:2]) if key != "ingest.peak_gib" else "ingest-duckdb"
