"""A delivery of which every twentieth row is broken, in every way there is a code for: area `ingest-dirty`.

    python -m benchmarks.prove ingest-dirty

Every row is either accepted or in quarantine, every refusal has the code its fault must have, and when the refused rows are
repaired from the originals each comes into the graph once and never again, after which the graph is that of the clean delivery.
Sandboxes of several seeds make up the count of rows; each is one piece, kept under `.prove/ingest/dirty`.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.ingest.economy import CACHE, PEPPER, SMALL, SOURCE, load, look, prepare_economy
from benchmarks.ingest.faults import BY_TABLE, Fault
from benchmarks.ingest.records import Records, read_delivery, write_delivery
from benchmarks.pieces import Result, do_pieces
from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.opening import open_store
from ingest.errors import RepairUnknown
from ingest.formats.reading import read_pieces
from ingest.linkage import derive
from ingest.load import Intake, Pace
from ingest.quarantine.replay import replay_entries
from ingest.sandbox.knobs import Scale as EconomyScale
from ingest.source import Format, TableSpec

BROKEN_SHARE = 0.05
BALLAST = 10  # records that stay whole at the head of a file, where what they hold stands for a header
MOST_XML = 0.9  # of statements broken, each in its first entry alone


@dataclass(frozen=True)
class Size:
    """How many rows, out of economies of one scale and seeds that count up; at most `most` records of a file."""

    economy: EconomyScale
    rows: int
    most: int | None = None


RUNS = {
    Scale.FULL: Size(SMALL, 1_000_000),
    Scale.REDUCED: Size(EconomyScale(1_000, months=6), 1),
}


@dataclass(frozen=True)
class Broken:
    """A delivery with broken records.

    Attributes:
        delivered: As it comes.
        originals: The same records before they were broken.
        faults: By table, the faults by the place of the record they are in.
    """

    delivered: list[Records]
    originals: list[Records]
    faults: Mapping[str, Mapping[int, Fault]]


def main(scale: Scale) -> list[Figure]:
    """Figures `ingest.dirty.rows` and `ingest.dirty.unaccounted`."""
    size = RUNS[scale]
    done: dict[str, Result] = {}
    seed = size.economy.seed
    while sum(result["read"] for result in done.values()) < size.rows:
        raw = prepare_economy(CACHE, replace(size.economy, seed=seed))
        done |= measure(raw, CACHE / f"dirty-{scale}", seed, size.most)
        seed += 1
    total = Counter[str]()
    for result in done.values():
        total.update({name: value for name, value in result.items() if isinstance(value, int)})
    ways = {way for result in done.values() for way in result["ways"]}
    counts = {name: total[name] for name in ("read", "accepted", "refused", "broken", "replayed")} | {"ways": len(ways)}
    note = (
        "Rows that are neither in the graph nor in quarantine, have another code, or did not come in once after their repair."
    )
    return [
        Figure("ingest.dirty.rows", total["read"], "rows", counts=counts, seed=size.economy.seed),
        Figure("ingest.dirty.unaccounted", total["unaccounted"], "rows", counts=counts, seed=size.economy.seed, note=note),
    ]


def measure(raw: Path, kept: Path, seed: int, most: int | None = None) -> dict[str, Result]:
    """What came of one economy's delivery."""

    def do(_: str) -> Result:
        with tempfile.TemporaryDirectory() as scratch:
            return _load_and_repair(break_delivery(read_delivery(raw, SOURCE, most), BROKEN_SHARE, seed), Path(scratch))

    return do_pieces("ingest-dirty", kept, [f"economy-{seed}"], do)


def break_delivery(every: Sequence[Records], share: float, seed: int) -> Broken:
    """Break a share of the records, each in one of the ways of its table, evenly over the tables that have any."""
    draw = random.Random(seed)
    rows = sum(len(one.records) for one in every)
    breakable = sum(len(one.records) for one in every if one.spec.name in BY_TABLE)
    delivered, faults = list[Records](), dict[str, dict[int, Fault]]()
    for one in every:
        broken = _draw_faults(one, share * rows / max(1, breakable), draw)
        faults[one.spec.name] = broken
        changed = list(one.records)
        for place, fault in broken.items():
            changed[place] = fault.change(changed[place])
            assert changed[place] != one.records[place], f"fault {fault.name!r} breaks nothing in {one.spec.file}"
        delivered.append(replace(one, records=changed))
    return Broken(delivered, list(every), faults)


def _draw_faults(one: Records, share: float, draw: random.Random) -> dict[int, Fault]:
    ways = BY_TABLE.get(one.spec.name, ())
    first = BALLAST if one.spec.format is not Format.DELIMITED else 0
    places = range(first, len(one.records))
    if not ways or not places:
        return {}
    count = min(max(len(ways), round(share * len(one.records))), int(MOST_XML * len(places)))
    chosen = sorted(draw.sample(places, count))
    drawn = [ways[number % len(ways)] for number in range(len(chosen))]
    draw.shuffle(drawn)
    return dict(zip(chosen, drawn, strict=True))


def _load_and_repair(broken: Broken, scratch: Path) -> Result:
    clean = write_delivery(broken.originals, scratch / "clean")
    load(clean, str(scratch / "clean.duckdb"), scratch / "clean-intake", Pace(workers=2))
    expected = look(str(scratch / "clean.duckdb"), scratch / "clean-intake")
    assert not expected.refused, "the sandbox itself has rows that are refused"
    folder = write_delivery(broken.delivered, scratch / "dirty")
    url, intake = str(scratch / "dirty.duckdb"), Intake(scratch / "intake")
    report = load(folder, url, intake.folder, Pace(workers=2))
    entries = intake.shelf.entries(SOURCE.name)
    codes = {
        (table, row): (entry, code) for entry, table, row, code in entries.select("entry", "table", "row", "code").iter_rows()
    }
    repairs, wrong = dict[str, dict[str, str]](), 0
    ways = Counter[str]()
    for original, dirty in zip(broken.originals, broken.delivered, strict=True):
        table = original.spec.name
        said = _say(clean, original.spec)
        rows = _rows(original), _rows(dirty)
        for place, fault in broken.faults[table].items():
            ways[fault.name] += 1
            within = _first_changed(original, original.records[place], dirty.records[place])
            entry, code = codes.pop((table, rows[1][place] + within), ("", ""))
            wrong += code != fault.code.value
            repairs[entry] = said[rows[0][place] + within]
    wrong += len(codes)  # refused, and nothing was broken there
    found = {"read": report.read, "accepted": report.accepted, "refused": entries.height, "broken": sum(ways.values())}
    wrong += abs(found["read"] - found["accepted"] - found["refused"])
    repairs.pop("", None)
    return found | _replay(repairs, url, intake, expected.hash, wrong) | {"ways": dict(ways)}


def _replay(repairs: Mapping[str, Mapping[str, str]], url: str, intake: Intake, expected: str, wrong: int) -> Result:
    """Bring repaired rows in, and see that they do not come in again."""
    with open_store(url, PEPPER.fingerprint) as store:
        replayed = replay_entries(SOURCE, store, PEPPER, intake.shelf, repairs=repairs)
        wrong += len(repairs) - replayed.accepted + intake.shelf.entries(SOURCE.name).height
        try:
            replay_entries(SOURCE, store, PEPPER, intake.shelf, repairs=repairs)
            wrong += len(repairs)
        except RepairUnknown:
            pass
        again = replay_entries(SOURCE, store, PEPPER, intake.shelf)
        derive(store, PEPPER)  # as at the end of a load
    same = look(url, intake.folder).hash == expected
    return {"replayed": replayed.accepted, "again": again.accepted, "same": same, "unaccounted": wrong + (not same)}


def _say(folder: Path, spec: TableSpec) -> dict[int, dict[str, str]]:
    """What every row of a sound file says, by its row number: values by column."""
    said = dict[int, dict[str, str]]()
    for piece in read_pieces(folder / spec.file, spec):
        for values in piece.texts.iter_rows(named=True):
            row = values.pop("row")
            said[row] = {name: value for name, value in values.items() if value is not None}
    return said


def _first_changed(one: Records, sound: bytes, broken: bytes) -> int:
    """Which entry of a statement was broken, from 0; other records are one row."""
    if one.spec.format is not Format.CAMT_053:
        return 0
    pairs = zip(sound.split(b"<Ntry>")[1:], broken.split(b"<Ntry>")[1:], strict=False)
    return next((number for number, (before, after) in enumerate(pairs) if before != after), 0)


def _rows(one: Records) -> list[int]:
    """The row number of each record; of a statement that of its first entry."""
    if one.spec.format is Format.CAMT_053:
        sizes, row = [record.count(b"<Ntry>") for record in one.records], 1
    else:
        sizes, row = [record.count(b"\n") for record in one.records], 1 + bool(one.head)
    numbers = []
    for size in sizes:
        numbers.append(row)
        row += size
    return numbers
