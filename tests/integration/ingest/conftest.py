"""A small delivery that tests of the intake share: an economy of six months, looked at and never changed."""

from pathlib import Path

import pytest

from benchmarks.ingest.economy import prepare_economy
from ingest.sandbox.knobs import Scale


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_economy(tmp_path_factory.mktemp("economy"), Scale(1_000, months=6))
