"""How much a benchmark does: the full count for the results page, or a reduced one that shows it runs."""

from enum import StrEnum


class Scale(StrEnum):
    """`FULL` counts go to the results page; `REDUCED` ones run in `make test` and are thrown away."""

    FULL = "full"
    REDUCED = "reduced"
