"""Made-up deliveries of the two real sources: one folder each, in its exact layout, from a seed.

Nothing in it is taken from real data but the public layout and code words: names, places, ids and amounts are
drawn. For tests of the readers and of what follows them, where the real data may not go.
"""

from pathlib import Path
from random import Random

from tests.support.made_up import berka, superlender

BORROWERS = 600
BERKA_SHARE = 5  # one Berka loan with payments for every so many borrowers


def write_made_up(folder: Path, *, borrowers: int = BORROWERS, seed: int = 7) -> None:
    """Write `folder/superlender` and `folder/berka`; files that are there already are replaced.

    Args:
        folder: Made when it is not there.
        borrowers: SuperLender borrowers, each with one scored loan; Berka gets a fifth as many scored loans.
        seed: The same seed gives the same bytes.
    """
    for name, write, count in (
        ("superlender", superlender.write_files, borrowers),
        ("berka", berka.write_files, borrowers // BERKA_SHARE),
    ):
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        # one generator each, so that a change to one source leaves the other as it was
        write(target, count, Random(f"{seed}:{name}"))
