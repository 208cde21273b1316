"""The Berka source: a Czech bank of the 1990s (PKDD'99 challenge)."""

from ingest.berka.delivery import BERKA

__all__ = ["BERKA"]
