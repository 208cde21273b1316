from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gnn.examples import Examples, build_examples
from gnn.network.encode import LABELS, encode_trees, fit_encoder
from gnn.network.encoder_plan import EncoderPlan
from gnn.network.forest import TreeStore
from gnn.network.layers import ConvShape, NetworkShape
from gnn.network.model import FANOUTS
from gnn.tasks import TASKS
from graph.neighbourhood import neighbourhood
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import NodeLabel
from tests.support.lending import planted_batches

OWN_COLUMNS = 3


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    root: Path = tmp_path_factory.mktemp("planted")
    write_base(planted_batches(), root, seq=1)
    return Snapshot.open(root)


@pytest.fixture(scope="session")
def planted_examples(planted: Snapshot) -> Examples:
    return build_examples(planted, TASKS["superlender"])


@pytest.fixture(scope="session")
def planted_encoder(planted: Snapshot, planted_examples: Examples) -> EncoderPlan:
    trees = neighbourhood(planted, NodeLabel.PERSON, planted_examples.rows, planted_examples.as_of_s, FANOUTS)
    return fit_encoder(planted, NodeLabel.PERSON, FANOUTS, trees)


@pytest.fixture(scope="session")
def planted_trees(planted: Snapshot, planted_examples: Examples, planted_encoder: EncoderPlan) -> TreeStore:
    """Trees of all examples, beside tables of noise, so that only the trees can tell."""
    return encode(planted, planted_examples, planted_encoder)


@pytest.fixture(scope="session")
def planted_shape(planted_encoder: EncoderPlan) -> NetworkShape:
    steps = enumerate(planted_encoder.steps)
    convolutions = tuple(ConvShape(i, step.width, tuple(c.codes for c in step.categories)) for i, step in steps)
    return NetworkShape(OWN_COLUMNS, len(LABELS), hidden=16, dropout=0.1, convolutions=convolutions)


def encode(snapshot: Snapshot, examples: Examples, encoder: EncoderPlan) -> TreeStore:
    trees = neighbourhood(snapshot, NodeLabel.PERSON, examples.rows, examples.as_of_s, FANOUTS)
    return encode_trees(snapshot, encoder, trees, examples.as_of_s, noise(len(examples)))


def noise(rows: int) -> NDArray[np.float32]:
    return np.random.default_rng(3).normal(size=(rows, OWN_COLUMNS)).astype(np.float32)
