"""Which relation the rows of a file may state, told by what its columns could be the ends of. A suggestion, no decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.vocabulary import DESCRIBING, RELATIONS, Kind, NodeLabel, RelSpec, RelType
from ingest.drafting.guess import Guess
from ingest.drafting.words import ENDS, NUMBER, has_word
from ingest.drafting.words import RELATIONS as RELATION_WORDS
from ingest.mapping.schema import relation_text
from ingest.mapping.types import COLUMN_TYPES

_KEYS = frozenset({"text", "phone", "email", "iban", "address", "category"})
_BY_TYPE = {"iban": NodeLabel.BANK_ACCOUNT, "phone": NodeLabel.PHONE, "email": NodeLabel.EMAIL, "address": NodeLabel.ADDRESS}
_DERIVED = frozenset({RelType.SAME_AS, RelType.KNOWS})  # by linkage, never stated by a source
OTHERS_SHOWN = 3


@dataclass(frozen=True)
class Suggestion:
    """A relation that a table's rows may state.

    Attributes:
        relation: As mappings write it.
        source: Name of the column that may hold the source.
        target: Name of the column that may hold the target.
        properties: Column by property, where a column's header and type go with it.
        others: Further relations that the columns would also do for.
    """

    relation: str
    source: str
    target: str
    properties: Mapping[str, str]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    score: int
    order: int
    spec: RelSpec
    source: str
    target: str
    properties: dict[str, str] = field(compare=False)


def suggest_relation(subject: str, headers: Mapping[str, str], guesses: Mapping[str, Guess]) -> Suggestion | None:
    """The relation whose ends and properties the columns fit best; None where none has both its ends.

    Args:
        subject: What the file is called.
        headers: Header of each column by name.
        guesses: Of the columns that are read, by name.
    """
    told_first = sorted(guesses, key=lambda name: not has_word(headers[name], NUMBER))
    ends = {name: _labels(headers[name], guesses[name]) for name in told_first if guesses[name].type in _KEYS}
    found: list[_Candidate] = []
    for order, spec in enumerate(RELATIONS):
        pair = _ends(spec, ends)
        properties = _properties(spec, headers, guesses, pair) if pair else None
        if pair and properties is not None:
            told = RELATION_WORDS.get(spec.edge.rel, frozenset())
            words = sum(has_word(text, told) for text in (subject, *headers.values()))
            score = 3 * has_word(subject, told) + min(words, 2) + len(properties)
            found.append(_Candidate(score, -order, spec, *pair, properties))
    if not found:
        return None
    best, *rest = sorted(found, key=lambda one: (one.score, one.order), reverse=True)
    others = tuple(relation_text(one.spec.edge) for one in rest[:OTHERS_SHOWN])
    return Suggestion(relation_text(best.spec.edge), best.source, best.target, best.properties, others)


def _labels(header: str, guess: Guess) -> frozenset[NodeLabel]:
    told = {label for label, words in ENDS.items() if has_word(header, words)}
    return frozenset(told | ({_BY_TYPE[guess.type]} if guess.type in _BY_TYPE else set()))


def _ends(spec: RelSpec, ends: Mapping[str, frozenset[NodeLabel]]) -> tuple[str, str] | None:
    if spec.edge.rel in _DERIVED:
        return None
    sources = [name for name, labels in ends.items() if spec.edge.source in labels]
    if spec.edge.rel in DESCRIBING:
        return (sources[0], sources[0]) if sources else None
    for source in sources:
        for target, labels in ends.items():
            if target != source and spec.edge.target in labels:
                return source, target
    return None


def _properties(
    spec: RelSpec, headers: Mapping[str, str], guesses: Mapping[str, Guess], ends: tuple[str, str]
) -> dict[str, str] | None:
    """Columns for the properties; None where a required one has none."""
    given: dict[str, str] = {}
    for prop in spec.properties:
        fitting = [
            name
            for name, guess in guesses.items()
            if name not in ends and name not in given.values() and guess.type and prop.kind in _kinds(guess.type)
        ]
        stem = prop.name.removesuffix("_minor")
        named = [name for name in fitting if stem in headers[name].lower() or stem in name or guesses[name].type == stem]
        typed = [name for name in fitting if prop.kind is Kind.MONEY and guesses[name].type == "money"]
        chosen = named or (typed if prop.required else [])
        if chosen:
            given[prop.name] = chosen[0]
        elif prop.required:
            return None
    if any(prop.kind is Kind.MONEY and prop.name in given for prop in spec.properties):
        given.setdefault("currency", "")  # to be said by a constant
    return given


def _kinds(column_type: str) -> frozenset[Kind]:
    return (COLUMN_TYPES[column_type].kinds or {}).get("", frozenset())
