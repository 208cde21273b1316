"""Who the made-up persons and firms of the demo's economy are: names, ages and jobs as its institutions recorded them.

A graph holds keys alone. The demo may put names to them, since nobody in it exists and its pepper is public.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import polars as pl

from api.cli.demo_applicants import DAY_CHARACTERS, read_text
from api.cli.demo_places import DEMO_PEPPER, SOURCE
from graph.identity import NodeKey
from graph.vocabulary import NodeLabel


@dataclass(frozen=True)
class Directory:
    """What the raw files say of persons and firms; read once, on first use."""

    raw: Path

    def describe(self, customers: list[str], at: datetime) -> str:
        """Name and age of the person with these customer numbers, in words."""
        rows = self._customers.filter(pl.col("customer_id").is_in(customers)).sort("recorded_at")
        born = rows["birth_date"].drop_nulls()
        age = f", {_years(date.fromisoformat(born[0]), at.date())}" if len(born) else ""
        return f"{rows['full_name'][0]}{age}" if rows.height else "name unknown"

    def job(self, customers: list[str], at: datetime) -> str | None:
        """Where that person worked, as payroll had reported it by then; None where it had reported nothing."""
        until = at.isoformat().replace("+00:00", "Z")
        rows = self._jobs.filter(pl.col("customer_id").is_in(customers) & (pl.col("recorded_at") < until)).sort(
            "on", "recorded_at"
        )
        if not rows.height:
            return None
        last = rows.row(-1, named=True)
        firm, day = self.firms.get(last["company_id"], last["company_id"]), last["on"][:DAY_CHARACTERS]
        if last["event"] == "ended":
            return f"left {firm} on {day}"
        return f"at {firm} since {day}, {float(last['salary']):,.2f} {last['currency']} a month"

    @cached_property
    def firms(self) -> dict[str, str]:
        """Names by register number."""
        return dict(read_text(self.raw / "companies.csv").select("company_id", "name").iter_rows())

    @cached_property
    def names(self) -> dict[NodeKey, str]:
        """Names of firms by their key in the graph."""
        return {DEMO_PEPPER.node_key(NodeLabel.COMPANY, SOURCE, number): name for number, name in self.firms.items()}

    @cached_property
    def _customers(self) -> pl.DataFrame:
        return read_text(self.raw / "customers.csv")

    @cached_property
    def _jobs(self) -> pl.DataFrame:
        return read_text(self.raw / "employment.csv")


def _years(born: date, at: date) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))
