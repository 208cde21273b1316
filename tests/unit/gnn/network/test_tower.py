"""What a tower reads of a column: the value itself, and how far it has come through each piece of the column's range."""

import numpy as np
import pytest
import torch

from gnn.network.tower import Tower, cut_in_pieces

TABLE = np.column_stack([np.arange(9.0), np.full(9, 3.0), np.repeat([0.0, 1.0], [8, 1])]).astype(np.float32)


def test_pieces_hold_equally_many_rows_and_a_constant_has_none() -> None:
    pieces = cut_in_pieces(TABLE, 4)
    assert pieces.column.tolist() == [0, 0, 0, 0, 2]
    assert pieces.begin.tolist() == [0.0, 2.0, 4.0, 6.0, 0.0]
    assert pieces.length.tolist() == [2.0, 2.0, 2.0, 2.0, 1.0]
    assert pieces.without([0]).column.tolist() == [2]
    assert len(pieces.without([0, 2])) == 0


@pytest.mark.parametrize(
    ("value", "come"),
    [(-5.0, [0, 0, 0, 0]), (0.0, [0, 0, 0, 0]), (3.0, [1, 0.5, 0, 0]), (7.0, [1, 1, 1, 0.5]), (99.0, [1, 1, 1, 1])],
)
def test_a_value_is_told_by_how_far_it_has_come_through_each_piece(value: float, come: list[float]) -> None:
    pieces = cut_in_pieces(TABLE[:, :1], 4)
    tower = Tower(1, len(pieces), 5, 0.0, 0.0).eval()
    tower.read_by(pieces)
    with torch.no_grad():
        torch.nn.init.eye_(tower.first.weight)
        torch.nn.init.zeros_(tower.first.bias)
        torch.nn.init.eye_(tower.second.weight)
        torch.nn.init.zeros_(tower.second.bias)
        state = tower(torch.tensor([[value]]))[0]
    assert state.tolist() == [max(value, 0.0), *come]


def test_pieces_are_kept_with_the_other_tensors() -> None:
    pieces = cut_in_pieces(TABLE, 4)
    tower, again = Tower(3, len(pieces), 4, 0.0, 0.0).eval(), Tower(3, len(pieces), 4, 0.0, 0.0).eval()
    tower.read_by(pieces)
    again.load_state_dict(tower.state_dict())
    rows = torch.from_numpy(TABLE)
    assert torch.equal(tower(rows), again(rows))
