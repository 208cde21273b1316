"""Finds the server of this machine that a store's address means, by what its configuration says."""

from pathlib import Path
from urllib.parse import urlparse

from graph.neo4j.server import LocalServer

LOOPBACK = ("127.0.0.1", "localhost")


def find_server(home: Path, url: str) -> LocalServer | None:
    """The server that keeps its data in `home`, if it is the one at `url`; None where another machine or folder is meant."""
    address, conf = urlparse(url), home / "conf" / "neo4j.conf"
    if address.hostname not in LOOPBACK or not conf.is_file():
        return None
    settings = dict(line.split("=", 1) for line in conf.read_text().splitlines() if "=" in line)
    bolt, http = (int(settings.get(f"server.{name}.listen_address", ":0").rpartition(":")[2]) for name in ("bolt", "http"))
    return LocalServer(home, bolt_port=bolt, http_port=http) if bolt == address.port else None
