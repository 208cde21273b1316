"""Whether the relations and conditions of a mapping name columns that exist, and fill what the vocabulary declares."""

from collections.abc import Iterator, Mapping
from typing import Any

from graph.derived import properties
from graph.vocabulary import UNCORRECTED, Kind, PropSpec
from ingest.mapping.conditions import condition_columns, value_columns
from ingest.mapping.document import Place
from ingest.mapping.names import Name
from ingest.mapping.problems import Problem
from ingest.mapping.schema import COMPARISONS, EDGES

Names = Mapping[str, Name]
Values = Mapping[str, Any]

_CONSTANTS: Mapping[Kind, tuple[type, ...]] = {
    Kind.CATEGORY: (str,),
    Kind.INTEGER: (int,),
    Kind.DECIMAL: (int, float),
    Kind.MONEY: (),
}


def find_relation_problems(relation: Values, names: Names, place: Place) -> Iterator[Problem]:
    """Faults of one relation."""
    for end in ("source", "target"):
        yield from _find_in_value(relation[end], names, (*place, end))
        for name in value_columns(relation[end]):
            if name in names and names[name].moment:
                yield Problem((*place, end), f"{name!r} tells a time and can be no node; name an identifier")
    yield from _find_in_times(relation, names, place)
    for i, name in enumerate(relation["identity"]):
        yield from _find_name(name, names, (*place, "identity", i))
    if "where" in relation:
        yield from find_condition_problems(relation["where"], names, (*place, "where"))
    yield from _find_in_properties(relation, names, place)


def find_condition_problems(condition: Values, names: Names, place: Place) -> Iterator[Problem]:
    """Faults of one condition, and of those within it."""
    forms = [key for key in ("all", "any", "not", "column") if key in condition]
    comparisons = [key for key in COMPARISONS if key in condition]
    if len(forms) != 1 or (forms == ["column"]) != (len(comparisons) == 1) or (forms != ["column"] and comparisons):
        yield Problem(
            place, f"a condition is one of all, any, not, or a column with one of {', '.join(COMPARISONS)}; write one"
        )
        return
    for key in ("all", "any"):
        for i, part in enumerate(condition.get(key, ())):
            yield from find_condition_problems(part, names, (*place, key, i))
    if "not" in condition:
        yield from find_condition_problems(condition["not"], names, (*place, "not"))
    if "column" not in condition:
        return
    if condition["column"] not in names:
        yield from _find_name(condition["column"], names, (*place, "column"))
        return
    name, [comparison] = names[condition["column"]], comparisons
    if comparison == "present":
        return
    if name.moment:
        yield Problem((*place, comparison), "a time can only be asked whether it is present; compare another column")
        return
    wanted = (int, float) if name.number else (str,)
    for operand in condition["in"] if comparison == "in" else [condition[comparison]]:
        if not isinstance(operand, wanted) or isinstance(operand, bool):
            kind = "a number" if name.number else "text (put it in quotes)"
            yield Problem((*place, comparison), f"{condition['column']!r} is compared with {operand!r}; write {kind}")
    if comparison not in ("equals", "in") and not name.number:
        yield Problem((*place, comparison), f"{condition['column']!r} is no number; use equals or in")


def required_names(relation: Values) -> list[str]:
    """Names without whose values a row makes no fact of this relation; what is no required property may lack."""
    required = {spec.name for spec in properties(EDGES[relation["relation"]]) if spec.required}
    filled = [value for name, value in relation.get("properties", {}).items() if name in required]
    named = [name for value in (relation["source"], relation["target"], *filled) for name in value_columns(value)]
    return list(dict.fromkeys([*named, *(relation[key] for key in ("at", "known") if key in relation), *relation["identity"]]))


def deletion_names(table: Values) -> set[str]:
    """Names without whose values a row cannot state a deletion: what tells of which facts, whether, and from when."""
    needed = {table["deleted_when"]["column"], *condition_columns(table.get("where", {}))}
    for relation in table["relations"]:
        needed |= {name for end in ("source", "target") for name in value_columns(relation[end])}
        needed |= {*relation["identity"], relation.get("known", relation["at"]), *condition_columns(relation.get("where", {}))}
    return needed


def find_correction_problems(table: Values, names: Names, place: Place) -> Iterator[Problem]:
    """Faults of what a table says about corrections and deletions."""
    deleted = table.get("deleted_when")
    if not table.get("corrections"):
        if deleted is not None:
            yield Problem((*place, "deleted_when"), "only a table with `corrections: true` states deletions; add that")
        return
    if "numbered_repeats" in table:
        yield Problem(
            (*place, "numbered_repeats"), "rows told apart by their number have no versions; remove it or `corrections`"
        )
    if deleted is not None:
        condition = {"column": deleted["column"], "in": deleted["values"]}
        yield from find_condition_problems(condition, names, (*place, "deleted_when"))
    for i, relation in enumerate(table["relations"]):
        where: Place = (*place, "relations", i)
        if EDGES[relation["relation"]].rel in UNCORRECTED:
            told = "takes no corrections, as what is derived from it is never unsaid; put it into a table without `corrections`"
            yield Problem((*where, "relation"), f"{relation['relation']} {told}")
        if "undated" in relation:
            yield Problem((*where, "undated"), "a version counts from when it is known; name a column with `at`")
        asked = [*condition_columns(table.get("where", {})), *condition_columns(relation.get("where", {}))]
        if deleted is not None and deleted["column"] in asked:
            told = "must meet `where` too, so it cannot ask about that column; leave it out there"
            yield Problem((*where, "where"), f"rows that {deleted['column']!r} marks as deletions {told}")


def used_names(relation: Values) -> set[str]:
    """Every name that goes into a fact of this relation, or decides whether there is one."""
    filled = {name for value in relation.get("properties", {}).values() for name in value_columns(value)}
    return {*required_names(relation), *filled, *condition_columns(relation.get("where", {}))}


def _find_in_times(relation: Values, names: Names, place: Place) -> Iterator[Problem]:
    if ("at" in relation) == ("undated" in relation):
        yield Problem(place, "a relation has either `at`, a column, or `undated`, when it counts as known; write one of them")
    if "known" in relation and "at" not in relation:
        yield Problem((*place, "known"), "`known` goes with `at`; add that or remove this")
    for key in ("at", "known"):
        if key in relation:
            yield from _find_name(relation[key], names, (*place, key))
            if relation[key] in names and not names[relation[key]].moment:
                yield Problem((*place, key), f"{relation[key]!r} tells no time; name a column of a type that does")


def _find_in_properties(relation: Values, names: Names, place: Place) -> Iterator[Problem]:
    declared = {spec.name: spec for spec in properties(EDGES[relation["relation"]])}
    given = relation.get("properties", {})
    for name, spec in declared.items():
        if spec.required and name not in given:
            yield Problem(place, f"{relation['relation']} needs the property {name!r} ({spec.unit}); add it under `properties`")
    if (
        "currency" in declared
        and "currency" not in given
        and any(declared[n].kind is Kind.MONEY for n in given if n in declared)
    ):
        yield Problem((*place, "properties"), "an amount needs its currency; add `currency`, if need be from a constant")
    for name, value in given.items():
        where = (*place, "properties", name)
        if name not in declared:
            known = ", ".join(declared) or "none"
            yield Problem(
                where, f"{relation['relation']} has no property {name!r}; it has {known}: use one of them or remove it"
            )
            continue
        yield from _find_in_value(value, names, where)
        yield from _find_in_kind(declared[name], value, names, where)


def _find_in_kind(spec: PropSpec, value: str | Values, names: Names, place: Place) -> Iterator[Problem]:
    if not isinstance(value, str) and "constant" in value:
        if not isinstance(value["constant"], _CONSTANTS[spec.kind]):
            yield Problem(place, f"a constant cannot fill {spec.name!r}, which is {spec.kind}; write another or name a column")
        return
    made_text = not isinstance(value, str) and ("columns" in value or "prefix" in value)
    for name in value_columns(value):
        if name not in names:
            continue
        kinds = frozenset({Kind.CATEGORY}) if made_text else names[name].kinds
        if spec.kind not in kinds and not (spec.keyed and not names[name].moment):
            told = ", ".join(sorted(kinds)) or "no property at all"
            yield Problem(
                place, f"{spec.name!r} is {spec.kind} ({spec.unit}), but {name!r} fills {told}; give the column another type"
            )


def _find_in_value(value: str | Values, names: Names, place: Place) -> Iterator[Problem]:
    if not isinstance(value, str):
        forms = [key for key in ("column", "columns", "constant") if key in value]
        if len(forms) != 1:
            yield Problem(place, "a value is one of column, columns or constant; write one")
            return
        if value.get("absolute") and not all(names[name].number for name in value_columns(value) if name in names):
            yield Problem((*place, "absolute"), "only a number has a sign to leave out; remove `absolute`")
        if "separator" in value and "columns" not in value:
            yield Problem((*place, "separator"), "a separator stands between `columns`; write those or remove it")
    for name in value_columns(value):
        yield from _find_name(name, names, place)


def _find_name(name: str, names: Names, place: Place) -> Iterator[Problem]:
    if name not in names:
        yield Problem(place, f"no column is called {name!r}; use one of {', '.join(names)}")
