"""Writes the draft of a mapping: what was seen, with every decision that is a person's marked by the word CHOOSE.

A draft keeps to the schema and says `draft: true`, so that it can be checked and not loaded.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from graph.vocabulary import Basis, Purpose
from ingest.drafting.guess import Guess, guess_column
from ingest.drafting.look import Look
from ingest.drafting.suggest import Suggestion, suggest_relation
from ingest.forbidden import check_column
from ingest.mapping.schema import FORMAT_VERSION
from ingest.mapping.types import COLUMN_TYPES
from ingest.source import Format

CURRENCY = "currency"
CONSTANT = "currency_constant"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./ -]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def build_draft(look: Look) -> str:
    """The text of a draft mapping.

    Raises:
        CategoryForbidden: a column seems to hold what must never be used.
    """
    for header, values in look.columns.items():
        check_column(look.path, header, values)
    columns = {header: values for header, values in look.columns.items() if header.partition(".")[0] not in look.nested}
    names = _names([*columns, *sorted(look.nested)])
    guesses = {names[header]: guess_column(header, values) for header, values in columns.items()}
    guesses |= {
        names[header]: Guess(None, reason="it is nested or binary; deliver what counts in columns of its own")
        for header in look.nested
    }
    read = {name: guess for name, guess in guesses.items() if guess.type}
    headers = {name: header for header, name in names.items()}
    suggestion = suggest_relation(_stem(look), headers, read)
    lines = [*_head(look), *_table(look, headers, guesses), *_relation(suggestion, read, headers)]
    return "\n".join(lines) + "\n"


def _head(look: Look) -> Iterator[str]:
    delivered = datetime.fromtimestamp(int(look.path.stat().st_mtime), UTC)
    yield f"# A draft, made by looking at the beginning of {look.path.name}."
    yield "# Decide every CHOOSE, then remove the line `draft: true`."
    yield "# What each key means: docs/mapping.md. What would be read: creditgraph source check MAPPING FOLDER"
    yield f"mapping: {FORMAT_VERSION}"
    yield "draft: true"
    yield f"name: {_stem(look)} # CHOOSE: what the source is called; part of every key, so never change it later"
    yield "publisher: to be named # CHOOSE: who delivers this file"
    yield f"basis: {Basis.CONSENT.value} # CHOOSE: {', '.join(Basis)}"
    yield f"purpose: {Purpose.CREDIT_SCORING.value} # CHOOSE: {', '.join(Purpose)}"
    yield f"delivered_at: {delivered:%Y-%m-%dT%H:%M:%SZ} # CHOOSE: when the delivery came; now, when the file was written"
    yield "attested_by: institution # CHOOSE: who stands behind what it says: subject, counterparty, both, institution"
    yield ""
    yield "tables:"


def _table(look: Look, headers: Mapping[str, str], guesses: Mapping[str, Guess]) -> Iterator[str]:
    yield f"  - name: {_stem(look)}"
    yield f"    file: {_quoted(look.path.name.removesuffix('.gz'))}"
    form: dict[str, Any] = {"kind": look.format.value}
    if look.format is Format.DELIMITED:
        form |= {"delimiter": look.delimiter, "encoding": look.encoding, "header": look.has_header}
    elif look.format is Format.JSON_LINES:
        form |= {"encoding": look.encoding}
    yield f"    format: {_flow(form)}" + _choose(look.doubts.values())
    missing = dict.fromkeys(text for guess in guesses.values() for text in guess.missing)
    if missing:
        shown = ", ".join(json.dumps(text, ensure_ascii=False) for text in missing)
        yield f"    missing: [{shown}] # CHOOSE: whether these texts mean that there is no value"
    yield "    columns:"
    for name, guess in guesses.items():
        if guess.type:
            yield from _column(name, headers[name], guess)
    ignored = {headers[name]: guess.reason for name, guess in guesses.items() if not guess.type}
    if ignored:
        yield "    ignored: # CHOOSE: whether these are better read; the reasons are shown to others"
        yield from (f"      {_quoted(header)}: {reason}" for header, reason in ignored.items())


def _column(name: str, header: str, guess: Guess) -> Iterator[str]:
    options = dict(guess.options)
    codes = options.pop("codes", None)
    said: dict[str, Any] = {"header": header} | ({"name": name} if name != header else {}) | {"type": guess.type} | options
    if guess.optional:
        said["optional"] = True
    if codes is None:
        yield f"      - {_flow(said)}" + _choose(guess.doubts)
        return
    first, *rest = said.items()
    yield f"      - {first[0]}: {_quoted(first[1])}" + _choose(guess.doubts)
    yield from (f"        {key}: {_quoted(value)}" for key, value in rest)
    yield "        codes:"
    yield from (f"          {_quoted(word)}: {_quoted(code)}" for word, code in codes.items())


def _relation(suggestion: Suggestion | None, guesses: Mapping[str, Guess], headers: Mapping[str, str]) -> Iterator[str]:
    if suggestion is None:
        yield "    # CHOOSE: what a row states; no relation of docs/vocabulary.md has both its ends among these columns"
        yield "    relations: []"
        return
    if suggestion.properties.get(CURRENCY) == "":
        yield f"    constants: {{{CONSTANT}: XXX}} # CHOOSE: the ISO 4217 code of the amounts"
    others = f"; it could also be {', '.join(suggestion.others)}" if suggestion.others else ""
    yield "    relations:"
    yield f"      - relation: {suggestion.relation} # CHOOSE: whether a row states this{others}"
    yield f"        source: {suggestion.source} # CHOOSE: whose"
    yield f"        target: {suggestion.target} # CHOOSE: with whom or what"
    moments = [name for name, guess in guesses.items() if guess.type and COLUMN_TYPES[guess.type].moment]
    if moments:
        also = f", or one of {', '.join(moments[1:])}" if moments[1:] else ""
        yield f"        at: {moments[0]} # CHOOSE: when it happened{also}"
        yield f"        # known: {moments[-1]} # CHOOSE: when it could be known, where another column says so"
    else:
        yield "        undated: 2100-01-01T00:00:00Z # CHOOSE: no column tells a time; from when on the facts count as known"
    unique = [
        name
        for name, guess in guesses.items()
        if guess.unique and guess.type == "text" and name not in (suggestion.source, suggestion.target)
    ]
    ends = dict.fromkeys([suggestion.source, suggestion.target, *moments[:1]])
    yield f"        identity: [{', '.join(unique[:1] or ends)}] # CHOOSE: the fewest columns that tell facts apart, for ever"
    if suggestion.properties:
        yield "        properties: # CHOOSE: whether each column means this"
        yield from (f"          {prop}: {name or CONSTANT}" for prop, name in suggestion.properties.items())


def _names(headers: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for i, header in enumerate(headers, start=1):
        plain = "".join(c for c in unicodedata.normalize("NFKD", header) if not unicodedata.combining(c)).replace("ß", "ss")
        apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
        name = re.sub(r"[^a-z0-9]+", "_", apart).strip("_")[:50]
        if not name or not name[0].isalpha():
            name = f"column_{i}"
        names[header] = f"{name}_{i}" if name in _WORDS or name in names.values() else name
    return names


def _stem(look: Look) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", look.path.name.split(".")[0].lower()).strip("_")
    return stem if stem and stem[0].isalpha() else f"source_{stem}".rstrip("_")


def _choose(doubts: Sequence[str] | Any) -> str:
    told = "; ".join(doubts)
    return f" # CHOOSE: {told}" if told else ""


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in values.items()) + "}"


def _quoted(value: Any) -> str:
    """A value as YAML: text that could be read as anything else is in quotes."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS and value == value.strip():
        return value
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())
