"""Refuses at the door what must never be used: religion, genes, biometrics, blood type, disease, ethnicity.

Told by a column's name, or by what most of its values are. A single value says nothing: grades, part numbers and first names
look like blood types, diagnoses and religions now and then. Messages name the column, never a value.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.errors import CategoryForbidden
from ingest.forbidden_words import CHINESE, CHINESE_EXCUSES, EXCUSES, ICD_10, NAMES, VALUES, Category

MOST_VALUES = 2_000  # of a column that are looked at
NEARLY_ALL = 0.9
MANY = 0.3  # of values that are free words
HALF = 0.5
LEAST_CHAPTERS = 3  # of diseases, told by a code's first letter

_LONGEST_PHRASE = 3  # words of the longest name
_BLOOD = re.compile(r"(?:A|B|AB|O|0)\s?(?:rh|rhesus)?\s?(?:[+\-−]|pos(?:itiv[eo]?)?|neg(?:ativ[eo]?)?)", re.IGNORECASE)
_BARE_BLOOD = frozenset({"A", "B", "AB", "O", "0"})
_NO_GRADE = re.compile(r"\s*(?:AB|O|0)", re.IGNORECASE)
_ICD = re.compile(r"[A-TV-Z][0-9][0-9A-B](?:\.?[0-9A-Z]{1,4})?")
_DNA = re.compile(r"[ACGTN]{24,}")


def find_in_name(name: str) -> Category | None:
    """The forbidden category that a column's name tells, if any."""
    for category, parts in CHINESE.items():
        if any(part in name for part in parts) and not any(excuse in name for excuse in CHINESE_EXCUSES):
            return category
    words = _words(name)
    for category, known in NAMES.items():
        for length in range(1, _LONGEST_PHRASE + 1):
            for start in range(len(words) - length + 1):
                phrase = " ".join(words[start : start + length])
                if phrase in known and not EXCUSES.get(phrase, frozenset()) & set(words):
                    return category
    return None


def find_in_values(values: Iterable[object]) -> Category | None:
    """The forbidden category that most values of a column tell, if any; missing values do not count."""
    texts = [str(value).strip() for value in values if value is not None]
    texts = [text for text in texts if text][:MOST_VALUES]
    if not texts:
        return None
    if _is_blood(texts):
        return Category.BLOOD_TYPE
    if _is_icd(texts):
        return Category.DISEASE
    if _share(bool(_DNA.fullmatch(text.upper())) for text in texts) >= NEARLY_ALL:
        return Category.GENES
    plain = [_plain(text) for text in texts]
    for category, known in VALUES.items():
        told = [text for text in plain if text in known]
        if len(set(told)) > 1 and len(told) >= MANY * len(plain):
            return category
    return None


def check_column(path: Path | str, name: str, values: Iterable[object] = ()) -> None:
    """Refuse a column of a delivered file, by its name or by its values.

    Raises:
        CategoryForbidden: it seems to hold what must not be used.
    """
    category = find_in_name(name)
    if category:
        raise CategoryForbidden(path, column=name, category=category, told_by="name")
    category = find_in_values(values)
    if category:
        raise CategoryForbidden(path, column=name, category=category, told_by="values")


def _words(name: str) -> list[str]:
    """`bloodType`, `BLOOD_TYPE` and `blood-type2` are two words each."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", _without_accents(name))
    return re.findall("[a-z]+", apart.lower())


def _plain(text: str) -> str:
    return _without_accents(text).lower()


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _is_blood(texts: Sequence[str]) -> bool:
    """Grades are A+ to F: only AB, O and 0 are no grades; without a sign all four groups must be there."""
    signed = [text for text in texts if _BLOOD.fullmatch(text)]
    if len(signed) >= NEARLY_ALL * len(texts):
        return any(_NO_GRADE.match(text) for text in signed) and len(set(signed)) > 1
    found = {text.upper() for text in texts}
    return found <= _BARE_BLOOD and {"A", "B", "AB"} <= found and len(found) > 3


def _is_icd(texts: Sequence[str]) -> bool:
    """Codes of many chapters, most of them frequent; without a point nearly all must be."""
    codes = [text for text in (text.upper() for text in texts) if _ICD.fullmatch(text)]
    if len(codes) < NEARLY_ALL * len(texts):
        return False
    distinct = set(codes)
    chapters = {code[0] for code in distinct}
    frequent = _share(code[:3] in ICD_10 for code in distinct)
    if any("." in code for code in distinct):
        return len(chapters) >= LEAST_CHAPTERS and frequent >= HALF
    return len(chapters) > LEAST_CHAPTERS and len(distinct) > LEAST_CHAPTERS + 1 and frequent >= NEARLY_ALL


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted)
