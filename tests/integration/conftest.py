"""What many tests need whole: the demo, run once, and a loan book with a model that young loans taught."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.demo import train_on_demo, write_and_load
from api.cli.demo_places import DemoPlaces
from gnn.evaluation import protocols
from gnn.models import narrowing
from gnn.network.settings import TowerSettings, TrainingSettings
from gnn.registry.enrol import Enrolled, enrol_training
from gnn.serving.signing import SigningKey, read_signing_key, write_new_key
from gnn.tasks import TASKS
from gnn.training import ModelSettings, Recipe
from graph.snapshot import Snapshot, write_base
from ingest.sandbox.knobs import Scale
from tests.support.lending import PEPPER
from tests.support.young_book import young_book_batches

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


LEAST_LESSONS, MOST_PATHS = 200, 6
QUICK_TOWER = TowerSettings(width=16, epochs=3, peak_rate=5e-3, least_lessons=LEAST_LESSONS)


@dataclass(frozen=True)
class YoungBook:
    """A loan book many of whose loans are young when the test begins, learnt from and registered; nothing promoted."""

    folder: Path
    enrolled: Enrolled

    @property
    def models(self) -> Path:
        """Folder of models."""
        return self.folder / "models"

    @property
    def snapshots(self) -> Path:
        """Folder of snapshots."""
        return self.folder / "snapshots"

    @property
    def key(self) -> SigningKey:
        """What signed them."""
        return read_signing_key(self.folder / "signing.key")


@pytest.fixture(scope="session")
def young_book(tmp_path_factory: pytest.TempPathFactory) -> YoungBook:
    """To be read, not changed: copy the folder where a test promotes."""
    folder: Path = tmp_path_factory.mktemp("young")
    write_new_key(folder / "signing.key")
    write_base(young_book_batches(), folder / "snapshots", seq=1, pepper_fingerprint=PEPPER.fingerprint)
    recipe = Recipe(3, ModelSettings(network=TrainingSettings(tower=QUICK_TOWER)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(narrowing, "LEAST_LESSONS", LEAST_LESSONS)
        patched.setattr(protocols, "MANY_LESSONS", LEAST_LESSONS)
        patched.setattr(narrowing, "MOST_PATHS", MOST_PATHS)
        enrolled = enrol_training(
            folder / "models",
            Snapshot.open(folder / "snapshots"),
            TASKS["sandbox"],
            recipe,
            read_signing_key(folder / "signing.key"),
        )
    return YoungBook(folder, enrolled)
