"""Assembles a Neo4j server from Maven Central where there is no container engine: checks the tools, copies the jars.

Knows versions, coordinates and the command that starts the server. Starts nothing.
"""

import fcntl
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from graph.errors import ServerNotStarted

NEO4J_VERSION = "5.26.30"
"""The long-term support release that everything is tested with; compose file and jars take it from here."""
BROWSER_VERSION = "5.24.0"
MINIMUM_JAVA = 17
SOURCES = Path(__file__).parent / "jars"
INSTALL_REMEDY = (
    "install JDK 17 or later and Maven (`apt-get install openjdk-17-jdk-headless maven`), start a container engine, "
    "or name a running server by NEO4J_URI"
)
# The storage layer reaches into these to advise the kernel on its files; without them it only warns.
_OPENED = ("java.base/java.nio=ALL-UNNAMED", "java.base/java.io=ALL-UNNAMED", "java.base/sun.nio.ch=ALL-UNNAMED")


@dataclass(frozen=True)
class Memory:
    """What the server may use, in Java's notation.

    A write holds its facts in the heap until it commits. Of the sandbox of 2,000 persons, 430,000 facts, 2500m are too
    little and 4g leave room to spare; that is about 150,000 facts a gigabyte.
    """

    heap: str = "4g"
    page_cache: str = "256m"


def default_cache() -> Path:
    """Where the jars are kept between starts, about 140 MB."""
    return Path.home() / ".cache" / "creditgraph" / f"neo4j-{NEO4J_VERSION}"


def check_tools() -> None:
    """Refuse to go on without Java and Maven.

    Raises:
        ServerNotStarted: naming what is missing and how to get it.
    """
    for tool in ("java", "javac", "mvn"):
        if shutil.which(tool) is None:
            raise ServerNotStarted(f"there is no {tool} and no container engine answers", INSTALL_REMEDY)
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < MINIMUM_JAVA:
        raise ServerNotStarted(f"Java {version[1] if version else 'of unknown version'} is too old", INSTALL_REMEDY)


def ensure_jars(cache: Path) -> Path:
    """Folder with the server's jars, copied from Maven Central the first time.

    Raises:
        ServerNotStarted: a tool is missing, or Maven could not get the jars.
    """
    jars = cache / "lib"
    if jars.is_dir():
        return jars
    check_tools()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes may want their first server at once
        return jars if jars.is_dir() else _copy_jars(cache, jars)


def _copy_jars(cache: Path, jars: Path) -> Path:
    partial = cache / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    log = cache / "maven.log"
    command = [
        *("mvn", "--batch-mode", "--file", str(SOURCES / "pom.xml"), "dependency:copy-dependencies"),
        *(f"-Dneo4j.version={NEO4J_VERSION}", f"-Dbrowser.version={BROWSER_VERSION}"),
        *("-DincludeScope=runtime", f"-DoutputDirectory={partial}"),
    ]
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise ServerNotStarted(f"Maven could not get the jars of Neo4j {NEO4J_VERSION}", f"see {log}")
    partial.rename(jars)  # complete or not there at all
    return jars


def java_command(jars: Path, home: Path, memory: Memory) -> list[str]:
    """Command that runs the server in the foreground on a prepared home."""
    opened = [f"--add-opens={module}" for module in _OPENED]
    return ["java", f"-Xmx{memory.heap}", *opened, "-cp", f"{jars}/*", str(SOURCES / "Server.java"), str(home)]


def write_configuration(home: Path, *, bolt_port: int, http_port: int, memory: Memory) -> None:
    """Write HOME/conf/neo4j.conf: reachable from this machine alone, and so without a password."""
    folder = home / "conf"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"127.0.0.1:{bolt_port}",
        "server.bolt.advertised_address": f"127.0.0.1:{bolt_port}",
        "server.http.enabled": "true",
        "server.http.listen_address": f"127.0.0.1:{http_port}",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": memory.page_cache,
        "dbms.security.auth_enabled": "false",
        "dbms.usage_report.enabled": "false",
        "db.tx_log.rotation.retention_policy": "1 files",
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",  # else every stop waits 5 s for nobody
    }
    (folder / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
