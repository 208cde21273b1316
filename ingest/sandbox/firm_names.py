"""What firms are called: a family or a made-up word, what the firm does, and its legal form.

Names may repeat; the register number tells firms apart.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.name_lists import FAMILY, TOWN_BEGINNINGS
from ingest.sandbox.society import Firms, Sector

TRADES = {
    Sector.INDUSTRY: ("Maschinenbau", "Metallwerk", "Kunststofftechnik", "Papierfabrik"),
    Sector.CONSTRUCTION: ("Bau", "Hochbau", "Dachdeckerei", "Malerbetrieb"),
    Sector.TRADE: ("Großhandel", "Handels", "Import & Export", "Vertrieb"),
    Sector.FOOD_RETAIL: ("Markt", "Lebensmittel", "Frischemarkt", "Bäckerei"),
    Sector.FASHION: ("Mode", "Schuhe", "Textil", "Mode & Sport"),
    Sector.ELECTRONICS: ("Elektronik", "Technikversand", "Computer", "Haushaltsgeräte"),
    Sector.LEISURE: ("Gasthaus", "Kino", "Café", "Sportstudio"),
    Sector.TRANSPORT: ("Spedition", "Transporte", "Taxi", "Logistik"),
    Sector.HEALTH: ("Pflegedienst", "Praxis", "Apotheke", "Reha"),
    Sector.SERVICES: ("Gebäudereinigung", "Beratung", "IT-Dienste", "Projekt"),
    Sector.PUBLIC: ("Stadtverwaltung", "Schulverband", "Klinikum", "Kreisamt"),
    Sector.UTILITY: ("Stadtwerke", "Energie", "Strom & Gas", "Wasserwerke"),
    Sector.TELECOM: ("Telefon", "Mobilfunk", "Netze", "Kabel"),
    Sector.LANDLORD: ("Wohnungsbau", "Immobilien", "Hausverwaltung", "Wohnen"),
    Sector.GAMBLING: ("Spielhallen", "Wetten", "Automaten", "Lotto"),
    Sector.BROKER: ("Wertpapierhandel", "Depotbank", "Börsenmakler", "Vermögen"),
    Sector.SHELL: ("Gebäudereinigung", "Beratung", "IT-Dienste", "Projekt"),
}
LEGAL_FORMS = ("GmbH", "UG", "GmbH & Co. KG", "AG", "e.K.")
PUBLIC_FORM = "AöR"


def firm_names(draws: Draws, firms: Firms, numbers: NDArray[np.integer]) -> pl.Series:
    """Names of firms [k], legal form included."""
    number = np.asarray(numbers, np.int64)
    own = _picked(draws, "firm.name", number, (*FAMILY, *TOWN_BEGINNINGS))
    trades = pl.Series([trade for sector in Sector for trade in TRADES[sector]])
    trade = trades.gather(firms.sector[number].astype(np.int64) * 4 + _position(draws, "firm.trade", number, 4))
    return own + " " + trade + " " + legal_forms(draws, firms, number)


def legal_forms(draws: Draws, firms: Firms, numbers: NDArray[np.integer]) -> pl.Series:
    """Legal forms of firms [k]."""
    number = np.asarray(numbers, np.int64)
    forms = _picked(draws, "firm.form", number, LEGAL_FORMS)
    public = pl.Series([PUBLIC_FORM]).gather(np.zeros(len(number), np.int64))
    return public.zip_with(pl.Series(firms.sector[number] == Sector.PUBLIC), forms)


def _picked(draws: Draws, stream: str, number: NDArray[np.int64], among: tuple[str, ...]) -> pl.Series:
    return pl.Series(among).gather(_position(draws, stream, number, len(among)))


def _position(draws: Draws, stream: str, number: NDArray[np.int64], below: int) -> NDArray[np.int64]:
    return (draws.bits(stream, number) % np.uint64(below)).astype(np.int64)
