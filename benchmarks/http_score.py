"""One score over HTTP beside a hello-world route of the same server: what the scoring itself costs.

A real server in a process of its own, a real bundle trained on a simulated economy, one client with one connection that
stays open, one request after another. The hello route exists only in this benchmark's server.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI

from api.app import create_app
from api.cli.demo import train_on_demo, write_and_load
from api.cli.demo_applicants import read_applicants
from api.cli.demo_places import DEMO_PEPPER, SOURCE, DemoPlaces
from api.settings import read_settings
from benchmarks.results import Figure
from benchmarks.scale import Scale
from ingest.sandbox.knobs import SIZES
from ingest.sandbox.knobs import Scale as Economy

ECONOMY = {Scale.FULL: Economy(SIZES["small"]), Scale.REDUCED: Economy(persons=1_000, months=24)}
PATHS = 20  # imagined futures, which sharpen a sealed truth that nothing here reads
REQUESTS = {Scale.FULL: 1000, Scale.REDUCED: 40}
EXPLAIN_EVERY = 10  # one request in so many is asked once more with its explanation, which takes many times as long
WARM_UP = 20  # requests of each kind that are not counted
START_SECONDS = 120.0
STOP_SECONDS = 20.0


def build_app() -> FastAPI:
    """The product's service, as its settings say, with one route more."""
    app = create_app(read_settings())

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    return app


def main(scale: Scale) -> list[Figure]:
    """Median and 99th percentile of a score, of an explained score, and of the hello route."""
    with tempfile.TemporaryDirectory() as folder:
        places = DemoPlaces(Path(folder))
        write_and_load(places, ECONOMY[scale], paths=PATHS)
        train_on_demo(places)
        asked = build_requests(places)
        with run_server(places) as url, httpx.Client(base_url=url, timeout=30.0) as client:
            hello, plain, explained = measure(client, asked, REQUESTS[scale])
    return [
        *_figures("api.score", plain, hello),
        *_figures("api.hello", hello),
        *_figures("api.score_explained", explained, hello),
    ]


def build_requests(places: DemoPlaces) -> list[dict[str, Any]]:
    """One request body for each applicant, as of the lender's decision."""
    return [
        {"borrower": {"source": SOURCE, "id": a.customer}, "as_of": f"{a.decided_at:%Y-%m-%dT%H:%M:%SZ}"}
        for a in read_applicants(places.raw)
    ]


@contextmanager
def run_server(places: DemoPlaces) -> Iterator[str]:
    """Run the server until the block ends; gives its address once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "CREDITGRAPH_API_PEPPER": DEMO_PEPPER.secret,
        "CREDITGRAPH_API_BUNDLE": str(places.bundle),
        "CREDITGRAPH_API_SNAPSHOT_ROOT": str(places.snapshots),
        "CREDITGRAPH_API_ALLOW_RESEARCH": "true",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.http_score:build_app", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log"]
    server = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(server, url)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def measure(client: httpx.Client, asked: list[dict[str, Any]], count: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of `count` hellos, `count` scores and a tenth as many explained scores; the three take turns."""
    everything = {"include": "contributions,reasons,evidence"}
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    hello, plain, explained = times
    for turn in range(WARM_UP + count):
        body = asked[turn % len(asked)]
        kept = turn >= WARM_UP
        hello += [_time(client, "GET", "/hello")][:kept]
        plain += [_time(client, "POST", "/v1/scores", json=body)][:kept]
        if turn % EXPLAIN_EVERY == 0:
            explained += [_time(client, "POST", "/v1/scores", json=body, params=everything)][:kept]
    return times


def _time(client: httpx.Client, method: str, path: str, **more: Any) -> float:
    started = time.perf_counter()
    response = client.request(method, path, **more)
    elapsed = (time.perf_counter() - started) * 1000
    response.raise_for_status()
    return elapsed


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    last = "no answer"
    while time.monotonic() < deadline and server.poll() is None:
        try:
            answer = httpx.get(url + "/readyz", timeout=5.0)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            return
        last = answer.text
        time.sleep(0.5)
    raise RuntimeError(f"the server was not ready within {START_SECONDS:.0f} s: {last}")


def _figures(key: str, milliseconds: list[float], hello: list[float] | None = None) -> list[Figure]:
    def figure(name: str, percentile: float) -> Figure:
        return Figure(
            key=f"{key}.{name}_ms",
            value=float(np.percentile(milliseconds, percentile)),
            unit="ms",
            rival=None if hello is None else float(np.percentile(hello, percentile)),
            rival_name=None if hello is None else "hello-world route of the same server",
            counts={"requests": len(milliseconds)},
            note="one client on the same machine, one open connection, one request after another",
        )

    return [figure("p50", 50), figure("p99", 99)]
