import pytest

from benchmarks.sandbox.truth import SOURCE, Truth, join_truth, read_sealed
from benchmarks.sandbox.worlds import PEPPER, World, Worlds, write_worlds
from gnn.dataset import Dataset, build_dataset
from gnn.tasks import TASKS
from tests.support.sandbox_economy import HandMade, hand_made, write_sealed


@pytest.fixture(scope="session")
def economy() -> HandMade:
    return hand_made()


@pytest.fixture(scope="session")
def worlds(economy: HandMade, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    made = Worlds(tmp_path_factory.mktemp("worlds"))
    write_sealed(made.economy, economy)
    write_worlds(made, economy.batches)
    return made


@pytest.fixture(scope="session")
def data(worlds: Worlds) -> Dataset:
    return build_dataset(worlds.open(World.PLAIN), TASKS[SOURCE])


@pytest.fixture(scope="session")
def truth(worlds: Worlds, data: Dataset) -> Truth:
    return join_truth(read_sealed(worlds.economy), data.snapshot, data.examples, PEPPER)
