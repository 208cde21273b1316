"""File formats: the text of a file becomes rows of text columns, one module a format; what values mean is decided elsewhere."""

from ingest.formats.reading import read_table

__all__ = ["read_table"]
