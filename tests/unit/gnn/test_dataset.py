"""A data set is the same whatever piece its features are gathered in, and can be thinned evenly in time."""

import numpy as np
import pytest

from gnn.dataset import build_dataset
from gnn.tasks import TASKS
from graph.snapshot import Snapshot


def test_features_gathered_in_pieces_are_those_gathered_at_once(planted: Snapshot, monkeypatch):
    whole = build_dataset(planted, TASKS["superlender"])
    monkeypatch.setattr("gnn.features.bulk.AT_ONCE", 37)
    pieces = build_dataset(planted, TASKS["superlender"])
    assert pieces.own.values.tobytes() == whole.own.values.tobytes()
    assert pieces.neighbours.values.tobytes() == whole.neighbours.values.tobytes()


@pytest.mark.parametrize("most", [7, 100])
def test_thinned_examples_keep_their_order_and_span(planted: Snapshot, most: int):
    whole, thin = (build_dataset(planted, TASKS["superlender"], most=number) for number in (None, most))
    assert len(thin.examples) == most < len(whole.examples)
    places = np.searchsorted(whole.examples.as_of_s, thin.examples.as_of_s)
    assert np.ptp(np.diff(places)) <= 1
    assert places[0] == 0


def test_fewer_examples_than_the_most_are_all_kept(planted: Snapshot):
    whole, same = (build_dataset(planted, TASKS["superlender"], most=number) for number in (None, 10**6))
    assert same.examples.rows.tolist() == whole.examples.rows.tolist()
