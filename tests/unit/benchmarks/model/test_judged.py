"""What was judged, and by which code it is measured, names whatever follows from it."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import benchmarks.model.view
from benchmarks.model.code import DECIDES_FEATURES, LEAVES_OUT, MEASURES, NAMES_FITS
from benchmarks.model.judged import Judged, digest_judged, read_judged, read_slices
from benchmarks.model.view import Seen

COUNT = 6
JUDGED = Judged(
    np.array([0, 1, 0, 0, 1, 0], np.int8),
    np.arange(COUNT),
    np.zeros(COUNT, np.bool_),
    np.arange(COUNT),
    np.full(COUNT, 100),
    np.linspace(-3, 0, COUNT),
)


def _kept(folder: Path, judged: Judged, part: str = "2024-05") -> Path:
    folder.mkdir(parents=True)
    for file in ("judged.npz", "earlier.npz"):
        np.savez(folder / file, **{field.name: getattr(judged, field.name) for field in fields(judged)})
    members = np.ones((1, COUNT), np.bool_)
    np.savez(folder / "parts.npz", by=np.array(["month"]), part=np.array([part]), members=members)
    return folder


def test_truth_persons_and_parts_are_in_the_digest_and_the_place_is_not(tmp_path: Path) -> None:
    first = digest_judged(_kept(tmp_path / "first", JUDGED))
    assert digest_judged(_kept(tmp_path / "again", JUDGED)) == first
    others = [
        _kept(tmp_path / "truth", replace(JUDGED, truth=np.nextafter(JUDGED.truth, 1))),
        _kept(tmp_path / "person", replace(JUDGED, person=JUDGED.person // 2)),
        _kept(tmp_path / "part", JUDGED, "2024-06"),
    ]
    assert len({first, *map(digest_judged, others)}) == 4
    assert read_judged(others[1]).person.max() == 2
    assert read_slices(others[2])[0].part == "2024-06"


def test_other_measuring_code_or_another_truth_names_other_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(JUDGED, {"gnn": JUDGED.truth}, {}, 3, "digest", JUDGED, {"gnn": JUDGED.truth})
    states = {seen.state, replace(seen, digest="other").state, replace(seen, scores={"gnn": -JUDGED.truth}).state}
    states.add(replace(seen, earlier_scores={"gnn": -JUDGED.truth}).state)
    monkeypatch.setattr(benchmarks.model.view, "code_digest", lambda _: "other code")
    assert len(states | {seen.state}) == 5


def test_every_named_piece_of_code_is_there() -> None:
    patterns = [*DECIDES_FEATURES, *LEAVES_OUT, *MEASURES, *NAMES_FITS]
    project = Path(benchmarks.model.view.__file__).parents[2]
    assert [pattern for pattern in patterns if not list(project.glob(pattern))] == []
