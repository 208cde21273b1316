"""Inference in tiles of fixed shape, so that a row's bits depend on the row alone.

A matrix product may give other bits for another number of rows, and a vectorised function for the rows left over at the end.
Here every call sees exactly `TILE_ROWS` rows, the last tile filled with zeros. A product of few columns may still give a row
other bits at another place in its tile: such a layer is `widened`. It knows nothing of graphs or models.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

TILE_ROWS = 16
LEAST_OUTPUTS = 16  # of 2 to 11 outputs, rows at other places were seen to have other bits


def run_in_tiles(function: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """Apply a function of rows to inputs of n rows, `TILE_ROWS` rows at a time.

    Args:
        function: Takes tensors [TILE_ROWS, ...] and gives [TILE_ROWS, k]; each row of its result must depend on that row only.
        inputs: Tensors [n, ...] of equal n, of any types; at least one.

    Returns:
        Tensor [n, k], row i as if it had been computed alone.
    """
    rows = inputs[0].shape[0]
    tiles = max(1, -(-rows // TILE_ROWS))  # an empty input still tells the width of the result
    padded = [_pad(tensor, tiles * TILE_ROWS - rows) for tensor in inputs]
    parts = [function(*(tensor[i * TILE_ROWS : (i + 1) * TILE_ROWS] for tensor in padded)) for i in range(tiles)]
    return (parts[0] if tiles == 1 else torch.cat(parts))[:rows]


def widened(layer: nn.Linear) -> tuple[Tensor, Tensor | None]:
    """Weight and bias of a layer whose outputs are filled up with zeros to a multiple of `LEAST_OUTPUTS`."""
    more = -layer.out_features % LEAST_OUTPUTS
    bias = None if layer.bias is None else functional.pad(layer.bias.detach(), [0, more])
    return functional.pad(layer.weight.detach(), [0, 0, 0, more]), bias


def _pad(tensor: Tensor, rows: int) -> Tensor:
    if not rows:
        return tensor.contiguous()
    return functional.pad(tensor, [0, 0] * (tensor.dim() - 1) + [0, rows])
