"""Made-up borrowers in the file layouts of the real sources, so that a fresh clone has something to run on."""

from ingest.demo.delivery import write_demo

__all__ = ["write_demo"]
