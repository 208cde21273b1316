"""The model card and the data sheet of a version, in words and pictures, in a folder beside the bundles.

They are not part of what is signed: the bundle vouches for the model, the card is for its readers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gnn.evaluation.coverage import ClassCoverage
from gnn.evaluation.metrics import Interval
from gnn.registry.champion import LEAST_BAD, failures
from gnn.registry.markdown import day, figure, interval, page, table
from gnn.registry.measure import Comparison, month_aucs
from gnn.registry.plots import draw_calibration, draw_months, draw_scores
from gnn.serving.bundle import read_bundle
from gnn.serving.live import bundle_place
from gnn.tasks import TASKS, Cured, Stated, Verdict
from gnn.training import NOT_IN_TIME
from graph.snapshot import Snapshot
from graph.vocabulary import SPECS

CARDS, CARD, SHEET = "cards", "model-card.md", "data-sheet.md"
MADE_OF = {
    "average": "a heterogeneous temporal graph neural network and gradient-boosted trees, their log-odds averaged",
    "network": "a heterogeneous temporal graph neural network",
    "trees": "gradient-boosted trees on own history and on aggregates of neighbours; no graph network",
}


def write_cards(
    models: Path, snapshot: Snapshot, version: str, comparison: Comparison, gains: Mapping[str, Interval] | None = None
) -> Path:
    """Write both pages and the pictures of a version, and return their folder.

    Args:
        models: Folder of models.
        snapshot: What the version was measured on.
        version: Of the bundle.
        comparison: Its measurements, and those of the versions beside it.
        gains: What each signal family adds in AUC, where that was measured.
    """
    manifest = read_bundle(bundle_place(models, version)).manifest
    folder = models / CARDS / version
    folder.mkdir(parents=True, exist_ok=True)
    label, log_odds = comparison.examples.label, comparison.log_odds[version]
    months = month_aucs(comparison.examples, log_odds)
    pictures = {"calibration.png": draw_calibration(label, log_odds), "scores.png": draw_scores(label, log_odds)}
    if months:
        pictures["months.png"] = draw_months(months)
    for name, drawn in pictures.items():
        (folder / name).write_bytes(drawn)
    (folder / CARD).write_text(
        _card(manifest, comparison, list(pictures), gains or {}, research=snapshot.has_research), encoding="utf-8"
    )
    (folder / SHEET).write_text(_sheet(snapshot, manifest, comparison), encoding="utf-8")
    return folder


def _card(
    manifest: Mapping[str, Any], comparison: Comparison, pictures: list[str], gains: Mapping[str, Interval], *, research: bool
) -> str:
    version = manifest["model_version"]
    one = comparison.candidate(version)
    bad, loans = one.bad, len(comparison.examples)
    return page(
        f"# Model card: {manifest['task']} {version}",
        f"Made of {MADE_OF[manifest['combination']]}. Seed {manifest['seed']}; the signed manifest holds every setting.",
        "## Intended use",
        f"The probability that a loan goes bad ({_outcome(manifest['task'])}), at the moment a lender decides, with a score "
        "from 300 to 850, reasons and evidence. A lender's policy decides; a score alone must not refuse anyone. Not for other "
        "questions than this, nor for persons of whom no basis to use their data is recorded.",
        "## Data and splits",
        f"Snapshot `{manifest['snapshot_version']}`, digest `{manifest['snapshot_digest'][:16]}`; the data sheet says what is "
        "in it. Loans are divided by time: what a model fits on comes before what stops it, that before what calibrates it, "
        "and what it is measured on last.",
        _known(manifest),
        table(("part", "loans"), [(part, f"{count:,}") for part, count in manifest["examples"].items()]),
        f"Learnt from {day(manifest['trained_from_s'])} to {day(manifest['trained_to_s'])}.",
        "## Measured",
        f"On {loans:,} loans, {bad:,} of them bad, later than {_learnt(manifest)}; 95 % intervals resample persons.",
        table(
            ("version", "AUC", "Brier score", "calibration slope", "calibration error", "ms a score"),
            [
                (
                    c.version + (" (this)" if c.version == version else ""),
                    interval(c.auc),
                    interval(c.brier),
                    figure(c.slope),
                    figure(c.calibration_error),
                    f"{c.cost_ms:.1f}",
                )
                for c in comparison.candidates
            ],
        ),
        *(
            f"Over `{other.version}`: {interval(comparison.gains[version, other.version], sign='+')} in AUC, paired."
            for other in comparison.candidates
            if other.version != version
        ),
        *(f"![{name.removesuffix('.png')}]({name})" for name in pictures),
        "## How sure a probability is",
        *_coverage(manifest),
        "## What each signal family adds",
        table(("family", "gain in AUC"), [(family, interval(gain, sign="+")) for family, gain in sorted(gains.items())])
        if gains
        else "Not measured for this version.",
        "## Limits",
        "\n".join(
            f"- {limit}"
            for limit in (
                *failures(one),
                *([f"Only {bad} bad loans measured it: {LEAST_BAD.reason}."] if bad < LEAST_BAD.value else []),
                "It knows what its sources delivered. Of whom fewer than "
                f"{manifest['scorable']['least_own']} own facts, fewer than {manifest['scorable']['least_neighbours']} of "
                "neighbours and nothing adverse are known gets no score; at a like score the thinnest files have the widest "
                "interval.",
                "Loans that were refused have no outcome, so it is measured on those that were granted.",
                "Times beyond the last loan measured on are an extrapolation; `creditgraph retrain --if-drift` watches them.",
                *(["It was measured on research data: real applicants may be others."] if research else []),
            )
        ),
    )


def _coverage(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """How intervals held on the test part of the training, thin and thick files apart."""
    classes = [ClassCoverage.from_json(told) for told in manifest["coverage"]]
    rows = [
        (one.words, f"{one.loans:,}", f"{one.bad:,}", f"{one.held} of {one.cells}", f"{one.refuted} of {one.cells}")
        for one in classes
    ]
    return (
        "Each probability has an interval, meant to hold the share of bad loans, among those with a like score and as thick a "
        f"file, in {manifest['intervals']['coverage']:.0%} of cases. On the loans measured on in training, by cells of score "
        "and file:",
        table(("own facts", "loans", "bad", "cells whose bad share lies within", "cells outside by more than luck"), rows),
        "With few loans a cell's share misses by luck as well, so fewer cells than stated may lie within; outside by more than "
        "luck are those whose count a share at the interval's end would give more seldom than the interval may fail there. "
        "Where few loans, or none that went bad, spoke for a cell, its interval is wider than it need be. "
        f"{manifest['unscorable']:,} of these loans have files too thin to score; serving answers that instead of a figure.",
    )


def _sheet(snapshot: Snapshot, manifest: Mapping[str, Any], comparison: Comparison) -> str:
    rows = [
        (edge.rel, f"{edge.source} to {edge.target}", SPECS[edge].family, f"{snapshot.num_facts(edge):,}")
        for edge in snapshot.edges()
    ]
    labels = [(label, f"{snapshot.num_nodes(label):,}") for label in snapshot.labels()]
    research = "some facts stand on the basis `research`, so it must not score real applicants"
    return page(
        f"# Data sheet: snapshot {snapshot.version}",
        f"Digest `{snapshot.digest}`, watermark {snapshot.seq}, vocabulary `{manifest['vocabulary_digest'][:16]}`.",
        f"Basis: {research if snapshot.has_research else 'no fact stands on the basis `research` alone'}.",
        f"Question asked of it: {_outcome(manifest['task'])}; {len(comparison.examples):,} loans with known outcomes are later "
        "than what this version learnt from.",
        "Identifiers are keyed hashes; no name, number or address is in it. Every fact says when it became known, and nothing "
        "learnt later reaches a score.",
        "## Nodes",
        table(("label", "nodes"), labels),
        "## Facts",
        table(("relation", "ends", "family", "facts"), rows),
    )


def _known(manifest: Mapping[str, Any]) -> str:
    """What of the outcomes learnt from was known when the part measured in training began."""
    if manifest["outcomes_known_to_s"] is None:
        return "When outcomes became known is not dated: who lived then would not yet have known all that were learnt from."
    known = f"The last outcome learnt from became known on {day(manifest['outcomes_known_to_s'])}"
    in_time = "before the first loan measured on in training"
    return f"{known}, {in_time}." if manifest["outcomes_in_time"] else f"{known}: {NOT_IN_TIME}."


def _learnt(manifest: Mapping[str, Any]) -> str:
    if manifest["outcomes_known_to_s"] is None:
        return "every loan learnt from"
    return "every loan learnt from and than the day its outcome became known"


def _outcome(task: str) -> str:
    outcome = TASKS[task].outcome
    if isinstance(outcome, Verdict):
        return f"{outcome.edge.rel} says {' or '.join(sorted(outcome.bad))}"
    if isinstance(outcome, Stated):
        return outcome.meaning
    if isinstance(outcome, Cured):
        return f"{outcome.missed.rel} is not made good within {outcome.horizon_days} days"
    return f"{outcome.edge.rel} within {outcome.horizon_days} days"
