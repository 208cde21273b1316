"""Interest communities and their members: people of like interest, place and age join the same ones."""

import numpy as np

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.founding.traits import Traits
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Groups

COMMUNITY_KINDS = ("sport", "music", "faith", "parents", "help among neighbours", "handicraft", "games", "learning")
"""Names by `Groups.kinds`."""

PERSONS_A_COMMUNITY = 150
FEWEST_COMMUNITIES = 12
_TRIES, _JOINS = 4, 0.26  # memberships a person: 0 to 4, about 1
_SINCE_BEFORE = 0.70  # of memberships
_MADE_UP_JOINS = 0.10
_BLOCK = 5  # neighbourhoods that share communities


def build_groups(scale: Scale, residents: Residents, traits: Traits, draws: Draws) -> Groups:
    """Found communities and let people join; sorted by (person, community), none twice."""
    rng = draws.generator("founding.groups")
    count = max(FEWEST_COMMUNITIES, scale.persons // PERSONS_A_COMMUNITY)
    kinds = np.sort(np.arange(count) % len(COMMUNITY_KINDS)).astype(np.int8)
    lean = np.clip(_JOINS * np.exp(0.35 * traits.sociability), 0, 0.9)
    times = rng.binomial(_TRIES, np.where(residents.is_real, lean, _MADE_UP_JOINS))
    person = np.repeat(np.arange(len(residents), dtype=np.int32), times)
    kind = rng.integers(0, len(COMMUNITY_KINDS), len(person))
    block = (residents.neighbourhood[person] + kind) // _BLOCK
    interest = residents.age[person] / 20 + 0.4 * traits.ability[person] + rng.normal(0, 0.7, len(person))
    order = np.lexsort((interest, block, kind))
    person, kind = person[order], kind[order]

    # communities of one kind cut that kind's queue into unequal pieces
    weight = np.exp(rng.normal(0, 0.8, count))
    first = np.searchsorted(kinds, np.arange(len(COMMUNITY_KINDS)))
    share = weight / np.add.reduceat(weight, first)[kinds]
    ends = np.cumsum(share)  # community c of kind k ends at k + its share so far
    length = np.bincount(kind, minlength=len(COMMUNITY_KINDS))
    start = np.cumsum(length) - length
    place = kind + (np.arange(len(person)) - start[kind] + 0.5) / length[kind]
    community = np.clip(np.searchsorted(ends, place), first[kind], np.r_[first[1:], count][kind] - 1)

    key = np.unique(person.astype(np.int64) * count + community)
    joined = np.where(rng.random(len(key)) < _SINCE_BEFORE, NONE, rng.integers(0, scale.months, len(key)))
    return Groups((key // count).astype(np.int32), (key % count).astype(np.int32), joined.astype(np.int16), kinds)
