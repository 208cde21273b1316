"""Prints the schema of mapping files, as it is published in docs/mapping.schema.json."""

from ingest.mapping.schema import build_text

print(build_text(), end="")
