"""Economies that tests of the sandbox share, each made once for a whole run; they are looked at, never changed."""

from pathlib import Path

import pytest

from ingest.sandbox.knobs import Knobs, Scale
from tests.support.sandbox_world import Course, World, live_course, write_world

SMALL = Scale(2_000)
CROOKED = Scale(1_000, months=8, knobs=Knobs(ring_share=0.04))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small sandbox of the default knobs on disk; its true probabilities are of few futures."""
    return write_world(Path(tmp_path_factory.mktemp("world")), SMALL, paths=60)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same economy as events."""
    return live_course(SMALL, Path(tmp_path_factory.mktemp("course")))


@pytest.fixture(scope="session")
def crooked(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A short sandbox with many rings and plans."""
    return write_world(Path(tmp_path_factory.mktemp("crooked")), CROOKED, paths=10)
