"""The part of a network that reads the subject's table by itself: two layers, beside whatever messages say.

Each column is read as it is and piece by piece, so that a bend in it need not be made of layers. It knows no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

SMALLEST_PIECE = 1e-6  # standard deviations; a column's values on both sides of a shorter one are the same


@dataclass(frozen=True)
class Pieces:
    """Parts of columns' ranges: of which column, int64 [p], and where each begins and how long it is, float32 [p].

    A value is told by how far it has come through each, from 0 to 1: the piecewise linear encoding of Gorishniy, Rubachev and
    Babenko 2022 (On Embeddings for Numerical Features in Tabular Deep Learning, section 3.2).
    """

    column: NDArray[np.int64]
    begin: NDArray[np.float32]
    length: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.column)

    def without(self, columns: Sequence[int]) -> "Pieces":
        """Those of all other columns."""
        kept = ~np.isin(self.column, np.array(columns, np.int64))
        return Pieces(self.column[kept], self.begin[kept], self.length[kept])


NO_PIECES = Pieces(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32))


def cut_in_pieces(table: NDArray[np.float32], each: int) -> Pieces:
    """Up to `each` pieces of every column of a table float32 [n, f], equally many rows in each; none of a constant."""
    edges = np.quantile(table, np.linspace(0, 1, each + 1), axis=0).astype(np.float32)
    begin, length = edges[:-1].T, np.diff(edges, axis=0).T
    column, piece = np.nonzero(length > SMALLEST_PIECE)
    return Pieces(column, begin[column, piece], length[column, piece])


class Tower(nn.Module):
    """States [n, width] of tables [n, own], with inputs and states dropped at random while it learns.

    Of `pieces` it has the number when it is made, and the pieces themselves by `read_by` or with its other tensors.
    """

    def __init__(self, own: int, pieces: int, width: int, input_dropout: float, dropout: float) -> None:
        super().__init__()
        self.column: Tensor
        self.begin: Tensor
        self.length: Tensor
        self.register_buffer("column", torch.zeros(pieces, dtype=torch.int64))
        self.register_buffer("begin", torch.zeros(pieces))
        self.register_buffer("length", torch.ones(pieces))
        self.drop_input, self.drop = nn.Dropout(input_dropout), nn.Dropout(dropout)
        self.first, self.second = nn.Linear(own + pieces, width), nn.Linear(width, width)

    def read_by(self, pieces: Pieces) -> None:
        """Read tables by these pieces from now on.

        Raises:
            ValueError: they are not as many as it was made for.
        """
        if len(pieces) != len(self.column):
            raise ValueError(f"{len(pieces)} pieces for a tower of {len(self.column)}")
        for mine, given in ((self.column, pieces.column), (self.begin, pieces.begin), (self.length, pieces.length)):
            mine.copy_(torch.from_numpy(given))

    def forward(self, own: Tensor) -> Tensor:
        """One state a row; in evaluation a row's depends on that row alone."""
        come = ((own.index_select(1, self.column) - self.begin) / self.length).clamp(0.0, 1.0)
        state = self.drop(self.first(self.drop_input(torch.cat([own, come], dim=1))).relu())
        tall: Tensor = self.drop(self.second(state).relu())
        return tall
