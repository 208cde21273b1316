"""Rows that were refused: kept beside the graph with their reason, until they are repaired, or their subject is erased."""
