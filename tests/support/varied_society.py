"""A society in which everything happens that decides whether a fact counts: merges, corrections, and consents taken back."""

import numpy as np

from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.snapshots import (
    CALLED,
    CONSENTED,
    DESCRIBED,
    HOLDS,
    KNOWS,
    PAID,
    PERSON,
    SAME_AS,
    Rows,
    consent,
    fact,
    version,
)

REPAID = EdgeType(PERSON, RelType.REPAID, NodeLabel.LOAN)
APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
LIVES_AT = EdgeType(PERSON, RelType.LIVES_AT, NodeLabel.PLACE)
EDGES = (CALLED, CALLED, KNOWS, HOLDS, PAID, PAID, DESCRIBED, REPAID, APPLIED, LIVES_AT, CONSENTED, SAME_AS)
PERSONS, DAYS, DAY_S = 45, 400, 86_400


def varied_society(seed: int, first: int = 0, count: int = 900) -> Rows:
    """Persons merged again and again, corrected and withdrawn facts, calls that rest on consent given and taken back."""
    draw, rows = np.random.default_rng(seed), []
    for n in range(first, first + count):
        edge = EDGES[int(draw.integers(len(EDGES)))]
        near, far, second = int(draw.integers(PERSONS)), int(draw.integers(PERSONS)), int(draw.integers(DAYS)) * DAY_S
        if edge is SAME_AS and n % 5:
            continue
        if edge is CONSENTED:
            rows.append(consent(n, near, second, "granted" if n % 4 else "revoked"))
            continue
        values = {"basis": "consent" if edge in (CALLED, KNOWS) and n % 3 == 0 else "contract"}
        if edge in (REPAID, APPLIED, HOLDS):
            far = near * 4 + int(draw.integers(4)) if n % 7 else far  # now and then what another one has
        if edge is LIVES_AT:
            far = far % 3
        if edge is REPAID:
            values |= {"instalment": 1, "days_late": int(draw.integers(-5, 90))}
        if edge in (PAID, APPLIED):
            values |= {"amount_minor": int(draw.integers(1, 10**6)), "currency": "CZK" if n % 9 else "EUR"}
        if edge in (REPAID, HOLDS, KNOWS, PAID) and n % 4 == 0:
            rows.append(version(edge, n, n % 40, near, far, second, withdrawn=True if n % 28 == 0 else None, **values))
        else:
            rows.append(fact(edge, n, near, far, second, **values))
    return rows
