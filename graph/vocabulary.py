"""What the graph may hold: labels, relations, their ends and properties, declared once.

Everything else (constraints, tables, row checks, PyG types, enums, the data dictionary) is derived from
`NODES` and `RELATIONS` in `graph/derived.py`. This module knows no database, no file and no model.
A change here changes the digest, and stores, snapshots and bundles made before are refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

VOCABULARY_VERSION = 1  # raise when the meaning of a declaration changes while its text does not


class NodeLabel(StrEnum):
    """Kinds of node; singular nouns."""

    PERSON = "Person"
    COMPANY = "Company"
    LENDER = "Lender"
    LOAN = "Loan"
    BANK_ACCOUNT = "BankAccount"
    DEVICE = "Device"
    PHONE = "Phone"
    EMAIL = "Email"
    DOCUMENT = "Document"
    ADDRESS = "Address"
    PLACE = "Place"
    COMMUNITY = "Community"
    CATEGORY = "Category"


class RelType(StrEnum):
    """Kinds of relation; active verbs, read from source to target."""

    BOUGHT_FROM = "BOUGHT_FROM"
    RETURNED = "RETURNED"
    IN_CATEGORY = "IN_CATEGORY"
    QUALIFIED_FOR = "QUALIFIED_FOR"
    DELIVERED_TO = "DELIVERED_TO"
    PAID = "PAID"
    ORDERED_TO_PAY = "ORDERED_TO_PAY"
    HOLDS = "HOLDS"
    HAS_CARD = "HAS_CARD"
    HELD_AT = "HELD_AT"
    BRANCH_OF = "BRANCH_OF"
    SUPPLIES = "SUPPLIES"
    DESCRIBED_AS = "DESCRIBED_AS"
    BILLED_BY = "BILLED_BY"
    VISITED = "VISITED"
    LIVES_AT = "LIVES_AT"
    WORKS_AT = "WORKS_AT"
    LEFT = "LEFT"
    MANAGES = "MANAGES"
    SUPERVISES = "SUPERVISES"
    LOCATED_IN = "LOCATED_IN"
    LISTS_CONTACT = "LISTS_CONTACT"
    KNOWS = "KNOWS"
    CALLED = "CALLED"
    REFERRED = "REFERRED"
    RATED = "RATED"
    GUARANTEES = "GUARANTEES"
    MEMBER_OF = "MEMBER_OF"
    USES_DEVICE = "USES_DEVICE"
    HAS_PHONE = "HAS_PHONE"
    HAS_EMAIL = "HAS_EMAIL"
    HAS_DOCUMENT = "HAS_DOCUMENT"
    KNOWN_AS = "KNOWN_AS"
    SAME_AS = "SAME_AS"
    CONSENTED = "CONSENTED"
    LISTED_ON = "LISTED_ON"
    APPLIED_FOR = "APPLIED_FOR"
    FUNDED = "FUNDED"
    DECLINED = "DECLINED"
    DISBURSED_TO = "DISBURSED_TO"
    OWES = "OWES"
    REPAID = "REPAID"
    MISSED = "MISSED"
    DEFAULTED_ON = "DEFAULTED_ON"
    CLOSED = "CLOSED"
    RECOVERED = "RECOVERED"
    ASSESSED = "ASSESSED"
    INVESTED_IN = "INVESTED_IN"
    PAID_OUT = "PAID_OUT"
    OWNS = "OWNS"
    LITIGATED = "LITIGATED"


UNCORRECTED = frozenset(
    {
        *(RelType.SAME_AS, RelType.CONSENTED, RelType.KNOWN_AS, RelType.LISTED_ON, RelType.CALLED, RelType.LISTS_CONTACT),
        *(RelType.HAS_PHONE, RelType.HAS_EMAIL, RelType.HAS_DOCUMENT, RelType.LIVES_AT),
    }
)
"""Relations of which no source may declare corrections: what is derived from them (who is one person, who knows whom, who
consents) rests on the first or the latest that was said, and is never unsaid."""
DESCRIBING = frozenset({RelType.DESCRIBED_AS, RelType.LISTED_ON, RelType.KNOWN_AS, RelType.CONSENTED, RelType.LITIGATED})
"""Relations that state something of a node itself; they, and they alone, join a node to itself."""
BELONGING = frozenset({RelType.WORKS_AT})
"""Relations by which one belongs somewhere though they state terms, a wage; those that state nothing need not stand here."""
ADVERSE = frozenset({RelType.MISSED, RelType.DEFAULTED_ON, RelType.RECOVERED})
"""Relations that tell of a loan gone wrong; of whom one is known, a score is never withheld."""
ADVERSE_STANDINGS = frozenset({"arrears", "defaulted"})
"""What a lender's verdict says of a loan gone wrong."""


class Family(StrEnum):
    """Signal families; a score says how much each contributed, and a lender can switch one off."""

    DATA = "data"
    LIFE = "life"
    SOCIAL = "social"
    COMMUNITY = "community"
    IDENTITY = "identity"
    CREDIT = "credit"


class Attestation(StrEnum):
    """Who stands behind a fact."""

    SUBJECT = "subject"
    COUNTERPARTY = "counterparty"
    BOTH = "both"
    INSTITUTION = "institution"


class Basis(StrEnum):
    """Lawful basis under which a source may be used."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC = "public"
    RESEARCH = "research"


class Purpose(StrEnum):
    """What a person consents to; a tenant is bound to one."""

    CREDIT_SCORING = "credit_scoring"
    COLLECTIONS = "collections"
    FRAUD_PREVENTION = "fraud_prevention"


class ConsentAction(StrEnum):
    """What a consent says."""

    GRANTED = "granted"
    REVOKED = "revoked"


class Kind(StrEnum):
    """Type of a property; money is int64 minor units beside a `currency` property."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    CATEGORY = "category"


class EdgeType(NamedTuple):
    """One kind of fact: source label, relation, target label; equals a PyG edge type."""

    source: NodeLabel
    rel: RelType
    target: NodeLabel


@dataclass(frozen=True)
class PropSpec:
    """One typed property of a relation; `unit` is the unit a reader of the value needs.

    A `keyed` property never holds what the source says, only keyed hashes of it, 16 hexadecimal digits each, apart by blanks.
    """

    name: str
    kind: Kind
    unit: str
    required: bool = False
    keyed: bool = False


@dataclass(frozen=True)
class NodeSpec:
    """One node label and what its key is made of."""

    label: NodeLabel
    meaning: str
    key: str


@dataclass(frozen=True)
class RelSpec:
    """One edge type: what it means, who must attest it to be crossed, and what it carries.

    `owned` marks relations whose target is part of the source's own affairs (an account held, a loan applied
    for), so that facts one step further still count as the subject's own history. `reason` is the sentence a
    lender may pass on when this relation counted against an applicant; None where it never may.
    """

    edge: EdgeType
    family: Family
    meaning: str
    properties: tuple[PropSpec, ...] = ()
    crossed_by: frozenset[Attestation] = frozenset({Attestation.COUNTERPARTY, Attestation.BOTH, Attestation.INSTITUTION})
    retention_days: int = 1827
    owned: bool = False
    reason: str | None = None


_ATTESTED = frozenset({Attestation.COUNTERPARTY, Attestation.BOTH, Attestation.INSTITUTION})


class _Family:
    """Declares the relations of one family, one edge type for each pair of ends."""

    def __init__(self, family: Family) -> None:
        self.family = family

    def __call__(
        self,
        sources: Iterable[NodeLabel],
        rel: RelType,
        targets: Iterable[NodeLabel],
        meaning: str,
        properties: tuple[PropSpec, ...] = (),
        *,
        crossed_by: frozenset[Attestation] = _ATTESTED,
        owned: bool = False,
        reason: str | None = None,
    ) -> tuple[RelSpec, ...]:
        return tuple(
            RelSpec(EdgeType(s, rel, t), self.family, meaning, properties, crossed_by, owned=owned, reason=reason)
            for s in sources
            for t in targets
        )


_data, _life, _social = _Family(Family.DATA), _Family(Family.LIFE), _Family(Family.SOCIAL)
_community, _identity, _credit = _Family(Family.COMMUNITY), _Family(Family.IDENTITY), _Family(Family.CREDIT)

PERSON, COMPANY, LENDER, LOAN = (NodeLabel.PERSON,), (NodeLabel.COMPANY,), (NodeLabel.LENDER,), (NodeLabel.LOAN,)
ACCOUNT, PLACE, ADDRESS = (NodeLabel.BANK_ACCOUNT,), (NodeLabel.PLACE,), (NodeLabel.ADDRESS,)
BORROWER = PERSON + COMPANY


def _category(name: str, unit: str = "code") -> PropSpec:
    return PropSpec(name, Kind.CATEGORY, unit)


def _integer(name: str, unit: str, *, required: bool = False) -> PropSpec:
    return PropSpec(name, Kind.INTEGER, unit, required)


def _decimal(name: str, unit: str) -> PropSpec:
    return PropSpec(name, Kind.DECIMAL, unit)


def _money(name: str) -> PropSpec:
    return PropSpec(name, Kind.MONEY, "minor units")


AMOUNT = PropSpec("amount_minor", Kind.MONEY, "minor units", required=True)
AMOUNT_IF_KNOWN = PropSpec("amount_minor", Kind.MONEY, "minor units")
CURRENCY = PropSpec("currency", Kind.CATEGORY, "ISO 4217")
_PURPOSE = _category("purpose")
_DAYS_LATE = "days after due, negative when early"

PRICED = (AMOUNT, CURRENCY)
PRICED_IF_KNOWN = (AMOUNT_IF_KNOWN, CURRENCY)
ON_INSTALMENT = (PropSpec("instalment", Kind.INTEGER, "ordinal, from 1", required=True), *PRICED_IF_KNOWN)
APPLIED_TERMS = (
    *(AMOUNT, _money("total_due_minor"), _money("instalment_minor"), CURRENCY),
    *(_integer("term_days", "days"), _integer("term_months", "months"), _integer("loan_number", "ordinal with this lender")),
    *(_PURPOSE, _money("declared_income_minor")),
)
GRANTED_TERMS = (*PRICED, _decimal("rate_pct", "percent a year"))  # the rate is the lender's answer, no part of the question
PAYMENT = (
    *(*PRICED, _category("channel"), _PURPOSE),
    *(_money("source_balance_minor"), _money("target_balance_minor")),
)
PERSON_RECORD = (_integer("birth_year", "year"), _category("employment_status"), _category("education_level"))
COMPANY_RECORD = (
    *(_money("registered_capital_minor"), _money("paid_capital_minor"), CURRENCY),
    _integer("age_months", "months since it was founded"),
)
LAWSUIT = (
    *(_category("cause"), _category("court"), _category("verdict")),
    _integer("ago_months", "months before the source observed it, where it gives no date"),
)
PLACE_STATISTICS = (
    *(_category("region"), _integer("inhabitants", "persons"), _money("average_salary_minor"), CURRENCY),
    *(_decimal("unemployment_pct", "percent"), _decimal("entrepreneurs_per_1000", "per 1000 inhabitants")),
    _decimal("urban_pct", "percent of inhabitants"),
)
STANDING = (PropSpec("standing", Kind.CATEGORY, "settled, performing, arrears or defaulted", required=True),)

NAME_KEYS = tuple(
    PropSpec(name, Kind.CATEGORY, "keyed hashes", keyed=True)
    for name in ("given_name", "given_name_near", "family_name", "family_name_near", "birth_date", "birth_date_near")
)
CONSENT = (
    PropSpec("family", Kind.CATEGORY, "signal family", required=True),
    PropSpec("purpose", Kind.CATEGORY, "purpose", required=True),
    PropSpec("action", Kind.CATEGORY, "granted or revoked", required=True),
)

NODES: tuple[NodeSpec, ...] = (
    NodeSpec(
        NodeLabel.PERSON,
        "a natural person, as one source knows them",
        "the source's own customer or client number, else `tel:` or `document:` and the number that stands for them",
    ),
    NodeSpec(
        NodeLabel.COMPANY, "an employer, merchant, supplier or borrowing company", "register number, else the source's number"
    ),
    NodeSpec(NodeLabel.LENDER, "a bank or platform that lends or keeps accounts", "name or bank code"),
    NodeSpec(NodeLabel.LOAN, "one loan, from application to closing", "the lender's loan number"),
    NodeSpec(
        NodeLabel.BANK_ACCOUNT, "an account at a bank, or the bank's counter for cash and fees", "bank code and account number"
    ),
    NodeSpec(NodeLabel.DEVICE, "a device that someone logged in from", "device id"),
    NodeSpec(NodeLabel.PHONE, "a telephone number", "E.164 number"),
    NodeSpec(NodeLabel.EMAIL, "an e-mail address", "normalised address"),
    NodeSpec(NodeLabel.DOCUMENT, "an identity document", "the number, in capitals and without signs"),
    NodeSpec(NodeLabel.ADDRESS, "a postal address", "normalised address"),
    NodeSpec(NodeLabel.PLACE, "a coarse place: a district, a branch, a cell of 0.1 degree", "code or coordinates"),
    NodeSpec(NodeLabel.COMMUNITY, "a group people belong to", "the source's group number"),
    NodeSpec(NodeLabel.CATEGORY, "a category of goods or trade", "the category's code"),
)

RELATIONS: tuple[RelSpec, ...] = (
    # credit
    *_credit(
        BORROWER,
        RelType.APPLIED_FOR,
        LOAN,
        "asked for a loan on these terms",
        APPLIED_TERMS,
        owned=True,
        reason="Amount and terms applied for",
    ),
    *_credit(LENDER, RelType.FUNDED, LOAN, "granted the loan", GRANTED_TERMS),
    *_credit(LENDER, RelType.DECLINED, LOAN, "refused the application"),
    *_credit(LOAN, RelType.DISBURSED_TO, ACCOUNT, "the loan's money was paid out to", PRICED),
    *_credit(
        BORROWER, RelType.OWES, LOAN, "an instalment falls due at `at`", ON_INSTALMENT, reason="Instalments currently owed"
    ),
    *_credit(
        BORROWER,
        RelType.REPAID,
        LOAN,
        "paid an instalment",
        (*ON_INSTALMENT, _integer("days_late", _DAYS_LATE, required=True)),
        reason="Timeliness of past repayments",
    ),
    *_credit(
        BORROWER,
        RelType.MISSED,
        LOAN,
        "let an instalment's due date pass unpaid",
        ON_INSTALMENT,
        reason="Instalments paid late or missed",
    ),
    *_credit(BORROWER, RelType.DEFAULTED_ON, LOAN, "defaulted", PRICED_IF_KNOWN, reason="Earlier default"),
    *_credit(
        BORROWER,
        RelType.CLOSED,
        LOAN,
        "the loan was settled in full",
        (_integer("days_open", "days since it was granted"),),
        reason="Record of loans settled",
    ),
    *_credit(LENDER, RelType.RECOVERED, LOAN, "collected after default", PRICED, reason="Earlier default"),
    *_credit(LENDER, RelType.ASSESSED, LOAN, "the lender's own verdict on the loan", STANDING),
    *_credit(BORROWER, RelType.INVESTED_IN, LENDER + LOAN + COMPANY, "put money in", PRICED),
    *_credit(LENDER, RelType.PAID_OUT, BORROWER, "paid back to an investor", PRICED),
    *_credit(BORROWER, RelType.OWNS, COMPANY + LENDER, "owns a share of", (_decimal("share_pct", "percent"),)),
    *_credit(COMPANY, RelType.LITIGATED, COMPANY, "was party to a lawsuit", LAWSUIT, reason="Lawsuits"),
    # data
    *_data(
        PERSON,
        RelType.BOUGHT_FROM,
        COMPANY,
        "placed an order",
        (*PRICED, _integer("items", "count")),
        reason="Shopping behaviour",
    ),
    *_data(PERSON, RelType.RETURNED, COMPANY, "sent goods back", PRICED, reason="Goods sent back"),
    *_data(COMPANY, RelType.IN_CATEGORY, (NodeLabel.CATEGORY,), "trades in"),
    *_data(COMPANY, RelType.QUALIFIED_FOR, (NodeLabel.CATEGORY,), "holds a licence or certificate for"),
    *_data(PERSON, RelType.DELIVERED_TO, ADDRESS, "had a parcel delivered to", reason="Delivery addresses"),
    *_data(ACCOUNT, RelType.PAID, ACCOUNT, "money moved", PAYMENT, reason="Payments and balances on bank accounts"),
    *_data(
        ACCOUNT,
        RelType.ORDERED_TO_PAY,
        ACCOUNT,
        "a standing order",
        (*PRICED, _PURPOSE),
        reason="Standing orders on bank accounts",
    ),
    *_data(
        BORROWER + LENDER,
        RelType.HOLDS,
        ACCOUNT,
        "holds, or may dispose of, the account",
        (_category("role"), _category("account_kind")),
        owned=True,
        reason="Bank accounts held",
    ),
    *_data(
        PERSON,
        RelType.HAS_CARD,
        ACCOUNT,
        "was issued a card on the account",
        (_category("card_kind"),),
        reason="Bank cards held",
    ),
    *_data(ACCOUNT, RelType.HELD_AT, LENDER + PLACE, "is kept at the bank, or at its branch"),
    *_data(PLACE, RelType.BRANCH_OF, LENDER, "is a branch of"),
    *_data(COMPANY, RelType.BRANCH_OF, COMPANY, "is a branch of"),
    *_data(COMPANY, RelType.DESCRIBED_AS, COMPANY, "what a register says of the company", COMPANY_RECORD),
    *_data(COMPANY, RelType.SUPPLIES, COMPANY, "invoiced goods or services to", PRICED),
    *_data(ACCOUNT, RelType.DESCRIBED_AS, ACCOUNT, "what the bank says of the account", (_category("statement_frequency"),)),
    # life
    *_life(
        PERSON,
        RelType.DESCRIBED_AS,
        PERSON,
        "what an institution recorded of the person",
        PERSON_RECORD,
        reason="Employment and personal circumstances",
    ),
    *_life(PLACE, RelType.DESCRIBED_AS, PLACE, "public statistics of a place", PLACE_STATISTICS),
    *_life(
        PERSON,
        RelType.BILLED_BY,
        COMPANY,
        "got a bill",
        (*PRICED, _category("bill_kind"), _integer("days_late", _DAYS_LATE)),
        reason="Payment of bills",
    ),
    *_life(PERSON, RelType.VISITED, PLACE, "was at", (_integer("minutes", "minutes"),), reason="Places visited"),
    *_life(PERSON, RelType.LIVES_AT, ADDRESS + PLACE, "lives at", reason="Place of residence"),
    *_life(PERSON, RelType.WORKS_AT, COMPANY, "works for", (_money("salary_minor"), CURRENCY), reason="Employment"),
    *_life(PERSON, RelType.LEFT, COMPANY, "stopped working for", reason="Employment"),
    *_life(PERSON, RelType.MANAGES, COMPANY, "is an executive of", reason="Offices held in companies"),
    *_life(PERSON, RelType.SUPERVISES, COMPANY, "sits on the supervisory board of", reason="Offices held in companies"),
    *_life(COMPANY, RelType.LOCATED_IN, PLACE, "has its seat in"),
    # social
    *_social(PERSON, RelType.LISTS_CONTACT, PERSON, "claims as a contact, on one's word alone", crossed_by=frozenset()),
    *_social(
        PERSON,
        RelType.KNOWS,
        PERSON,
        "each holds the other as a contact",
        crossed_by=frozenset({Attestation.BOTH}),
        reason="Mutual contacts",
    ),
    *_social(PERSON, RelType.CALLED, PERSON, "telephoned", (_integer("duration_seconds", "seconds"),), reason="Calls"),
    *_social(PERSON, RelType.REFERRED, PERSON, "introduced to the lender", reason="Referral by or of other borrowers"),
    *_social(
        PERSON,
        RelType.RATED,
        PERSON,
        "gave a mark for trust, as the platform recorded it",
        (PropSpec("rating", Kind.INTEGER, "marks, below zero for distrust", required=True),),
        reason="Ratings given and received",
    ),
    *_social(BORROWER, RelType.GUARANTEES, LOAN, "stands surety for", PRICED_IF_KNOWN, reason="Guarantees given"),
    # community
    *_community(PERSON, RelType.MEMBER_OF, (NodeLabel.COMMUNITY,), "belongs to", reason="Group memberships"),
    # identity
    *_identity(PERSON, RelType.USES_DEVICE, (NodeLabel.DEVICE,), "logged in from", reason="Devices shared with others"),
    *_identity(PERSON, RelType.HAS_PHONE, (NodeLabel.PHONE,), "is reached by", reason="Telephone numbers shared with others"),
    *_identity(PERSON, RelType.HAS_EMAIL, (NodeLabel.EMAIL,), "is reached by", reason="E-mail addresses shared with others"),
    *_identity(PERSON, RelType.HAS_DOCUMENT, (NodeLabel.DOCUMENT,), "identified with", reason="Documents shared with others"),
    *_identity(
        PERSON,
        RelType.KNOWN_AS,
        PERSON,
        "name and birth date as an institution has them, as keyed hashes for linkage alone",
        NAME_KEYS,
        crossed_by=frozenset(),
    ),
    *_identity(
        PERSON,
        RelType.SAME_AS,
        PERSON,
        "is held to be the same person; a snapshot reads both as one from then on",
        (_decimal("probability_pct", "percent"), _category("rule", "which evidence decided")),
        crossed_by=frozenset(),
    ),
    *_identity(
        PERSON,
        RelType.CONSENTED,
        PERSON,
        "allowed a family of facts to be used for a purpose, or took that back",
        CONSENT,
        crossed_by=frozenset(),
    ),
    *_identity(
        PERSON,
        RelType.LISTED_ON,
        PERSON,
        "is entered in a register or on a list",
        (PropSpec("list", Kind.CATEGORY, "code", required=True),),
        reason="Entries in registers",
    ),
)

SPECS: dict[EdgeType, RelSpec] = {spec.edge: spec for spec in RELATIONS}
