"""Clones the committed project into an empty folder, runs one README command there and times it, set-up included.

The command gets an environment without the variables of this project, so that only what the README says counts; the
folder with real data is passed on, since the README names it.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.results import Figure
from benchmarks.scale import Scale

PROJECT = Path(__file__).parent.parent
LIMIT_S = 30 * 60
STOP_NEO4J = (".venv/bin/creditgraph", "neo4j", "down", "--home", "demo-data/neo4j")


def demo(scale: Scale) -> list[Figure]:
    """Time of `make demo`; one run, there is no reduced count."""
    del scale
    return [time_command("demo", "demo.minutes", afterwards=STOP_NEO4J)]


def test(scale: Scale) -> list[Figure]:
    """Time of `make test`; one run, there is no reduced count."""
    del scale
    return [time_command("test", "test.minutes")]


def time_command(target: str, key: str, afterwards: tuple[str, ...] = ()) -> Figure:
    """Minutes from an empty folder to the end of `make TARGET`; `afterwards` is run there, untimed, whatever happened.

    Raises:
        RuntimeError: the command failed; the end of its output is in the message.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CREDITGRAPH_", "NEO4J_", "VIRTUAL_ENV", "MAKE"))}
    if "CREDITGRAPH_DATA" in os.environ:
        environment["CREDITGRAPH_DATA"] = os.environ["CREDITGRAPH_DATA"]
    with tempfile.TemporaryDirectory(prefix="creditgraph-clone-") as folder:
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), folder], check=True)
        begun = time.monotonic()
        done = subprocess.run(
            ["make", target], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        minutes = (time.monotonic() - begun) / 60
        if afterwards and (Path(folder) / afterwards[0]).exists():
            subprocess.run(afterwards, cwd=folder, env=environment, check=False)
        if done.returncode:
            raise RuntimeError(f"make {target} failed in a fresh clone:\n{(done.stdout + done.stderr)[-4000:]}")
    return Figure(
        key, minutes, "minutes", counts={"runs": 1}, note="fresh clone and .venv; downloads cached where this machine has them"
    )
