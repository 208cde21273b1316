"""Telephone numbers: who subscribes to them, who called whom, and who lists whom in an address book.

A number stands for its one subscriber; a number without a known subscriber, or with several, for a person of its own. That
someone lists a contact is that one's word alone; where both list each other, both have attested that they know each other.
"""

import polars as pl

from graph.vocabulary import Attestation, EdgeType, NodeLabel, RelType
from ingest.checks import not_before
from ingest.source import ColumnSpec, Dated, FactRule, Format, Lookup, TableSpec
from ingest.sources.columns import IN_A_NAME, MSISDN, RECORDED, count, day, known_person, moment, number_in, person, text
from ingest.values import basic_instant

_PERSON = NodeLabel.PERSON
_LONGEST_CALL_SECONDS = 7 * 86_400
_SUBSCRIBERS = "subscribers"


def _subscriber(number: str, name: str) -> Lookup:
    return Lookup(_SUBSCRIBERS, on=number, key="msisdn", take={"person": name}, required=False)


def _reached_by(number: str, subscriber: str) -> pl.Expr:
    return pl.coalesce(pl.col(subscriber), pl.concat_str(pl.lit("tel:"), number))


SUBSCRIBERS = TableSpec(
    name=_SUBSCRIBERS,
    file="subscribers.csv",
    columns=(ColumnSpec("msisdn", "msisdn", MSISDN), text("customer_id"), day("active_from", "active"), RECORDED),
    lookups=(known_person(),),
    derived={"person": person()},
    checks=(not_before("recorded", "active"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.HAS_PHONE, NodeLabel.PHONE),
            source="person",
            target="msisdn",
            when=Dated("active", known="recorded"),
            identity=("msisdn", "customer_id"),
        ),
    ),
)

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
    lookups=(_subscriber("caller", "caller_person"), _subscriber("callee", "callee_person")),
    checks=(not_before("recorded", "started"),),
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.CALLED, _PERSON),
            source=_reached_by("caller", "caller_person"),
            target=_reached_by("callee", "callee_person"),
            when=Dated("started", known="recorded"),
            identity=("call_id",),
            properties={"duration_seconds": "duration"},
        ),
    ),
)

_PAIR = ("first", "second")
CONTACTS = TableSpec(
    name="contacts",
    file="contacts.vcf",
    format=Format.VCARD,
    columns=(
        text("UID", "card_id"),
        number_in("SOURCE", "customer_id", "^urn:customer:(.+)$"),
        number_in("TEL", "number", r"^tel:(\+[1-9][0-9]{6,14})$"),
        ColumnSpec("REV", "listed", basic_instant()),
    ),
    ignored={"FN": IN_A_NAME},
    lookups=(known_person(), _subscriber("number", "subscriber")),
    derived={
        "person": person(),
        "contact": _reached_by("number", "subscriber"),
        "first": pl.min_horizontal("person", "contact"),
        "second": pl.max_horizontal("person", "contact"),
        "mutual": pl.col("person").n_unique().over(_PAIR) == 2,
        # each side holds the contact from its earliest card on, the pair from when the later side does
        "held_us": pl.col("listed_us").min().over("person", "contact"),
        "held_known_s": pl.col("listed_known_s").min().over("person", "contact"),
        "both_us": pl.col("held_us").max().over(_PAIR),
        "both_known_s": pl.col("held_known_s").max().over(_PAIR),
        "once": pl.col("row") == pl.col("row").min().over(_PAIR),
    },
    rules=(
        FactRule(
            EdgeType(_PERSON, RelType.LISTS_CONTACT, _PERSON),
            source="person",
            target="contact",
            when=Dated("listed"),
            identity=("card_id",),
            attested_by=Attestation.SUBJECT,
        ),
        FactRule(
            EdgeType(_PERSON, RelType.KNOWS, _PERSON),
            source="first",
            target="second",
            when=Dated("both"),
            identity=_PAIR,
            where=pl.col("mutual") & pl.col("once"),
            attested_by=Attestation.BOTH,
        ),
    ),
)
