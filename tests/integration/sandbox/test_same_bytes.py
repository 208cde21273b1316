"""The same scale gives the same bytes, in one process or two, and another seed gives others."""

from hashlib import sha256
from pathlib import Path

import pytest

from ingest.sandbox.generate import MANIFEST, RAW, SEALED
from ingest.sandbox.knobs import Scale
from tests.support.sandbox_world import World, write_world

PATHS = 10
SCALE = Scale(1_000, months=8)


def digests(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): sha256(path.read_bytes()).hexdigest() for path in out.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> World:
    return write_world(Path(tmp_path_factory.mktemp("alone")), SCALE, paths=PATHS)


@pytest.mark.slow
def test_two_processes_write_what_one_writes(alone: World, tmp_path: Path) -> None:
    together = write_world(tmp_path, SCALE, workers=2, paths=PATHS)

    one, two = digests(alone.out), digests(together.out)
    assert one == two
    assert {name.split("/")[0] for name in one} == {RAW, SEALED, MANIFEST}
    assert len(one) == 27 + 7 + 1


def test_another_seed_writes_other_files(alone: World, tmp_path: Path) -> None:
    other = write_world(tmp_path, Scale(1_000, months=8, seed=8), paths=PATHS)

    one, two = digests(alone.out), digests(other.out)
    assert one.keys() == two.keys()
    assert not [name for name in one if one[name] == two[name]]
