"""The sources that are declared in code, by name. Others are declared by mapping files (ingest/mapping)."""

from collections.abc import Mapping

from ingest.berka import BERKA
from ingest.errors import SourceUnknown
from ingest.source import SourceSpec
from ingest.sources.sandbox import SANDBOX
from ingest.superlender import SUPERLENDER

SOURCES: Mapping[str, SourceSpec] = {source.name: source for source in (SUPERLENDER, BERKA, SANDBOX)}


def find_source(source: str | SourceSpec) -> SourceSpec:
    """The declaration of that name, or the one given.

    Raises:
        SourceUnknown: none is declared under the name.
    """
    if isinstance(source, SourceSpec):
        return source
    if source not in SOURCES:
        raise SourceUnknown(source, sorted(SOURCES))
    return SOURCES[source]
