"""Sources that are declared by a file instead of by code: a mapping (YAML) becomes a `SourceSpec` as any other."""

from ingest.mapping.build import read_mapping

__all__ = ["read_mapping"]
