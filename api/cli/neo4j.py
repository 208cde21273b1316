"""`creditgraph neo4j up|down`: a real Neo4j on this machine, which keeps its data between runs."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, working
from api.cli.options import PasswordOption, UserOption, read_login
from api.places import SHARED_PREFIX

HOME = Path("~/.local/share/creditgraph/neo4j")
BOLT_PORT, HTTP_PORT = 7687, 7474
STARTING = "starting Neo4j (fetched the first time, about 140 MB)"

neo4j = typer.Typer(help="Start and stop a Neo4j server on this machine.", no_args_is_help=True)
HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar=SHARED_PREFIX + "NEO4J_HOME", help="Folder of the server's data, configuration and log."),
]
BoltPortOption = Annotated[int, typer.Option("--bolt-port", min=1, max=65535, help="Port of the driver.")]
HttpPortOption = Annotated[int, typer.Option("--http-port", min=1, max=65535, help="Port of Neo4j Browser.")]


@neo4j.command(epilog="Example: creditgraph neo4j up")
def up(
    home: HomeOption = HOME,
    bolt_port: BoltPortOption = BOLT_PORT,
    http_port: HttpPortOption = HTTP_PORT,
    uri: Annotated[
        str | None, typer.Option("--uri", envvar="NEO4J_URI", help="A server that runs already: it is only checked.")
    ] = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Start a server in a container, or from its jars with JDK 17+ and Maven; print its addresses."""
    from graph.neo4j.server import start_server

    with working(STARTING):
        address = start_server(home.expanduser(), bolt_port, http_port, uri=uri, auth=read_login(user, password))
    out.print(f"store:   --store {address.bolt}", soft_wrap=True)
    if address.browser:
        out.print(f"browser: {address.browser}", soft_wrap=True)


@neo4j.command(epilog="Example: creditgraph neo4j down")
def down(home: HomeOption = HOME) -> None:
    """Stop the server that `up` started; its data stay."""
    from graph.neo4j.server import stop_server

    stopped = stop_server(home.expanduser())
    out.print("stopped; its data are kept" if stopped else "no server was running", soft_wrap=True)
