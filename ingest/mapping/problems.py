"""What is wrong with a mapping in the eyes of the published schema, each fault as one sentence with its remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ingest.mapping.document import Place
from ingest.mapping.schema import COLUMN_KEYS, build_schema

MOST_SHOWN = 20  # allowed words that a sentence lists; of more, those most like the one that was written
ALIKE = 3

_TYPES = {
    "object": "named entries",
    "array": "a list",
    "string": "text (put it in quotes)",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


@dataclass(frozen=True)
class Problem:
    """One fault: where in the mapping, and a sentence that ends with the remedy."""

    place: Place
    sentence: str


@cache
def _validator() -> Draft202012Validator:
    schema = build_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def find_schema_problems(values: Any) -> list[Problem]:
    """Every fault the schema finds, in the order of the file's places; none twice."""
    found = [problem for error in _validator().iter_errors(values) for problem in _tell(error)]
    return sorted(dict.fromkeys(found), key=lambda problem: [str(part) for part in problem.place])


def _tell(error: ValidationError) -> Iterator[Problem]:
    place: Place = tuple(error.absolute_path)
    value: Any = error.instance
    told: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "required":
            for name in told:
                if name not in value:
                    yield Problem(place, f"{name!r} is missing; add it")
        case "additionalProperties":
            for name in value:
                if name not in schema["properties"]:
                    yield Problem((*place, name), f"there is no {name!r} here; use one of {_words(schema['properties'])}")
        case "enum" if "propertyNames" in [*error.schema_path]:
            if value in COLUMN_KEYS:  # else it is named by `additionalProperties`
                yield Problem((*place, value), f"{value!r} does not go with this type; use one of {_words(told)}")
        case "enum":
            yield Problem(place, f"{value!r} is not known; use one of {_words(told, near=str(value))}")
        case "const":
            yield Problem(place, f"{value!r} is not a version this program reads; write {told!r}")
        case "type":
            wanted = [told] if isinstance(told, str) else told
            yield Problem(
                place, f"{_short(value)} stands where {' or '.join(_TYPES[name] for name in wanted)} belongs; write that"
            )
        case "pattern":
            yield Problem(place, f"{_short(value)} has another shape than {told}; {_shape_remedy(error)}")
        case "minItems" | "minProperties" | "minLength":
            yield Problem(place, "this is too short or empty; fill it in")
        case _:
            yield Problem(place, f"{error.message}; see docs/mapping.md")


def _shape_remedy(error: ValidationError) -> str:
    schema: Any = error.schema
    described = schema.get("description")
    return f"write it as {described}" if described else "use lower-case letters, digits and underscores, or the shape shown"


def _words(allowed: Any, *, near: str = "") -> str:
    words = [str(word) for word in allowed]
    if len(words) > MOST_SHOWN:
        words = [*get_close_matches(near, words, ALIKE, 0.0), "... (docs/vocabulary.md has all)"]
    return ", ".join(words)


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
