"""What payments are called on statements: ISO 20022 purpose codes, bank transaction codes and remittance lines.

Codes are of the ISO 20022 external code sets (ExternalPurpose1Code, bank transaction codes of domain PMNT). Transfers among
people are worded alike, whatever they are for: no statement says that a payment is a sham.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.events import PURPOSES, Purpose, month_start

PURPOSE_CODES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.WAGE: "SALA",
        Purpose.BENEFIT: "BENE",
        Purpose.PENSION: "PENS",
        Purpose.RENT: "RENT",
        Purpose.UTILITY: "UBIL",
        Purpose.TELECOM: "PHON",
        Purpose.FOOD: "GDDS",
        Purpose.SHOP: "GDDS",
        Purpose.LEISURE: "SCVE",
        Purpose.TRANSPORT: "TRPT",
        Purpose.HEALTH: "MDCS",
        Purpose.LOAN_PAYOUT: "LOAN",
        Purpose.INSTALMENT: "LOAR",
        Purpose.INVESTMENT: "INVS",
        Purpose.INVESTOR_PAYOUT: "INVS",
        Purpose.TRADE: "SUPP",
        Purpose.GAMBLING: "GAMB",
        Purpose.SECURITIES: "SECU",
        Purpose.TAX: "TAXS",
    }
)
_BETWEEN_PEOPLE = ("Danke", "wie besprochen", "Für neulich", "Anteil", "Geschenk & Karte", "Auslagen", "privat", "Überweisung")
_BETWEEN_OWN = ("Umbuchung", "Übertrag", "Verrechnung <intern>")
_LINES: Mapping[Purpose, tuple[str, ...]] = MappingProxyType(
    {
        Purpose.WAGE: ("Lohn/Gehalt {month}", "Gehalt {month}", "Bezüge {month}"),
        Purpose.BENEFIT: ("Leistung {month}",),
        Purpose.PENSION: ("Rente {month}",),
        Purpose.PROFIT: ("Privatentnahme {month}",),
        Purpose.RENT: ("Miete {month}", "Miete & Nebenkosten {month}"),
        Purpose.UTILITY: ("Abschlag Strom/Gas {month}", "Rechnung Energie {month}"),
        Purpose.TELECOM: ("Mobilfunk {month}", "Rechnung Telefon {month}"),
        Purpose.FOOD: ("Kartenzahlung", "girocard {month}"),
        Purpose.SHOP: ("Bestellung", "Ihr Einkauf {month}"),
        Purpose.LEISURE: ("Kartenzahlung", "girocard {month}"),
        Purpose.TRANSPORT: ("Fahrkarte {month}", "Abo {month}", "Tankstelle"),
        Purpose.HEALTH: ("Rechnung {month}", "Zuzahlung"),
        Purpose.LOAN_PAYOUT: ("Auszahlung Kredit",),
        Purpose.INSTALMENT: ("Rate {month}", "Kreditrate {month}"),
        Purpose.GUARANTEE: ("Zahlung aus Bürgschaft",),
        Purpose.RECOVERY: ("Forderung, Teilzahlung {month}",),
        Purpose.INVESTMENT: ("Anlage {month}",),
        Purpose.INVESTOR_PAYOUT: ("Auszahlung Anlage {month}",),
        Purpose.TRADE: ("Rechnung {month}", "Lieferung; Rechnung {month}"),
        Purpose.GAMBLING: ("Kartenzahlung", "Einzahlung Kundenkonto"),
        Purpose.SECURITIES: ("Depot {month}", "Wertpapierkauf"),
        Purpose.TAX: ("Steuer {month}",),
        Purpose.REFUND: ("Erstattung",),
        Purpose.SUPPORT: _BETWEEN_PEOPLE,
        Purpose.CIRCLE: _BETWEEN_PEOPLE,
        Purpose.PASSED_ON: _BETWEEN_PEOPLE,
        Purpose.KICKBACK: _BETWEEN_PEOPLE,
        Purpose.PLATFORM: _BETWEEN_OWN,
        Purpose.OTHER: ("Kartenzahlung", "Bargeld"),
    }
)
_BY_CARD = frozenset({Purpose.FOOD, Purpose.SHOP, Purpose.LEISURE, Purpose.TRANSPORT})
_BY_DIRECT_DEBIT = frozenset({Purpose.UTILITY, Purpose.TELECOM, Purpose.INSTALMENT})
_MOST_LINES = max(len(lines) for lines in _LINES.values())


def purpose_codes(codes: NDArray[np.integer]) -> pl.Series:
    """ISO 20022 purpose codes of `PURPOSES` positions [k]; null where none fits."""
    return pl.Series([PURPOSE_CODES.get(purpose) for purpose in PURPOSES], dtype=pl.String).gather(codes.astype(np.int64))


def remittances(draws: Draws, codes: NDArray[np.integer], row: NDArray[np.int64], month: int) -> pl.Series:
    """What the payer wrote, the same on both sides of a payment.

    Args:
        draws: The economy's luck.
        codes: Positions in `PURPOSES` [k].
        row: Numbers of the payments [k].
        month: Month of the economy.
    """
    when = f"{month_start(month):%m/%Y}"
    lines = pl.Series([_LINES[p][i % len(_LINES[p])].format(month=when) for p in PURPOSES for i in range(_MOST_LINES)])
    # the highest bits, so that purposes with fewer lines than the longest list still use all of theirs
    pick = (draws.uniform("wording", row, month) * _MOST_LINES).astype(np.int64)
    return lines.gather(codes.astype(np.int64) * _MOST_LINES + pick)


def transaction_code(purpose: Purpose, *, debit: bool) -> tuple[str, str]:
    """Family and sub-family of an entry in domain PMNT: card, direct debit or credit transfer."""
    if not debit:
        return "RCDT", "ESCT"
    if purpose in _BY_CARD:
        return "CCRD", "POSD"
    return ("RDDT", "ESDD") if purpose in _BY_DIRECT_DEBIT else ("ICDT", "ESCT")
