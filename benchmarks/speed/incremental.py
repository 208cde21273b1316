"""How much sooner scoring knows of new facts by publishing them alone than by building the snapshot anew.

    python -m benchmarks.prove model-incremental

A DuckDB store holds the first 99 % of an economy's facts in order of their being known, and its snapshot serves a scorer. Then
the last 1 % is committed. What is timed, both ways, is everything from there to the first score that knows of them: export,
publication, opening, checking, scoring. Thousands of persons must get the same bits from both. Pieces are kept under
`.prove/speed`.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.aggregates import CACHE as ECONOMIES_CACHE
from benchmarks.aggregates import ECONOMIES
from benchmarks.ingest.economy import prepare_economy
from benchmarks.pieces import Result, apart, do_pieces, here
from benchmarks.results import Figure
from benchmarks.sandbox.worlds import DIGITS
from benchmarks.scale import Scale
from benchmarks.speed.champion import CACHE, prepare_champion
from benchmarks.speed.renewal import Place, divide, publish_base, renew
from gnn.evaluation.fit_digest import code_digest

SCORED = {Scale.FULL: 4_000, Scale.REDUCED: 200}
ROUNDS = {Scale.FULL: 3, Scale.REDUCED: 1}  # publications of the new facts alone, each on the same base
CALLS: dict[Scale, Callable[..., Result]] = {Scale.FULL: apart, Scale.REDUCED: here}
LEAST_RATIO = 30.0
BUDGET_S = 15 * 60.0  # the longest piece, begun last, still ends within half an hour
_CODE = ("graph/**/*.py", "ingest/**/*.py")


def main(scale: Scale, root: Path = CACHE, economies: Path = ECONOMIES_CACHE) -> list[Figure]:
    """How many times longer a rebuild takes than a delta.

    Raises:
        Unfinished: the time of one run is over; run it again.
        AssertionError: some score differs by a bit.
    """
    champion, size, call = prepare_champion(scale, root), ECONOMIES[scale], CALLS[scale]
    folder = root / f"incremental-{size.persons}-{size.months}-{size.seed}-{code_digest(_CODE)[:DIGITS]}"
    place, version = Place(folder, champion.bundle, SCORED[scale]), champion.bundle.parent.name[-DIGITS:]
    delta, rebuilt = f"delta-{version}", f"rebuilt-{version}"
    work: dict[str, Callable[[], Result]] = {
        "economy": lambda: {"place": str(prepare_economy(economies, size))},
        "parts": lambda: call(divide, prepare_economy(economies, size).parent, place),
        "base": partial(call, publish_base, place),
        delta: partial(call, partial(renew, rebuild=False, rounds=ROUNDS[scale]), place),
        rebuilt: partial(call, partial(renew, rebuild=True, rounds=1), place),
    }
    done = do_pieces("model-incremental", folder / "pieces", work, lambda name: work[name](), BUDGET_S)
    return build_figures(done["parts"], done[delta], done[rebuilt], size.seed)


def build_figures(parts: Result, delta: Result, rebuilt: Result, seed: int) -> list[Figure]:
    """The ratio of the two times.

    Raises:
        AssertionError: one of them was published otherwise than meant, or some score differs by a bit.
    """
    assert (delta["published"], rebuilt["published"]) == ("delta", "base"), "the two were published the same way"
    differing = sum(ours != theirs for ours, theirs in zip(delta["scores"], rebuilt["scores"], strict=True))
    assert not differing, f"{differing} of {len(delta['scores'])} scores differ between the delta and the rebuild"
    [rebuilt_s] = rebuilt["seconds"]
    quickest, usual, slowest = min(delta["seconds"]), median(delta["seconds"]), max(delta["seconds"])
    return [
        Figure(
            "model.incremental.ratio_rebuild",
            rebuilt_s / usual,
            "times longer",
            low=rebuilt_s / slowest,
            high=rebuilt_s / quickest,
            counts={"facts": parts["facts"], "new_facts": parts["new"], "persons_scored": len(delta["scores"])},
            seed=seed,
            note=f"from the commit to the first score that knows of it: {usual:.2f} s with the new facts alone, median of "
            f"{len(delta['seconds'])}, {rebuilt_s:.0f} s with a new base; at least {LEAST_RATIO:g} is wanted. Scores have the "
            "same bits both ways",
        )
    ]
