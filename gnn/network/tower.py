"""The part of a network that reads the subject's own table by itself: two layers, beside whatever messages say.

It knows tensors only.
"""

from torch import Tensor, nn


class Tower(nn.Module):
    """States [n, width] of tables [n, own], with inputs and states dropped at random while it learns."""

    def __init__(self, own: int, width: int, input_dropout: float, dropout: float) -> None:
        super().__init__()
        self.drop_input, self.drop = nn.Dropout(input_dropout), nn.Dropout(dropout)
        self.first, self.second = nn.Linear(own, width), nn.Linear(width, width)

    def forward(self, own: Tensor) -> Tensor:
        """One state a row; in evaluation a row's depends on that row alone."""
        state = self.drop(self.first(self.drop_input(own)).relu())
        tall: Tensor = self.drop(self.second(state).relu())
        return tall
