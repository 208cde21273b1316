"""A small delivery of the sandbox source, written row by row: a test states only the values it is about."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

RECORDED = "2023-06-01T08:00:00Z"
TABLES: Mapping[str, Mapping[str, str]] = {
    "documents.csv": {
        "customer_id": "SHOP-00000001",
        "document_kind": "id_card",
        "document_country": "DE",
        "document_no": "L001",
        "checked_on": "2022-01-03",
        "recorded_at": "2022-01-04T07:00:00Z",
    },
    "customers.csv": {
        "customer_id": "SHOP-00000001",
        "institution": "SHOP",
        "full_name": "Ada Muster",
        "birth_date": "1950-02-03",
        "phone": "+491560000001",
        "email": "Ada@mail.example",
        "recorded_at": RECORDED,
    },
    "addresses.csv": {
        "customer_id": "SHOP-00000001",
        "street": "Weg 1",
        "postcode": "01234",
        "city": "Ort",
        "cell_lat": "52.5",
        "cell_lon": "13.4",
        "valid_from": "2015-05-01",
        "recorded_at": RECORDED,
    },
    "subscribers.csv": {
        "msisdn": "+491560000001",
        "customer_id": "TEL-00000001",
        "active_from": "2021-01-01",
        "recorded_at": RECORDED,
    },
    "calls.csv": {
        "call_id": "T1",
        "caller_msisdn": "+491560000001",
        "callee_msisdn": "+491560000002",
        "started_at": "2023-05-01T10:00:00Z",
        "duration_s": "90",
        "recorded_at": RECORDED,
    },
    "memberships.csv": {
        "community_id": "G1",
        "community_kind": "sport",
        "customer_id": "COM-00000001",
        "joined_on": "2022-05-01",
        "recorded_at": RECORDED,
    },
    "visits.csv": {
        "visit_id": "V1",
        "customer_id": "MAP-00000001",
        "cell_lat": "52.5",
        "cell_lon": "13.4",
        "company_id": "",
        "arrived_at": "2023-05-01T10:00:00Z",
        "minutes": "30",
        "recorded_at": RECORDED,
    },
    "trips.csv": {
        "trip_id": "W1",
        "customer_id": "MAP-00000001",
        "from_lat": "52.5",
        "from_lon": "13.4",
        "to_lat": "52.6",
        "to_lon": "13.5",
        "started_at": "2023-05-01T09:00:00Z",
        "minutes": "20",
        "recorded_at": RECORDED,
    },
    "accounts.csv": {
        "iban": "DE11999700100000000001",
        "bank_id": "BK1",
        "customer_id": "BK1-00000001",
        "role": "owner",
        "account_kind": "current",
        "opened_on": "2019-01-01",
        "recorded_at": RECORDED,
    },
    "statements.csv": {
        "bank_id": "BK1",
        "iban": "DE11999700100000000001",
        "entry_id": "BK1-202305-0000001",
        "booked_at": "2023-05-02T09:30:00Z",
        "amount": "-12.34",
        "currency": "EUR",
        "counterparty_iban": "DE22999700100000000002",
        "counterparty_name": "Laden & Co",
        "purpose_code": "GDDS",
        "remittance": "Einkauf, danke",
        "balance_after": "87.66",
        "recorded_at": RECORDED,
    },
    "bills.csv": {
        "bill_id": "B1",
        "biller_id": "C0000009",
        "kind": "utility",
        "customer_id": "UTL-00000001",
        "issued_on": "2023-03-01",
        "due_on": "2023-03-15",
        "amount": "80.00",
        "currency": "EUR",
        "paid_on": "2023-03-20",
        "recorded_at": RECORDED,
    },
    "employment.csv": {
        "job_id": "J1",
        "customer_id": "PAY-00000001",
        "company_id": "C0000001",
        "event": "started",
        "on": "2020-01-01",
        "salary": "2150.00",
        "currency": "EUR",
        "recorded_at": RECORDED,
    },
    "companies.csv": {
        "company_id": "C0000001",
        "name": "Werk GmbH",
        "legal_form": "GmbH",
        "nace_section": "C",
        "registered_on": "2001-01-01",
        "cell_lat": "52.5",
        "cell_lon": "13.4",
        "recorded_at": RECORDED,
    },
    "ownership.csv": {
        "owner_kind": "person",
        "owner_id": "REG-00000001",
        "owned_kind": "company",
        "owned_id": "C0000001",
        "share_pct": "60.0",
        "since": "2010-01-01",
        "recorded_at": RECORDED,
    },
    "invoices.csv": {
        "invoice_id": "I1",
        "supplier_id": "C0000001",
        "buyer_id": "C0000002",
        "issued_on": "2023-01-10",
        "due_on": "2023-02-10",
        "amount": "900.00",
        "currency": "EUR",
        "paid_on": "",
        "recorded_at": RECORDED,
    },
    "applications.csv": {
        "application_id": "L01-00000001",
        "lender_id": "L01",
        "applicant_kind": "person",
        "applicant_id": "L01-10000001",
        "applied_at": "2023-04-25T10:00:00Z",
        "amount": "3000.00",
        "currency": "EUR",
        "term_months": "24",
        "purpose": "repair",
        "declared_income": "2000.00",
        "decision": "approved",
        "decided_at": "2023-04-26T10:00:00Z",
        "rate_pct": "9.90",
        "instalment": "138.00",
        "recorded_at": "2023-04-26T11:00:00Z",
    },
    "loan_tape.csv": {
        "loan_id": "L01-00000001",
        "borrower_kind": "person",
        "borrower_id": "L01-10000001",
        "event": "paid",
        "instalment": "1",
        "event_at": "2023-05-30T10:00:00Z",
        "amount": "138.00",
        "currency": "EUR",
        "days_late": "2",
        "iban": "",
        "recorded_at": RECORDED,
    },
    "guarantees.csv": {
        "application_id": "L01-00000001",
        "guarantor_id": "L01-10000002",
        "amount": "3000.00",
        "currency": "EUR",
        "signed_at": "2023-04-25T09:00:00Z",
        "recorded_at": RECORDED,
    },
    "referrals.csv": {
        "referral_id": "R1",
        "lender_id": "L01",
        "referrer_id": "L01-10000002",
        "referred_id": "L01-10000001",
        "referred_at": "2023-04-24T09:00:00Z",
        "recorded_at": RECORDED,
    },
    "investors_ledger.csv": {
        "entry_id": "E1",
        "platform_id": "L05",
        "investor_id": "L05-00000001",
        "kind": "deposit",
        "amount": "500.00",
        "currency": "EUR",
        "booked_at": "2023-04-01T09:00:00Z",
        "payer_iban": "DE11999700100000000001",
        "payee_iban": "DE33999700100000000003",
        "recorded_at": RECORDED,
    },
    "watchlists.csv": {
        "list": "insolvency",
        "full_name": "Ada Muster",
        "birth_date": "1950-02-03",
        "document_no": "L001",
        "listed_on": "2023-02-01",
        "recorded_at": RECORDED,
    },
    "consents.csv": {
        "consent_id": "K1",
        "customer_id": "SHOP-00000001",
        "family": "social",
        "purpose": "credit_scoring",
        "action": "granted",
        "at": "2021-12-01T00:00:00Z",
        "recorded_at": RECORDED,
    },
}
CONTACT = {
    "UID": "contact-1",
    "SOURCE": "urn:customer:TEL-00000001",
    "FN": "Bob\\, Kegeln",
    "TEL;VALUE=uri": "tel:+491560000002",
    "REV": "20230301T101112Z",
}
LOGIN = {
    "login_id": "I1",
    "customer_id": "SHOP-00000001",
    "device_id": "00ff00ff00ff00ff",
    "channel": "shop",
    "at": "2023-05-01T10:00:00Z",
    "recorded_at": RECORDED,
}
DEVICE = {
    "device_id": "00ff00ff00ff00ff",
    "model": "Phone",
    "os": "Android 12",
    "first_seen": "2023-05-01T10:00:00Z",
    "recorded_at": RECORDED,
}
Row = Mapping[str, str]


def order(
    number: str = "ORD-1", *, returned_at: str | None = None, street: str = "Weg 1", recorded_at: str = RECORDED
) -> dict[str, object]:
    """One line of orders.jsonl."""
    line: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Order",
        "orderNumber": number,
        "orderDate": "2023-05-01T10:00:00Z",
        "customer": {"@type": "Person", "identifier": "SHOP-00000001"},
        "seller": {"@type": "Organization", "identifier": "C0000007", "name": 'Mode "X" & Co'},
        "price": "59.90",
        "priceCurrency": "EUR",
        "orderStatus": f"https://schema.org/Order{'Delivered' if returned_at is None else 'Returned'}",
        "orderedItem": [
            {
                "@type": "OrderItem",
                "orderQuantity": 2,
                "orderedItem": {"@type": "Product", "name": "Hose", "category": "Fashion"},
            }
        ],
        "orderDelivery": {
            "@type": "ParcelDelivery",
            "deliveryAddress": {
                "@type": "PostalAddress",
                "streetAddress": street,
                "postalCode": "01234",
                "addressLocality": "Ort",
            },
            "dateDelivered": "2023-05-03T12:00:00Z",
        },
    }
    modified = {} if returned_at is None else {"dateModified": returned_at}
    return line | modified | {"sdDatePublished": recorded_at}


def statement_xml(*entries: str, opening: str = "100.00", iban: str = "DE44999700100000000004") -> str:
    """A camt.053 document of one statement."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2023-06-01T03:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>S</Id><CreDtTm>2023-06-01T03:00:00Z</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
        '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
        f'<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def statement_entry(number: str, amount: str, indicator: str, *, other: str = "DE22999700100000000002") -> str:
    """One entry of a statement."""
    side = "Cdtr" if indicator == "DBIT" else "Dbtr"
    return (
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>'
        "<BookgDt><DtTm>2023-05-02T09:30:00Z</DtTm></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E2E</EndToEndId></Refs>"
        f"<RltdPties><{side}><Pty><Nm>Laden &amp; Co</Nm></Pty></{side}><{side}Acct><Id><IBAN>{other}</IBAN></Id></{side}Acct>"
        "</RltdPties><Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>a &lt; b</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def card_text(card: Row) -> str:
    """One vCard."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", *(f"{name}:{value}" for name, value in card.items()), "END:VCARD"]
    return "".join(f"{line}\r\n" for line in lines)


def write_sandbox(
    folder: Path,
    changed: Mapping[str, Sequence[Row]] | None = None,
    *,
    contacts: Sequence[Row] = ({},),
    orders: Sequence[Mapping[str, object]] = (order(),),
    logins: Sequence[Row] = ({},),
    xml: str | None = None,
) -> Path:
    """A delivery of one accepted row in every file, but for the files in `changed`."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, defaults in TABLES.items():
        rows = [{**defaults, **row} for row in (changed or {}).get(file, [{}])]
        lines = [defaults.keys(), *(row.values() for row in rows)]
        text = "".join(",".join(f'"{value}"' if "," in value else value for value in line) + "\n" for line in lines)
        (folder / file).write_text(text, encoding="utf-8", newline="")
    cards = "".join(card_text({**CONTACT, **contact}) for contact in contacts)
    (folder / "contacts.vcf").write_text(cards, encoding="utf-8", newline="")
    lines_of = {"orders.jsonl": orders, "devices.jsonl": [DEVICE], "logins.jsonl": [{**LOGIN, **row} for row in logins]}
    for file, objects in lines_of.items():
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
        (folder / file).write_text(text, encoding="utf-8")
    if xml is not None:
        (folder / "statements_camt053.xml").write_text(xml, encoding="utf-8")
    return folder
