"""Decides what becomes of facts handed to a store: the rule of `graph/store.py`, once, for every store.

A pure function of what is handed in and what is held under the same ids. Knows no database.
"""

from dataclasses import dataclass

import polars as pl

from graph.facts import FactBatch, content_digests
from graph.store import WriteReport

_TIMES = ["known_at_s", "at_us"]
_DIGEST, _STANDING = "#digest", "#standing"  # no property can be named so
_VERSION = ["id", _DIGEST]


@dataclass(frozen=True)
class Held:
    """What a store holds under the ids of a batch: the standing facts, and the versions that lost to them."""

    facts: FactBatch
    losers: FactBatch


@dataclass(frozen=True)
class Settlement:
    """What a store has to do so that the rule holds.

    `facts` are to be put, after those named in `replaced` are taken away. `losers` are all versions to be kept
    aside of the ids in `contested`; what is kept aside of those ids now is to be taken away first.
    """

    facts: pl.DataFrame
    replaced: pl.Series
    losers: pl.DataFrame
    contested: pl.Series
    report: WriteReport


def settle(batch: FactBatch, held: Held) -> Settlement:
    """Apply the rule to one batch, in which an id may occur any number of times.

    Args:
        batch: Checked facts, in any order.
        held: Everything the store holds under the batch's ids.

    Returns:
        What to put and take away. The report counts every row of the batch once: a row is `written` when it brings
        a new id, a conflict when it brings a new version of a known id, restated when it differs from a version in
        its times alone, else a duplicate.
    """
    rows = batch.rows
    if not len(held.facts) and rows["id"].n_unique() == rows.height:
        nothing = rows.clear()
        return Settlement(rows, nothing["id"], nothing, nothing["id"], WriteReport(written=rows.height))
    handed = _with_digest(batch)
    before = pl.concat(
        [
            _with_digest(held.facts).with_columns(pl.lit(value=True).alias(_STANDING)),
            _with_digest(held.losers).with_columns(pl.lit(value=False).alias(_STANDING)),
        ]
    )
    versions = pl.concat([before, handed.with_columns(pl.lit(value=False).alias(_STANDING))]).select(before.columns)
    earliest = versions.drop(_STANDING).sort([*_VERSION, *_TIMES]).unique(_VERSION, keep="first", maintain_order=True)
    ranked = earliest.sort(["id", "known_at_s", _DIGEST])
    winners = ranked.unique("id", keep="first", maintain_order=True)
    losers = ranked.join(winners.select(_VERSION), on=_VERSION, how="anti")
    stand = before.filter(_STANDING).select([*_VERSION, *_TIMES])
    changed = winners.join(stand, on=[*_VERSION, *_TIMES], how="anti").drop(_DIGEST)
    return Settlement(
        facts=changed,
        replaced=changed.join(stand, on="id", how="semi")["id"],
        losers=losers.drop(_DIGEST),
        contested=losers["id"].unique(maintain_order=True),
        report=_count(handed, before),
    )


def replaced_versions(members: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Those `members` of series that came before some version in `taken`, in order of (known_at_s, id)."""
    last = (
        taken.filter(pl.col("series").is_not_null())
        .sort("known_at_s", "id")
        .group_by("series")
        .agg(pl.col("known_at_s").last().alias("last_s"), pl.col("id").last().alias("last_id"))
    )
    before = (pl.col("known_at_s") < pl.col("last_s")) | (
        (pl.col("known_at_s") == pl.col("last_s")) & (pl.col("id") < pl.col("last_id"))
    )
    return members.join(last, on="series").filter(before).select(members.columns)


def order_losers(batch: FactBatch) -> FactBatch:
    """The same versions ordered by (id, content digest)."""
    return FactBatch(batch.edge, _with_digest(batch).sort(_VERSION).drop(_DIGEST))


def _count(handed: pl.DataFrame, before: pl.DataFrame) -> WriteReport:
    exact = [*_VERSION, *_TIMES]
    distinct = handed.select(exact).unique()
    unseen = distinct.join(before, on=exact, how="anti")
    new_versions = unseen.select(_VERSION).unique().join(before, on=_VERSION, how="anti")
    written = new_versions.select("id").unique().join(before, on="id", how="anti").height
    return WriteReport(
        written=written,
        duplicates=handed.height - unseen.height,
        restated=unseen.height - new_versions.height,
        conflicts=new_versions.height - written,
    )


def _with_digest(batch: FactBatch) -> pl.DataFrame:
    rows = batch.rows.drop("seq", strict=False)
    return rows.with_columns(content_digests(FactBatch(batch.edge, rows)).alias(_DIGEST))
