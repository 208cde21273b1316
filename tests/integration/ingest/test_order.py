"""The graph is a function of the set of rows: order, cuts, deliveries, workers and store leave no trace in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.ingest.economy import PEPPER, SOURCE, load, load_all, look
from benchmarks.ingest.order import RUNS, measure
from benchmarks.ingest.records import read_delivery, scatter
from benchmarks.scale import Scale
from graph.opening import open_store
from graph.store import WriteReport

pytestmark = pytest.mark.slow
MOST = 200


def test_rows_shuffled_and_cut_anywhere_give_the_same_graph(raw: Path, tmp_path: Path) -> None:
    done = measure(raw, tmp_path, RUNS[Scale.REDUCED])

    assert len(done) == 1 + RUNS[Scale.REDUCED].shuffles + 1
    assert [name for name, result in done.items() if not result["same"]] == []
    assert done["plain"]["read"] > 1_000


def test_a_delivery_that_was_read_is_not_read_again(raw: Path, tmp_path: Path) -> None:
    [folder] = scatter(read_delivery(raw, SOURCE, MOST), tmp_path, 1, 2, seed=5)
    url = str(tmp_path / "graph.duckdb")
    first = load(folder, url, tmp_path / "intake")
    before = look(url, tmp_path / "intake")
    for place in folder.iterdir():  # the content counts, not the name
        place.rename(place.with_name(place.name.replace("part-", "again-")))

    second = load(folder, url, tmp_path / "intake")

    assert second.written == WriteReport()
    assert (second.read, second.accepted) == (first.read, first.accepted)
    assert look(url, tmp_path / "intake") == before


@pytest.mark.neo4j
def test_both_stores_come_to_the_same_graph(raw: Path, tmp_path: Path, neo4j_address: str) -> None:
    every = read_delivery(raw, SOURCE, MOST)
    outcomes = []
    for seed, url in enumerate((str(tmp_path / "graph.duckdb"), neo4j_address)):
        folders = scatter(every, tmp_path / f"deliveries-{seed}", 2, 2, seed)
        load_all(folders, url, tmp_path / f"intake-{seed}")
        outcomes.append(look(url, tmp_path / f"intake-{seed}"))
        with open_store(url, PEPPER.fingerprint) as store:
            assert store.checkpoints("file:")

    assert outcomes[0] == outcomes[1]


def test_a_run_goes_on_behind_finished_pieces(raw: Path, tmp_path: Path) -> None:
    size = replace(RUNS[Scale.REDUCED], shuffles=1, replays=0, most=20)
    first = measure(raw, tmp_path, size)
    (tmp_path / "shuffled-000.json").write_text('{"same": true, "kept": "from before"}')

    again = measure(raw, tmp_path, size)

    assert again["shuffled-000"]["kept"] == "from before"
    assert again["plain"] == first["plain"]
