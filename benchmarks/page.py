"""Renders figures as a Markdown page: model tables, what the graph adds, speed beside rivals, and where each figure came from.

Pure: figures in, text out. A statement on the page is picked by comparing figures, so it changes when they do.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks import trials_page
from benchmarks.intake_page import intake_lines
from benchmarks.model_page import INTRODUCTION, model_keys, model_lines
from benchmarks.speed_page import speed_keys, speed_lines
from benchmarks.trials_page import trial_keys, trial_lines

Figures = Mapping[str, Mapping[str, Any]]

HEAD = """# Results

Every figure on this page was written by a command (`make prove WHAT=...`), none by hand. Intervals of models are 95 %, those of
speed the worst and best round.
What a figure rests on, and the command that gives it again, stands in the last table.
"""

MODELS = (
    "scorecard",
    "logistic",
    "logistic_neighbours",
    "lightgbm_dated_only",
    "lightgbm",
    "lightgbm_neighbours",
    "gnn",
    "average",
    "forest",
    "truth",
)
METRICS = (("auc", "AUC"), ("ks", "KS"), ("brier", "Brier"), ("ece", "calibration error"))
NODE_METRICS = (("auc", "AUC"), ("ap", "average precision"), *METRICS[1:])
SANDBOX_METRICS = (*METRICS, ("slope", "calibration slope"), ("gap_share", "share of the gap closed"))
PROTOCOLS = (
    ("superlender.oot", "SuperLender, out of time: first 70 % of July 2017 trains, last 30 % tests"),
    ("superlender.cv", "SuperLender, 5-fold over the July loans, three seeds"),
    ("berka.cv", "Berka, 5-fold, four repeats (30 bad loans: wide intervals)"),
)
NODES = (
    ("model.smesd", "smesd", "SMEsD, bankrupt companies: fixed parts, five seeds"),
    ("model.smesd.apart", "smesd", "SMEsD, without the test companies that train too"),
    ("model.smesd.valid", "smesd", "SMEsD, the part that settings were chosen by, without its companies that train too"),
    ("model.bitcoin_otc", "bitcoin-otc", "Bitcoin OTC, fraudulent users by the ratings they gave: 10-fold, three repeats"),
)
SANDBOX = (
    ("sandbox.oot", "Out of time: first 70 % of loans train, last 30 % test"),
    ("sandbox.disjoint", "Out of time, and no person judged was a subject in training"),
    ("sandbox.shuffled", "Out of time, with ties and shared identifiers left to chance"),
)
SANDBOX_CAVEAT = """\
None of these divisions is purged: the last year of loans that train had outcomes which were known only after the first loan
judged, so a lender of that day could not have learnt all that these models did. The next section leaves such loans out.
Shares of the gap closed are slightly flattered by the noise of the true probability, which is counted over a limited number
of imagined futures.
"""
SANDBOX_FIGURES = ("sandbox.default_rate", "sandbox.truth.", "sandbox.auc.", "sandbox.future.", "sandbox.large.")
INTAKE = ("ingest.",)
TIMES = ("demo.minutes", "test.minutes")


def build_page(figures: Figures) -> str:
    """The whole page; a section without figures says so."""
    parts = [HEAD]
    parts += ["## Credit models on real loans\n", *(_protocol(figures, key, title) for key, title in PROTOCOLS)]
    parts += ["## Nodes of real graphs, labelled beside them\n"]
    parts += [_protocol(figures, key, title, NODE_METRICS, area) for key, area, title in NODES]
    parts += ["## The simulated economy, where the true probability is known\n", _speed(figures, SANDBOX_FIGURES)]
    parts += [SANDBOX_CAVEAT, *(_protocol(figures, key, title, SANDBOX_METRICS, "sandbox") for key, title in SANDBOX)]
    parts += ["## The risk model on economies it was not made with\n", INTRODUCTION, *model_lines(figures), ""]
    parts += [_rows(figures, model_keys(figures))]
    parts += [
        "## The served model on trial: a turn of the economy, made-up persons, a protected group\n",
        trials_page.INTRODUCTION,
    ]
    parts += [*trial_lines(figures), "", _rows(figures, trial_keys(figures))]
    parts += ["## The intake: files into the graph\n", _speed(figures, INTAKE), *intake_lines(figures), ""]
    parts += ["## Speed, each beside its rival in the same run\n", *speed_lines(figures), ""]
    parts += [_rows(figures, speed_keys(figures))]
    parts += ["## Time of the two commands\n", _speed(figures, TIMES)]
    parts += ["## Where each figure comes from\n", _provenance(figures)]
    return "\n".join(parts)


def _protocol(
    figures: Figures, protocol: str, title: str, metrics: tuple[tuple[str, str], ...] = METRICS, area: str = "models"
) -> str:
    models = [m for m in MODELS if f"{protocol}.auc.{m}" in figures]
    lines = [f"### {title}\n"]
    if not models:
        return "\n".join([*lines, f"Not measured yet: `make prove WHAT={area}`.\n"])
    lines.append("| model | " + " | ".join(name for _, name in metrics) + " | bar (AUC) |")
    lines.append("|---|" + "---|" * (len(metrics) + 1))
    for model in models:
        cells = [_bounded(figures.get(f"{protocol}.{metric}.{model}")) for metric, _ in metrics]
        lines.append(f"| {model} | " + " | ".join(cells) + f" | {_number(figures[f'{protocol}.auc.{model}']['rival'])} |")
    lines += ["", *_bar_sentences(figures, protocol, models), *_gain_sentences(figures, protocol), *_notes(figures, protocol)]
    return "\n".join(lines) + "\n"


def _bar_sentences(figures: Figures, protocol: str, models: Iterable[str]) -> Iterable[str]:
    measured = {m: figures[f"{protocol}.auc.{m}"] for m in models}
    best = max(measured, key=lambda m: float(measured[m]["value"]))
    value, bar, bar_name = (measured[best][k] for k in ("value", "rival", "rival_name"))
    if bar is not None:
        verdict = "at or above" if value >= bar else "below"
        yield f"- Best: {best} with {_number(value)}, {verdict} the bar of {_number(bar)} ({bar_name})."
        below = [f"{m} ({_number(f['value'])})" for m, f in measured.items() if f["value"] < bar]
        if below:
            yield f"- Below the bar: {', '.join(below)}."


def _gain_sentences(figures: Figures, protocol: str) -> Iterable[str]:
    prefix = f"{protocol}.gain."
    for key in sorted(k for k in figures if k.startswith(prefix)):
        gain, (ours, other) = figures[key], key.removeprefix(prefix).split("_over_")
        if gain["low"] > 0:
            verdict = "adds to"
        elif gain["high"] < 0:
            verdict = "takes away from"
        else:
            verdict = "adds nothing that can be told from chance to"
        yield f"- {ours} {verdict} {other}: AUC difference {_bounded(gain, signed=True)}."


def _notes(figures: Figures, protocol: str) -> Iterable[str]:
    notes = {f["note"] for k, f in figures.items() if k.startswith(protocol + ".") and f["note"]}
    return [f"- {note}" for note in sorted(notes)]


def _speed(figures: Figures, prefixes: tuple[str, ...]) -> str:
    return _rows(figures, [k for k in figures if k.startswith(prefixes)])


def _rows(figures: Figures, keys: Sequence[str]) -> str:
    if not keys:
        return "Not measured yet.\n"
    lines = ["| figure | ours | unit | rival | rival's value | note |", "|---|---|---|---|---|---|"]
    for key in keys:
        f = figures[key]
        rival = _number(f["rival"]) if f["rival"] is not None else ""
        lines.append(f"| {key} | {_bounded(f)} | {f['unit']} | {f['rival_name'] or ''} | {rival} | {f['note'] or ''} |")
    return "\n".join(lines) + "\n"


def _provenance(figures: Figures) -> str:
    lines = ["| figure | value | command | counts | seed | date | machine |", "|---|---|---|---|---|---|---|"]
    for key, f in figures.items():
        counts = ", ".join(f"{n} {name}" for name, n in f["counts"].items())
        seed = "" if f["seed"] is None else f["seed"]
        lines.append(f"| {key} | {_number(f['value'])} | `{f['command']}` | {counts} | {seed} | {f['date']} | {f['machine']} |")
    versions = sorted({", ".join(f"{n} {v}" for n, v in f["versions"].items()) for f in figures.values()})
    return "\n".join([*lines, "", *(f"Versions: {v}." for v in versions)]) + "\n"


def _bounded(figure: Mapping[str, Any] | None, *, signed: bool = False) -> str:
    if figure is None:
        return ""
    value = _number(figure["value"], signed=signed)
    if figure["low"] is None or figure["high"] is None:
        return value
    return f"{value} [{_number(figure['low'], signed=signed)}, {_number(figure['high'], signed=signed)}]"


def _number(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:+.4f}" if signed else f"{value:.4g}" if abs(value) >= 1 else f"{value:.4f}"
