"""Small deliveries of the two sources, written row by row: a test states only the values it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graph.facts import FactBatch
from graph.identity import Pepper
from graph.vocabulary import EdgeType

PEPPER = Pepper("a pepper for tests alone")
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class Layout:
    """One file: its columns with a value that is accepted for each, and its delimiter."""

    file: str
    defaults: Mapping[str, str]
    delimiter: str = ","


_LOAN = {
    "customerid": "ada",
    "systemloanid": "301",
    "loannumber": "2",
    "approveddate": "2017-07-05 10:00:00.000000",
    "creationdate": "2017-07-05 08:59:52.000000",
    "loanamount": "10000.0000",
    "totaldue": "13000.0000",
    "termdays": "30",
}
SCORED = Layout("trainperf.csv", _LOAN | {"referredby": "", "good_bad_flag": "Good"})
EARLIER = Layout(
    "trainprevloans.csv",
    _LOAN
    | {
        "systemloanid": "201",
        "loannumber": "1",
        "approveddate": "2017-04-01 12:00:00.000000",
        "creationdate": "2017-04-01 10:59:50.000000",
        "closeddate": "2017-05-03 09:15:00.000000",
        "referredby": "",
        "firstduedate": "2017-05-01 00:00:00.000000",
        "firstrepaiddate": "2017-05-03 09:00:00.500000",
    },
)
DEMOGRAPHICS = Layout(
    "traindemographics_coarse.csv",
    {
        "customerid": "ada",
        "bank_account_type": "Savings",
        "longitude_gps": "3.3",
        "latitude_gps": "6.5",
        "bank_name_clients": "Test Bank",
        "bank_branch_clients": "",
        "employment_status_clients": "Self-Employed",
        "level_of_education_clients": "",
        "birth_year": "1980",
    },
)
SUPERLENDER_LAYOUTS = (SCORED, EARLIER, DEMOGRAPHICS)

ACCOUNT = Layout("account.csv", {"account_id": "7", "district_id": "3", "frequency": "weekly issuance", "date": "960110"}, ";")
DISP = Layout("disp.csv", {"disp_id": "70", "client_id": "700", "account_id": "7", "type": "OWNER"}, ";")
CLIENT = Layout("client.csv", {"client_id": "700", "birth_number": "655221", "district_id": "3"}, ";")
DISTRICT = Layout(
    "district.csv",
    {
        "code ": "3",
        "name ": "Testov",
        "region": "north",
        "no. of inhabitants": "1000",
        "no. of municipalities with inhabitants < 499 ": "1",
        "no. of municipalities with inhabitants 500-1999": "1",
        "no. of municipalities with inhabitants 2000-9999 ": "1",
        "no. of municipalities with inhabitants >10000 ": "1",
        "no. of cities ": "1",
        "ratio of urban inhabitants ": "46.7",
        "average salary ": "8507",
        "unemploymant rate '95 ": "?",
        "unemploymant rate '96 ": "1.85",
        "no. of enterpreneurs per 1000 inhabitants ": "132",
        "no. of commited crimes '95 ": "?",
        "no. of commited crimes '96 ": "9",
    },
    ";",
)
_CARD = {"card_id": "900", "disp_id": "70", "type": "classic", "issued": "961028"}
CARD_TRAIN, CARD_TEST = Layout("card_train.csv", _CARD, ";"), Layout("card_test.csv", _CARD | {"card_id": "901"}, ";")
_TERMS = {"loan_id": "80", "account_id": "7", "date": "970603", "amount": "12000", "duration": "12", "payments": "1000"}
LOAN_TRAIN = Layout("loan_train.csv", _TERMS | {"loan_id": "81", "date": "960603", "status": "1"}, ";")
LOAN_LABELLED = Layout("loans_1997_98_labelled.csv", _TERMS | {"status": "A", "y": "0"})
LOAN_TEST = Layout("loan_test.csv", _TERMS | {"status": ""}, ";")
TRANS = Layout(
    "trans_test.csv",
    {
        "trans_id": "1",
        "account_id": "7",
        "date": "970110",
        "type": "credit",
        "operation": "credit in cash",
        "amount": "900.00",
        "balance": "1900.50",
        "k_symbol": "",
        "bank": "",
        "account": "",
    },
    ";",
)
ORDER = Layout(
    "order_undated.csv",
    {"order_id": "60", "account_id": "7", "bank_to": "YZ", "account_to": "555", "amount": "330.00", "k_symbol": "SIPO"},
    ";",
)
BERKA_LAYOUTS = (
    ACCOUNT,
    DISP,
    CLIENT,
    DISTRICT,
    CARD_TRAIN,
    CARD_TEST,
    LOAN_TRAIN,
    LOAN_LABELLED,
    LOAN_TEST,
    TRANS,
    ORDER,
)


def write_superlender(folder: Path, changed: Mapping[Layout, Rows] | None = None) -> Path:
    """A delivery of one accepted row in every file, but for the files in `changed`."""
    return _write(folder, SUPERLENDER_LAYOUTS, changed or {})


def write_berka(folder: Path, changed: Mapping[Layout, Rows] | None = None) -> Path:
    """A delivery of one accepted row in every file, but for the files in `changed`."""
    return _write(folder, BERKA_LAYOUTS, changed or {})


def facts_of(batches: Sequence[FactBatch], edge: EdgeType) -> list[dict[str, object]]:
    """Facts of one edge type as dictionaries; empty when there are none."""
    return [row for batch in batches if batch.edge == edge for row in batch.rows.iter_rows(named=True)]


def fact_set(batches: Sequence[FactBatch]) -> set[tuple[object, ...]]:
    """Every fact with all its fields, without order or repetition."""
    return {(*batch.edge, *row) for batch in batches for row in batch.rows.iter_rows()}


def all_rows(batches: Sequence[FactBatch], columns: Sequence[str]) -> pl.DataFrame:
    """These columns of every fact, with `rel` beside them."""
    return pl.concat([batch.rows.select(*columns, pl.lit(batch.edge.rel.value).alias("rel")) for batch in batches])


def _write(folder: Path, layouts: Sequence[Layout], changed: Mapping[Layout, Rows]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for layout in layouts:
        rows = [dict(layout.defaults) | dict(row) for row in changed.get(layout, [{}])]
        lines = [layout.defaults.keys(), *(row.values() for row in rows)]
        text = "".join(layout.delimiter.join(line) + "\n" for line in lines)
        (folder / layout.file).write_text(text, encoding="utf-8", newline="")
    return folder
