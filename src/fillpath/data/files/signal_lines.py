"""One recorded signal from one line of JSON, with every digit kept and every fault named.

A line is read twice only when it has to be: a strict decoder takes the good ones, and whatever it
refuses, or could misread, goes to a slower reader that can say what is wrong.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgspec
from msgspec import UNSET, Struct, UnsetType

from fillpath.core.errors import ModelError
from fillpath.core.models import Signal, SignalDirection
from fillpath.core.units import aware, exact, nanoseconds

FIELDS: Final = (
    "signal_id",
    "ts",
    "symbol",
    "direction",
    "strength",
    "strategy_name",
    "metadata",
)
_OPTIONAL: Final = frozenset({"strategy_name", "metadata"})
_REQUIRED: Final = tuple(name for name in FIELDS if name not in _OPTIONAL)
_ALLOWED: Final = frozenset(FIELDS)
_CONTAINERS: Final = frozenset({dict, list})
_MICROSECONDS: Final = 6
_LONGEST_PLAIN_TIME: Final = len("2013-10-07T13:30:00.000000Z")


class LineFault(ValueError):
    """A line is wrong; ``kind`` is the word that is counted."""

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


class TimedSignal(Struct):
    """A signal with the nanoseconds of its time."""

    at: int
    signal: Signal


class _Line(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A line as it should be; see ``Signal`` for the meaning of the fields."""

    signal_id: str
    ts: str
    symbol: str
    direction: SignalDirection
    strength: Decimal
    strategy_name: str | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


class SignalLines:
    """Reads lines; one reader serves a whole file."""

    def __init__(self) -> None:
        self._fast = msgspec.json.Decoder(_Line, float_hook=Decimal)
        self._slow = json.JSONDecoder(
            parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique
        )

    def signal(self, line: str) -> TimedSignal:
        """Return the signal of a line.

        Raises:
            LineFault: the line is no signal.
        """
        try:
            fields = self._fast.decode(line)
        except (msgspec.DecodeError, RecursionError):
            fields = None
        if fields is None or _may_hide_a_repeat(fields, line):
            fields = self._judged(line)
        at = _time(fields.ts)
        if not fields.signal_id:
            raise LineFault("wrong_type", "signal_id must be a text that is not empty, got ''")
        try:
            signal = Signal(
                symbol=fields.symbol,
                direction=fields.direction,
                strength=fields.strength,
                metadata={} if fields.metadata is UNSET else fields.metadata,
                strategy_name="" if fields.strategy_name is UNSET else fields.strategy_name,
                signal_id=fields.signal_id,
                timestamp=at,
            )
        except ModelError as err:
            raise LineFault("wrong_type", str(err)) from err
        return TimedSignal(nanoseconds(at), signal)

    def _judged(self, line: str) -> _Line:
        try:
            fields = self._slow.decode(line)
        except json.JSONDecodeError as err:
            raise LineFault(
                "wrong_type", f"the line is no JSON: {err.msg} at column {err.colno}"
            ) from err
        except RecursionError as err:
            raise LineFault("wrong_type", "the line is nested too deeply") from err
        if not isinstance(fields, dict):
            raise LineFault("wrong_type", f"the line must be a JSON object, got {line:.40}")
        _check_names(fields)
        for name in ("signal_id", "ts", "symbol", "direction", "strategy_name"):
            _check_text(fields.get(name, ""), name)
        _check_number(fields["strength"], "strength")
        return _Line(**fields)


def _may_hide_a_repeat(fields: _Line, line: str) -> bool:
    """Return whether the line has more keys than were decoded, or nested ones that nobody counted.

    Quotes inside a text can only add to the count, so a repeated key is never missed.
    """
    keys = len(_REQUIRED)
    if fields.strategy_name is not UNSET:
        keys += 1
    if fields.metadata is not UNSET:
        keys += 1 + len(fields.metadata)
        for value in fields.metadata.values():
            if type(value) in _CONTAINERS:
                return True
    if " :" in line or "\t:" in line or "\r:" in line:
        return True
    return line.count('":') != keys


def _refuse_constant(word: str) -> NoReturn:
    raise LineFault("nan", f"numbers must be finite, got {word}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise LineFault("duplicate_field", f"the field {twice} comes twice")
    return fields


def _check_names(fields: Mapping[str, Any]) -> None:
    for name in _REQUIRED:
        if name not in fields:
            raise LineFault(
                "missing", f"the field {name} is missing; needed are {_words(_REQUIRED)}"
            )
    if not fields.keys() <= _ALLOWED:
        unknown = next(name for name in fields if name not in _ALLOWED)
        raise LineFault(
            "unknown_field", f"the field {unknown} is unknown; known are {_words(FIELDS)}"
        )


def _words(names: Collection[str]) -> str:
    return ", ".join(names)


def _check_text(value: object, name: str) -> None:
    if not isinstance(value, str):
        raise LineFault("wrong_type", f"{name} must be text, got {value!r}")


def _check_number(value: object, name: str) -> None:
    try:
        exact(value, name)
    except ModelError as err:
        raise LineFault("wrong_type", str(err)) from err


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as err:
        raise LineFault(
            "wrong_type", f"ts must be ISO 8601 such as 2013-10-07T13:30:00Z, got {text!r}"
        ) from err
    if at.tzinfo is None:
        raise LineFault("no_time_zone", f"ts must carry a time zone (Z or an offset), got {text!r}")
    if len(text) > _LONGEST_PLAIN_TIME:
        _check_microseconds(text)
    return aware(at, "ts")


def _check_microseconds(text: str) -> None:
    """Refuse digits that a datetime would cut off without a word."""
    _, _, fraction = text.replace(",", ".").partition(".")
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    if digits[_MICROSECONDS:].strip("0"):
        raise LineFault("too_fine", f"ts may have at most {_MICROSECONDS} decimals, got {text!r}")


__all__ = ["FIELDS", "LineFault", "SignalLines", "TimedSignal"]
