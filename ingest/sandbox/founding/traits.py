"""The hidden traits of people: standard normal, a little correlated, alike within households and neighbourhoods.

Decides who is what; acts on nothing and knows of no credit.
"""

from dataclasses import dataclass

import numpy as np

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.society import Floats

# willingness, ability, thrift, craving, sociability: correlation of two traits of one person
_MIX = np.linalg.cholesky(
    np.array(
        [
            [1.00, 0.15, 0.15, -0.10, 0.00],
            [0.15, 1.00, 0.20, -0.05, 0.05],
            [0.15, 0.20, 1.00, -0.25, 0.00],
            [-0.10, -0.05, -0.25, 1.00, 0.05],
            [0.00, 0.05, 0.00, 0.05, 1.00],
        ]
    )
)
# shares of a trait's variance that neighbourhood and household (beyond the neighbourhood) account for
_NEIGHBOURHOOD_SHARE = np.array([0.10, 0.15, 0.08, 0.04, 0.01])
_HOUSEHOLD_SHARE = np.array([0.25, 0.20, 0.22, 0.12, 0.08])


@dataclass(frozen=True)
class Traits:
    """One row a person; see `People`."""

    willingness: Floats
    ability: Floats
    thrift: Floats
    craving: Floats
    sociability: Floats


def build_traits(residents: Residents, draws: Draws) -> Traits:
    """Draw every person's traits; each comes out with mean 0 and standard deviation 1 over all persons."""
    rng = draws.generator("founding.traits")
    near, close = np.sqrt(_NEIGHBOURHOOD_SHARE), np.sqrt(_HOUSEHOLD_SHARE)
    own = np.sqrt(1 - _NEIGHBOURHOOD_SHARE - _HOUSEHOLD_SHARE)
    by_neighbourhood = (rng.normal(size=(residents.neighbourhoods, 5)) @ _MIX.T) * near
    by_household = ((rng.standard_normal((int(residents.household[-1]) + 1, 5), np.float32) @ _MIX.T) * close).astype(
        np.float32
    )
    by_person = ((rng.standard_normal((len(residents), 5), np.float32) @ _MIX.T) * own).astype(np.float32)
    columns = []
    for trait in range(5):
        value = by_person[:, trait] + by_household[residents.household, trait]
        value = value + by_neighbourhood[residents.neighbourhood, trait]
        columns.append(((value - value.mean()) / value.std()).astype(np.float32))
    return Traits(*columns)
