"""Starts and stops a real Neo4j server that keeps its data between runs.

Decides which server it is: one that is named, else a container, else one assembled from its jars. Stores nothing
in it; a server is stopped by the process or container id written at its start, and by nothing else.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from graph.errors import ServerNotStarted
from graph.neo4j.assembly import NEO4J_VERSION, Memory, default_cache, ensure_jars, java_command, write_configuration
from graph.neo4j.staging import settle_staging

BOLT_PORT = 7687
HTTP_PORT = 7474
START_SECONDS = 180.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.25
LOOKS, LOOK_SECONDS = 10, 0.02
"""How often, and how long apart, a process without arguments is looked at before it counts as ended."""
ENGINES = ("docker", "podman")
IMAGE = f"neo4j:{NEO4J_VERSION}-community"
_PID, _STOPPING, _CONTAINER, _LOG = "server.pid", "server.stopping", "server.cid", "server.log"


@dataclass(frozen=True)
class ServerAddress:
    """Where a server answers; `browser` is None for a named server, whose HTTP address is not known."""

    bolt: str
    browser: str | None = None


@dataclass(frozen=True)
class LocalServer:
    """A server of this machine that is started and stopped by its folder: what importing and compacting work on."""

    home: Path
    bolt_port: int = BOLT_PORT
    http_port: int = HTTP_PORT
    memory: Memory | None = None

    def start(self) -> ServerAddress:
        """See `start_server`."""
        return start_server(self.home, self.bolt_port, self.http_port, memory=self.memory)

    def stop(self) -> bool:
        """See `stop_server`."""
        return stop_server(self.home)


def start_server(
    home: Path,
    bolt_port: int = BOLT_PORT,
    http_port: int = HTTP_PORT,
    *,
    uri: str | None = None,
    auth: tuple[str, str] | None = None,
    memory: Memory | None = None,
) -> ServerAddress:
    """Return a server that answers, starting one where need be; a second call finds the first one's.

    Args:
        home: Folder of data, configuration, log and process id; made where it is not there.
        bolt_port: Port of the driver, bound to 127.0.0.1.
        http_port: Port of Neo4j Browser, bound to 127.0.0.1.
        uri: A server that runs already; nothing is started then.
        auth: User and password of that server.
        memory: Heap and page cache of a server started here.

    Raises:
        ServerNotStarted: with the cause, and the log or the remedy.
        StoreInUse: another process imports into this folder, or compacts it.
    """
    if uri is not None:
        if not _answers(uri, auth):
            raise ServerNotStarted(f"nothing answers at {uri}, which NEO4J_URI names", "start that server or unset NEO4J_URI")
        return ServerAddress(uri)
    address = ServerAddress(f"bolt://127.0.0.1:{bolt_port}", _browser(bolt_port, http_port))
    home = home.resolve()
    if (home / _STOPPING).exists():  # whoever stopped it did not live to see its end
        stop_server(home)
    if _running_pid(home) is None and not (home / _CONTAINER).exists():
        settle_staging(home, stop_server)
        if _answers(address.bolt, None):
            raise ServerNotStarted(f"port {bolt_port} belongs to a server of another folder", "stop it or choose other ports")
        home.mkdir(parents=True, exist_ok=True)
        engine = _engine()
        if engine is not None:
            _start_container(engine, home, bolt_port, http_port, memory or Memory())
        else:
            _start_process(home, bolt_port, http_port, memory or Memory())
    _wait_until_it_answers(home, address)
    return address


def stop_server(home: Path) -> bool:
    """Stop the server of this folder, keeping its data; False when none was running.

    Raises:
        ServerNotStarted: it did not end within a minute.
    """
    home = home.resolve()
    container = home / _CONTAINER
    if container.exists():
        engine, name = container.read_text().split()
        subprocess.run([engine, "rm", "--force", name], check=False, capture_output=True)
        container.unlink()
        return True
    pid = _running_pid(home)
    if pid is None:
        (home / _STOPPING).unlink(missing_ok=True)
        return False
    (home / _STOPPING).touch()
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _running_pid(home) is not None:
        if time.monotonic() > deadline:
            raise ServerNotStarted(f"the server with process id {pid} does not end", f"see {home / _LOG}")
        time.sleep(POLL_SECONDS)
    (home / _PID).unlink(missing_ok=True)
    (home / _STOPPING).unlink(missing_ok=True)
    return True


def _browser(bolt_port: int, http_port: int) -> str:
    return f"http://127.0.0.1:{http_port}/browser/?dbms=bolt://127.0.0.1:{bolt_port}&preselectAuthMethod=NO_AUTH"


def _engine() -> str | None:
    """A container engine that really answers; having the command says little."""
    for engine in ENGINES:
        if shutil.which(engine) and subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0:
            return engine
    return None


def _start_container(engine: str, home: Path, bolt_port: int, http_port: int, memory: Memory) -> None:
    data = home / "data"
    data.mkdir(exist_ok=True)
    command = [
        *(engine, "run", "--detach", "--env", "NEO4J_AUTH=none", "--volume", f"{data}:/data"),
        *("--env", f"NEO4J_server_memory_heap_max__size={memory.heap}"),
        *("--env", f"NEO4J_server_memory_pagecache_size={memory.page_cache}"),
        *("--publish", f"127.0.0.1:{bolt_port}:7687", "--publish", f"127.0.0.1:{http_port}:7474", IMAGE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerNotStarted(f"{engine} could not run {IMAGE}", done.stderr.strip().splitlines()[-1])
    (home / _CONTAINER).write_text(f"{engine} {done.stdout.strip()}")


def _start_process(home: Path, bolt_port: int, http_port: int, memory: Memory) -> None:
    jars = ensure_jars(default_cache())
    write_configuration(home, bolt_port=bolt_port, http_port=http_port, memory=memory)
    # Through a shell, so that the server is nobody's child and outlives this process without a word.
    detach = ["sh", "-c", '"$@" </dev/null >"$0" 2>&1 & echo $!', str(home / _LOG), *java_command(jars, home, memory)]
    started = subprocess.run(detach, capture_output=True, text=True, check=True, start_new_session=True)
    (home / _PID).write_text(started.stdout.strip())


def _wait_until_it_answers(home: Path, address: ServerAddress) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (_answers(address.bolt, None) and _serves_browser(address)):  # HTTP comes up last
        if not (home / _CONTAINER).exists() and _running_pid(home) is None:
            raise ServerNotStarted("the server ended while it was starting", f"see {home / _LOG}")
        if time.monotonic() > deadline:
            raise ServerNotStarted(f"it does not answer at {address.bolt} after {START_SECONDS:.0f} s", f"see {home / _LOG}")
        time.sleep(POLL_SECONDS)


def _answers(uri: str, auth: tuple[str, str] | None) -> bool:
    try:
        with neo4j.GraphDatabase.driver(uri, auth=auth, connection_timeout=5.0) as driver:
            driver.verify_connectivity()
    except (DriverError, Neo4jError):
        return False
    return True


def _serves_browser(address: ServerAddress) -> bool:
    assert address.browser is not None, "a server started here has one"
    try:
        with urlopen(address.browser, timeout=5.0) as page:
            return bool(page.status == HTTPStatus.OK)
    except OSError:
        return False


def _running_pid(home: Path) -> int | None:
    """Process id of this folder's server while it runs; a process that merely got the same id is not it."""
    try:
        pid = int((home / _PID).read_text())
        arguments = _read_arguments(pid)
    except (OSError, ValueError):
        return None
    return pid if os.fsencode(home) in arguments else None


def _read_arguments(pid: int) -> list[bytes]:
    """Arguments of a process. While the kernel puts the program in place they read as empty, for a moment."""
    for _ in range(LOOKS):
        if raw := Path(f"/proc/{pid}/cmdline").read_bytes():
            return raw.split(b"\0")
        time.sleep(LOOK_SECONDS)
    return []
