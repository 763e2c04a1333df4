"""Converting and checking the fields of a model, whichever way its numbers were written."""

import re
from collections.abc import Callable
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
