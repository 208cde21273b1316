"""What there is before the first month: `build_society` settles people, firms, ties and lenders from a scale alone."""

from ingest.sandbox.founding.society_builder import build_society

__all__ = ["build_society"]
