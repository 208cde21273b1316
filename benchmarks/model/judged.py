"""What is known of the judged applications of one world beside their scores: outcomes, whose they are, truth, parts.

Small enough to be kept when the tables of features are not. Fits nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sandbox.slices import build_slices
from benchmarks.sandbox.truth import join_truth, read_sealed
from benchmarks.sandbox.worlds import PEPPER, once
from gnn.dataset import Dataset, Split
from gnn.evaluation.slices import Slice, lenders
from gnn.tasks import Decided

_COLUMNS, _EARLIER, _PARTS = "judged.npz", "earlier.npz", "parts.npz"


@dataclass(frozen=True)
class Judged:
    """Applications, one a row, in order of time: those judged, or those that calibrate.

    `label` int8 [k]; `person` int64 [k], one number a person however many nodes stand for them; `thin` bool [k]; `as_of_s`
    int64 [k] UTC seconds; `amount_minor` int64 [k] lent; `truth` float64 [k] log-odds of the true probability.
    """

    label: NDArray[np.int8]
    person: NDArray[np.int64]
    thin: NDArray[np.bool_]
    as_of_s: NDArray[np.int64]
    amount_minor: NDArray[np.int64]
    truth: NDArray[np.float64]


def write_judged(data: Dataset, split: Split, truth: Path, folder: Path) -> None:
    """Write what is known of the judged and of those that calibrate, unless it is there; `truth` holds the sealed files."""
    once(folder, lambda place: _write(data, split, truth, place))


def read_judged(folder: Path) -> Judged:
    """What `write_judged` wrote of the judged."""
    return _read(folder / _COLUMNS)


def read_earlier(folder: Path) -> Judged:
    """The same of applications that calibrate: their outcomes were known before the judged ones begin."""
    return _read(folder / _EARLIER)


def read_slices(folder: Path) -> list[Slice]:
    """The parts of the judged applications: months on book, own facts, thin and thick, rings, months, lenders."""
    with np.load(folder / _PARTS, allow_pickle=False) as stored:
        by, part, members = (stored[name] for name in ("by", "part", "members"))
    return [Slice(str(one), str(name), inside) for one, name, inside in zip(by, part, members, strict=True)]


def digest_judged(folder: Path) -> str:
    """Hexadecimal digest of all that `write_judged` wrote: outcomes, persons, truth, and who is in which part."""
    state = sha256()
    for file in (_COLUMNS, _EARLIER, _PARTS):
        with np.load(folder / file, allow_pickle=False) as stored:
            for name in sorted(stored.files):
                array = stored[name]
                state.update(f"{name} {array.dtype} {array.shape}\n".encode() + array.tobytes())
    return state.hexdigest()


def _write(data: Dataset, split: Split, sealed: Path, place: Path) -> None:
    truth = join_truth(read_sealed(sealed), data.snapshot, data.examples, PEPPER)
    amounts = _amounts(data)
    for file, index in ((_COLUMNS, split.test), (_EARLIER, split.calibrate)):
        examples = data.examples.take(index)
        judged = Judged(
            examples.label,
            truth.person[index],
            truth.thin[index],
            examples.as_of_s,
            amounts[examples.loan_rows],
            truth.log_odds[index],
        )
        np.savez(place / file, **{field.name: getattr(judged, field.name) for field in fields(judged)})
    _write_slices([*build_slices(data, truth), *lenders(truth.lender)], split.test, place)


def _read(path: Path) -> Judged:
    with np.load(path, allow_pickle=False) as stored:
        return Judged(**{name: stored[name] for name in stored.files})


def _write_slices(slices: Sequence[Slice], test: NDArray[np.int64], place: Path) -> None:
    members = np.array([one.members[test] for one in slices])
    by, part = (np.array([getattr(one, name) for one in slices], np.str_) for name in ("by", "part"))
    kept = members.any(axis=1)
    np.savez(place / _PARTS, by=by[kept], part=part[kept], members=members[kept])


def _amounts(data: Dataset) -> NDArray[np.int64]:
    """int64 [loans], what was lent."""
    assert isinstance(data.task.cohort, Decided), f"task {data.task.name} is not about loans decided"
    edge = data.task.cohort.decided_by
    every = np.arange(data.snapshot.num_facts(edge))
    amounts = np.zeros(data.snapshot.num_nodes(edge.target), np.int64)
    amounts[data.snapshot.take(edge, "target_row", every)] = data.snapshot.take(edge, "amount_minor", every)
    return amounts
