import json
from pathlib import Path

import pytest

from benchmarks.results import PAGE, Figure, read, record, render

FIGURES = [
    Figure(
        "superlender.oot.auc.lightgbm", 0.70, "AUC", 0.67, 0.73, 0.691, "LightGBM on own loan history", {"test loans": 1311}, 1
    ),
    Figure("superlender.oot.auc.gnn", 0.68, "AUC", 0.65, 0.71, 0.691, "LightGBM on own loan history", {"test loans": 1311}, 1),
    Figure("superlender.oot.gain.gnn_over_lightgbm", -0.02, "AUC", -0.04, 0.01),
    Figure("neo4j.write.ratio_merge_loop", 1.5, "x", rival=1.0, rival_name="1,000-row MERGE loop"),
]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.json"
    record(FIGURES, command="make prove WHAT=models", results=path)
    return path


def test_a_figure_is_kept_once_and_replaced_by_its_key(results: Path) -> None:
    record([Figure("neo4j.write.ratio_merge_loop", 1.7, "x")], command="make prove WHAT=neo4j", results=results)
    stored = read(results)
    assert len(stored) == len(FIGURES)
    assert stored["neo4j.write.ratio_merge_loop"]["value"] == 1.7


def test_a_figure_says_how_it_was_made(results: Path) -> None:
    stored = read(results)["superlender.oot.auc.gnn"]
    assert stored["command"] == "make prove WHAT=models"
    assert stored["counts"] == {"test loans": 1311}
    assert stored["versions"]["torch"]


def test_the_page_says_which_model_is_below_the_bar_and_that_the_graph_adds_nothing(results: Path) -> None:
    page = results.with_suffix(".md").read_text()
    assert "Best: lightgbm with 0.7000, at or above the bar of 0.6910" in page
    assert "Below the bar: gnn (0.6800)" in page
    assert "gnn adds nothing that can be told from chance to lightgbm: AUC difference -0.0200 [-0.0400, +0.0100]" in page


def test_the_page_written_with_the_figures_is_the_one_they_give_when_read_again(results: Path) -> None:
    assert results.with_suffix(".md").read_text(encoding="utf-8") == render(read(results))


def test_another_format_is_refused(results: Path) -> None:
    results.write_text(json.dumps({"format": 99, "figures": {}}))
    with pytest.raises(ValueError, match="format 99"):
        read(results)


def test_the_committed_page_is_what_the_committed_figures_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(read())
