"""Protocols, metrics, and every model side by side."""
