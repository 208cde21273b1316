"""Lists of outcomes are read as they stand, and figures are about the nodes they name."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.node_labels import NodeList, read_bitcoin_otc, read_smesd
from benchmarks.nodes import SMESD_SEEDS, smesd_judged, smesd_parts
from benchmarks.scale import Scale
from gnn.examples import Examples, StatedLabels
from graph.identity import Pepper
from graph.vocabulary import NodeLabel

PEPPER = Pepper("a pepper for tests only")


def test_companies_stand_in_the_order_of_their_keys_with_part_and_outcome(tmp_path: Path) -> None:
    text = "split,company,label_bankrupt,x\ntrain,1,1,0\nvalid,2,0,0\ntest,1,1,0\n"
    (tmp_path / "companies.csv").write_text(text, encoding="utf-8")
    found = read_smesd(tmp_path, PEPPER)
    keys = {name: PEPPER.node_key(NodeLabel.COMPANY, "smesd", name) for name in ("1", "2")}
    expected = sorted([(keys["1"], "train", 1), (keys["2"], "valid", 0), (keys["1"], "test", 1)])
    stated = found.stated
    assert list(zip(stated.keys, found.part.tolist(), stated.label.tolist(), strict=True)) == expected


def test_users_below_zero_are_fraudulent(tmp_path: Path) -> None:
    (tmp_path / "otc_gt.csv").write_text("7,+1\n8,-1\n", encoding="utf-8")
    found = read_bitcoin_otc(tmp_path, PEPPER).stated
    bad = {key: label for key, label in zip(found.keys, found.label.tolist(), strict=True)}
    assert [bad[PEPPER.node_key(NodeLabel.PERSON, "bitcoin_otc", name)] for name in ("7", "8")] == [0, 1]


class _Data:
    """Seven examples; companies 0 and 1 stand both in train and in test."""

    examples = Examples(*(np.array([0, 1, 2, 3, 0, 1, 4]) for _ in range(5)))


LISTED = NodeList(
    StatedLabels([], np.zeros(7, np.int8)), np.array(["train", "train", "train", "valid", "test", "test", "test"])
)


def test_every_seed_learns_from_the_training_part_and_is_judged_on_both_others() -> None:
    parts = smesd_parts(LISTED, Scale.FULL)
    assert [part.seed for part in parts] == list(range(SMESD_SEEDS))
    assert all(sorted(part.split.train.tolist()) == [0, 1, 2] for part in parts)
    assert all(part.split.test.tolist() == [3, 4, 5, 6] for part in parts)
    assert len(smesd_parts(LISTED, Scale.REDUCED)) == 1


def test_companies_that_train_too_are_left_out_where_the_key_says_so() -> None:
    named = {one.name: np.flatnonzero(one.which).tolist() for one in smesd_judged(_Data(), LISTED)}
    assert named == {"model.smesd": [4, 5, 6], "model.smesd.apart": [6], "model.smesd.valid": [3]}


@pytest.mark.real_data
def test_real_lists_hold_the_published_numbers(real_data: Path) -> None:
    companies, users = read_smesd(real_data / "smesd", PEPPER), read_bitcoin_otc(real_data / "bitcoin_otc", PEPPER)
    assert [int((companies.part == part).sum()) for part in ("train", "valid", "test")] == [2816, 721, 491]
    of_part = {part: set(np.array(companies.stated.keys)[companies.part == part]) for part in ("train", "valid", "test")}
    assert len(of_part["train"] & of_part["test"]) == 17
    assert (len(users.stated.keys), int(users.stated.label.sum())) == (316, 180)


def test_companies_of_the_validation_part_that_train_too_are_not_judged() -> None:
    listed = NodeList(StatedLabels([], np.zeros(7, np.int8)), np.where(np.arange(7) == 5, "valid", LISTED.part))
    named = {one.name: np.flatnonzero(one.which).tolist() for one in smesd_judged(_Data(), listed)}
    assert named["model.smesd.valid"] == [3]
