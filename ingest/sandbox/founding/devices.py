"""Who uses which device: one's own, the household's tablet, and what rings and other house-mates share."""

import numpy as np

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Devices, Ints

_SECOND_DEVICE = 0.35  # share of persons
_NEW_DEVICE = 0.25  # share of persons who get another one while the economy runs
_HOUSEHOLD_TABLET = 0.45  # share of households of two and more
_SECOND_SHARED = 0.5  # share of look-alike groups with two shared devices
RING_DEVICES = (1, 3)  # both ends included


def build_devices(scale: Scale, residents: Residents, draws: Draws) -> Devices:
    """Hand out devices; sorted by (person, device). Made-up identities have none but their ring's."""
    rng = draws.generator("founding.devices")
    real = np.flatnonzero(residents.is_real).astype(np.int32)
    second = real[rng.random(len(real)) < _SECOND_DEVICE]
    new = real[rng.random(len(real)) < _NEW_DEVICE]
    households = np.bincount(residents.household)
    tablet = (rng.random(len(households)) < _HOUSEHOLD_TABLET) & (households > 1)
    at_tablet = np.flatnonzero(tablet[residents.household]).astype(np.int32)
    in_group = np.flatnonzero(residents.group != NONE).astype(np.int32)
    groups = int(residents.group.max()) + 1
    in_second = in_group[(rng.random(max(groups, 1)) < _SECOND_SHARED)[residents.group[in_group]]]
    ring_person, ring_slot = _ring_uses(residents, rng)

    uses: list[tuple[Ints, Ints]] = [
        (real, np.arange(len(real), dtype=np.int32)),
        (second, np.arange(len(second), dtype=np.int32)),
        (new, np.arange(len(new), dtype=np.int32)),
        (at_tablet, residents.household[at_tablet]),
        (in_group, residents.group[in_group]),
        (in_second, residents.group[in_second]),
        (ring_person, ring_slot),
    ]
    person = np.concatenate([who for who, _ in uses])
    device = np.concatenate([number + base for (_, number), base in zip(uses, _bases(uses), strict=True)])
    since = np.full(len(person), NONE)
    came_later = np.arange(len(new)) + len(real) + len(second)
    since[came_later] = rng.integers(1, scale.months, len(new))
    _, device = np.unique(device, return_inverse=True)
    order = np.lexsort((device, person))
    return Devices(
        person=person[order].astype(np.int32),
        device=device[order].astype(np.int32),
        since=since[order].astype(np.int16),
        count=int(device.max()) + 1,
    )


def _bases(uses: list[tuple[Ints, Ints]]) -> list[int]:
    """Where the numbers of each lot of devices begin, so that no two lots meet."""
    spans = [int(number.max()) + 1 if len(number) else 0 for _, number in uses]
    return [int(base) for base in np.cumsum([0, *spans[:-1]])]


def _ring_uses(residents: Residents, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Each member uses one of the ring's devices, half of them a second one."""
    member = np.flatnonzero(~residents.is_real).astype(np.int32)
    rings = int(residents.ring.max()) + 1
    have = rng.integers(RING_DEVICES[0], RING_DEVICES[1] + 1, max(rings, 1))[residents.ring[member]]
    slot = residents.ring[member] * RING_DEVICES[1] + np.arange(len(member), dtype=np.int32) % have
    more = (rng.random(len(member)) < 0.5) & (have > 1)
    other = residents.ring[member] * RING_DEVICES[1] + (np.arange(len(member), dtype=np.int32) + 1) % have
    return np.r_[member, member[more]].astype(np.int32), np.r_[slot, other[more]].astype(np.int32)
