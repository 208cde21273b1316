"""`creditgraph sandbox` and its `rerun`: what becomes of sizes, knobs, months and ids, and what is refused."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import ingest.sandbox.generate as generate
from api.cli import run
from api.cli.main import ExitCode
from ingest.sandbox.generate import MANIFEST, RAW, SEALED, SandboxReport, write_sandbox
from ingest.sandbox.knobs import SIZES, Knobs, Scale

SMALL = Scale(persons=1_000, months=6)
PATHS = 20  # imagined futures: enough where nobody reads the truth closely


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def economy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("economy")
    write_sandbox(folder, SMALL, workers=1, paths=PATHS)
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Scale]]:
    """What the command asks to be written; nothing is."""
    seen: list[tuple[Path, Scale]] = []

    def note(out: Path, scale: Scale, **_: Any) -> SandboxReport:
        seen.append((out, scale))
        return SandboxReport({"orders.jsonl": 12_345}, 300, 200, 10, 0, "d1gest")

    monkeypatch.setattr(generate, "write_sandbox", note)
    return seen


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Standard error as one line, without the frame that usage errors are drawn in."""
    return " ".join(capsys.readouterr().err.replace("│", " ").split())


def first_id(economy: Path) -> str:
    return str(pl.read_csv(economy / SEALED / "truth.csv").filter(pl.col("approved") == 1)["applicant"][0])


@pytest.mark.parametrize("size", SIZES)
def test_a_size_is_a_number_of_persons(asked: list[tuple[Path, Scale]], tmp_path: Path, size: str) -> None:
    assert run(["sandbox", "--size", size, "--out", str(tmp_path / "s")]) == ExitCode.DONE
    assert asked == [(tmp_path / "s", Scale(SIZES[size]))]


def test_persons_months_seed_and_knobs_reach_the_economy(asked: list[tuple[Path, Scale]], tmp_path: Path) -> None:
    turned = ["--knob", "contagion=0", "--knob", "thin_share=0.55"]
    scale = ["--persons", "1500", "--months", "9", "--seed", "3"]
    assert run(["sandbox", *scale, *turned, "--out", str(tmp_path)]) == ExitCode.DONE
    assert asked == [(tmp_path, Scale(1_500, 9, 3, Knobs(contagion=0.0, thin_share=0.55)))]


def test_what_was_written_is_told_with_the_command_that_reads_it(
    asked: list[tuple[Path, Scale]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sandbox", "--out", str(tmp_path)]) == ExitCode.DONE
    text = " ".join(capsys.readouterr().out.split())
    assert "12,345" in text
    assert "300 applications, 200 loans granted, 10 defaulted; digest d1gest" in text
    assert f"ingest sandbox {tmp_path / RAW}" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--size", "huge"], "small, medium, large"),
        (["--knob", "luck=1"], "contagion"),
        (["--knob", "contagion"], "NAME=VALUE"),
        (["--knob", "contagion=much"], "NAME=VALUE"),
        (["--knob", "contagion=-1"], "NAME=VALUE"),
        (["--knob", "contagion=9"], "between 0 and 3"),
        (["--knob", "ring_share=0.5"], "between 0 and 0.05"),
        (["--persons", "10"], "1,000"),
        (["--persons", "0"], "1,000"),
        (["--months", "49"], "6 to 48"),
        (["--seed", "-1"], "whole number"),
        (["--workers", "0"], "--workers"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_simulated_is_wrong_usage_and_says_what_can(
    asked: list[tuple[Path, Scale]], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(["sandbox", *arguments, "--out", str(tmp_path / "s")]) == ExitCode.USAGE
    assert told in said(capsys)
    assert asked == []


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run(["sandbox", "--persons", "1000", "--months", "6", "--out", str(tmp_path)]) == ExitCode.REFUSED
    assert "not a sandbox" in said(capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_an_economy_is_written_whole(tmp_path: Path, economy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fewer_paths(out: Path, scale: Scale, **more: Any) -> SandboxReport:
        return write_sandbox(out, scale, **(more | {"paths": PATHS}))

    monkeypatch.setattr(generate, "write_sandbox", fewer_paths)
    arguments = ["--persons", "1000", "--months", "6", "--workers", "1", "--out", str(tmp_path / "again")]
    assert run(["sandbox", *arguments]) == ExitCode.DONE
    for name in (MANIFEST, f"{RAW}/applications.csv", f"{SEALED}/truth.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (economy / name).read_bytes()


def test_a_replay_compares_both_courses_and_writes_the_loans_that_differ(
    economy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "differ.csv"
    arguments = ["rerun", str(economy), "--at", "2022-02", "--fail", first_id(economy), "--to", str(to)]
    assert run(["sandbox", *arguments]) == ExitCode.DONE
    text = " ".join(capsys.readouterr().out.split())
    assert "defaults of persons from 2022-02 on:" in text
    assert "loans whose course differs" in text
    differing = pl.read_csv(to)
    assert {"applicant", "applied_month", "default_before", "default_after"} <= set(differing.columns)
    assert f"of {differing.height}" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--fail or --isolate"),
        (["--fail", "P0000001", "--at", "2021-12"], "2022-01 to 2022-06"),
        (["--fail", "P0000001", "--at", "2022-07"], "2022-01 to 2022-06"),
        (["--fail", "P0000001", "--at", "2022-13"], "YYYY-MM"),
        (["--fail", "P0000001", "--at", "spring"], "YYYY-MM"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_replay_of_nothing_or_of_no_month_is_wrong_usage(
    economy: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(["sandbox", "rerun", str(economy), "--at", "2022-02", *arguments]) == ExitCode.USAGE
    assert told in said(capsys)


@pytest.mark.parametrize("name", ["P9999999", "P1", "P000000x", "P٠٠٠٠٠٠١", "C0000000", "someone"])
def test_an_id_that_names_nobody_is_refused(economy: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["sandbox", "rerun", str(economy), "--at", "2022-02", "--fail", name]) == ExitCode.REFUSED
    text = said(capsys)
    assert f"is called {name}" in text
    assert "sealed/people.csv" in text


def test_a_replay_without_a_sandbox_says_how_to_write_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "rerun", str(tmp_path), "--at", "2022-02", "--fail", "P0000001"]) == ExitCode.REFUSED
    assert "creditgraph sandbox --out" in said(capsys)
