"""Files made to do harm: bombs, endless lines, bytes that are no text, texts that would be commands elsewhere.

Writes them, and loads a folder in a process whose memory and time are limited. An attack has no effect beyond a counted
rejection, a refusal of the file, or, where it is harmless text, a plain fact under a hashed id.
"""

import gzip
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.ingest.loader import Orders

MEMORY_BYTES = 6 * 2**30  # of addresses: most of it is what libraries reserve and never touch
PROCESSOR_S = 300
LONG_LINE_BYTES = 100 * 2**20
BOMB_BYTES = 2**30
CHUNK = bytes(2**20)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
SECRET = "what nobody may read 4711"

TEXTS = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "'}) MATCH (n) DETACH DELETE n //",
    "`) DETACH DELETE n //",
    "x' OR 1=1; DROP TABLE facts; --",
    "$key",
    "{key}",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "C:\\Windows\\win.ini",
    "%00%0a%0d",
    "${jndi:ldap://127.0.0.1:1/a}",
    "$(touch stolen)",
    "`touch stolen`",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "\u202egnp.exe",
    "\ufeff\u200b\u00ad",
    "\U0001f4a3" * 50,
    "a\u0301" * 500,
)
"""Harmless as text; each would be more where a text is taken for a command."""

LOGIN = {
    "login_id": "G1",
    "customer_id": "SHOP-1",
    "device_id": "0123456789abcdef",
    "at": "2024-01-01T00:00:00Z",
    "recorded_at": "2024-01-02T00:00:00Z",
    "channel": "app",
}
_CONSENTS = b"consent_id,customer_id,family,purpose,action,at,recorded_at\n"
_CARD = (
    "BEGIN:VCARD\nVERSION:4.0\nUID:c{0}\nSOURCE:urn:customer:T-1\nFN:x\n"
    "TEL;VALUE=uri:tel:+49156{0:07d}\nREV:20200101T000000Z\nEND:VCARD\n"
)


@dataclass(frozen=True)
class Attack:
    """A folder that does harm: how it is written, and what must come of it.

    Attributes:
        write: Writes the files.
        refused: Rows that are refused, by code; None where the whole delivery is, under the code of an error.
        error: That code.
        accepted: Rows that are taken.
    """

    write: Callable[[Path], None]
    refused: Mapping[str, int] | None = None
    error: str | None = None
    accepted: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a load in a process of its own ended."""

    status: int
    told: str
    peak_bytes: int


def load_apart(folder: Path, url: str, intake: Path) -> Outcome:
    """Load a folder in a process with little memory and time."""
    orders = Orders(str(folder), url, str(intake))
    command = [sys.executable, "-m", "benchmarks.ingest.attacks", json.dumps(asdict(orders))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    *_, last = done.stdout.strip().splitlines() or [""]
    peak = json.loads(last)["peak_bytes"] if last.startswith("{") else 0
    return Outcome(done.returncode, done.stdout + done.stderr, peak)


def main(argument: str) -> int:
    """Load as ordered within the limits; prints what came of it as JSON, an error by its code."""
    from benchmarks.ingest import loader
    from ingest.errors import IngestError

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    error = None
    try:
        loader.main(argument)
    except IngestError as exc:
        error = exc.code
    print(json.dumps({"error": error, "peak_bytes": _peak_bytes()}))
    return 0


def _peak_bytes() -> int:
    """The most this process itself held: what `getrusage` tells begins with what the parent held when it forked."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def _named(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: _put(folder / name, content)


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _consent(number: int, customer: bytes = b"SHOP-1") -> bytes:
    row = [b"K%d" % number, customer, b"data", b"credit_scoring", b"granted", b"2024-01-01T00:00:00Z", b"2024-01-02T00:00:00Z"]
    return b",".join(row) + b"\n"


def _login(**values: object) -> bytes:
    return (json.dumps(LOGIN | values, ensure_ascii=False) + "\n").encode()


def _statement(doctype: str, name: str) -> bytes:
    return (
        f'<?xml version="1.0"?>{doctype}<Document xmlns="{NAMESPACE}"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{name}</IBAN></Id></Acct></Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _laughs() -> str:
    steps = [f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12)]
    return f'<!DOCTYPE Document [<!ENTITY l0 "ha">{"".join(steps)}]>'


def _deep_xml() -> bytes:
    return f'<Document xmlns="{NAMESPACE}">'.encode() + b"<a>" * 1_000_000


def _gzip_bomb(head: bytes, name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with gzip.open(folder / name, "wb", 9) as file:
            file.write(head)
            for _ in range(BOMB_BYTES // len(CHUNK)):
                file.write(CHUNK)

    return write


def _zip_bomb(folder: Path) -> None:
    with zipfile.ZipFile(folder / "consents.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../consents.csv", bytes(2**26))
    _put(folder / "consents.csv", _CONSENTS + _consent(1))


def _long_line(name: str, head: bytes, begin: bytes, tail: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with (folder / name).open("wb") as file:
            file.write(head + begin)
            for _ in range(LONG_LINE_BYTES // len(CHUNK)):
                file.write(b"x" * len(CHUNK))
            file.write(b"\n" + tail)

    return write


def _cards_without_end(folder: Path) -> None:
    with (folder / "contacts.vcf").open("wb") as file:
        file.write("".join(_CARD.format(i) for i in range(3)).encode())
        file.write(b"BEGIN:VCARD\nNOTE:x\n" * 100_000)


ATTACKS: Mapping[str, Attack] = {
    "billion laughs": Attack(_named("statements_camt053.xml", _statement(_laughs(), "&l11;")), error="source_malformed"),
    "quadratic entity": Attack(
        _named("statements_camt053.xml", _statement(f'<!DOCTYPE D [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 50_000)),
        error="source_malformed",
    ),
    "external entity": Attack(
        lambda folder: _put(
            folder / "statements_camt053.xml",
            _statement(f'<!DOCTYPE D [<!ENTITY f SYSTEM "{(folder / "secret").as_uri()}">]>', "&f;"),
        ),
        error="source_malformed",
    ),
    "external type": Attack(
        _named("statements_camt053.xml", _statement('<!DOCTYPE D SYSTEM "http://127.0.0.1:9/x.dtd">', "x")),
        error="source_malformed",
    ),
    "deep XML": Attack(_named("statements_camt053.xml", _deep_xml()), error="source_malformed"),
    "gzip bomb": Attack(_gzip_bomb(_CONSENTS, "consents.csv.gz"), error="source_expands_too_far"),
    "gzip bomb in XML": Attack(_gzip_bomb(_statement("", "x"), "statements_camt053.xml.gz"), error="source_malformed"),
    "zip bomb": Attack(_zip_bomb, {}, accepted=1),
    "no gzip": Attack(_named("consents.csv.gz", _CONSENTS), error="source_malformed"),
    "100 MB line": Attack(
        _long_line("consents.csv", _CONSENTS + _consent(1), b"K2,", _consent(3)), {"line_too_long": 1}, accepted=2
    ),
    "100 MB object": Attack(
        _long_line("logins.jsonl", _login(login_id="a"), b'{"login_id": "', _login(login_id="b")),
        {"line_too_long": 1},
        accepted=2,
    ),
    "cards without end": Attack(_cards_without_end, {"broken_record": 100_000}, accepted=3),
    "NUL in a field": Attack(
        _named("consents.csv", _CONSENTS + b"\x00" + _consent(1) + _consent(2, b"S\x00P") + _consent(3)),
        {"control_character": 2},
        accepted=1,
    ),
    "nothing but NUL": Attack(_named("consents.csv", bytes(1_000)), error="source_encoding_wrong"),
    "mixed encodings": Attack(
        _named(
            "consents.csv",
            _CONSENTS
            + _consent(1, "Müller".encode())
            + _consent(2, "Müller".encode("latin-1"))
            + _consent(3, b"\xc0\xaf")
            + _consent(4, b"\xed\xa0\x80")
            + _consent(5, "Müller".encode("cp1252")),
        ),
        {"bad_encoding": 4},
        accepted=1,
    ),
    "deep JSON": Attack(
        _named("logins.jsonl", _login() + b'{"login_id": ' + b"[" * 400_000 + b"\n" + b'{"a":' * 100_000 + b"\n"),
        {"broken_record": 2},
        accepted=1,
    ),
    "deep JSON in between": Attack(
        _named("logins.jsonl", _login() + b'{"login_id": ' + b"[[]," * 100_000 + b"\n"), {"broken_record": 1}, accepted=1
    ),
    "huge numbers": Attack(
        _named(
            "bills.csv",
            b"bill_id,biller_id,kind,customer_id,issued_on,due_on,amount,currency,paid_on,recorded_at\n"
            + b"".join(
                b"B%d,C1,telecom,U1,2024-01-01,2024-01-09,%b,EUR,,2024-01-10T00:00:00Z\n" % (i, amount)
                for i, amount in enumerate((b"9" * 5_000, b"1e308", b"Infinity", b"NaN", b"0x10", b"\xd9\xa1", b"-0", b"1_0"))
            ),
        ),
        {"bad_number": 7},
        accepted=1,
    ),
    "texts": Attack(
        _named("logins.jsonl", b"".join(_login(login_id=text, customer_id=text) for text in TEXTS)), {}, accepted=len(TEXTS)
    ),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
