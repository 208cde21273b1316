"""Writes statements_camt053.xml: the monthly statements of a small sample of accounts as ISO 20022 camt.053.001.08.

One message with one statement an account and month, opening and closing balance and every entry. Statements are made when
the month is over; that is when they are recorded.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import polars as pl

from ingest.sandbox.events import PURPOSES, Event, month_start
from ingest.sandbox.files.booking import account_names, camt_accounts, read_entries
from ingest.sandbox.files.delivery import Delivery, written_whole
from ingest.sandbox.files.spelling import money
from ingest.sandbox.files.statements import BANK_IDS, entry_ids
from ingest.sandbox.files.wording import purpose_codes, remittances, transaction_code

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
TABLE = "statements_camt053"
MADE_AFTER_S = (2 * 3_600, 8 * 3_600)  # the month is over


def write_camt053(delivery: Delivery, path: Path) -> int:
    """Write the file and say how many entries it holds; see `files.delivery.Writer`."""
    sample, rows = camt_accounts(delivery), 0
    made = _instant(int(month_start(delivery.months).timestamp()) + MADE_AFTER_S[1])
    with written_whole(path) as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">\n<BkToCstmrStmt>\n'
            f"<GrpHdr><MsgId>SAMPLE-{delivery.months:03d}</MsgId><CreDtTm>{made}</CreDtTm></GrpHdr>\n".encode()
        )
        for month in range(delivery.months):
            mine = pl.col("account").is_in(sample.tolist())
            entries = pl.concat(read_entries(delivery, month, bank).filter(mine) for bank in range(len(BANK_IDS)))
            for statement, count in _statements(delivery, entries, sample, month):
                file.write(statement.encode())
                rows += count
        file.write(b"</BkToCstmrStmt>\n</Document>\n")
    return rows


def _statements(delivery: Delivery, entries: pl.DataFrame, sample: np.ndarray, month: int) -> Iterator[tuple[str, int]]:
    """The statements of a month by IBAN, each with its number of entries."""
    balances = delivery.log.read(Event.BALANCE, month).filter(pl.col("account").is_in(sample.tolist()))
    accounts = balances["account"].to_numpy().astype(np.int64)
    first, last = MADE_AFTER_S
    luck = delivery.draws.uniform("camt.made", accounts, month)
    made = int(month_start(month + 1).timestamp()) + first + (luck * (last - first)).astype(np.int64)
    lost = np.array([delivery.dirt.is_lost(TABLE, bank, month) for bank in BANK_IDS])
    bank = delivery.identifiers.banks(accounts)
    holders = account_names(delivery.identifiers, accounts)
    heads = balances.with_columns(
        iban=delivery.identifiers.ibans(accounts), holder=holders, made=pl.Series(made), bank=pl.Series(BANK_IDS).gather(bank)
    ).filter(~pl.Series(lost[bank]))
    texts = _entry_texts(delivery, entries, month)
    for head in heads.sort("iban").iter_rows(named=True):
        own = texts.get(head["account"], [])
        closing = head["opening"] + sum(amount for amount, _ in own)
        yield _statement(head, month, closing, "".join(text for _, text in own)), len(own)


def _statement(head: dict[str, Any], month: int, closing: int, entries: str) -> str:
    begin, end = month_start(month), month_start(month + 1)
    last_second = int(end.timestamp()) - 1
    return (
        f"<Stmt><Id>{head['iban']}-{begin:%Y%m}</Id><ElctrncSeqNb>{month + 1}</ElctrncSeqNb>"
        f"<CreDtTm>{_instant(head['made'])}</CreDtTm>"
        f"<FrToDt><FrDtTm>{_instant(int(begin.timestamp()))}</FrDtTm><ToDtTm>{_instant(last_second)}</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{head['iban']}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>{escape(str(head['holder']))}</Nm></Ownr>"
        f"<Svcr><FinInstnId><Othr><Id>{head['bank']}</Id></Othr></FinInstnId></Svcr></Acct>\n"
        + _balance("OPBD", head["opening"], f"{begin:%Y-%m-%d}")
        + _balance("CLBD", closing, _instant(last_second)[:10])
        + entries
        + "</Stmt>\n"
    )


def _balance(kind: str, minor: int, day: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(minor) // 100}.{abs(minor) % 100:02d}</Amt>'
        f"<CdtDbtInd>{'DBIT' if minor < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _entry_texts(delivery: Delivery, entries: pl.DataFrame, month: int) -> dict[int, list[tuple[int, str]]]:
    """Signed amount and text of each entry, in order, by account."""
    counterparty, purpose = entries["counterparty"].to_numpy(), entries["purpose"].to_numpy()
    spelled = entries.with_columns(
        reference=entry_ids(entries, month),
        size=entries.select(money("amount"))["amount"].str.strip_prefix("-"),
        iban=delivery.identifiers.ibans(counterparty),
        name=account_names(delivery.identifiers, counterparty),
        code=purpose_codes(purpose),
        line=remittances(delivery.draws, purpose, entries["payment"].to_numpy(), month),
    )
    texts: dict[int, list[tuple[int, str]]] = {}
    for entry in spelled.iter_rows(named=True):
        texts.setdefault(entry["account"], []).append((entry["amount"], _entry(entry, month)))
    return texts


def _entry(entry: dict[str, Any], month: int) -> str:
    debit, booked = entry["amount"] < 0, _instant(entry["booked"])
    family, sub_family = transaction_code(PURPOSES[entry["purpose"]], debit=debit)
    side = "Cdtr" if debit else "Dbtr"
    purpose = f"<Purp><Cd>{entry['code']}</Cd></Purp>" if entry["code"] else ""
    return (
        f'<Ntry><NtryRef>{entry["reference"]}</NtryRef><Amt Ccy="EUR">{entry["size"]}</Amt>'
        f"<CdtDbtInd>{'DBIT' if debit else 'CRDT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><DtTm>{booked}</DtTm></BookgDt><ValDt><Dt>{booked[:10]}</Dt></ValDt>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>E2E{month_start(month):%Y%m}{entry['payment']:08d}</EndToEndId></Refs>"
        f"<RltdPties><{side}><Pty><Nm>{escape(str(entry['name']))}</Nm></Pty></{side}>"
        f"<{side}Acct><Id><IBAN>{entry['iban']}</IBAN></Id></{side}Acct></RltdPties>"
        f"{purpose}<RmtInf><Ustrd>{escape(str(entry['line']))}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _instant(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"
