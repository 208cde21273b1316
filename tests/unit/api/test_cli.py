"""The command line: help with examples, exit codes, one sentence an error, and nothing heavy loaded for help."""

import subprocess
import sys
from pathlib import Path

import pytest

import graph.opening
from api.cli import run
from api.cli.main import COMMANDS, MEANINGS, ExitCode
from graph.errors import StoreUnavailable
from graph.identity import Pepper

SECRET = "a pepper for tests alone"
HEAVY = ("torch", "torch_geometric", "lightgbm", "fastapi", "duckdb", "neo4j", "uvicorn", "mlflow", "optuna", "cryptography")
NESTED = (
    "keys new",
    "neo4j up",
    "neo4j down",
    "quarantine list",
    "quarantine show",
    "quarantine replay",
    "sandbox",
    "sandbox rerun",
)
EVERY_COMMAND = [*([c.__name__] for c in COMMANDS), *(nested.split() for nested in NESTED)]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PEPPER", "STORE", "SNAPSHOT_ROOT", "BUNDLE", "MODELS", "SIGNING_KEY", "TRUSTED_KEYS"):
        monkeypatch.delenv(f"CREDITGRAPH_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_help_loads_neither_torch_nor_a_web_framework_nor_a_database() -> None:
    script = (
        "import sys; from api.cli import run; code = run(['--help']);"
        f"print('LOADED', [name for name in {HEAVY} if name in sys.modules], code)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    assert "LOADED [] 0" in done.stdout


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_every_command_has_help_with_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--help"]) == ExitCode.DONE
    text = " ".join(capsys.readouterr().out.split())
    assert f"Example: creditgraph {' '.join(command)}" in text


def test_help_documents_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"{code.value} {meaning}" in text


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["score"], ["ingest", "superlender"], ["score", "s", "1", "--as-of", "2017"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert run(arguments) == ExitCode.USAGE


@pytest.mark.parametrize(
    "arguments", [["ingest", "superlender", "."], ["snapshot"], ["train", "superlender"], ["score", "s", "1"], ["serve"],
     ["follow", "."], ["quarantine", "replay"]],
    ids=lambda a: a[0],
)  # fmt: skip
def test_a_missing_pepper_is_one_sentence_that_names_the_variable(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == ExitCode.REFUSED
    text = said(capsys)
    assert text.startswith("error: no pepper is set: put the secret")
    assert "CREDITGRAPH_PEPPER" in text
    assert "Traceback" not in text


def test_a_short_pepper_is_refused_without_being_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot", "--pepper", "sesame"]) == ExitCode.REFUSED
    text = said(capsys)
    assert "at least 16 characters" in text
    assert "sesame" not in text


def test_the_pepper_is_not_shown_in_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CREDITGRAPH_PEPPER", SECRET)
    for command in EVERY_COMMAND:
        run([*command, "--help"])
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err


def test_an_unknown_source_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "experian", ".", "--pepper", SECRET, "--store", "graph.duckdb"]) == ExitCode.REFUSED
    assert "berka, sandbox, superlender" in said(capsys)


def test_a_store_that_cannot_be_reached_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(url: str, *_: object, **__: object) -> None:
        raise StoreUnavailable(url, "no answer")

    monkeypatch.setattr(graph.opening, "open_store", refuse)
    assert run(["snapshot", "--pepper", SECRET, "--store", "bolt://127.0.0.1:1"]) == ExitCode.TRY_AGAIN
    text = said(capsys)
    assert "creditgraph neo4j up" in text
    assert "Traceback" not in text


def test_a_folder_that_is_not_there_leaves_no_store_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "superlender", "nowhere", "--pepper", SECRET]) == ExitCode.REFUSED
    assert "nowhere" in said(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_not_there_is_not_published_as_an_empty_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot", "--pepper", SECRET, "--store", "mistyped.duckdb"]) == ExitCode.REFUSED
    assert "creditgraph ingest" in said(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_facts_is_not_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph.opening.open_store("empty.duckdb", Pepper(SECRET).fingerprint).close()
    assert run(["snapshot", "--pepper", SECRET, "--store", "empty.duckdb"]) == ExitCode.REFUSED
    assert "holds no facts" in said(capsys)
    assert not (tmp_path / "snapshots").exists()


def test_a_time_in_the_future_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "superlender", "1", "--as-of", "2999-01-01T00:00:00Z", "--pepper", SECRET]) == ExitCode.USAGE
    assert "future" in said(capsys)


@pytest.mark.parametrize("choice", [["--protocol", "guess"], ["--protocol", "oot", "--task", "guess"]])
def test_an_unknown_protocol_or_task_is_wrong_usage(choice: list[str]) -> None:
    assert run(["evaluate", *choice]) == ExitCode.USAGE


def test_a_protocol_that_would_leave_nothing_to_learn_from_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--protocol", "oot-purged", "--task", "superlender"]) == ExitCode.USAGE
    assert "told all at once" in said(capsys)


def test_folds_of_loans_whose_windows_overlap_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--protocol", "cv", "--task", "sandbox"]) == ExitCode.USAGE
    assert "overlap" in said(capsys)


def test_a_port_that_cannot_be_is_wrong_usage() -> None:
    assert run(["serve", "--port", "70000", "--pepper", SECRET]) == ExitCode.USAGE


@pytest.mark.parametrize("command", [["promote", "1"], ["relevel"], ["rollback"], ["retrain"]], ids=lambda c: c[0])
def test_nothing_is_signed_without_a_key(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == ExitCode.REFUSED
    text = said(capsys)
    assert "CREDITGRAPH_SIGNING_KEY" in text
    assert "creditgraph keys new" in text


@pytest.mark.parametrize("command", [["models"], ["compare"], ["card", "1"]], ids=lambda c: c[0])
def test_no_signature_counts_without_a_public_key(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == ExitCode.REFUSED
    assert "CREDITGRAPH_TRUSTED_KEYS" in said(capsys)


@pytest.mark.parametrize("choice", [["guess"], ["superlender", "--model", "guess"], ["superlender", "--trials", "0"]])
def test_tuning_of_what_there_is_not_is_wrong_usage(choice: list[str]) -> None:
    assert run(["tune", *choice]) == ExitCode.USAGE


def test_scoring_without_a_model_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "superlender", "customer-17", "--pepper", SECRET]) == ExitCode.REFUSED
    text = said(capsys)
    assert "creditgraph train" in text
    assert "customer-17" not in text


def test_training_without_a_snapshot_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "superlender", "--pepper", SECRET]) == ExitCode.REFUSED
    assert "creditgraph snapshot" in said(capsys)


def test_debug_adds_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--debug", "snapshot"]) == ExitCode.REFUSED
    assert "Traceback" in said(capsys)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert run(["demo", "--no-neo4j", "--folder", str(tmp_path / "file" / "demo")]) == ExitCode.REFUSED
    text = said(capsys)
    assert "Not a directory" in text
    assert "Traceback" not in text
