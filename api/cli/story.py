"""Prints a score as a person wants to read it: the figure, how sure it is, what moved it, the reasons, the evidence."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from api.cli.console import out
from api.cli.words import edge_words, property_words
from api.instants import from_microseconds, from_seconds

if TYPE_CHECKING:
    from gnn.scores import EvidenceFact, Parts, Reason, ScoreResult
    from graph.identity import NodeKey
    from graph.vocabulary import Family

TIME_FORMAT = "%Y-%m-%d %H:%M:%SZ"
DAY_FORMAT = "%Y-%m-%d"


def print_score(
    result: "ScoreResult", *, most_evidence: int | None = None, names: "Mapping[NodeKey, str] | None" = None
) -> None:
    """Print the score, and whatever the result was asked to include.

    Args:
        result: What the scorer answered.
        most_evidence: Facts to print; all of them when None.
        names: What to call nodes at the far end of a fact, where more than their keys may be told.
    """
    table = Table(show_header=False, title="score")
    table.add_row("score (300 to 850, higher is safer)", f"[bold]{'none' if result.score is None else result.score}[/bold]")
    for words, figure in _probability(result):
        table.add_row(words, figure)
    table.add_row("facts known: own, of those tied to", f"{result.thickness.own}, {result.thickness.neighbours}")
    table.add_row("as of (facts known strictly before)", from_seconds(result.as_of_s).strftime(TIME_FORMAT))
    table.add_row("model", result.model_version)
    table.add_row("snapshot", result.snapshot_version)
    out.print(table)
    if result.contributions is not None and result.base_log_odds is not None:
        out.print(_contributions(result.contributions, result.base_log_odds))
    if result.parts is not None:
        out.print(_subscores(result.parts))
    if result.reasons is not None:
        out.print(_reasons(result.reasons))
    if result.evidence is not None:
        out.print(_evidence(result.evidence, most_evidence, names or {}))


def _probability(result: "ScoreResult") -> list[tuple[str, str]]:
    """The probability with its interval, or why there is none, as rows of words and figure."""
    chance, low, high, coverage = (
        result.probability_of_default, result.probability_low, result.probability_high, result.coverage,
    )  # fmt: skip
    if chance is None or low is None or high is None or coverage is None:
        return [("unscorable", result.thickness.shortfall)]
    return [("probability of default", f"{chance:.1%}"), (f"of like loans, {coverage:.0%} sure", f"{low:.1%} to {high:.1%}")]


def _contributions(families: "Mapping[Family, float]", base: float) -> Table:
    table = Table("signal family", "log-odds of default", title="what moved it (positive raises the risk)")
    table.add_row("(everyone)", f"{base:+.3f}")
    for family, value in sorted(families.items()):
        table.add_row(family, f"{value:+.3f}")
    table.add_row("[bold]sum[/bold]", f"[bold]{base + sum(families.values()):+.3f}[/bold]")
    return table


def _subscores(parts: "Parts") -> Table:
    table = Table("part", "300 to 850", "log-odds of default", title="the five parts (each ranked among the population)")
    for part, share in parts.shares.items():
        table.add_row(part, "none" if share.score is None else str(share.score), f"{share.log_odds:+.3f}")
    return table


def _reasons(reasons: "Sequence[Reason]") -> Table:
    table = Table("reason", "family", "log-odds", title="why it is not higher")
    for reason in reasons:
        table.add_row(reason.text, reason.family, f"{reason.effect_log_odds:+.3f}")
    if not reasons:
        table.add_row("nothing counted against the borrower", "", "")
    return table


def _evidence(facts: "Sequence[EvidenceFact]", most: int | None, names: "Mapping[NodeKey, str]") -> Table:
    table = Table("happened", "known", "fact", "details", "relation", title="evidence")
    shown = facts[:most]
    table.caption = f"{len(shown)} of {len(facts)} facts"
    for fact in shown:
        happened = "undated" if fact.at_us is None else from_microseconds(fact.at_us).strftime(DAY_FORMAT)
        details = property_words(fact.properties)
        if fact.other_key in names:
            details = f"{names[fact.other_key]}: {details}" if details else names[fact.other_key]
        table.add_row(
            happened, from_seconds(fact.known_at_s).strftime(DAY_FORMAT), edge_words(fact.edge), escape(details), fact.edge.rel
        )
    return table
