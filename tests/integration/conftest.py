"""The demo, run once for all tests that need a real graph, snapshot and model together."""

from pathlib import Path

import pytest

from api.cli.demo import train_on_demo, write_and_load
from api.cli.demo_places import DemoPlaces
from ingest.sandbox.knobs import Scale

SMALLEST = Scale(persons=1_000, months=24)
"""The smallest economy with loans enough, watched for twelve months, to learn from."""
PATHS = 20  # imagined futures: they sharpen the sealed truth alone, which no test here reads closely


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoPlaces:
    """A small economy, loaded, published and learnt from; to be read, not changed."""
    places = DemoPlaces(Path(tmp_path_factory.mktemp("demo")))
    write_and_load(places, SMALLEST, paths=PATHS)
    train_on_demo(places)
    return places
