"""Nothing of the real data sets is copied into the project: no tracked file holds an identifier of theirs."""

import re
import subprocess
from pathlib import Path

import polars as pl
import pytest

PROJECT = Path(__file__).parents[2]
IDENTIFIER = re.compile(r"\b(?:[0-9a-f]{32}|[0-9]{9})\b")


@pytest.mark.real_data
def test_no_tracked_file_holds_a_real_customer_or_loan(real_data: Path) -> None:
    real: set[str] = set()
    for name in ("trainperf", "trainprevloans", "testperf", "testprevloans"):
        table = pl.read_csv(real_data / "superlender" / f"{name}.csv", infer_schema=False)
        real.update(table["customerid"].to_list(), table["systemloanid"].to_list())
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split("\n")
    texts = {
        name: (PROJECT / name).read_text(encoding="utf-8", errors="replace") for name in tracked if (PROJECT / name).is_file()
    }
    assert len(texts) > 100
    assert len(real) > 10_000
    assert [(name, found) for name, text in texts.items() if (found := real & set(IDENTIFIER.findall(text)))] == []
