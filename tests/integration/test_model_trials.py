"""The served model's trials at their reduced count: an economy that turns, made-up persons, a group it never sees."""

import importlib
import math
from pathlib import Path

import pytest

from benchmarks.pieces import Unfinished
from benchmarks.prove import AREAS
from benchmarks.results import Figure, record
from benchmarks.scale import Scale
from gnn.evaluation.mitigation import SHARES

PROMISED = {
    "model-drift": {"alarm_days", "restored_share", "restored_share.all_known", "loss", "rollback_commands"},
    "model-sybil": {
        f"{name}{ending}" for name in ("flips", "auc_drop") for ending in ("", ".fifth", ".twentieth", ".hardened")
    },
    "model-fairness": {
        *("group_auc", "group_auc.without_social", "alternative_impact"),
        *(f"impact.approve_{share * 100:.0f}{ending}" for share in SHARES for ending in ("", ".without_social", ".social")),
    },
}
FEW_SUBJECTS = 5  # whose sub-scores are scaled, which nothing here reads


@pytest.mark.slow
@pytest.mark.parametrize("area", PROMISED)
def test_a_reduced_trial_gives_every_promised_figure_and_does_no_piece_twice(
    area: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(AREAS[area][0])
    monkeypatch.setattr("gnn.answer_scales.MOST_SUBJECTS", FEW_SUBJECTS)
    monkeypatch.setattr(module, "ROOT", tmp_path / "kept")
    if area == "model-fairness":
        small = module.SIZES_OF[Scale.REDUCED]
        picture = tmp_path / "frontier.png"
        monkeypatch.setitem(module.SIZES_OF, Scale.REDUCED, module.Size(small.making, small.trial, picture))
    figures: list[Figure] = module.main(Scale.REDUCED)
    found = {figure.key: figure for figure in figures}
    assert {f"{area.replace('-', '.')}.{name}" for name in PROMISED[area]} <= set(found)
    assert all(math.isfinite(figure.value) and figure.counts and figure.note for figure in figures)
    pieces = {file: file.stat().st_mtime_ns for file in (tmp_path / "kept").rglob("pieces/*.json")}
    assert module.main(Scale.REDUCED) == figures
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "kept").rglob("pieces/*.json")} == pieces
    record(figures, command=f"make prove WHAT={area}", results=tmp_path / "results.json")
    assert all(figure.key in (tmp_path / "results.md").read_text() for figure in figures)
    if area == "model-drift":
        assert found["model.drift.rollback_commands"].value == 1.0
    if area == "model-sybil":
        assert found["model.sybil.flips"].counts["scores_moved"] > 0


def test_a_trial_whose_time_is_over_says_so_and_begins_no_piece(tmp_path: Path) -> None:
    sybil = importlib.import_module("benchmarks.model.sybil")
    size = sybil.SIZES_OF[Scale.REDUCED]
    trial = sybil.Trial("model-sybil", budget_s=-1.0)
    with pytest.raises(Unfinished, match="run it again"):
        sybil.prove(trial, size.making, tmp_path)
    assert not list(tmp_path.rglob("pieces/*.json"))
