"""JSON from strangers: bounded in size, depth, names and numbers, and refused with one sentence.

Nothing here grows with what a message claims to be: its size is checked before a byte is parsed,
numbers before they are computed with, and nesting before anything walks it.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fillpath.core.errors import ModelError
from fillpath.core.units import aware

LARGEST_MESSAGE: Final = 16_384
"""Bytes of one message."""
DEEPEST: Final = 4
MOST_KEYS: Final = 64
LONGEST_TEXT: Final = 128
MOST_DIGITS: Final = 34
LARGEST_POWER: Final = 20
"""Numbers lie between 1e-20 and 1e20, or are 0."""

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_POLLUTING: Final = frozenset({"__proto__", "constructor", "prototype"})
_SHOWN: Final = 48
_SHORT: Final = 18


def shown(value: object) -> str:
    """Return a value for an error message: quoted, on one line, and never long."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    quoted = isinstance(value, str) and not isinstance(value, _Literal)
    text = ascii(value) if quoted else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def read_object(payload: bytes) -> dict[str, Any]:
    """Return the JSON object of a message, every number in it exact.

    Whole numbers come as int, others as Decimal with the digits that were sent.

    Raises:
        ModelError: it is no JSON object within the limits of this module.
    """
    if len(payload) > LARGEST_MESSAGE:
        raise ModelError(
            f"the message must be at most {LARGEST_MESSAGE:,} bytes long, got {len(payload):,}"
        )
    fields = _parsed(_text(payload))
    if not isinstance(fields, dict):
        raise ModelError(f"the message must be a JSON object, got {shown(fields)}")
    taken: dict[str, Any] = _Walk().taken(fields, "the message", 1)
    return taken


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as err:
        raise ModelError(f"the message must be UTF-8, byte {err.start + 1} is not") from None


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as err:
        raise ModelError(
            f"the message must be JSON, got {err.msg.lower()} at character {err.pos + 1}"
        ) from None
    except RecursionError:
        raise ModelError(_too_deep("the message")) from None


def _too_deep(place: str) -> str:
    return f"{place} must be nested at most {DEEPEST} deep"


class _Literal(str):
    """A number as it was written, until it is known which field it is for."""

    __slots__ = ()


class _Walk:
    """Look at every name, text and number once, and no deeper than is allowed."""

    def __init__(self) -> None:
        self._entries = 0

    def taken(self, value: Any, place: str, depth: int) -> Any:
        """Return the value with its numbers computed."""
        kind = type(value)
        if kind is _Literal:
            number = number_in(value, place)
            return int(value) if value.removeprefix("-").isdigit() else number
        if kind is str:
            _check_text(value, place)
        elif kind is dict or kind is list:
            return self._all_taken(value, place, depth)
        return value

    def _all_taken(self, value: Any, place: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise ModelError(_too_deep(place))
        self._count(len(value))
        if type(value) is list:
            return [self.taken(item, place, depth + 1) for item in value]
        for name in value:
            _check_name(name)
        return {name: self.taken(item, name, depth + 1) for name, item in value.items()}

    def _count(self, more: int) -> None:
        self._entries += more
        if self._entries > MOST_KEYS:
            raise ModelError(f"the message must hold at most {MOST_KEYS} fields and items in all")


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= LONGEST_TEXT or name in _POLLUTING or not name.isprintable():
        raise ModelError(
            f"a field's name must be 1 to {LONGEST_TEXT} printable characters and none of "
            f"{', '.join(sorted(_POLLUTING))}, got {shown(name)}"
        )


def _check_text(text: str, place: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise ModelError(
            f"{place} must be at most {LONGEST_TEXT} characters long, got {len(text):,}"
        )
    halved = not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text)
    if halved or "\0" in text:
        raise ModelError(f"{place} must hold whole characters and no NUL, got {shown(text)}")


def number_in(text: str, field: str) -> Decimal:
    """Return the number behind plain digits, a point and an exponent.

    Raises:
        ModelError: it is no number, has too many digits, or is too large or too small.
    """
    if len(text) > LONGEST_TEXT or _NUMBER.fullmatch(text) is None:
        raise ModelError(f"{field} must be a number such as 0.55, got {shown(text)}")
    number = Decimal(text)
    if len(text) <= _SHORT and "e" not in text and "E" not in text:
        return number  # the commonest numbers: too short to be too long, too large or too small
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "plain digits are never NaN"
    too_small = exponent < -MOST_DIGITS or (number and number.adjusted() < -LARGEST_POWER)
    if len(digits) > MOST_DIGITS or number.adjusted() > LARGEST_POWER or too_small:
        raise ModelError(
            f"{field} must have at most {MOST_DIGITS} digits and lie between 1e-{LARGEST_POWER} and "
            f"1e{LARGEST_POWER}, got {shown(text)}"
        )
    return number


def moment_in(value: object, field: str) -> datetime:
    """Return the aware UTC time behind ISO 8601 text with a time zone.

    Raises:
        ModelError: it is no such text, or finer than a microsecond.
    """
    if isinstance(value, str) and _TIME.fullmatch(value):
        # What has the form may still name no moment, such as the 31st of February.
        with suppress(ValueError, OverflowError):
            return aware(datetime.fromisoformat(value), field)
    raise ModelError(
        f"{field} must be ISO 8601 with a time zone and at most 6 decimals, such as "
        f"2026-03-02T14:30:00.5Z, got {shown(value)}"
    )


def check_fields(
    fields: Mapping[str, object], needed: tuple[str, ...], known: frozenset[str]
) -> None:
    """Check that every needed field is there, and none that nobody knows.

    Raises:
        ModelError: one is missing or unknown.
    """
    for name in needed:
        if name not in fields:
            raise ModelError(f"the field {name} must be there; needed are {', '.join(needed)}")
    for name in fields:
        if name not in known:
            raise ModelError(
                f"the field {shown(name)} is unknown; allowed are {', '.join(sorted(known))}"
            )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ModelError(f"a field must be given once, got {shown(twice)} twice")
    return fields


_DECODER: Final = json.JSONDecoder(
    parse_float=_Literal,
    parse_int=_Literal,
    parse_constant=_Literal,
    object_pairs_hook=_unique,
)
