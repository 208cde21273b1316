"""How many of a thousand erased subjects can still be found anywhere on the disk: the area `ingest-erase`.

    python -m benchmarks.prove ingest-erase

The subjects are canaries in the small sandbox, with broken rows among theirs. A search that decodes every format must find all
of them before; afterwards it looks for their numbers, telephones, mailboxes, documents, names and every key made from these.
"""

import shutil
import tempfile
from pathlib import Path

from benchmarks.ingest.canaries import SOURCE, Canary, add_canaries, all_marks
from benchmarks.ingest.economy import PEPPER, prepare_economy
from benchmarks.ingest.search import find_marks
from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.duckdb.compact import compact
from graph.opening import open_store
from ingest.erasure import ErasePlaces, erase_subjects
from ingest.load import Intake, Pace, load_source

SUBJECTS = {Scale.FULL: 1_000, Scale.REDUCED: 30}


def main(scale: Scale) -> list[Figure]:
    """Subjects erased, and how many of them a search finds afterwards."""
    count = SUBJECTS[scale]
    with tempfile.TemporaryDirectory(prefix="creditgraph-erase-") as name:
        before, after = erase_canaries(Path(name), prepare_economy(), count)
    counts = {"subjects": count, "found_before": before}
    note = "by number, telephone, mailbox, document, name and every key; store, snapshots, quarantine, manifests, receipts."
    return [
        Figure("ingest.erase.subjects", count, "subjects", counts=counts, note="each was found before it was erased."),
        Figure("ingest.erase.hits", after, "subjects", counts=counts, note=note),
    ]


def erase_canaries(place: Path, economy: Path, count: int) -> tuple[int, int]:
    """Load an economy with canaries, erase them, and search; how many were found before and after.

    Raises:
        AssertionError: some could not be found before, so that finding none afterwards would mean nothing.
    """
    raw, system = place / "raw", place / "system"
    shutil.copytree(economy, raw)
    system.mkdir()
    canaries = [Canary(number) for number in range(count)]
    add_canaries(raw, canaries)
    store, marks = system / "graph.duckdb", all_marks(canaries, PEPPER)
    intake, snapshots = Intake(system / "graph.intake"), system / "snapshots"
    with open_store(str(store), PEPPER.fingerprint) as graph:
        load_source(SOURCE, raw, graph, PEPPER, intake, pace=Pace(snapshots=snapshots))
    before = _found(system, marks)
    if before != count:
        raise AssertionError(f"only {before} of {count} canaries can be found before they are erased")
    places = ErasePlaces(
        open_store=lambda: open_store(str(store), PEPPER.fingerprint),
        compact=lambda: compact(store),
        intake=intake,
        snapshots=snapshots,
    )
    erase_subjects(SOURCE, [canary.shop for canary in canaries], places, PEPPER)
    return before, _found(system, marks)


def _found(system: Path, marks: dict[str, str]) -> int:
    return len(set().union(*find_marks(system, marks).values(), set()))
