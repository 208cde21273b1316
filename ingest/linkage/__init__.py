"""Who is the same person, and who knows whom: derived from all facts of a store, never from the order they came in."""

from ingest.linkage.deriving import DeriveReport, derive, derived_batches, write_review

__all__ = ["DeriveReport", "derive", "derived_batches", "write_review"]
