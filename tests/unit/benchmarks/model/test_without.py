"""A data set without a family is as in a graph without its facts, for tables and for the steps a network takes."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.model.without import leave_out, steps_of
from gnn.dataset import Dataset
from gnn.evaluation.protocols import out_of_time
from gnn.features.standardise import fit_standardiser
from gnn.features.table import Scope, build_features
from gnn.network.model import GraphNetwork
from gnn.network.settings import TrainingSettings
from graph.vocabulary import SPECS, Family, NodeLabel


@pytest.mark.parametrize("family", [Family.SOCIAL, Family.LIFE, Family.CREDIT, Family.IDENTITY])
def test_tables_are_those_of_a_graph_without_the_family(data: Dataset, family: Family) -> None:
    left = leave_out(data, family)
    some = data.examples.take(np.arange(0, len(data.examples), 7))
    for table, plan in ((left.own, data.own_plan), (left.neighbours, data.neighbours_plan)):
        built = build_features(data.snapshot, plan, some.rows, some.as_of_s, frozenset({family}))
        assert np.array_equal(table.values[::7], built.values, equal_nan=True)


def test_the_data_set_itself_is_left_as_it_is(data: Dataset) -> None:
    before = data.neighbours.values.copy()
    left = leave_out(data, Family.SOCIAL)
    assert np.array_equal(data.neighbours.values, before, equal_nan=True)
    assert not np.array_equal(left.neighbours.values, before, equal_nan=True)
    assert not data.task.unseen


def test_no_step_over_the_family_is_taken_and_every_other_is(data: Dataset) -> None:
    gone = leave_out(data, Family.SOCIAL).task.unseen
    assert gone == steps_of(Family.SOCIAL)
    assert {SPECS[step.edge].family for step in gone} == {Family.SOCIAL}
    assert {step.back for step in gone if not step.stays and step.near is not step.far} <= gone


@pytest.mark.slow
def test_a_network_fitted_without_the_family_has_no_weights_for_it(data: Dataset) -> None:
    [part] = out_of_time(data.examples)
    left = leave_out(data, Family.SOCIAL)
    network = GraphNetwork(members=1, settings=TrainingSettings(hidden=4, epochs=1))
    network.fit(left, part.split, seed=0)
    assert network.fitted is not None
    families = {SPECS[plan.step.edge].family for plan in network.fitted.encoder.steps}
    assert Family.SOCIAL not in families
    assert Family.CREDIT in families
    assert np.isfinite(network.log_odds(left, part.split.test[:20])).all()


@pytest.mark.slow
def test_the_control_network_reads_no_fact_of_another_borrower_or_of_a_shared_place(data: Dataset) -> None:
    [part] = out_of_time(data.examples)
    network = GraphNetwork(members=1, settings=TrainingSettings(hidden=4, epochs=1), scope=Scope.OWN)
    network.fit(data, part.split, seed=0)
    assert network.fitted is not None
    assert network.fitted.standardiser.width == fit_standardiser(data.own.values[part.split.train]).width
    beyond = [plan.step for plan in network.fitted.encoder.steps if plan.depth]
    assert {step.near for step in beyond} <= {NodeLabel.LOAN, NodeLabel.BANK_ACCOUNT}
    assert not {step.far for step in beyond} & {NodeLabel.PERSON, NodeLabel.COMPANY}
    asked = part.split.test[:20]
    blind = replace(data, neighbours=replace(data.neighbours, values=np.full_like(data.neighbours.values, np.nan)))
    assert np.array_equal(network.log_odds(data, asked), network.log_odds(blind, asked))
