"""The demo's second part: the same graph in a real Neo4j, compared with the embedded store, and looked at.

The server belongs to the demo: its data lie in the demo's folder, and no server named by NEO4J_URI is touched.
"""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from api.cli.console import command, err, out, transfer, working
from api.cli.demo_places import DEMO_PEPPER, SOURCE, DemoPlaces
from api.cli.neo4j import STARTING
from api.errors import DemoStoresDiffer
from graph.errors import ServerNotStarted

if TYPE_CHECKING:
    from graph.browser.queries import QueryAnswer, SavedQuery

ROWS_SHOWN = 3


def show_in_neo4j(places: DemoPlaces, bolt_port: int, http_port: int) -> None:
    """Load the demo into Neo4j, compare both stores, run the saved queries and print the Browser's link.

    Where no server can be started, says why and how to get one.

    Raises:
        DemoStoresDiffer: the two stores do not hold the same graph.
    """
    from graph.neo4j.server import start_server

    try:
        with working(STARTING):
            address = start_server(places.neo4j_home, bolt_port, http_port)
    except ServerNotStarted as exc:
        err.print(f"the part on Neo4j is left out: {escape(str(exc))}", soft_wrap=True)
        return
    load_and_compare(places, address.bolt)
    out.print("\nsaved queries, to paste into Neo4j Browser:")
    show_queries(address.bolt)
    out.print(f"\nopen   {address.browser}", soft_wrap=True)
    out.print(f"stop   {command()} neo4j down --home {places.neo4j_home}", soft_wrap=True)


def load_and_compare(places: DemoPlaces, bolt: str) -> None:
    """Load the same source into the server and hold its hash against the embedded store's.

    Raises:
        DemoStoresDiffer: the hashes differ.
    """
    from graph.canonical import canonical_hash
    from graph.opening import open_store
    from ingest.load import Intake, load_source

    with open_store(bolt, DEMO_PEPPER.fingerprint) as server:
        with transfer(f"loading {SOURCE} into Neo4j") as advance:
            load_source(SOURCE, places.raw, server, DEMO_PEPPER, Intake(places.neo4j_intake), progress=advance)
        with working("comparing both stores"), open_store(str(places.store), DEMO_PEPPER.fingerprint) as file:
            hashes = canonical_hash(server), canonical_hash(file)
    if hashes[0] != hashes[1]:
        raise DemoStoresDiffer(str(places.neo4j_home))
    out.print(f"both stores hold the same graph, canonical hash {hashes[0]}", soft_wrap=True)


def show_queries(bolt: str) -> None:
    """Run every saved query and print its text with the first rows it answers."""
    from graph.browser.queries import read_queries, run_query

    for query in read_queries():
        _print_answer(query, run_query(bolt, query, most_rows=ROWS_SHOWN))


def _print_answer(query: "SavedQuery", answer: "QueryAnswer") -> None:
    out.print(f"\n[bold]{query.name}[/bold]: {query.shows}", soft_wrap=True)
    out.print(escape(query.text), soft_wrap=True)
    table = Table(*answer.columns, caption=f"{min(ROWS_SHOWN, answer.count)} of {answer.count} rows")
    for row in answer.rows:
        table.add_row(*(escape(value) for value in row))
    out.print(table)
