"""Gather what a file and the environment say about named settings, refusing unknown names."""

import difflib
import json
import textwrap
from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from fillpath.core.errors import ConfigError

PREFIX: Final = "SA_"
_TRUTH: Final = {"true": True, "false": False}

KeyPath = tuple[str, ...]


class Knob(NamedTuple):
    """One setting, as the file, the variables and the reference page know it.

    Args:
        path: names of the sections and the key.
        kind: type of the value; a tuple of words for a choice.
        optional: whether null is allowed.
        unit: unit of the value, empty for a plain one.
        range: allowed range in words, empty without one.
        default: value when nothing is said.
        description: what it does.
    """

    path: KeyPath
    kind: type | tuple[str, ...]
    optional: bool
    unit: str
    range: str
    default: object
    description: str

    @property
    def name(self) -> str:
        """Return the dotted name."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """Return the variable that wins over the file."""
        return PREFIX + "__".join(self.path).upper()

    @property
    def allowed(self) -> str:
        """Return in words what the value may be."""
        if isinstance(self.kind, tuple):
            text = f"one of {', '.join(self.kind)}"
        elif self.kind is bool:
            text = "true or false"
        elif self.kind is str:
            text = "text"
        else:
            text = f"a {'whole ' if self.kind is int else ''}number {self.range}"
        return f"{text} or null" if self.optional else text

    @property
    def meaning(self) -> str:
        """Return unit, range and description in one line."""
        if isinstance(self.kind, tuple) or self.kind in {bool, str}:
            return f"{self.allowed}: {self.description}"
        null = " or null" if self.optional else ""
        return f"{self.unit or 'number'} {self.range}{null}: {self.description}"


class Given(NamedTuple):
    """A value and where it was said."""

    value: object
    source: str


class Catalogue:
    """All settings that exist.

    Args:
        knobs: every one of them, in the order of the file.
    """

    def __init__(self, knobs: Iterable[Knob]) -> None:
        self.knobs: Final[Mapping[KeyPath, Knob]] = {knob.path: knob for knob in knobs}
        self._sections = {path[:size] for path in self.knobs for size in range(1, len(path))}
        self._variables = {knob.variable: knob for knob in self.knobs.values()}

    def in_file(
        self, node: Mapping[Hashable, Any], source: str, path: KeyPath = ()
    ) -> Iterator[tuple[KeyPath, Given]]:
        """Yield what a file says.

        Raises:
            ConfigError: a key that does not exist; names the nearest one that does.
        """
        for key, value in node.items():
            here = (*path, str(key))
            name = ".".join(here)
            if here in self.knobs:
                yield here, Given(value, source)
            elif here not in self._sections:
                near = _nearest(name, map(".".join, (*self.knobs, *self._sections)))
                raise ConfigError(f"{source}: unknown key {name}, the nearest is {near}")
            elif isinstance(value, dict):
                yield from self.in_file(value, source, here)
            elif value is not None:
                raise ConfigError(f"{source}: {name} must be a section, got {value!r}")

    def in_variables(self, environment: Mapping[str, str]) -> Iterator[tuple[KeyPath, Given]]:
        """Yield what the variables with our prefix say.

        Raises:
            ConfigError: a variable that does not exist; names the nearest one that does.
        """
        for name in sorted(environment):
            knob = self._variables.get(name)
            if knob is not None:
                value = _spelt(environment[name].strip(), knob)
                yield knob.path, Given(value, f"variable {name}")
            elif name.startswith(PREFIX):
                near = _nearest(name, self._variables)
                raise ConfigError(f"unknown variable {name}, the nearest is {near}")

    def written(self, values: Mapping[str, Any], *, explain: bool = False) -> str:
        """Return values as the text of a settings file.

        Args:
            values: nested mappings that hold every setting.
            explain: put unit, range and meaning above each key.
        """
        lines: list[str] = []
        section: KeyPath = ()
        for path, knob in self.knobs.items():
            for depth, name in enumerate(path[:-1]):
                if path[: depth + 1] != section[: depth + 1]:
                    lines += [""] if explain and not depth else []
                    lines.append(f"{'  ' * depth}{name}:")
            section = path[:-1]
            indent = "  " * len(section)
            if explain:
                lines += _comment(knob.meaning, indent)
            lines.append(f"{indent}{path[-1]}: {_scalar(_found(values, path))}")
        return "\n".join(lines).lstrip() + "\n"


def tree(given: Mapping[KeyPath, Given]) -> dict[str, Any]:
    """Return the values as nested mappings."""
    root: dict[str, Any] = {}
    for path, (value, _) in given.items():
        branch = root
        for name in path[:-1]:
            branch = branch.setdefault(name, {})
        branch[path[-1]] = value
    return root


def _nearest(name: str, known: Iterable[str]) -> str:
    return difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]


def _spelt(text: str, knob: Knob) -> object:
    """Return the value that a text spells, or the text itself when it spells none."""
    if knob.optional and text in {"", "null"}:
        return None
    if knob.kind is bool:
        return _TRUTH.get(text.lower(), text)
    try:
        if knob.kind is int:
            return int(text)
        if knob.kind is Decimal:
            return Decimal(text)
    except (ValueError, InvalidOperation):
        return text
    return text


def _comment(text: str, indent: str) -> list[str]:
    start = f"{indent}# "
    return textwrap.wrap(text, 100, initial_indent=start, subsequent_indent=start)


def _found(values: Mapping[str, Any], path: KeyPath) -> object:
    found: Any = values
    for name in path:
        found = found[name]
    return found


def _scalar(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)
