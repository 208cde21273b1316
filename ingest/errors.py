"""What can stop a load before anything is written: faults of a whole file, never of one row.

A single bad row is counted under a `RejectReason` (ingest/checks.py) and does not raise. The tree:

    IngestError
    +-- SourceUnknown           no reader of that name is declared
    +-- SourceMissing           a declared file, or the folder, is not there
    +-- SourceUnreadable        a declared file is there, but the system does not let it be read
    +-- SourceLayoutChanged     a header lacks a declared column or has one nobody declared
    +-- SourceEncodingWrong     a byte that the declared encoding does not allow
    +-- SourceMalformed         a file that as a whole does not keep to its format
    +-- SourceChanged           a file was written to while it was read
    +-- SourceExpandsTooFar     a compressed file that unpacks to more than any text would
    +-- SourceSizeUnhealthy     fewer or more rows than a sound delivery has
    +-- SourceInParts           a table that has to come in one file comes in several
    +-- WorkerLost              a worker process ended before its work was done
    +-- RepairUnbound           a repair names a row that cannot be read alone
    +-- RepairUnknown           a repair names a refused row that is not in quarantine
    +-- RepairMalformed         a line of a repair file is no repair
    +-- InboxMissing            the folder that files shall arrive in is not there
    +-- InboxInUse              another process follows the same folder
    +-- CategoryForbidden       a column holds what must never be used, such as religion or disease
    +-- MappingUnreadable       a mapping file is not there, or is no YAML
    +-- MappingInvalid          a mapping breaks the published schema, the vocabulary or itself
    +-- MappingUndecided        a mapping is still a draft
    +-- DraftRefused            no mapping can be drafted of a file
    +-- SubjectAmbiguous        a contact alone names a subject, and several persons hold it
    +-- SandboxFolderTaken      a sandbox shall be written where something else lies
    +-- SandboxMissing          no sandbox is where one was named
    +-- SandboxUnknownId        a rerun names someone who is not in the sandbox
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from graph.errors import CreditGraphError


class IngestError(CreditGraphError):
    """A source cannot be read; the graph is as it was before."""

    code: ClassVar[str] = "ingest_error"


class SourceUnknown(IngestError):
    """No reader of that name is declared."""

    code = "source_unknown"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no source is called {name!r}; declared are {', '.join(known)}")


class SourceMissing(IngestError):
    """A declared file, or the folder, is not there."""

    code = "source_missing"

    def __init__(self, source: str, path: Path) -> None:
        super().__init__(f"source {source} needs {path}, which cannot be found; put the file there or name another folder")


class SourceUnreadable(IngestError):
    """A declared file is there, but the system does not let it be read."""

    code = "source_unreadable"

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path} cannot be read ({cause}); nothing was loaded: repair its permissions or its disk")


class SourceLayoutChanged(IngestError):
    """A header lacks a declared column, has one nobody declared, or names one twice."""

    code = "source_layout_changed"

    def __init__(self, path: Path, *, missing: Sequence[str], unknown: Sequence[str], repeated: Sequence[str]) -> None:
        parts = (("lacks", missing), ("has undeclared", unknown), ("repeats", repeated))
        problem = "; ".join(f"{verb} {', '.join(map(repr, names))}" for verb, names in parts if names)
        super().__init__(f"the header of {path} {problem}; nothing was loaded: repair the file or the source's declaration")


class SourceEncodingWrong(IngestError):
    """A byte that the declared encoding does not allow."""

    code = "source_encoding_wrong"

    def __init__(self, path: Path, *, offset: int, expected: str) -> None:
        super().__init__(f"{path} is not {expected}: byte {offset} does not belong there; convert the file and load it again")


class SourceMalformed(IngestError):
    """A file that as a whole does not keep to its format, so that its rows cannot be told apart."""

    code = "source_malformed"

    def __init__(self, path: Path, *, line: int, expected: str) -> None:
        super().__init__(f"{path} is no well-formed {expected}: it breaks at line {line}; nothing was loaded: ask for it again")


class SourceChanged(IngestError):
    """A file was written to, or replaced, while it was read."""

    code = "source_changed"
    retryable = True

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} changed while it was read; load it again when it is complete")


class SourceExpandsTooFar(IngestError):
    """A compressed file that unpacks to more than any text would."""

    code = "source_expands_too_far"

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(f"{path} unpacks to more than {most:,} bytes, which no honest text does; deliver it unpacked")


class SourceSizeUnhealthy(IngestError):
    """Fewer or more rows than a sound delivery has."""

    code = "source_size_unhealthy"

    def __init__(self, path: Path, *, rows: int, least: int, most: int) -> None:
        super().__init__(
            f"{path} has {rows} rows, a sound delivery has {least} to {most}; nothing was loaded: ask for it again"
        )


class SourceInParts(IngestError):
    """A table that has to come in one file comes in several."""

    code = "source_in_parts"

    def __init__(self, files: Sequence[Path]) -> None:
        super().__init__(
            f"{' and '.join(map(str, files))} are parts of one table, of which equal rows are numbered over all of it; "
            "nothing was loaded: deliver it as one file"
        )


class WorkerLost(IngestError):
    """A worker process ended before its work was done: for want of memory, or ended by somebody."""

    code = "worker_lost"
    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "a worker process ended before its work was done; what was committed stays: load again, which goes on from "
            "there, with fewer workers if memory is short"
        )


class RepairUnbound(IngestError):
    """A repair names a row that cannot be read alone."""

    code = "repair_unbound"

    def __init__(self, table: str, entries: Sequence[str]) -> None:
        super().__init__(
            f"{len(entries)} repaired rows are of the table {table}, of which equal rows are numbered over the whole file, so "
            "that none can be replayed alone; nothing was replayed: mend the file and deliver it again"
        )


class RepairUnknown(IngestError):
    """A repair names a refused row that is not in quarantine, or is there no longer."""

    code = "repair_unknown"

    def __init__(self, entries: Sequence[str]) -> None:
        named = ", ".join(entries[:5]) + (", ..." if len(entries) > 5 else "")
        super().__init__(
            f"{len(entries)} repaired rows are not in quarantine ({named}): they were replayed already, or never refused; "
            "take entries from `creditgraph quarantine list`"
        )


class RepairMalformed(IngestError):
    """A line of a repair file is no repair."""

    code = "repair_malformed"

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(
            f"line {line} of {path} is no repair: it {problem}; nothing was replayed: "
            "edit only what `fields` holds in the file that `creditgraph quarantine show --repair` wrote"
        )


class InboxMissing(IngestError):
    """The folder that files shall arrive in is not there."""

    code = "inbox_missing"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is no folder; make it, with a folder in it for each source, such as {folder / 'sandbox'}")


class InboxInUse(IngestError):
    """Another process follows the same folder."""

    code = "inbox_in_use"
    retryable = True

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another process follows {folder}, and one is enough; stop it, or wait until it has ended")


class CategoryForbidden(IngestError):
    """A column holds what must never be used, whoever consents; its values are not for messages."""

    code = "category_forbidden"

    def __init__(self, path: Path | str, *, column: str, category: str, told_by: str) -> None:
        super().__init__(
            f"{path}: the column {column!r} seems to hold {category} (told by its {told_by}), which must not be used; "
            "nothing was loaded: remove the column from file and declaration, or rename it if it means something else"
        )


class MappingUnreadable(IngestError):
    """A mapping file is not there, or is no YAML."""

    code = "mapping_unreadable"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path} cannot be read as a mapping: {problem}; docs/mapping.md shows one, `creditgraph source new` drafts one"
        )


class MappingInvalid(IngestError):
    """A mapping breaks the published schema, the vocabulary or itself; `problems` has one sentence for each fault."""

    code = "mapping_invalid"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class MappingUndecided(IngestError):
    """A mapping is still a draft."""

    code = "mapping_undecided"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is a draft: decide what it marks with CHOOSE, check it with `creditgraph source check`, "
            "then remove the line `draft: true`"
        )


class DraftRefused(IngestError):
    """No mapping can be drafted of a file."""

    code = "draft_refused"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"no mapping can be drafted of {path}: {problem}")


class SubjectAmbiguous(IngestError):
    """A telephone or mailbox alone was to say who shall be forgotten, and several persons hold it."""

    code = "subject_ambiguous"

    def __init__(self, holders: int) -> None:
        super().__init__(
            f"{holders} persons hold that telephone or mailbox; nothing was erased: name the subject's customer number"
        )


class SandboxFolderTaken(IngestError):
    """A sandbox shall be written where something else lies."""

    code = "sandbox_folder_taken"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds something that is not a sandbox; name an empty or a new folder")


class SandboxMissing(IngestError):
    """No sandbox is where one was named."""

    code = "sandbox_missing"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no sandbox (no sandbox.json); write one with `creditgraph sandbox --out {folder}`")


class SandboxUnknownId(IngestError):
    """A rerun names someone who is not in the sandbox."""

    code = "sandbox_unknown_id"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no person or company of the sandbox is called {name}; take ids from its sealed/people.csv or companies.csv"
        )
