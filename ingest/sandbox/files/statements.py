"""Writes statements.csv: the entries of delivered accounts, but for those that come as camt.053.

A month of one bank follows the other. A bank hands over a day's entries on the next day; a month it loses is missing as a
whole, so balances jump there.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.events import month_start
from ingest.sandbox.files.booking import account_names, camt_accounts, read_entries
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import DAY_S, instant, money
from ingest.sandbox.files.wording import purpose_codes, remittances
from ingest.sandbox.identifiers import REGISTERS

COLUMNS = (
    "bank_id",
    "iban",
    "entry_id",
    "booked_at",
    "amount",
    "currency",
    "counterparty_iban",
    "counterparty_name",
    "purpose_code",
    "remittance",
    "balance_after",
    "recorded_at",
)
TABLE = "statements"
BANK_IDS = REGISTERS[1:4]
ENTRIES_AT_ONCE = 100_000


def write_statements(delivery: Delivery, path: Path) -> int:
    """Write the file; see `files.delivery.Writer`."""
    in_camt = np.zeros(delivery.identifiers.accounts.count, np.bool_)
    in_camt[camt_accounts(delivery)] = True

    def pieces() -> Iterator[pl.DataFrame]:
        for month, (bank, name) in product(range(delivery.months), enumerate(BANK_IDS)):
            if not delivery.dirt.is_lost(TABLE, name, month):
                entries = read_entries(delivery, month, bank)
                entries = entries.filter(pl.Series(~in_camt[entries["account"].to_numpy()]))
                for piece in entries.iter_slices(ENTRIES_AT_ONCE):  # text takes many times what numbers take
                    yield _spelled(delivery, piece, month)

    return write_table(path, COLUMNS, pieces())


def _spelled(delivery: Delivery, entries: pl.DataFrame, month: int) -> pl.DataFrame:
    row = entries["row"].to_numpy()
    recorded = delivery.dirt.next_morning(TABLE, row, entries["booked"].to_numpy() // DAY_S)
    arrived = delivery.dirt.delivered(TABLE, entries.with_columns(recorded_at=pl.Series(recorded)))
    ids, counterparty = delivery.identifiers, arrived["counterparty"].to_numpy()
    purpose = arrived["purpose"].to_numpy()
    bank = pl.Series(BANK_IDS).gather(arrived["bank"])
    return arrived.select(
        bank.alias("bank_id"),
        ids.ibans(arrived["account"].to_numpy()).alias("iban"),
        entry_ids(arrived, month).alias("entry_id"),
        instant("booked").alias("booked_at"),
        money("amount"),
        pl.lit("EUR").alias("currency"),
        ids.ibans(counterparty).alias("counterparty_iban"),
        account_names(ids, counterparty).alias("counterparty_name"),
        purpose_codes(purpose).alias("purpose_code"),
        remittances(delivery.draws, purpose, arrived["payment"].to_numpy(), month).alias("remittance"),
        money("balance").alias("balance_after"),
        instant("recorded_at"),
    )


def entry_ids(entries: pl.DataFrame, month: int) -> pl.Series:
    """`BK1-202204-0000123`: a bank's own numbers of its entries, one for each side of a payment."""
    bank = pl.Series(BANK_IDS).gather(entries["bank"])
    return bank + f"-{month_start(month):%Y%m}-" + entries["number"].cast(pl.String).str.zfill(7)
