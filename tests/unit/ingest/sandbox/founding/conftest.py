"""Societies of three sizes, built once: `small` for invariants, `town` for statistics, `ringless` for what rings bring."""

import pytest

from ingest.sandbox.founding import build_society
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.society import Society


@pytest.fixture(scope="session")
def small() -> Society:
    return build_society(Scale(2_000))


@pytest.fixture(scope="session")
def town() -> Society:
    return build_society(Scale(20_000))


@pytest.fixture(scope="session")
def ringless() -> Society:
    return build_society(Scale(2_000, knobs=Knobs(ring_share=0)))
