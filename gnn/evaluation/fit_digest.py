"""What decides a fit, as a name: data, positions, seed, declared versions, the code itself and the libraries beneath it.

Kept predictions bear this name, so that a change of any of these fits anew and a stale file is never read. It fits nothing
and reads no fact.
"""

from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

from gnn.evaluation.protocols import Part
from gnn.features.plan import PLAN_FORMAT
from gnn.features.standardise import STANDARDISER_VERSION
from gnn.models.calibrate import CALIBRATOR_VERSION

CODE = (
    *("gnn/models/*.py", "gnn/network/*.py", "gnn/features/*.py", "gnn/tasks/*.py"),
    *(
        "gnn/cohorts.py",
        "gnn/dataset.py",
        "gnn/errors.py",
        "gnn/examples.py",
        "gnn/milestones.py",
        "gnn/outcomes.py",
        "gnn/scores.py",
    ),
    *("gnn/evaluation/contenders.py", "gnn/evaluation/protocol_run.py", "gnn/evaluation/protocols.py"),
    "graph/**/*.py",
)
"""Files, by pattern, whose code turns facts into predictions; a test follows the imports of every contender."""
LIBRARIES = ("lightgbm", "torch", "torch-geometric", "numpy", "scikit-learn", "scipy")
_PROJECT = Path(__file__).parents[2]


def digest_part(data_digest: bytes, part: Part) -> bytes:
    """Digest of the data, of the positions of a part in it, and of the seed its models draw from."""
    state = sha256(data_digest)
    state.update(f"{part.seed}\n".encode())
    for name, said in asdict(part.split).items():
        state.update(f"{name} {np.size(said)}\n".encode() + np.asarray(said).tobytes())
    return state.digest()


def name_fit(part_digest: bytes, contender: str, settings_version: int) -> str:
    """Hexadecimal name of a contender's fit on a part; see `digest_part`."""
    versions = (settings_version, STANDARDISER_VERSION, CALIBRATOR_VERSION, PLAN_FORMAT)
    state = sha256(part_digest)
    state.update(f"{contender} {versions} {code_digest(CODE)} {library_versions()}\n".encode())
    return state.hexdigest()


@cache
def library_versions() -> str:
    """Names and versions of the libraries that a fit rests on."""
    return " ".join(f"{name}={version(name)}" for name in LIBRARIES)


def code_digest(patterns: Iterable[str]) -> str:
    """Hexadecimal SHA-256 of the project's files whose paths fit any of the patterns."""
    state = sha256()
    for path in sorted({path for pattern in patterns for path in _PROJECT.glob(pattern)}):
        state.update(f"{path.relative_to(_PROJECT)}\n".encode() + path.read_bytes())
    return state.hexdigest()
