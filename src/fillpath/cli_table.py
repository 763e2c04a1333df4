"""The rows that the command line is made of, and how words become values."""

import argparse
import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, NamedTuple

from fillpath.core.errors import FillpathError

OK: Final = 0
FAILED: Final = 1
WRONG_INPUT: Final = 2
INTERRUPTED: Final = 130

Chosen = argparse.Namespace
Progress = Callable[[int, int], None]


class Option(NamedTuple):
    """One option or argument of a command.

    Args:
        name: ``--name`` or, for an argument, its place holder.
        meaning: help text, with unit and range.
        how: further arguments of ``add_argument``.
    """

    name: str
    meaning: str
    how: dict[str, Any] = {}  # noqa: RUF012  # never changed


class Command(NamedTuple):
    """One command.

    Args:
        words: what is typed after ``fillpath``.
        meaning: what it does, in one sentence.
        options: its options.
        act: does it and returns the exit code.
    """

    words: tuple[str, ...]
    meaning: str
    options: tuple[Option, ...]
    act: Callable[[Chosen], int]


class UsageError(FillpathError):
    """The command line cannot be understood."""


def amount(text: str) -> Decimal:
    """Return a number of 0 or more."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise argparse.ArgumentTypeError(f"must be a number of 0 or more, got {text!r}")
    return value


def seconds(text: str) -> Decimal:
    """Return a time above 0 seconds."""
    value = amount(text)
    if not value:
        raise argparse.ArgumentTypeError(f"must be above 0 seconds, got {text!r}")
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what turns a word into a whole number of that range."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {low} to {high}, got {text!r}"
            )
        return value

    return convert


def parameter(text: str) -> tuple[str, Any]:
    """Return a name and a value; a value that is no JSON is a text."""
    name, _, value = text.partition("=")
    if not name.isidentifier() or not value:
        raise UsageError(f"a parameter must be NAME=VALUE, such as fast=5, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


FILE: Final = {"type": Path, "metavar": "PATH"}
FILES: Final = {"type": Path, "metavar": "PATH", "action": "extend", "nargs": "+", "default": []}
PARAMETER: Final = Option(
    "--param",
    "argument of the strategy, such as fast=5; may be repeated",
    {
        "type": parameter,
        "metavar": "NAME=VALUE",
        "action": "append",
        "default": [],
        "dest": "parameters",
    },
)
SEED: Final = Option(
    "--seed",
    "seed of everything random; the same seed gives the same result (default 0)",
    {"type": whole(0, 2**63 - 1), "metavar": "N", "default": 0},
)
BAD_ROWS: Final = Option(
    "--bad-rows",
    "stop at the first bad row, or skip and count bad rows (default stop)",
    {"choices": ("stop", "skip"), "default": "stop"},
)
SIGNALS: Final = Option("--signals", "signal files, one JSON object a line", FILES)
SETTINGS: Final = Option(
    "--settings", "settings file (YAML); SA_ variables win over it (default: the defaults)", FILE
)
