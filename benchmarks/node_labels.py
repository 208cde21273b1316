"""Outcomes that stand in a list beside the graph: read from the files of two real data sets, never from facts.

Lists are put in the order of node keys, which says nothing of the outcome. Nothing here measures.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gnn.examples import StatedLabels
from gnn.tasks import NODE_TASKS
from graph.identity import Pepper

TRAIN, VALID, TEST = "train", "valid", "test"


@dataclass(frozen=True)
class NodeList:
    """Outcomes by node, and which part of a fixed division each stands in; "" where the source divides nothing."""

    stated: StatedLabels
    part: NDArray[np.str_]


def read_smesd(folder: Path, pepper: Pepper) -> NodeList:
    """Companies and whether they went bankrupt; a company may stand in several parts, with the same outcome."""
    with (folder / "companies.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["company"], int(row["label_bankrupt"]), row["split"]) for row in csv.DictReader(file)]
    return _in_order("smesd", rows, pepper)


def read_bitcoin_otc(folder: Path, pepper: Pepper) -> NodeList:
    """Users found fraudulent (-1 in the file) or honest (+1)."""
    with (folder / "otc_gt.csv").open(newline="", encoding="utf-8") as file:
        rows = [(user, int(int(found) < 0), "") for user, found in csv.reader(file)]
    return _in_order("bitcoin_otc", rows, pepper)


def _in_order(name: str, rows: list[tuple[str, int, str]], pepper: Pepper) -> NodeList:
    keys = [pepper.node_key(NODE_TASKS[name].subject, name, raw) for raw, _, _ in rows]
    ordered = sorted((key, part, label) for key, (_, label, part) in zip(keys, rows, strict=True))
    label = np.array([label for _, _, label in ordered], np.int8)
    return NodeList(StatedLabels([key for key, _, _ in ordered], label), np.array([part for _, part, _ in ordered]))
