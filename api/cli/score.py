"""`creditgraph score`: scores one person of a published snapshot and prints what the score was made from."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.console import working
from api.cli.options import (
    BUNDLE,
    SNAPSHOTS,
    AllowResearchOption,
    AsOfOption,
    BundleOption,
    PepperOption,
    SnapshotsOption,
    read_pepper,
)
from api.cli.story import print_score
from api.instants import whole_seconds_up
from graph.errors import NodeUnknown
from graph.vocabulary import NodeLabel

EVERYTHING = "contributions,subscores,reasons,evidence"


def score(
    source: Annotated[str, typer.Argument(help="Name of the source that knows the person.")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The source's own identifier of the person.")],
    as_of: AsOfOption = None,
    include: Annotated[str, typer.Option("--include", help="What to print besides the score, comma separated.")] = EVERYTHING,
    bundle: BundleOption = BUNDLE,
    snapshots: SnapshotsOption = SNAPSHOTS,
    pepper: PepperOption = None,
    allow_research: AllowResearchOption = False,
) -> None:
    """Score one person, as of now or of a given time."""
    from gnn.scores import Include, ScoreRequest

    try:
        wanted = frozenset(Include(part) for part in include.split(",") if part)
    except ValueError as exc:
        raise typer.BadParameter(f"choose from {', '.join(Include)}", param_hint="--include") from exc
    now = datetime.now(UTC)
    if as_of is not None and as_of > now:
        raise typer.BadParameter("lies in the future; leave it out to score as of now", param_hint="--as-of")
    key = read_pepper(pepper)

    from gnn.serving import load_scorer

    person = key.node_key(NodeLabel.PERSON, source, identifier)
    with working("loading model and snapshot"):
        scorer = load_scorer(bundle, snapshots, pepper=key, allow_research=allow_research)
    if not scorer.knows(NodeLabel.PERSON, person):
        raise NodeUnknown(NodeLabel.PERSON)
    request = ScoreRequest(label=NodeLabel.PERSON, key=person, as_of_s=whole_seconds_up(as_of or now))
    print_score(scorer.score([request], wanted)[0])
