"""Puts the commands together, and turns every error into one sentence and an exit code.

Loads no model, no database and no web framework: each command imports what it needs when it runs.
"""

import logging
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

import typer
from rich.markup import escape

from api.cli.card import card
from api.cli.compare import compare
from api.cli.console import err
from api.cli.demo import demo
from api.cli.erase import erase
from api.cli.evaluate import evaluate
from api.cli.follow import follow
from api.cli.ingest import ingest
from api.cli.keys import keys
from api.cli.models import models
from api.cli.neo4j import neo4j
from api.cli.promote import promote
from api.cli.quarantine import quarantine
from api.cli.relevel import relevel
from api.cli.retain import retain
from api.cli.retrain import NOT_MEASURED, retrain
from api.cli.rollback import rollback
from api.cli.sandbox import sandbox
from api.cli.score import score
from api.cli.serve import serve
from api.cli.snapshot import snapshot
from api.cli.source import source
from api.cli.sources import sources
from api.cli.train import train
from api.cli.tune import tune
from graph.errors import CreditGraphError


class ExitCode(IntEnum):
    """What the process tells the shell."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    TRY_AGAIN = 3
    DEFECT = 4
    NOT_MEASURED = NOT_MEASURED
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.REFUSED: "refused, with one sentence that says what to do",
    ExitCode.USAGE: "wrong usage",
    ExitCode.TRY_AGAIN: "not now: waiting may help (the store cannot be reached, or is in use)",
    ExitCode.DEFECT: "a defect of this program; --debug shows where",
    ExitCode.NOT_MEASURED: "nothing done, since drift could not be measured: too few newer decisions",
    ExitCode.INTERRUPTED: "interrupted",
}


@dataclass
class Invocation:
    """What holds for one call of the program, whatever the command."""

    debug: bool = False


def _build_app() -> typer.Typer:
    codes = "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items())
    app = typer.Typer(
        help="Credit risk from a relationship graph: load sources, publish a snapshot, train, score, serve.",
        epilog=f"Exit codes: {codes}. Example: creditgraph demo",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_common)
    for command, example in COMMANDS.items():
        app.command(epilog=f"Example: {example}", no_args_is_help=False)(command)
    app.add_typer(keys, name="keys")
    app.add_typer(neo4j, name="neo4j")
    app.add_typer(quarantine, name="quarantine")
    app.add_typer(sandbox, name="sandbox")
    app.add_typer(source, name="source")
    return app


COMMANDS: dict[Callable[..., None], str] = {
    ingest: "creditgraph ingest superlender data/superlender",
    retain: "creditgraph retain --as-of 2026-01-01T00:00:00Z",
    erase: "creditgraph erase SHOP-00140899 --source sandbox",
    sources: "creditgraph sources --html quality.html",
    follow: "creditgraph follow inbox --snapshots snapshots",
    snapshot: "creditgraph snapshot --store bolt://127.0.0.1:7687",
    train: "creditgraph train superlender",
    evaluate: "creditgraph evaluate",
    models: "creditgraph models",
    compare: "creditgraph compare --models models",
    promote: "creditgraph promote challenger --signing-key signing.key",
    relevel: "creditgraph relevel",
    rollback: "creditgraph rollback --reason 'arrears rose'",
    tune: "creditgraph tune superlender --model trees --trials 20",
    retrain: "creditgraph retrain --if-older-than 30 --if-drift",
    card: "creditgraph card champion --gains gains.json",
    score: "creditgraph score superlender 5b1f0c2e9d7a48e3b6c4f1a2d3e4f506 --as-of 2017-07-05T12:00:00Z",
    serve: "creditgraph serve --port 8000",
    demo: "creditgraph demo --no-neo4j",
}


def _common(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    ctx.ensure_object(Invocation).debug = debug


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the program and say how it ended.

    Args:
        arguments: Without the program's name; those of the process when None.

    Returns:
        An `ExitCode`, for the shell.
    """
    warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")  # importing torch_geometric calls it
    logging.getLogger("neo4j").addHandler(logging.NullHandler())  # what the driver warns of comes as an error of ours
    invocation = Invocation()
    try:
        _build_app()(args=arguments, prog_name="creditgraph", obj=invocation)
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else ExitCode.DONE
    except CreditGraphError as exc:
        return _report(exc, ExitCode.TRY_AGAIN if exc.retryable else ExitCode.REFUSED, str(exc), invocation)
    except OSError as exc:
        return _report(exc, ExitCode.REFUSED, f"{exc.filename or 'the system'}: {exc.strerror or exc}", invocation)
    except Exception as exc:  # the process edge: a defect becomes one sentence
        sentence = f"this is a defect ({type(exc).__name__}: {exc}); run `creditgraph --debug ...` and report what it shows"
        return _report(exc, ExitCode.DEFECT, sentence, invocation)
    return ExitCode.DONE


def _report(error: Exception, code: ExitCode, sentence: str, invocation: Invocation) -> ExitCode:
    if invocation.debug:
        traceback.print_exception(error)
    err.print(f"[red]error:[/red] {escape(sentence)}", soft_wrap=True)
    return code


if __name__ == "__main__":
    sys.exit(run())
