"""Whatever decides a fit is in its name: positions, seed, versions, code and libraries."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gnn.evaluation.fit_digest
from gnn.dataset import Split
from gnn.evaluation.fit_digest import CODE, LIBRARIES, code_digest, digest_part, library_versions, name_fit
from gnn.evaluation.protocols import Part

PROJECT = Path(gnn.evaluation.fit_digest.__file__).parents[2]
PART = Part(0, 0, 0, Split(np.arange(3), np.arange(3, 4), np.arange(4, 5), np.arange(5, 9)))


def _file_of(module: str) -> Path | None:
    place = PROJECT.joinpath(*module.split("."))
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return path if path.exists() else None


def _reached(module: str, found: set[Path]) -> set[Path]:
    path = _file_of(module)
    if path is None or path in found:
        return found
    found.add(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            _reached(name, found)
    return found


def test_all_code_that_a_contender_runs_decides_its_fit() -> None:
    named = {path for pattern in CODE for path in PROJECT.glob(pattern)}
    assert _reached("gnn.evaluation.contenders", set()) - named - {PROJECT / "gnn/evaluation/fit_digest.py"} == set()


def test_positions_and_seed_decide() -> None:
    moved = replace(PART.split, fit=PART.split.fit[:2], stop=np.arange(2, 4))  # the same bytes in a row, cut elsewhere
    young, later = replace(PART.split, young=np.arange(2)), replace(PART.split, taught_to_s=9)
    parts = [PART, replace(PART, seed=1), *(replace(PART, split=split) for split in (moved, young, later))]
    assert len({digest_part(b"data", part) for part in parts} | {digest_part(b"other", PART)}) == 6


def test_contender_settings_code_and_libraries_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name_fit(b"part", "gnn", 1), name_fit(b"part", "gnn", 2), name_fit(b"part", "average", 1)}
    with monkeypatch.context() as changed:
        changed.setattr(gnn.evaluation.fit_digest, "code_digest", lambda _: "other code")
        names.add(name_fit(b"part", "gnn", 1))
    monkeypatch.setattr(gnn.evaluation.fit_digest, "library_versions", lambda: "torch=0")
    names.add(name_fit(b"part", "gnn", 1))
    assert len(names) == 5


def test_a_changed_byte_of_code_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gnn.evaluation.fit_digest, "_PROJECT", tmp_path)
    code = tmp_path / "one.py"
    code.write_text("A = 1\n")
    first = code_digest(["*.py"])
    code.write_text("A = 2\n")
    assert code_digest(["*.py"]) != first


def test_libraries_are_named_with_their_versions() -> None:
    assert [one.partition("=")[0] for one in library_versions().split()] == list(LIBRARIES)
