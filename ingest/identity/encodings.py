"""The texts by which linkage compares names and birth dates once they are hashed: equal, or one slip of the pen apart.

A hash tells nothing of how near two texts are. So each name also gets the texts that a slip may make of it: two spellings
that are one letter left out, put in, changed or swapped with its neighbour apart share at least one (Mor and Fraenkel, 1982).
"""

from functools import cache

import polars as pl

from ingest.identity.distinct import texts_of_each
from ingest.identity.normalise import PARTICLES, name_parts

_ALIKE = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("y", "i"))
LEAST_LETTERS = 3  # shorter words have no near ones


def name_texts(full_name: pl.Expr) -> dict[str, pl.Expr]:
    """Lists of texts for the keyed properties of a full name: `given_name` and `family_name`, exact and near.

    The last word and the particles before it are the family name. Exact: one text. Near: see `near_texts`; the family name's
    also hold the whole name without its blanks, which finds a name whose blank was lost or misplaced.
    """
    readers = {
        "given_name": _given,
        "given_name_near": _given_near,
        "family_name": _family,
        "family_name_near": _family_near,
    }
    return {name: texts_of_each(full_name, reader) for name, reader in readers.items()}


def birth_texts(birth_date: pl.Expr) -> dict[str, pl.Expr]:
    """Lists of texts for the keyed properties of a birth date, given as Date or ISO text; null stays null.

    Near: any two of year, month and day, and the year with day and month in either order.
    """
    iso = birth_date.cast(pl.String)
    return {"birth_date": texts_of_each(iso, _itself), "birth_date_near": texts_of_each(iso, _birth_near)}


@cache
def near_texts(word: str) -> tuple[str, ...]:
    """The word in a coarse spelling, and that with each one letter left out."""
    for written, spoken in _ALIKE:
        word = word.replace(written, spoken)
    if len(word) < LEAST_LETTERS:
        return (word,)
    return tuple(sorted({word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}))


def _parts(name: str) -> tuple[list[str], list[str]]:
    """Words of the given and of the family name."""
    if "," in name:
        family, _, given = name.partition(",")
        return name_parts(given) or [], name_parts(family) or []
    words = name_parts(name) or []
    first = len(words) - 1
    while first > 0 and words[first - 1] in PARTICLES:
        first -= 1
    return words[: max(first, 0)], words[max(first, 0) :]


def _given(name: str) -> list[str] | None:
    return [" ".join(words)] if (words := _parts(name)[0]) else None


def _family(name: str) -> list[str] | None:
    return [" ".join(words)] if (words := _parts(name)[1]) else None


def _given_near(name: str) -> list[str] | None:
    return sorted({near for word in _parts(name)[0] for near in near_texts(word)}) or None


def _family_near(name: str) -> list[str] | None:
    given, family = _parts(name)
    if not family:
        return None
    near = {near for word in family if word not in PARTICLES for near in near_texts(word)}
    return sorted({*near, "=" + "".join([*given, *family])})


def _itself(text: str) -> list[str]:
    return [text]


def _birth_near(iso: str) -> list[str] | None:
    parts = iso[:10].split("-")
    if len(parts) != 3:
        return None
    year, month, day = parts
    first, second = sorted((month, day))
    return [f"{year}-{month}-", f"{year}--{day}", f"-{month}-{day}", f"{year}|{first}|{second}"]
