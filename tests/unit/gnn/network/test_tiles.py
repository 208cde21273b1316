import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from gnn.network.tiles import TILE_ROWS, run_in_tiles, widened


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(1, 3 * TILE_ROWS), width=st.integers(1, 130), at=st.integers(0, 10_000), seed=st.integers(0, 2**31))
def test_bits_of_a_row_do_not_depend_on_the_rows_around_it(rows: int, width: int, at: int, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    weight, bias = torch.randn(32, width, generator=draw), torch.randn(32, generator=draw)
    batch = torch.randn(rows, width, generator=draw)

    def layer(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(functional.linear(x, weight, bias))

    row = at % rows
    alone = run_in_tiles(layer, batch[row : row + 1])
    assert torch.equal(run_in_tiles(layer, batch)[row], alone[0])


@pytest.mark.parametrize("outputs", range(1, 25))
def test_a_widened_layer_gives_a_row_the_same_bits_at_any_place_of_its_tile(outputs: int) -> None:
    torch.manual_seed(outputs)
    for inputs in (3, 5, 61, 62, 63, 130):
        layer, batch = torch.nn.Linear(inputs, outputs), torch.randn(2 * TILE_ROWS + 5, inputs)
        weights = widened(layer)

        def product(x: torch.Tensor, weights: tuple[torch.Tensor, torch.Tensor | None] = weights) -> torch.Tensor:
            return functional.linear(x, *weights)

        with torch.inference_mode():
            together = run_in_tiles(product, batch)
            alone = torch.cat([run_in_tiles(product, row[None]) for row in batch])
            assert torch.equal(together, alone)
            assert torch.allclose(together[:, :outputs], layer(batch), atol=1e-5)
            assert not together[:, outputs:].any()


def test_several_inputs_of_other_types_stay_in_step() -> None:
    values, codes = torch.arange(150.0).unsqueeze(1), torch.arange(150)
    assert torch.equal(run_in_tiles(lambda v, c: v + c.unsqueeze(1), values, codes), 2 * values)


@pytest.mark.parametrize("rows", [0, 1, TILE_ROWS, TILE_ROWS + 1])
def test_every_call_sees_a_whole_tile(rows: int) -> None:
    seen: list[int] = []

    def note(x: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return x

    assert run_in_tiles(note, torch.ones(rows, 3)).shape == (rows, 3)
    assert set(seen) == {TILE_ROWS}
