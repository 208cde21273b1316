"""The page stands alone, says what was measured, and its plots are pictures of the curves given."""

import base64
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from benchmarks.results import Figure
from benchmarks.sandbox import plots
from benchmarks.sandbox.plots import PLOTS
from benchmarks.sandbox.report import Chapter, Table, write_report
from gnn.evaluation.slices import SliceRow

DRAW = np.random.default_rng(2)
LABEL = (DRAW.random(400) < 0.2).astype(np.int8)
SCORES = {"gnn": LABEL + DRAW.normal(size=400) - 2.0, "truth": 2.0 * LABEL + DRAW.normal(size=400) - 2.0}
SLICE = SliceRow("file", "<thin>", 100, 7, {"gnn": {"auc": 0.71, "ks": float("nan")}, "truth": {"auc": 0.8, "ks": 0.4}})
FIGURES = [Figure("sandbox.oot.auc.gnn", 0.7123, "auc", 0.69, 0.73, counts={"examples": 400})]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    judged = [
        Chapter("oot", "Out of time", LABEL, SCORES, [SLICE], [Table("Profit & loss", ("model", "cents"), [("gnn", "1,234")])])
    ]
    return write_report(tmp_path / "report", "Economy & truth", {"persons": "2,000"}, FIGURES, judged)


def test_page_needs_nothing_beside_it(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.count("<img ") == len(PLOTS)
    sources = re.findall(r'src="([^"]*)"', text)
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "http" not in text
    beside = {path.read_bytes() for path in (page.parent / "oot").glob("*.png")}
    assert {base64.b64decode(source.split(",")[1]) for source in sources} == beside


def test_page_tells_figures_and_slices_and_escapes_what_it_is_given(page: Path):
    text = page.read_text(encoding="utf-8")
    assert "<td>sandbox.oot.auc.gnn</td><td>0.7123</td><td>0.6900 to 0.7300</td>" in text
    assert "Economy &amp; truth" in text
    assert "&lt;thin&gt;" in text
    assert "<td>100</td><td>7</td><td>0.7100</td><td>0.8000</td>" in text
    assert "<h3>Profit &amp; loss</h3>" in text
    assert "<td>gnn</td><td>1,234</td>" in text
    assert "nan" not in text.split("<img")[0]


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_plot_is_a_picture_of_the_scores(name: str, tmp_path: Path):
    png = PLOTS[name](LABEL, SCORES)
    (tmp_path / "plot.png").write_bytes(png)
    image = imread(tmp_path / "plot.png")
    assert image.shape[0] > 400
    assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 50
    assert PLOTS[name](LABEL, SCORES) == png
    assert PLOTS[name](LABEL, SCORES | {"gnn": -SCORES["gnn"]}) != png


def test_plots_of_perfect_scores_and_of_few_loans_are_drawn():
    label = np.array([1, 0, 0, 1], np.int8)
    for draw in PLOTS.values():
        assert draw(label, {"gnn": np.array([3.0, -3.0, -3.0, 3.0])}).startswith(b"\x89PNG")


def test_no_two_of_many_models_are_drawn_alike() -> None:
    names = [f"model {number}" for number in range(18)]
    styles = [plots._style(name, dict.fromkeys([*names, plots.TRUTH], np.zeros(1))) for name in [*names, plots.TRUTH]]
    assert len({(style["color"], style["linestyle"]) for style in styles}) == 19
