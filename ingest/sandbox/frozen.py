"""The digest that freezes how strong the economy's mechanisms are: the knobs' defaults and every declared strength.

A test pins it. Whoever changes a strength changes the economy, so that recorded figures no longer are of it.
"""

import json
from dataclasses import asdict
from hashlib import sha256
from types import ModuleType

from ingest.sandbox.economy import strengths
from ingest.sandbox.knobs import Knobs


def strengths_digest() -> str:
    """Hexadecimal SHA-256 of the knobs' defaults and of all constants of `economy.strengths`, by name."""
    text = json.dumps({"knobs": asdict(Knobs()), "strengths": constants_of(strengths)}, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def constants_of(module: ModuleType) -> dict[str, object]:
    """A module's constants, that is its names in capitals."""
    return {name: value for name, value in vars(module).items() if name.isupper()}
