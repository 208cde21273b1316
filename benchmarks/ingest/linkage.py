"""Precision and recall of linkage against who is who in the simulated economy: area `ingest-linkage`.

    python -m benchmarks.prove ingest-linkage

Judged are pairs of customer numbers that the joins put together, on economies whose seeds neither trained the weights (11, 12)
nor chose the threshold (13). The economy never mistypes or omits a birth date, which nearly names a person there; so the same
is measured on frayed copies as well, where birth dates, documents, telephones and addresses of mail are missing or wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import polars as pl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from benchmarks.ingest.economy import CACHE, PEPPER, SMALL, prepare_economy
from benchmarks.ingest.fraying import fray
from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.vocabulary import NodeLabel
from ingest.linkage.linking import Compared, compare, decide
from ingest.linkage.model import committed_weights
from ingest.load import read_facts
from ingest.sandbox.knobs import Scale as EconomyScale
from ingest.source import SourceSpec
from ingest.sources.sandbox import SANDBOX

TABLES = ("customers", "documents", "addresses", "subscribers", "contacts", "watchlists")
SOURCE: SourceSpec = replace(SANDBOX, tables=tuple(table for table in SANDBOX.tables if table.name in TABLES))
SEEDS = {Scale.FULL: (31, 32), Scale.REDUCED: (31,)}
THRESHOLDS = (-4, -2, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20)  # bits
LEAST_PRECISION, LEAST_RECALL = 0.995, 0.95
PICTURE = Path("docs") / "pictures" / "linkage.png"
EASY = "birth dates of the economy are never wrong or missing and nearly name a person: see the frayed figure beside it"
FRAYED = (
    "customers: 12 % without and 4 % with a wrong birth date, 40 % without telephone, 40 % without mail, half without document"
)


@dataclass(frozen=True)
class Hits:
    """Pairs of customer numbers: said to be one person, truly one, and both."""

    said: int
    true: int
    both: int

    def __add__(self, other: "Hits") -> "Hits":
        return Hits(self.said + other.said, self.true + other.true, self.both + other.both)

    @property
    def precision(self) -> float:
        """Share of the said pairs that are true; 1 where nothing was said."""
        return self.both / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were said."""
        return self.both / self.true


@dataclass(frozen=True)
class Case:
    """Pairs of one delivery, and who is who: node and person of each customer number."""

    compared: Compared
    people: pl.DataFrame


def main(scale: Scale) -> list[Figure]:
    """Precision and recall, as delivered and frayed; the full count also draws the curve."""
    cases = {frayed: [_case(scale, seed, frayed=frayed) for seed in SEEDS[scale]] for frayed in (False, True)}
    if scale is Scale.FULL:
        curves = {frayed: [(bits, judge(mine, float(bits))) for bits in THRESHOLDS] for frayed, mine in cases.items()}
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        PICTURE.write_bytes(draw(curves))
    return [figure for frayed, mine in cases.items() for figure in _figures(judge(mine), SEEDS[scale], frayed=frayed)]


def judge(cases: Sequence[Case], link_bits: float | None = None) -> Hits:
    """Hits over all cases, with the committed threshold or another."""
    weights = committed_weights()
    if link_bits is not None:
        weights = replace(weights, link_bits=link_bits, review_bits=min(weights.review_bits, link_bits))
    return sum((count_hits(decide(case.compared, weights).joins, case.people) for case in cases), Hits(0, 0, 0))


def count_hits(joins: pl.DataFrame, people: pl.DataFrame) -> Hits:
    """Hits of the groups that joins make, among the nodes whose person is known."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := parent.setdefault(node, node)) != node:
            node = above
        return node

    for source, target in joins.select("source_id", "target_id").iter_rows():
        parent[root(source)] = root(target)
    grouped = people.with_columns(pl.Series("group", [root(node) for node in people["node"]], dtype=pl.String))
    return Hits(_pairs(grouped, "group"), _pairs(grouped, "person"), _pairs(grouped, "group", "person"))


def draw(curves: dict[bool, list[tuple[int, Hits]]]) -> bytes:
    """The curves over thresholds, with the bars; the same curves give the same bytes."""
    picture = Picture(figsize=(7, 4.6), dpi=120, layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.add_subplot()
    for frayed, colour in ((False, "#0b6e99"), (True, "#c4552d")):
        points = [(hits.recall, hits.precision) for _, hits in curves[frayed]]
        axes.plot(*zip(*points, strict=True), "o-", color=colour, label="frayed" if frayed else "as delivered", markersize=4)
        for bits, hits in curves[frayed]:
            if bits == committed_weights().link_bits:
                axes.plot(hits.recall, hits.precision, "o", color=colour, markersize=11, fillstyle="none")
    axes.axhline(LEAST_PRECISION, color="#888888", linewidth=0.9, linestyle="--")
    axes.axvline(LEAST_RECALL, color="#888888", linewidth=0.9, linestyle="--")
    axes.set(xlabel="recall", ylabel="precision")
    axes.set_title("Linkage over thresholds of -4 to 20 bits; ringed: the committed one", loc="left", fontsize=10)
    axes.legend(frameon=False, loc="lower left")
    buffer = BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _case(scale: Scale, seed: int, *, frayed: bool) -> Case:
    economy = replace(SMALL, seed=seed) if scale is Scale.FULL else EconomyScale(1_000, months=6, seed=seed)
    raw = prepare_economy(scale=economy)
    delivered = fray(raw, CACHE / "frayed" / raw.parent.name, seed) if frayed else raw
    batches, _ = read_facts(SOURCE, delivered, PEPPER)
    named = pl.read_csv(raw.parent / "sealed" / "identities.csv", infer_schema=False)
    nodes = PEPPER.node_keys(NodeLabel.PERSON, SOURCE.name, pl.col("customer_id"))
    return Case(compare(batches), named.select(nodes.alias("node"), "person"))


def _figures(hits: Hits, seeds: tuple[int, ...], *, frayed: bool) -> list[Figure]:
    stem = "ingest.linkage.frayed" if frayed else "ingest.linkage"
    counts = {"pairs_said": hits.said, "pairs_true": hits.true, "economies": len(seeds)}
    note = FRAYED if frayed else EASY
    return [
        Figure(
            f"{stem}.precision",
            hits.precision,
            "of pairs said",
            rival=LEAST_PRECISION,
            rival_name="bar",
            counts=counts,
            note=note,
        ),
        Figure(f"{stem}.recall", hits.recall, "of true pairs", rival=LEAST_RECALL, rival_name="bar", counts=counts, note=note),
    ]


def _pairs(frame: pl.DataFrame, *keys: str) -> int:
    size = frame.group_by(keys).len()["len"].cast(pl.Int64)
    return int((size * (size - 1) // 2).sum())
