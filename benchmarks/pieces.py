"""Work in numbered pieces whose results are kept, so that a run that is stopped, or over its time, goes on where it was."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

BUDGET_S = 25 * 60.0
Result = dict[str, Any]


class Unfinished(SystemExit):
    """The time of one run is over before its pieces are."""


def do_pieces(
    area: str, folder: Path, names: Iterable[str], do: Callable[[str], Result], budget_s: float = BUDGET_S
) -> dict[str, Result]:
    """Do each piece that is not done yet and keep what it gives.

    Args:
        area: For messages.
        folder: Where results are kept, one file a piece.
        names: Of the pieces, in order.
        do: Does one; what it returns is kept as JSON.
        budget_s: Seconds after which no piece is begun.

    Raises:
        Unfinished: pieces are left; run it again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    began, every, done = time.monotonic(), list(names), dict[str, Result]()
    for name in every:
        kept = folder / f"{name}.json"
        if not kept.exists():
            if time.monotonic() - began > budget_s:
                raise Unfinished(f"{area}: {len(done)} of {len(every)} pieces are done; run it again to go on")
            result = do(name)
            beside = kept.with_suffix(".part")
            beside.write_text(json.dumps(result))
            beside.replace(kept)
            print(f"{area}: {name} done after {time.monotonic() - began:.0f} s: {_short(result)}", file=sys.stderr)
        done[name] = json.loads(kept.read_text())
    return done


def apart(work: Callable[..., Any], *arguments: object) -> Any:
    """Do one piece in a process of its own, so that its memory is given back."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def here(work: Callable[..., Any], *arguments: object) -> Any:
    """Do one piece in this process: for small ones, beside which starting another takes long."""
    return work(*arguments)


def _short(result: Result) -> str:
    return ", ".join(f"{name} {value}" for name, value in result.items() if not isinstance(value, list | dict))
