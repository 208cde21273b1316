"""`creditgraph demo`: the main job from source files to a printed score, on a simulated economy.

Runs on the embedded store; where a Neo4j can be started it loads the same there and compares. Knows the order of the
steps and nothing of how they are done.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, progress, transfer, working
from api.cli.demo_neo4j import show_in_neo4j
from api.cli.demo_places import DEMO_PEPPER, DEMO_SEED, DEMO_TASK, SOURCE, DemoPlaces
from api.cli.ingest import print_report
from api.cli.measures import print_measures, print_not_in_time
from api.cli.neo4j import BOLT_PORT, HTTP_PORT, BoltPortOption, HttpPortOption

if TYPE_CHECKING:
    from ingest.sandbox.knobs import Scale

FOLDER = Path("demo-data")


def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo keeps its data.")] = FOLDER,
    no_neo4j: Annotated[bool, typer.Option("--no-neo4j", help="Leave out the part on Neo4j.")] = False,
    bolt_port: BoltPortOption = BOLT_PORT,
    http_port: HttpPortOption = HTTP_PORT,
) -> None:
    """Run the main job on a simulated economy: write its files, load, publish, train, score; then the same graph in Neo4j."""
    from api.cli.demo_scores import tell_scores
    from ingest.sandbox.knobs import SIZES, Scale

    places = DemoPlaces(folder)
    write_and_load(places, Scale(SIZES["small"]))
    train_on_demo(places)
    tell_scores(places)
    if not no_neo4j:
        show_in_neo4j(places, bolt_port, http_port)


def write_and_load(places: DemoPlaces, scale: "Scale", *, paths: int | None = None) -> None:
    """Write an economy's files, load them into the embedded store and publish a snapshot.

    Args:
        places: Where to.
        scale: Which economy.
        paths: Imagined futures for each application, which sharpen the sealed truth alone; as many as usual when None.
    """
    from graph.opening import open_store
    from graph.snapshot import publish_snapshot
    from ingest.load import Intake, load_source
    from ingest.sandbox.generate import write_sandbox

    with progress(f"simulating {scale.persons:,} persons for {scale.months} months") as advance:
        written = write_sandbox(places.sandbox, scale, paths=paths, progress=advance)
    out.print(
        f"an economy of {scale.persons:,} persons: {written.applications:,} applications, {written.granted:,} loans granted, "
        f"{written.defaulted:,} defaulted"
    )
    places.store.unlink(missing_ok=True)  # the demo shows a first load
    shutil.rmtree(places.intake, ignore_errors=True)
    with open_store(str(places.store), DEMO_PEPPER.fingerprint) as store:
        with transfer(f"loading {SOURCE}") as advance:
            report = load_source(SOURCE, places.raw, store, DEMO_PEPPER, Intake(places.intake), progress=advance)
        print_report(report)
        with working("publishing a snapshot"):
            publish_snapshot(store, places.snapshots, rebuild=True)


def train_on_demo(places: DemoPlaces) -> None:
    """Train on the published snapshot and write the bundle."""
    from gnn.tasks import TASKS
    from gnn.training import NOT_IN_TIME, train_bundle
    from graph.snapshot import Snapshot

    with progress("training") as advance:
        snapshot = Snapshot.open(places.snapshots)
        report = train_bundle(snapshot, TASKS[DEMO_TASK], seed=DEMO_SEED, out=places.bundle, progress=advance)
    print_measures(report.metrics, report.examples)
    if not report.in_time:
        print_not_in_time(NOT_IN_TIME)
