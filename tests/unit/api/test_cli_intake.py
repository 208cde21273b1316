"""`ingest`, `quarantine`, `sources` and `follow` as commands: from broken files to mended rows in the graph."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import run
from api.cli.main import ExitCode
from api.cli.options import SERVER_INTAKE, find_declared, place_intake
from graph.canonical import canonical_hash
from graph.opening import open_store
from ingest.checks import LINE
from ingest.errors import SourceUnknown
from tests.support.sandbox_files import write_sandbox
from tests.support.source_files import PEPPER

ROOT = Path(__file__).parents[3]
BROKEN = [{}, {"visit_id": "V2", "arrived_at": "2023-13-01T00:00:00Z"}, {"visit_id": "V3", "minutes": "[red]ten\x1b[0m"}]
MENDED = {"arrived": "2023-05-01T12:00:00Z", "minutes": "10"}
SOUND = [{}, {"visit_id": "V2", "arrived_at": MENDED["arrived"]}, {"visit_id": "V3", "minutes": MENDED["minutes"]}]


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("STORE", "INTAKE", "SNAPSHOT_ROOT"):
        monkeypatch.delenv(f"CREDITGRAPH_{name}", raising=False)
    monkeypatch.setenv("CREDITGRAPH_PEPPER", PEPPER.secret)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


def deliver(name: str, visits: list[dict[str, str]]) -> str:
    folder = Path(name)
    folder.mkdir()
    return str(write_sandbox(folder, {"visits.csv": visits}))


def hash_of(store: str) -> str:
    with open_store(store, PEPPER.fingerprint) as opened:
        return canonical_hash(opened)


@pytest.fixture
def loaded(capsys: pytest.CaptureFixture[str]) -> str:
    """A store in which two rows of visits were refused."""
    assert run(["ingest", "sandbox", deliver("raw", BROKEN), "--store", "g.duckdb"]) == ExitCode.DONE
    assert "quarantine list" in capsys.readouterr().out
    return "g.duckdb"


def repair(store: str) -> list[dict[str, object]]:
    assert run(["quarantine", "show", "--store", store, "--repair", "mend.jsonl"]) == ExitCode.DONE
    return [json.loads(line) for line in Path("mend.jsonl").read_text().splitlines()]


def mend(store: str) -> None:
    rows = repair(store)
    for row in rows:
        fields, column = row["fields"], str(row["field"])
        assert isinstance(fields, dict)
        if LINE in fields:
            fields[LINE] = fields[LINE].replace(str(BROKEN[2]["minutes"]), MENDED["minutes"])
        else:
            fields[column] = MENDED[column]
    Path("mend.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(
    ("store", "intake"),
    [("graph.duckdb", Path("graph.intake")), ("a/b.duckdb", Path("a/b.intake")), ("bolt://host:7687", SERVER_INTAKE)],
)
def test_what_is_refused_lies_beside_the_store(store: str, intake: Path) -> None:
    assert place_intake(store, None) == intake
    assert place_intake(store, Path("elsewhere")) == Path("elsewhere")


def test_a_source_is_found_by_its_name_by_its_mapping_and_by_the_name_a_mapping_gives_it() -> None:
    mapping = ROOT / "mappings" / "bitcoin_otc.yaml"

    assert find_declared("berka").name == "berka"
    assert find_declared(str(mapping)).name == "bitcoin_otc"
    assert find_declared("bitcoin_otc", [mapping]).name == "bitcoin_otc"
    assert find_declared("berka", [mapping]).name == "berka"
    with pytest.raises(SourceUnknown):
        find_declared("bitcoin_otc")


def test_quarantine_counts_by_source_table_and_code(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quarantine", "list", "--store", loaded]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "bad_date" in told
    assert "2 rows" in told
    assert run(["quarantine", "list", "--store", loaded, "--source", "berka"]) == ExitCode.DONE
    assert "0 rows" in capsys.readouterr().out


def test_a_row_is_shown_with_what_it_says_and_commands_no_terminal(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quarantine", "show", "--store", loaded]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "2023-13-01T00:00:00Z" in told
    assert "[red]ten\\x1b[0m" in told
    assert "\x1b[0m" not in told


def test_show_takes_entries_and_filters(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = repair(loaded)
    capsys.readouterr()
    assert run(["quarantine", "show", str(rows[0]["entry"]), "--store", loaded]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert str(rows[0]["entry"]) in told
    assert str(rows[1]["entry"]) not in told
    assert run(["quarantine", "show", "--code", "no_basis", "--store", loaded]) == ExitCode.DONE
    assert capsys.readouterr().out == ""
    assert run(["quarantine", "show", "0123", "--store", loaded]) == ExitCode.REFUSED


def test_mended_rows_enter_the_graph_once_and_it_is_the_graph_of_sound_files(
    loaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mend(loaded)
    assert run(["quarantine", "replay", "mend.jsonl", "--store", loaded]) == ExitCode.DONE
    assert "2 rows replayed, 2 accepted, 0 stay" in capsys.readouterr().out
    assert run(["ingest", "sandbox", deliver("sound", SOUND), "--store", "sound.duckdb"]) == ExitCode.DONE
    assert hash_of(loaded) == hash_of("sound.duckdb")
    assert run(["quarantine", "replay", "mend.jsonl", "--store", loaded]) == ExitCode.REFUSED
    assert "not in quarantine" in capsys.readouterr().err


def test_rows_as_they_were_stay_where_nothing_came_that_they_lack(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = hash_of(loaded)
    assert run(["quarantine", "replay", "--store", loaded, "--source", "sandbox"]) == ExitCode.DONE
    assert "0 accepted, 2 stay" in capsys.readouterr().out
    assert hash_of(loaded) == before
    assert run(["quarantine", "replay", "--store", loaded, "--code", "no_basis"]) == ExitCode.DONE
    assert "nothing to replay" in capsys.readouterr().out


def test_a_misspelt_column_stops_the_replay_before_anything_is_written(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = repair(loaded)
    rows[0]["fields"] = {"visitt_id": "V2"}
    Path("mend.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    before = hash_of(loaded)
    assert run(["quarantine", "replay", "mend.jsonl", "--store", loaded]) == ExitCode.REFUSED
    assert "visitt_id" in capsys.readouterr().err
    assert hash_of(loaded) == before


def test_sources_tells_of_deliveries_and_writes_the_page(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sources", "--store", loaded, "--html", "quality.html"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "sandbox" in told
    assert "first" in told
    assert "bad_date" in Path("quality.html").read_text(encoding="utf-8")


def test_sources_of_a_graph_that_nothing_was_read_into_is_an_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sources", "--store", "none.duckdb"]) == ExitCode.DONE
    assert "brought" in capsys.readouterr().out
    assert not Path("none.duckdb").exists()


def test_ingest_with_workers_snapshots_and_a_time_of_delivery(capsys: pytest.CaptureFixture[str]) -> None:
    raw = deliver("raw", [{}])
    options = ["--workers", "2", "--snapshots", "snapshots", "--intake", "beside", "--store", "g.duckdb"]
    assert run(["ingest", "sandbox", raw, *options, "--delivered-at", "2023-06-02T00:00:00Z"]) == ExitCode.DONE
    assert Path("snapshots/CURRENT").exists()
    [manifest] = Path("beside/manifests").iterdir()
    assert json.loads(manifest.read_text())["tables"][0]["delivered_at"] == "2023-06-02T00:00:00+00:00"


def test_follow_once_tells_what_became_of_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("inbox").mkdir()
    Path(deliver("inbox/sandbox", [{}]), "holiday.txt").write_text("a note")
    options = ["--once", "--settle", "0", "--store", "g.duckdb", "--snapshots", "snapshots"]
    assert run(["follow", "inbox", *options]) == ExitCode.DONE
    captured = capsys.readouterr()
    assert "visits.csv" in captured.out
    assert "holiday.txt" in captured.err
    assert Path("snapshots/CURRENT").exists()
    assert run(["follow", "nowhere", *options]) == ExitCode.REFUSED


@pytest.mark.slow
def test_follow_ends_cleanly_when_told_to() -> None:
    Path("inbox").mkdir()
    deliver("inbox/sandbox", [{}])
    command = [
        sys.executable,
        "-c",
        "import sys; from api.cli import run; sys.exit(run())",
        "follow",
        str(Path("inbox").resolve()),
        "--settle",
        "0.2",
    ]
    places = ["--store", str(Path("g.duckdb").resolve())]
    with subprocess.Popen(
        [*command, *places], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"COLUMNS": "200"}
    ) as following:
        assert following.stdout is not None
        assert "loaded" in following.stdout.readline()
        following.send_signal(signal.SIGTERM)
        assert following.wait(60) == ExitCode.DONE
