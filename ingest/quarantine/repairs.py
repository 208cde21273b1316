"""A file of refused rows for a person to mend: one JSON object a line, of which `fields` is edited and read back.

Decides what a line must look like; whether its row is accepted then is the replay's matter.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ingest.checks import FIELDS, LINE, NAMES
from ingest.errors import RepairMalformed

ENTRY = "entry"
SHOWN = (ENTRY, "code", "field")
OWNER_ALONE = 0o600  # the file holds what the source said, in plain text
Fields = dict[str, Any]


def write_repairs(path: Path, entries: pl.DataFrame) -> int:
    """Write entries of the shelf to be mended, readable by their owner alone; returns how many.

    Raises:
        FileExistsError: something lies there, perhaps a repair somebody has worked on.
    """
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE), "w", encoding="utf-8") as file:
        for row in entries.select(*SHOWN, FIELDS).iter_rows(named=True):
            line = {name: row[name] for name in SHOWN} | {FIELDS: json.loads(row[FIELDS])}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return entries.height


def read_repairs(path: Path) -> dict[str, Fields]:
    """What mended rows say, by entry; empty lines are passed over.

    Raises:
        RepairMalformed: a line is no such object, or names an entry a second time.
    """
    repairs: dict[str, Fields] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        entry, fields = _read_line(path, number, line)
        if entry in repairs:
            raise RepairMalformed(path, number, f"names the entry {entry} a second time")
        repairs[entry] = fields
    return repairs


def check_columns(path: Path, repairs: Mapping[str, Fields], columns: Mapping[str, frozenset[str]]) -> None:
    """Refuse a repair that gives a value to a column its table does not have.

    Args:
        path: For the message.
        repairs: As `read_repairs` gives them.
        columns: Names that the table of each entry knows, by entry; entries that are not in it are passed over.

    Raises:
        RepairMalformed: it has one, a misspelt name for instance, which would be lost without a word.
    """
    for number, (entry, fields) in enumerate(repairs.items(), start=1):
        unknown = sorted(set(fields) - columns.get(entry, frozenset(fields)))
        if unknown and LINE not in fields:
            raise RepairMalformed(path, number, f"names {', '.join(map(repr, unknown))}, which the table does not have")


def _read_line(path: Path, number: int, line: str) -> tuple[str, Fields]:
    try:
        said = json.loads(line)
    except ValueError as exc:
        raise RepairMalformed(path, number, "is not valid JSON") from exc
    if not isinstance(said, dict) or not isinstance(said.get(ENTRY), str) or not isinstance(said.get(FIELDS), dict):
        raise RepairMalformed(path, number, "lacks `entry` (a text) or `fields` (an object)")
    fields: Fields = said[FIELDS]
    for name, value in fields.items():
        texts = isinstance(value, list) and name == NAMES and all(isinstance(item, str) for item in value)
        if not (texts or value is None or isinstance(value, str)):
            raise RepairMalformed(path, number, f"gives {name!r} something else than a text or null")
    if not isinstance(fields.get(LINE, ""), str):
        raise RepairMalformed(path, number, f"has a `{LINE}` that is no text")
    return said[ENTRY], fields
