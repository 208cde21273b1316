"""Facts in words: what a relation means, as the vocabulary has it, with its properties as people write them."""

import re
from collections.abc import Mapping

from graph.vocabulary import SPECS, EdgeType, NodeLabel

MINOR_UNITS = 100  # of one unit of money, in every currency of the shipped sources
MONEY_ENDING = "_minor"
ENDINGS = ("_days", "_months", "_seconds", "_pct")
"""Endings of property names that are the unit of the value."""


UNTOLD = frozenset({NodeLabel.PERSON, NodeLabel.LOAN})
"""Labels that what a relation means tells already."""


def edge_words(edge: EdgeType) -> str:
    """What a fact of this kind says: `paid an instalment`, `is reached by (phone)`."""
    meaning = SPECS[edge].meaning.replace(" at `at`", "")  # the day stands beside it
    if edge.target in UNTOLD or edge.source is edge.target:
        return meaning
    return f"{meaning} ({_spaced(edge.target)})"


def property_words(properties: Mapping[str, int | float | str]) -> str:
    """Properties of one fact: `120.50 EUR, instalment 3, 12 days late`; empty where it has none."""
    currency = properties.get("currency", "")
    return ", ".join(_one(name, value, currency) for name, value in properties.items() if name != "currency")


def _one(name: str, value: int | float | str, currency: int | float | str) -> str:
    if name == "days_late":
        return _lateness(int(value))
    if name.endswith(MONEY_ENDING):
        what = name.removesuffix(MONEY_ENDING)
        amount = f"{float(value) / MINOR_UNITS:,.2f} {currency}".rstrip()
        return amount if what == "amount" else f"{what.replace('_', ' ')} {amount}"
    for ending in ENDINGS:
        if name.endswith(ending):
            what, unit = name.removesuffix(ending).replace("_", " "), ending[1:].replace("pct", "%")
            return f"{what} {value} {unit}"
    return f"{name.replace('_', ' ')} {str(value).replace('_', ' ')}"


def _spaced(label: NodeLabel) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", label).lower()


def _lateness(days: int) -> str:
    if days == 0:
        return "on the day"
    many = f"{abs(days)} day{'s' if abs(days) > 1 else ''}"
    return f"{many} late" if days > 0 else f"{many} early"
