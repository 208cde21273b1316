"""Forgetting a person: in the graph, its snapshots and what lies in quarantine, with a receipt that names no one."""

from ingest.erasure.erase import ErasePlaces, Erasure, erase_subjects

__all__ = ["ErasePlaces", "Erasure", "erase_subjects"]
