"""What is kept of an erasure: when, how much, and a commitment that the one who asked can open, and nobody else."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

RECEIPTS = "receipts"
SALT_BYTES = 16
ID_DIGITS = 16


@dataclass(frozen=True)
class Receipt:
    """Proof for one subject.

    Attributes:
        receipt: Its number.
        salt: Opens the commitment: SHA-256 of salt, line feed and the subject's name as it was handed in. Given to the one who
            asked and written nowhere.
        path: The file that holds the rest.
    """

    receipt: str
    salt: str
    path: Path


def write_receipts(folder: Path, subjects: Sequence[str], taken: Mapping[str, int]) -> list[Receipt]:
    """One receipt a subject, below `folder`; `taken` counts what went for all of them together."""
    made = []
    for subject in subjects:
        salt = secrets.token_hex(SALT_BYTES)
        commitment = sha256(f"{salt}\n{subject}".encode()).hexdigest()
        receipt = commitment[:ID_DIGITS]
        path = folder / RECEIPTS / f"{receipt}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "receipt": receipt,
            "erased_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commitment": commitment,
            "subjects_in_this_run": len(subjects),
            "taken": dict(taken),
        }
        beside = path.with_suffix(".writing")
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(beside, path)
        made.append(Receipt(receipt, salt, path))
    return made
