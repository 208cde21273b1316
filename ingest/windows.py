"""Which tables have rows that mean something only among the others of their file, such as the numbers of equal rows."""

from ingest.source import TableSpec

_WINDOW = ".over("


def has_windows(spec: TableSpec) -> bool:
    """Whether a derived column looks at several rows: then no row can be read alone, and no file in parts."""
    return spec.whole and any(_WINDOW in str(value) for value in spec.derived.values())
