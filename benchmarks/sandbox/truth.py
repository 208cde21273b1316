"""What only the simulated economy knows: each applicant's true probability, and who is thin or one of a ring.

Reads the sealed files beside the raw ones and joins them to examples by the key of the loan. Nothing here ever enters a
snapshot, a feature or a model; `gnn` does not know that such files exist.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.evaluation.metrics import expected_calibration_error
from gnn.examples import Examples
from gnn.models.calibrate import log_odds_of
from graph.identity import Pepper
from graph.snapshot import Snapshot
from graph.snapshot.segment import pack_hex
from graph.vocabulary import NodeLabel
from ingest.sandbox.generate import PATHS
from ingest.sandbox.society import Plan

SOURCE = "sandbox"
RING_KINDS = ("ring", "synthetic")
HALF_A_PATH = 1 / (2 * PATHS)  # a probability counted over imagined futures is 0 or 1 by no more than half of one
LENDER_ENDS = "-"  # an application's number begins with its lender's
LEAST_CHANCE = 1e-6  # where the probability itself matters and not its log-odds
_YES = ("1", "true")
_KINDS = {*RING_KINDS, *(plan.name.lower() for plan in Plan)}


class TruthMismatch(ValueError):
    """The sealed files do not belong to the examples, or are not what this code reads."""


@dataclass(frozen=True)
class Sealed:
    """The sealed files of one economy.

    `applications` has a row for each approved application of a person: application_id, person (a position in people.csv),
    chance (true probability of default within 12 months) and defaulted (0, 1, or null where the months are not over).
    `thin` and `ring` bool [persons] are by the same position.
    """

    applications: pl.DataFrame
    thin: NDArray[np.bool_]
    ring: NDArray[np.bool_]


@dataclass(frozen=True)
class Truth:
    """What is true of each example, one a row.

    `person` int64 [n] is one number a person, however many nodes stand for them; `log_odds` float64 [n] are those of the
    true probability; `defaulted` int8 [n] is what came of the loan within twelve months, -1 where they are not over;
    `thin` and `ring` bool [n], `lender` str [n] the lender's number.
    """

    person: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    defaulted: NDArray[np.int8]
    thin: NDArray[np.bool_]
    ring: NDArray[np.bool_]
    lender: NDArray[np.str_]


def read_sealed(out: Path) -> Sealed:
    """Read the sealed files of an economy written to `out`.

    Raises:
        TruthMismatch: adversaries are of a kind that is not known, so it cannot be told whether they are a ring.
    """
    sealed = out / "sealed"
    people = _read(sealed / "people.csv").with_row_index("position")
    adversaries = _read(sealed / "adversaries.csv")
    ring = adversaries.filter(pl.col("kind").is_in(RING_KINDS))
    if unknown := sorted(set(adversaries["kind"]) - _KINDS):
        raise TruthMismatch(f"adversaries.csv names {', '.join(unknown)}, which this code does not know")
    numbered = people.select(pl.col("person").alias("applicant"), pl.col("position").cast(pl.Int64).alias("person"))
    approved = _read(sealed / "truth.csv").filter(_is_yes("approved"))
    # Of months that are not over, loans that have defaulted already may be told: alone they would say that all default.
    told = pl.col("defaulted_12m") != ""
    applications = approved.select(
        "application_id",
        "applicant",
        pl.col("p_default_12m").cast(pl.Float64).alias("chance"),
        pl.when(told.all().over("month")).then(_is_yes("defaulted_12m").cast(pl.Int8)).alias("defaulted"),
    )
    return Sealed(
        applications.join(numbered, on="applicant", maintain_order="left").drop("applicant"),  # companies borrow too
        people.select(_is_yes("thin")).to_series().to_numpy(),
        people.select(pl.col("person").is_in(ring["member"].implode())).to_series().to_numpy(),
    )


def join_truth(sealed: Sealed, snapshot: Snapshot, examples: Examples, pepper: Pepper) -> Truth:
    """What is true of each example of a snapshot whose keys were made with `pepper`.

    Raises:
        TruthMismatch: an example's loan is not among the sealed applications, or two of them have one key.
    """
    applications = sealed.applications
    keys = applications.select(pepper.node_keys(NodeLabel.LOAN, SOURCE, pl.col("application_id"))).to_series()
    rows = snapshot.rows_of(NodeLabel.LOAN, pack_hex(keys.to_list()))
    place = np.full(snapshot.num_nodes(NodeLabel.LOAN), -1, np.int64)
    place[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
    found = place[examples.loan_rows]
    if (found < 0).any():
        raise TruthMismatch(f"{int((found < 0).sum())} of {len(found)} loans scored are not in truth.csv")
    person = applications["person"].to_numpy()[found]
    return Truth(
        person,
        log_odds_of(applications["chance"].to_numpy()[found], HALF_A_PATH),
        applications["defaulted"].fill_null(-1).to_numpy()[found],
        sealed.thin[person],
        sealed.ring[person],
        applications["application_id"].str.split(LENDER_ENDS).list.first().to_numpy()[found].astype(np.str_),
    )


def calibration_error(sealed: Sealed) -> tuple[float, int]:
    """How far the true probabilities lie from what came of all loans whose months are over, and how many these are."""
    over = sealed.applications.drop_nulls("defaulted")
    error = expected_calibration_error(over["defaulted"].to_numpy(), log_odds_of(over["chance"].to_numpy(), LEAST_CHANCE))
    return error, over.height


def default_rate(sealed: Sealed) -> float:
    """Share of all loans to persons whose months are over that defaulted within twelve of them."""
    return float(sealed.applications["defaulted"].drop_nulls().to_numpy().mean())


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False).with_columns(pl.all().fill_null(""))


def _is_yes(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().is_in(_YES)
