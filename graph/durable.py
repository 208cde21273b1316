"""Writes that outlive a power cut: the bytes of a file, and the names in a folder."""

import os
from pathlib import Path


def write_synced(path: Path, content: bytes) -> None:
    """Write a small file so that it outlives a power cut."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Make a file that is written, or the names in a folder, outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
