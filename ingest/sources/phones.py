"""Telephone numbers: who subscribes to them, who called whom, and who lists whom in an address book.

A call joins numbers, not subscribers: on either side stands the person whom the number reaches, who has that number and no
other. Its first call or card says so, in one fact a number; what each further one says of it is a duplicate. That someone lists
a number is that one's word alone, and so is, until it is called, that anybody is reached by it. Who subscribes to a number,
and whether two people list each other, is for linkage to find.
"""

from graph.vocabulary import Attestation, EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason, not_before
from ingest.source import ColumnSpec, Dated, FactRule, Format, TableSpec
from ingest.sources.columns import IN_A_NAME, MSISDN, RECORDED, count, day, moment, number_in, reached_by, tel_uri, text
from ingest.values import Alike, basic_instant

_PERSON = NodeLabel.PERSON
_HAS_PHONE = EdgeType(_PERSON, RelType.HAS_PHONE, NodeLabel.PHONE)
_LONGEST_CALL_SECONDS = 7 * 86_400

SUBSCRIBERS = TableSpec(
    name="subscribers",
    file="subscribers.csv",
    columns=(ColumnSpec("msisdn", "msisdn", MSISDN), text("customer_id"), day("active_from", "active"), RECORDED),
    checks=(not_before("recorded", "active"),),
    rules=(
        FactRule(
            _HAS_PHONE,
            source="customer_id",
            target="msisdn",
            when=Dated("active", known="recorded"),
            identity=("msisdn", "customer_id"),
        ),
    ),
)

_CALL = Dated("started", known="recorded")
CALLS = TableSpec(
    name="calls",
    file="calls.csv",
    columns=(
        text("call_id"),
        ColumnSpec("caller_msisdn", "caller", MSISDN),
        ColumnSpec("callee_msisdn", "callee", MSISDN),
        moment("started_at", "started"),
        count("duration_s", "duration", _LONGEST_CALL_SECONDS),
        RECORDED,
    ),
    checks=(not_before("recorded", "started"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.CALLED, _PERSON),
            source=reached_by("caller"),
            target=reached_by("callee"),
            when=_CALL,
            identity=("call_id",),
            properties={"duration_seconds": "duration"},
        ),
        *(
            FactRule(_HAS_PHONE, source=reached_by(number), target=number, when=_CALL, identity=(number,))
            for number in ("caller", "callee")
        ),
    ),
)

CONTACTS = TableSpec(
    name="contacts",
    file="contacts.vcf",
    format=Format.VCARD,
    columns=(
        text("UID", "card_id"),
        number_in("SOURCE", "customer_id", "^urn:customer:(.+)$"),
        ColumnSpec("TEL", "number", Alike(tel_uri, RejectReason.BAD_NUMBER)),
        ColumnSpec("REV", "listed", basic_instant()),
    ),
    ignored={"FN": IN_A_NAME},
    derived={"contact": reached_by("number")},
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.LISTS_CONTACT, _PERSON),
            source="customer_id",
            target="contact",
            when=Dated("listed"),
            identity=("card_id",),
            attested_by=Attestation.SUBJECT,
        ),
        FactRule(
            _HAS_PHONE,
            source="contact",
            target="number",
            when=Dated("listed"),
            identity=("contact",),  # not ("number",): a call's word, which is the telephone company's, stands beside it
            attested_by=Attestation.SUBJECT,
        ),
    ),
)
