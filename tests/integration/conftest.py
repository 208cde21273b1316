"""The demo, run once for all tests that need a real graph, snapshot and model together."""

from pathlib import Path

import pytest

from api.cli.demo import prepare
from api.cli.demo_places import DemoPlaces


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoPlaces:
    """The made-up data, loaded, published and learnt from; to be read, not changed."""
    places = DemoPlaces(Path(tmp_path_factory.mktemp("demo")))
    prepare(places)
    return places
