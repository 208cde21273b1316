"""How a file of JSON objects, one a line, is written from frames of nested columns. Knows no object."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from ingest.sandbox.files.delivery import written_whole


def write_json_lines(path: Path, frames: Iterable[pl.DataFrame]) -> int:
    """Write each row as one JSON object with the frame's columns as keys, structs as objects, lists as arrays.

    Args:
        path: Where the file shall be.
        frames: The pieces, in order; any may be empty, and they may differ in columns.

    Returns:
        Lines written.
    """
    lines = 0
    with written_whole(path) as file:
        for frame in frames:
            frame.write_ndjson(file)
            lines += frame.height
    return lines
