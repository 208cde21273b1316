from pathlib import Path

import pytest

from checks.vocabulary_literals import find_literals, main


def faults_in(tmp_path: Path, code: str) -> list[str]:
    file = tmp_path / "module.py"
    file.write_text(code)
    return [fault.literal for fault in find_literals(file)]


@pytest.mark.parametrize(
    "code",
    [
        'x = "Person"',
        'x = f"MATCH (p:Person) RETURN {1}"',
        'def f(rel="PAID"): ...',
        'x = {"Loan": 1}',
        'q = "()-[r:PAID]->()"',
    ],
)
def test_a_label_or_relation_spelled_out_is_a_fault(tmp_path: Path, code: str) -> None:
    assert len(faults_in(tmp_path, code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        '"""A Person."""',
        "# Person\nx = 1",
        'x = "Personal"',
        'x = "loan"',
        'x = "Person"  # literal: the file format names it so',
    ],
)
def test_docstrings_comments_other_words_and_excused_lines_are_free(tmp_path: Path, code: str) -> None:
    assert faults_in(tmp_path, code) == []


def test_a_folder_without_python_is_an_error_not_a_pass(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2


def test_the_four_packages_are_free_of_them() -> None:
    assert main(["graph", "ingest", "gnn", "api"]) == 0
