"""Converting and checking the fields of a model, whichever way its numbers were written."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from fillpath.core.errors import ModelError

ZERO: Final = Decimal(0)
_SYMBOL: Final = re.compile(r"[A-Z0-9.\-]{1,21}")


@lru_cache(maxsize=1 << 14)
def check_symbol(symbol: object) -> str:
    """Return ``symbol`` if it is well-formed.

    Raises:
        ModelError: not 1 to 21 characters of ``A-Z 0-9 . -``.
    """
    if not isinstance(symbol, str) or _SYMBOL.fullmatch(symbol) is None:
        raise ModelError(f"symbol must be 1 to 21 characters of A-Z 0-9 . -, got {symbol!r}")
    return symbol


def is_positive(value: object) -> bool:
    """Return whether the value needs no conversion; NaN never does without a closer look."""
    return type(value) is Decimal and value.is_finite() and value > ZERO


def _put(model: Struct, name: str, value: object, current: object) -> None:
    if value is not current:
        force_setattr(model, name, value)


def convert_fields(
    model: Struct, convert: Callable[[object, str], object], *names: str, optional: bool = False
) -> None:
    """Put every named field through ``convert``; None passes only where it is optional."""
    for name in names:
        current = getattr(model, name)
        if current is not None or not optional:
            _put(model, name, convert(current, name), current)


def put_member(model: Struct, name: str, kind: type[StrEnum]) -> None:
    """Turn the named field into a member of ``kind``, whichever way it was written."""
    current = getattr(model, name)
    if type(current) is not kind:
        try:
            force_setattr(model, name, kind(current))
        except ValueError:
            allowed = ", ".join(kind)
            raise ModelError(f"{name} must be one of {allowed}, got {current!r}") from None


NAME_LENGTH: Final = 128
METADATA_KEYS: Final = 64
METADATA_DEPTH: Final = 4
METADATA_TEXT: Final = 1_024
_WHOLE_LIMIT: Final = 1 << 63
_PLAIN_CONTAINERS: Final = frozenset({dict, list, tuple})
_FREE: Final = frozenset({float, bool, Decimal, type(None)})


def plain_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """Return a copy of checked metadata, so that nobody can change it behind our back.

    Raises:
        ModelError: it is no plain data, see ``check_metadata``.
    """
    check_metadata(metadata)
    if any(type(value) in _PLAIN_CONTAINERS for value in metadata.values()):
        return deepcopy(dict(metadata))
    return dict(metadata)


def check_name(value: object, field: str) -> str:
    """Return a name: a text of at most 128 characters.

    Raises:
        ModelError: it is no text, or too long.
    """
    if type(value) is not str or len(value) > NAME_LENGTH or not _can_be_written(value):
        raise ModelError(
            f"{field} must be a text of at most {NAME_LENGTH} characters, got {value!r}"
        )
    return value


def _can_be_written(text: str) -> bool:
    """Return whether the text holds whole characters only, no half of a pair."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def check_metadata(value: object, field: str = "metadata", depth: int = METADATA_DEPTH) -> None:
    """Check that metadata is plain data that a journal can hold.

    Allowed are texts of at most 1,024 characters, finite or not finite numbers, whole numbers of
    64 bits, True, False, None, and lists and mappings of at most 64 of these, nested at most four
    deep.

    Raises:
        ModelError: something else is in it; the message names where.
    """
    kind = type(value)
    if kind in _FREE:
        return
    if kind is str:
        if len(value) > METADATA_TEXT:  # type: ignore[arg-type]  # kind says that it is a str
            raise ModelError(f"{field} must be at most {METADATA_TEXT} characters long")
        if not _can_be_written(value):  # type: ignore[arg-type]
            raise ModelError(f"{field} must hold whole characters, got {value!r}")
    elif kind is int:
        if not -_WHOLE_LIMIT <= value < _WHOLE_LIMIT:  # type: ignore[operator]
            raise ModelError(f"{field} must be a whole number of 64 bits, got {value}")
    elif kind in _PLAIN_CONTAINERS or (depth == METADATA_DEPTH and isinstance(value, Mapping)):
        _check_container(value, field, depth)  # type: ignore[arg-type]
    else:
        raise ModelError(f"{field} must be plain data (text, number, list, mapping), got {kind}")


def _check_container(
    value: "Mapping[object, object] | list[object] | tuple[object, ...]", field: str, depth: int
) -> None:
    if not depth:
        raise ModelError(f"{field} is nested more than {METADATA_DEPTH} deep")
    if len(value) > METADATA_KEYS:
        raise ModelError(f"{field} must hold at most {METADATA_KEYS} entries, got {len(value)}")
    if isinstance(value, list | tuple):
        for number, item in enumerate(value):
            check_metadata(item, f"{field}[{number}]", depth - 1)
        return
    for key, item in value.items():
        if type(key) is str and key.isascii() and type(item) in _FREE:
            continue  # the commonest entries, without building the name that an error would need
        if type(key) is not str or not _can_be_written(key):
            raise ModelError(f"{field} must have texts as keys, got {key!r}")
        check_metadata(item, f"{field}[{key!r}]", depth - 1)
