"""Every kind of alert: how bad it is, what it means, and what to do about it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from fillpath.monitoring.kinds_outside import OUTSIDE
from fillpath.monitoring.kinds_trading import TRADING


class Severity(StrEnum):
    """How soon a person has to know."""

    CRITICAL = "CRITICAL"
    """Money may be at risk now: told at any hour and repeated until somebody acknowledges it."""
    WARNING = "WARNING"
    """Something is not as it should be: repeated, but not so often, and not in quiet hours."""
    INFO = "INFO"
    """Good to know: told once."""

    @property
    def rank(self) -> int:
        """Return 0 for the least severe."""
        return _RANKS[self]


_RANKS: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_LETTERS: Final = {"C": Severity.CRITICAL, "W": Severity.WARNING, "I": Severity.INFO}
OVER: Final = "it is over"
"""The end of the text of an alarm that tells of the end of an earlier one with its code."""


class Kind(Struct, frozen=True):
    """One kind of alert.

    Args:
        code: as the alarm carries it.
        severity: how soon a person has to know.
        title: a few words.
        meaning: what has happened.
        remedy: what to do.
        ends: codes whose alerts about the same thing are over with this one.
    """

    code: str
    severity: Severity
    title: str
    meaning: str
    remedy: str
    ends: tuple[str, ...] = ()


_ENDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "PROTECTED": ("UNPROTECTED", "OPENING_UNPROTECTED"),
        "TRADING_RELEASED": ("TRADING_HELD",),
        "SYMBOL_RELEASED": ("SYMBOL_QUARANTINED",),
        "HALT_ENDED": ("HALTED",),
        "FEED_BACK": ("FEED_LOST", "FEED_SILENT", "FEED_GAP"),
        "ENGINE_STARTED": ("START_REFUSED", "ENGINE_STOPPED", "ENGINE_GONE"),
        "ALERTS_DELIVERED": ("ALERTS_FAILING",),
    }
)


def _read(table: str) -> dict[str, Kind]:
    kinds = {}
    for line in table.strip().splitlines():
        code, letter, title, meaning, remedy = (cell.strip() for cell in line.split("|"))
        ends = _ENDS.get(code, ())
        kinds[code] = Kind(code, _LETTERS[letter], title, meaning, remedy, ends)
    return kinds


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(_read(TRADING) | _read(OUTSIDE))
"""Every kind by its code."""


def kind_of(code: str) -> Kind:
    """Return the kind of an alarm; a breaker has the kind of its family, an unknown code warns."""
    family, colon, _ = code.partition(":")
    known = KINDS.get(f"{family}:" if colon else code)
    if known is not None:
        return known
    text = "The engine told of something that this version has no page for."
    title = code.replace("_", " ").capitalize()
    return Kind(code, Severity.WARNING, title, text, "Read its text.")


__all__ = ["KINDS", "OVER", "Kind", "Severity", "kind_of"]
