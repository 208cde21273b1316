from pathlib import Path

import pytest

from api.cli.main import ExitCode, run
from tests.support.mappings import MAPPING, write_mapping, write_orders


def test_a_draft_is_written_checked_and_not_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_orders(tmp_path)
    draft = tmp_path / "draft.yaml"
    assert run(["source", "new", str(tmp_path / "orders.csv"), "--out", str(draft)]) == ExitCode.DONE
    assert "choices to make" in capsys.readouterr().out
    assert run(["source", "check", str(draft), str(tmp_path)]) == ExitCode.DONE
    assert "still a draft" in capsys.readouterr().err
    store = ["--store", str(tmp_path / "g.duckdb"), "--pepper", "x" * 20]
    assert run(["ingest", str(draft), str(tmp_path), *store]) == ExitCode.REFUSED
    assert "is a draft" in capsys.readouterr().err


def test_a_draft_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_orders(tmp_path)
    assert run(["source", "new", str(tmp_path / "orders.csv")]) == ExitCode.DONE
    assert "draft: true" in capsys.readouterr().out


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_orders(tmp_path)
    mapping = write_mapping(tmp_path)
    assert run(["source", "new", str(tmp_path / "orders.csv"), "--out", str(mapping)]) == ExitCode.REFUSED
    assert "exists already" in capsys.readouterr().err
    assert mapping.read_text() == MAPPING


def test_a_check_tells_rows_and_reasons_and_never_a_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_orders(tmp_path, "1;ada;Kauf;31.12.2024;1;D;", "2;ada;Kauf;31.12.2024;hidden;D;")
    before = sorted(tmp_path.iterdir())
    assert run(["source", "check", str(write_mapping(tmp_path)), str(tmp_path)]) == ExitCode.DONE
    told = capsys.readouterr()
    assert "refused for bad_number: orders.csv row 3 in total" in told.err
    assert "Person BOUGHT_FROM Company" in told.out
    assert "hidden" not in told.out + told.err
    assert {*tmp_path.iterdir()} - {*before} == {tmp_path / "shop.yaml"}


def test_a_fault_of_the_mapping_is_one_sentence_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = write_mapping(tmp_path, ("type: money", "type: cash"))
    assert run(["source", "check", str(mapping), str(tmp_path)]) == ExitCode.REFUSED
    assert "line 17, tables[0].columns[4].type: 'cash' is not known" in capsys.readouterr().err
