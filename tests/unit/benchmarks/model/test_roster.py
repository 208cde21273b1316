"""Names are looked up among the contenders; one that lacks is an error."""

from dataclasses import replace

import pytest

from benchmarks.model.roster import EVERY, QUICK, ContenderMissing, Roster
from gnn.evaluation.protocol_run import TellsEarlier
from gnn.models.average import Average
from gnn.models.baselines import lightgbm_milestones, lightgbm_neighbours, lightgbm_own, logistic, logistic_neighbours
from gnn.models.peer_trees import PeerTrees
from gnn.models.scorecard import Scorecard
from gnn.network.model import GraphNetwork
from gnn.network.sequence_model import SequenceModel


@pytest.mark.parametrize("roster", [EVERY, QUICK])
def test_every_model_named_is_a_contender(roster: Roster) -> None:
    assert tuple(roster.look_up()) == roster.names


def test_a_name_that_is_no_contender_is_an_error() -> None:
    with pytest.raises(ContenderMissing, match="nobody"):
        replace(QUICK, groups=(*QUICK.groups, ("nobody",))).look_up()


def test_a_role_of_a_model_that_is_not_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="gnn have a role"):
        replace(QUICK, champion="gnn")


def test_every_model_keeps_what_cutoffs_are_chosen_by() -> None:
    average = Average(GraphNetwork(), lightgbm_neighbours())
    tables = [Scorecard(), logistic(), logistic_neighbours(), lightgbm_own(), lightgbm_neighbours(), lightgbm_milestones()]
    made = [*tables, PeerTrees(), GraphNetwork(), SequenceModel(), average]
    assert {one.name for one in made} | {"own_average"} == set(EVERY.names)
    assert all(isinstance(one, TellsEarlier) for one in made)
