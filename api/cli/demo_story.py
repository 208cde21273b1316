"""Tells the demo's stories: whom it chose and why, what was known, the score with its reasons, and what was sealed."""

from datetime import datetime

from rich.markup import escape
from rich.table import Table

from api.cli.console import command, out
from api.cli.demo_applicants import read_course
from api.cli.demo_choice import HONEST, Choice
from api.cli.demo_known import Known
from api.cli.demo_people import Directory
from api.cli.demo_places import DEMO_PEPPER, SOURCE, DemoPlaces
from api.cli.story import TIME_FORMAT, print_score
from api.cli.words import edge_words
from api.instants import from_microseconds
from gnn.scores import ScoreResult
from graph.vocabulary import RelType

MOST_EVIDENCE = 8  # facts printed; the service gives them all
DAY_FORMAT = "%Y-%m-%d"
FILE_WORDS = {True: "a thin file: few sources know them", False: "a full file: many sources know them"}


def tell(
    number: int,
    choice: Choice,
    result: ScoreResult,
    known: Known,
    customers: list[str],
    directory: Directory,
    places: DemoPlaces,
) -> None:
    """Tell one applicant's story.

    Args:
        number: Of the story.
        choice: Whom to tell of.
        result: The score, with all that can be asked for.
        known: Facts at the person known before the decision.
        customers: The person's customer numbers everywhere.
        directory: Names and jobs.
        places: Where the demo keeps things.
    """
    candidate = choice.candidate
    applicant, sealed, at = candidate.applicant, candidate.sealed, candidate.applicant.decided_at
    out.rule(f"[bold]{number}. {choice.rule}[/bold]")
    job = directory.job(customers, at) or f"no employer reports them; {sealed.work} when the economy began"
    _say(f"Who: {directory.describe(customers, at)} (made up; {sealed.person} in the sealed files), {FILE_WORDS[sealed.thin]}.")
    _say(f"Work: {job}.")
    _say(f"Asked lender {applicant.asked}; decided {at:{TIME_FORMAT}}.")
    contacts, troubled = candidate.contacts
    _say(f"Around them: {contacts} known contacts, {troubled} of whom had missed an instalment or defaulted.")
    out.print(_known(known))
    print_score(result, most_evidence=MOST_EVIDENCE, names=directory.names)
    outcome = {None: "not known", True: "yes", False: "no"}[sealed.defaulted]
    out.print("[bold]Sealed until now[/bold]")
    _say(
        f"True probability of default within twelve months: {sealed.chance:.1%}; the score said "
        f"{candidate.probability:.1%}. It defaulted within twelve months: {outcome}."
    )
    _say(f"Course of the loan until the economy ends: {read_course(places.raw, applicant.application)}.")
    if sealed.plan != HONEST:
        _say(f"What the person was up to: {sealed.plan.replace('_', ' ')}.")
    _say(_as_command(applicant.customer, at, places))


def _known(known: Known) -> Table:
    """Facts at a person by what they say, with their number, and how many were late where that can be told."""
    table = Table("what was known of them", "facts", "last", "", title="before the decision")
    for batch in sorted(known.facts, key=lambda batch: -batch.rows.height):
        own = batch.rows["source_id"].is_in(sorted(known.keys)) | (batch.edge.rel is RelType.KNOWS)  # which holds both ways
        for rows, by_whom in ((batch.rows.filter(own), ""), (batch.rows.filter(~own), ", by another")):
            if rows.height:
                late = f"{int((rows['days_late'] > 0).sum())} late" if "days_late" in rows.columns else ""
                table.add_row(edge_words(batch.edge) + by_whom, str(rows.height), _last(rows["at_us"].max()), late)
    return table


def _last(at_us: object) -> str:
    return f"{from_microseconds(at_us):{DAY_FORMAT}}" if isinstance(at_us, int) else "undated"


def _say(text: str) -> None:
    out.print(escape(text), soft_wrap=True)


def _as_command(customer: str, at: datetime, places: DemoPlaces) -> str:
    return (
        "The same again, as a command:\n"
        f"  CREDITGRAPH_PEPPER='{DEMO_PEPPER.secret}' {command()} score {SOURCE} {customer}"
        f" --as-of {at:%Y-%m-%dT%H:%M:%SZ} --bundle {places.bundle} --snapshots {places.snapshots} --allow-research\n"
    )
