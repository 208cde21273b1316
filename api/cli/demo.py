"""`creditgraph demo`: the main job from source files to a printed score, on made-up data.

Runs on the embedded store; where a Neo4j can be started it loads the same there and compares. Knows the order of the
steps and nothing of how they are done.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import command, out, progress, working
from api.cli.demo_applicants import SOURCE, read_applicants
from api.cli.demo_neo4j import show_in_neo4j
from api.cli.demo_places import DEMO_PEPPER, DEMO_SEED, DEMO_SOURCES, DEMO_TASK, DemoPlaces
from api.cli.ingest import print_report
from api.cli.measures import print_measures
from api.cli.neo4j import BOLT_PORT, HTTP_PORT, BoltPortOption, HttpPortOption
from api.cli.story import print_score
from graph.vocabulary import NodeLabel

MOST_EVIDENCE = 10  # facts printed; the service gives them all
LATEST_SHARE = 0.3  # share of the latest loans from which the applicant of the demo is taken
FOLDER = Path("demo-data")


def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo keeps its data.")] = FOLDER,
    no_neo4j: Annotated[bool, typer.Option("--no-neo4j", help="Leave out the part on Neo4j.")] = False,
    bolt_port: BoltPortOption = BOLT_PORT,
    http_port: HttpPortOption = HTTP_PORT,
) -> None:
    """Run the main job on made-up borrowers: load, publish, train, score; then the same graph in Neo4j."""
    places = DemoPlaces(folder)
    prepare(places)
    tell_a_score(places)
    if not no_neo4j:
        show_in_neo4j(places, bolt_port, http_port)


def prepare(places: DemoPlaces) -> None:
    """Write the made-up sources, load both into the embedded store, publish a snapshot and train on it."""
    from graph.opening import open_store
    from graph.snapshot import publish_snapshot
    from ingest.demo import write_demo
    from ingest.load import load_source

    with working("writing made-up borrowers"):
        write_demo(places.folder)
    places.store.unlink(missing_ok=True)  # the demo shows a first load
    with open_store(str(places.store), DEMO_PEPPER.fingerprint) as store:
        for source in DEMO_SOURCES:
            with progress(f"loading {source}") as advance:
                report = load_source(source, places.folder / source, store, DEMO_PEPPER, progress=advance)
            print_report(report)
        with working("publishing a snapshot"):
            publish_snapshot(store, places.snapshots, rebuild=True)
    train_on_demo(places)


def train_on_demo(places: DemoPlaces) -> None:
    """Train on the published snapshot and write the bundle."""
    from gnn.tasks import TASKS
    from gnn.training import train_bundle
    from graph.snapshot import Snapshot

    with progress("training") as advance:
        snapshot = Snapshot.open(places.snapshots)
        report = train_bundle(snapshot, TASKS[DEMO_TASK], seed=DEMO_SEED, out=places.bundle, progress=advance)
    print_measures(report.metrics, report.examples)


def tell_a_score(places: DemoPlaces) -> None:
    """Score the latest applicants as of the lender's decision, and print the riskiest one's story."""
    from gnn.scores import Include, ScoreRequest
    from gnn.serving import load_scorer

    applicants = read_applicants(places.folder)
    latest = applicants[int(len(applicants) * (1 - LATEST_SHARE)) :]
    requests = [
        ScoreRequest(NodeLabel.PERSON, DEMO_PEPPER.node_key(NodeLabel.PERSON, SOURCE, a.identifier), a.as_of_s) for a in latest
    ]
    scorer = load_scorer(places.bundle, places.snapshots, pepper=DEMO_PEPPER, allow_research=True)
    with working(f"scoring the {len(latest)} latest applicants"):
        results = scorer.score(requests, frozenset())
    riskiest = max(range(len(results)), key=lambda i: results[i].probability_of_default)
    chosen = latest[riskiest]
    out.print(f"\nthe riskiest of them, made-up borrower {chosen.identifier}, as of the lender's decision:")
    print_score(scorer.score([requests[riskiest]], frozenset(Include))[0], most_evidence=MOST_EVIDENCE)
    out.print(
        "the same again, as a command:\n"
        f"  CREDITGRAPH_PEPPER='{DEMO_PEPPER.secret}' {command()} score {SOURCE} {chosen.identifier}"
        f" --as-of {chosen.decided_at:%Y-%m-%dT%H:%M:%SZ} --bundle {places.bundle}"
        f" --snapshots {places.snapshots} --allow-research",
        soft_wrap=True,
    )
