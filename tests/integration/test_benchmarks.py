"""Every measurement runs at its reduced count and gives the figures it promises; no test asserts on seconds."""

import importlib
import math

import pytest

import benchmarks.aggregates
import benchmarks.models
import benchmarks.nodes
from benchmarks.prove import AREAS, main
from benchmarks.results import Figure
from benchmarks.scale import Scale

PROMISED = {
    "sampler": {"sampler.edges_per_s"},
    "neo4j": {"neo4j.write.ratio_merge_loop", "neo4j.read.ratio_rows"},
    "ingest-neo4j": {
        "ingest.neo4j.rels_per_s",
        "ingest.neo4j.ratio_single",
        "ingest.neo4j.ratio_merge_loop",
        "ingest.neo4j.ratio_importer",
    },
    "api": {"api.score.p50_ms", "api.score.p99_ms", "api.hello.p50_ms", "api.hello.p99_ms"},
}


def measure(area: str) -> list[Figure]:
    module, function = AREAS[area]
    figures: list[Figure] = getattr(importlib.import_module(module), function)(Scale.REDUCED)
    return figures


@pytest.mark.slow
@pytest.mark.parametrize(
    "area",
    [
        "sampler",
        pytest.param("neo4j", marks=pytest.mark.neo4j),
        pytest.param("ingest-neo4j", marks=pytest.mark.neo4j),
        "api",
    ],
)
def test_a_reduced_run_gives_the_promised_figures(area: str) -> None:
    figures = {figure.key: figure for figure in measure(area)}
    assert PROMISED[area] <= set(figures)
    assert all(math.isfinite(f.value) and f.value > 0 and f.counts for f in figures.values())


@pytest.mark.slow
def test_a_reduced_run_of_the_aggregates_agrees_with_its_rival_in_every_value(tmp_path) -> None:
    (figure,) = benchmarks.aggregates.main(Scale.REDUCED, tmp_path)
    assert figure.key == "model.aggregates.seconds_20m"
    assert figure.rival is not None
    assert min(figure.value, figure.rival) > 0
    assert figure.counts["compared_columns"] >= 4
    again = benchmarks.aggregates.prepare_graph(benchmarks.aggregates.ECONOMIES[Scale.REDUCED], tmp_path)
    assert sorted(path.name for path in again.parent.iterdir() if path.suffix == ".part") == []


@pytest.mark.slow
@pytest.mark.real_data
def test_a_reduced_run_of_the_models_measures_every_model_on_both_data_sets(
    real_data: object, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(benchmarks.models, "CACHE", tmp_path_factory.mktemp("models"))
    keys = {figure.key: figure.value for figure in measure("models")}
    for protocol in ("superlender.oot", "superlender.cv", "berka.cv"):
        for model in ("logistic", "lightgbm", "lightgbm_neighbours", "gnn", "average"):
            assert 0.5 < keys[f"{protocol}.auc.{model}"] <= 1.0


NODE_AREAS = {"smesd": ("smesd", "smesd.apart", "smesd.valid"), "bitcoin-otc": ("bitcoin_otc",)}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("area", NODE_AREAS)
def test_a_reduced_run_measures_every_model_on_nodes_labelled_beside_the_graph(
    real_data: object, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, area: str
) -> None:
    monkeypatch.setattr(benchmarks.nodes, "CACHE", tmp_path_factory.mktemp("models"))
    keys = {figure.key: figure.value for figure in measure(area)}
    for judged in NODE_AREAS[area]:
        for model in ("logistic", "lightgbm", "lightgbm_neighbours", "gnn", "average", "forest"):
            assert 0.7 < keys[f"model.{judged}.auc.{model}"] <= 1.0
            assert 0.7 < keys[f"model.{judged}.ap.{model}"] <= 1.0


def test_an_unknown_area_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["everything"]) == 2
    told = capsys.readouterr().err
    assert f"areas are {', '.join(AREAS)} and all" in told
