"""What a source would make of a delivery, without a store: rows read and refused, values missing, facts by relation.

Reads every file from beginning to end in bounded memory. Of a refused row it tells place and reason, never a value.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import polars as pl

from graph.identity import Pepper
from graph.vocabulary import EdgeType
from ingest.errors import SourceMissing
from ingest.pipeline.crew import Crew
from ingest.pipeline.delivery import Delivery
from ingest.pipeline.files import check_delivery, find_delivery
from ingest.pipeline.tally import Tally
from ingest.pipeline.turning import Consents
from ingest.source import SourceSpec, TableSpec
from ingest.values import whole_microseconds

EXAMPLES = 3  # refused rows that are named for each reason

Progress = Callable[[str, int, int], None]


class Example(NamedTuple):
    """A refused row: file, row, and the column at fault where there is one."""

    file: str
    row: int
    column: str


@dataclass
class TableTrial:
    """What became of one table.

    Attributes:
        spec: The table.
        tally: Rows read and refused, missing values, facts.
        examples: The first refused rows by reason.
    """

    spec: TableSpec
    tally: Tally
    examples: defaultdict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Trial:
    """What a source would make of a delivery.

    Attributes:
        tables: In declared order.
        distinct: Facts with an id of their own, by edge type: fewer than were made where rows state the same fact.
        unread: Files of the folder that no table reads, with the reason where one is declared.
    """

    tables: Sequence[TableTrial]
    distinct: Mapping[EdgeType, int]
    unread: Mapping[str, str]


def try_source(source: SourceSpec, folder: Path, *, progress: Progress | None = None) -> Trial:
    """Read a delivery and write nothing.

    Raises:
        IngestError: a structural fault, or a column that holds what must not be used.
    """
    if not folder.is_dir():
        raise SourceMissing(source.name, folder)
    files = find_delivery(source, folder)
    check_delivery(files)
    delivered_us = whole_microseconds(source.delivered_at)
    trials = {spec.name: TableTrial(spec, Tally(delivered_us)) for spec in source.tables}
    ids: defaultdict[EdgeType, list[pl.Series]] = defaultdict(list)
    with Crew(source, Pepper(token_hex()), 1) as crew:
        delivery = Delivery(source, crew)
        for done, file in enumerate(files, start=1):
            trial = trials[file.spec.name]
            start = Tally(delivered_us)
            for number, turned in delivery.turn(file, start, Consents(), wanted=source.is_looked_into(file.spec)):
                trial.tally.add(number, turned)
                _keep_examples(trial, file.path.name, turned.refused)
                for edge, rows in turned.facts.items():
                    ids[edge].append(rows["id"].hash())
            if progress:
                progress(file.path.name, done, len(files))
    read = {file.path.name for file in files}
    present = sorted(path.name for path in folder.iterdir() if path.name not in read)
    return Trial(
        tables=tuple(trials.values()),
        distinct={edge: pl.concat(parts).n_unique() for edge, parts in ids.items()},
        unread={name: source.unread.get(name, "") for name in present},
    )


def _keep_examples(trial: TableTrial, file: str, refused: pl.DataFrame) -> None:
    for (reason,), rows in refused.group_by("reason", maintain_order=True):
        kept = trial.examples[str(reason)]
        for row, column in rows.head(EXAMPLES - len(kept)).select("row", "column").iter_rows():
            kept.append(Example(file, row, column))
