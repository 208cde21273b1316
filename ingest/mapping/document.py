"""A mapping file as plain values, with the line each stands on.

Reads a small, safe part of YAML: one document, no aliases, no tags, keys as they are written. Only `true` and `false` are
flags, and a date is text, so that nothing means more than it shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingest.errors import MappingUnreadable

Place = tuple[str | int, ...]

MOST_BYTES = 1_000_000
_IMPLIED = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """What a file says, and the line on which each part of it begins."""

    path: Path
    values: Any
    lines: Mapping[Place, int]

    def locate(self, place: Place) -> str:
        """The file, the line and the place, for the beginning of a sentence."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        where = show_place(place)
        return f"{self.path}, line {self.lines.get(known, 1)}{', ' + where if where else ''}"


def show_place(place: Place) -> str:
    """A place as people write it: `tables[0].columns[2].type`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def read_document(path: Path) -> Document:
    """Read a mapping file.

    Raises:
        MappingUnreadable: it is not there, is too long, or is not such YAML.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > MOST_BYTES:
            raise MappingUnreadable(path, f"it is longer than {MOST_BYTES:,} bytes")
        root = _Composer(raw.decode("utf-8-sig")).get_single_node()
    except OSError as exc:
        raise MappingUnreadable(path, exc.strerror or type(exc).__name__) from exc
    except UnicodeDecodeError as exc:
        raise MappingUnreadable(path, "it is not UTF-8") from exc
    except RecursionError as exc:
        raise MappingUnreadable(path, "it is nested too deeply") from exc
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise MappingUnreadable(path, f"line {line}: {exc.problem}") from exc
    except yaml.YAMLError as exc:
        raise MappingUnreadable(path, "it holds a character that YAML does not allow") from exc
    lines: dict[Place, int] = {}
    return Document(path, _value(path, root, (), lines) if root else None, lines)


class _Composer(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise yaml.composer.ComposerError(None, None, "aliases are not read: write the part out", event.start_mark)
        return super().compose_node(parent, index)


def _value(path: Path, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    line = node.start_mark.line + 1
    lines[place] = line
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise MappingUnreadable(path, f"line {line}: a key must be one word")
            if key.value in values:
                raise MappingUnreadable(path, f"line {key.start_mark.line + 1}: {key.value!r} is said twice")
            values[key.value] = _value(path, inner, (*place, key.value), lines)
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, inner, (*place, i), lines) for i, inner in enumerate(node.value)]
    return _scalar(path, node)


def _scalar(path: Path, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    text = str(node.value)
    if node.tag not in _IMPLIED:
        raise MappingUnreadable(path, f"line {node.start_mark.line + 1}: tags are not read")
    if node.style is not None:  # quoted, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
