"""Where an order asks to be worked: an algorithm of the broker, or an auction of its exchange.

A strategy names one in the metadata of its signal, and whoever builds an order by hand in that of
the order: the bare name, or a mapping of the name and the parameters that are to be other than
usual. ::

    metadata={"destination": "at_close"}
    metadata={"destination": {"name": "vwap", "max_share": "0.1", "end": "2026-11-23T20:30:00Z"}}
    metadata={"destination": as_metadata(Vwap(max_share="0.1", end=closing_time))}

Nothing here knows a broker; each translates what it takes and refuses the rest.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import fields, force_setattr

from fillpath.core.checking import convert_fields
from fillpath.core.errors import ModelError
from fillpath.core.units import Number, aware, exact, iso

KEY: Final = "destination"
"""The key in the metadata of a signal or an order."""
LOW_SHARE: Final = Decimal("0.01")
HIGH_SHARE: Final = Decimal("0.5")
PRIORITIES: Final = ("Urgent", "Normal", "Patient")
RISKS: Final = ("Get Done", "Aggressive", "Neutral", "Passive")
MOMENTS: Final = ("Marketable", "Matching Midpoint", "Matching Same Side", "Matching Last")


class Adaptive(Struct, frozen=True, kw_only=True):
    """Scan for a better price before paying the spread.

    Args:
        priority: Urgent, Normal or Patient; the more patient, the longer it scans.

    Raises:
        ModelError: another word.
    """

    priority: str = "Normal"

    def __post_init__(self) -> None:
        """Check every field."""
        _check_word(self, "priority", PRIORITIES)


class Twap(Struct, frozen=True, kw_only=True):
    """Spread evenly over time.

    Args:
        start: when it begins, aware; at once when None.
        end: when it ends, aware; with the session when None.
        past_end: whether what is not filled by then is worked on.
        moment: when a part trades: Marketable, Matching Midpoint, Matching Same Side or Matching
            Last; the broker's usual when empty.

    Raises:
        ModelError: a field is not as described here.
    """

    start: datetime | None = None
    end: datetime | None = None
    past_end: bool = False
    moment: str = ""

    def __post_init__(self) -> None:
        """Check every field."""
        _check_window(self)
        if self.moment:
            _check_word(self, "moment", MOMENTS)


class Vwap(Struct, frozen=True, kw_only=True):
    """Follow the volume over time, at its average price or better.

    Args:
        max_share: of the average daily volume at most, 0.01 to 0.5; the broker's usual when None.
        start: when it begins, aware; at once when None.
        end: when it ends, aware; with the session when None.
        past_end: whether what is not filled by then is worked on.
        never_take: whether it avoids paying the spread, and may stay unfilled.
        speed_up: whether it goes faster while the price runs away.

    Raises:
        ModelError: a field is not as described here.
    """

    max_share: Number | None = None
    start: datetime | None = None
    end: datetime | None = None
    past_end: bool = False
    never_take: bool = False
    speed_up: bool = False

    def __post_init__(self) -> None:
        """Check every field."""
        convert_fields(self, _share, "max_share", optional=True)
        _check_window(self)


class ArrivalPrice(Struct, frozen=True, kw_only=True):
    """Stay near the mid of the moment at which the order comes.

    Args:
        max_share: of the average daily volume at most, 0.01 to 0.5; the broker's usual when None.
        risk: Get Done, Aggressive, Neutral or Passive.
        start: when it begins, aware; at once when None.
        end: when it ends, aware; with the session when None.
        complete: whether it tries to be done by the end of the day.
        past_end: whether what is not filled by the end is worked on.

    Raises:
        ModelError: a field is not as described here.
    """

    max_share: Number | None = None
    risk: str = "Neutral"
    start: datetime | None = None
    end: datetime | None = None
    complete: bool = False
    past_end: bool = False

    def __post_init__(self) -> None:
        """Check every field."""
        convert_fields(self, _share, "max_share", optional=True)
        _check_word(self, "risk", RISKS)
        _check_window(self)


class PercentOfVolume(Struct, frozen=True, kw_only=True):
    """Take a steady share of what trades.

    Args:
        share: of the volume, 0.01 to 0.5.
        start: when it begins, aware; at once when None.
        end: when it ends, aware; with the session when None.
        never_take: whether it avoids paying the spread, and may stay unfilled.

    Raises:
        ModelError: a field is not as described here.
    """

    share: Number
    start: datetime | None = None
    end: datetime | None = None
    never_take: bool = False

    def __post_init__(self) -> None:
        """Check every field."""
        convert_fields(self, _share, "share")
        _check_window(self)


class ClosePrice(Struct, frozen=True, kw_only=True):
    """End near the closing price, without moving it.

    Args:
        max_share: of the average daily volume at most, 0.01 to 0.5; the broker's usual when None.
        risk: Get Done, Aggressive, Neutral or Passive.
        start: when it begins, aware; when the broker thinks best when None.
        complete: whether it tries to be done by the end of the day.

    Raises:
        ModelError: a field is not as described here.
    """

    max_share: Number | None = None
    risk: str = "Neutral"
    start: datetime | None = None
    complete: bool = False

    def __post_init__(self) -> None:
        """Check every field."""
        convert_fields(self, _share, "max_share", optional=True)
        _check_word(self, "risk", RISKS)
        _check_window(self)


class DarkIce(Struct, frozen=True, kw_only=True):
    """Show a small part of the order at a time, of a size that is varied by chance.

    Args:
        display_size: shares shown, 1 or more; the broker varies it by half.
        start: when it begins, aware; at once when None.
        end: when it ends, aware; with the session when None.
        past_end: whether what is not filled by then is worked on.

    Raises:
        ModelError: a field is not as described here.
    """

    display_size: int
    start: datetime | None = None
    end: datetime | None = None
    past_end: bool = False

    def __post_init__(self) -> None:
        """Check every field."""
        if type(self.display_size) is not int or self.display_size < 1:
            raise ModelError(
                f"display_size must be a whole number of 1 or more, got {self.display_size!r}"
            )
        _check_window(self)


class AtClose(Struct, frozen=True):
    """Take part in the closing auction: a MARKET order as MOC, a LIMIT order as LOC."""


class AtOpen(Struct, frozen=True):
    """Take part in the opening auction: a MARKET order as MOO, a LIMIT order as LOO."""


Algorithm = Adaptive | Twap | Vwap | ArrivalPrice | PercentOfVolume | ClosePrice | DarkIce
Auction = AtClose | AtOpen
Destination = Algorithm | Auction

KINDS: Final[Mapping[str, type[Destination]]] = MappingProxyType(
    {
        "adaptive": Adaptive,
        "twap": Twap,
        "vwap": Vwap,
        "arrival_price": ArrivalPrice,
        "percent_of_volume": PercentOfVolume,
        "close_price": ClosePrice,
        "dark_ice": DarkIce,
        "at_close": AtClose,
        "at_open": AtOpen,
    }
)
_NAMES: Final = {kind: name for name, kind in KINDS.items()}
AUCTIONS: Final = frozenset({"at_close", "at_open"})


def name_of(destination: Destination) -> str:
    """Return the name by which a destination is asked for."""
    return _NAMES[type(destination)]


def destination_of(told: object) -> Destination | None:
    """Return the destination that metadata ask for, None where they ask for none.

    Args:
        told: what stands under ``destination``: None, a name, or a mapping with ``name`` and
            parameters; times are aware or ISO 8601 text.

    Raises:
        ModelError: an unknown name or parameter, or a parameter that cannot be.
    """
    if told is None:
        return None
    if isinstance(told, str):
        told = {"name": told}
    if not isinstance(told, Mapping):
        raise ModelError(f"{KEY} must be a name or a mapping with a name, got {told!r}")
    parameters: dict[str, Any] = dict(told)
    name = parameters.pop("name", None)
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ModelError(f"name of a {KEY} must be one of {', '.join(KINDS)}, got {name!r}")
    _check_parameters(str(name), kind, parameters)
    return kind(**parameters)


def _check_parameters(name: str, kind: type[Destination], given: Mapping[str, Any]) -> None:
    allowed = {field.name: field.required for field in fields(kind)}
    for key in given:
        if key not in allowed:
            known = ", ".join(allowed) or "none"
            raise ModelError(f"parameter of {name} must be one of {known}, got {key!r}")
    for key, required in allowed.items():
        if required and key not in given:
            raise ModelError(f"{key} of {name} must be given")


def as_metadata(destination: Destination) -> dict[str, object]:
    """Return a destination as plain data, with what is not its usual only."""
    plain: dict[str, object] = {"name": name_of(destination)}
    for field in fields(destination):
        value = getattr(destination, field.name)
        if field.required or value != field.default:
            plain[field.name] = _plain(value)
    return plain


def destination_text(destination: Destination) -> str:
    """Return a destination as one line of text, the same for equal ones."""
    return json.dumps(as_metadata(destination), separators=(",", ":"))


def text_destination(text: str) -> Destination | None:
    """Return the destination that ``destination_text`` wrote; None for the empty text."""
    return destination_of(json.loads(text)) if text else None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, Decimal) else value


def _share(value: object, field: str) -> Decimal:
    share = exact(value, field)
    if not LOW_SHARE <= share <= HIGH_SHARE:
        raise ModelError(f"{field} must be from {LOW_SHARE} to {HIGH_SHARE}, got {value}")
    return share


def _check_word(destination: Struct, field: str, allowed: tuple[str, ...]) -> None:
    value = getattr(destination, field)
    if value not in allowed:
        raise ModelError(f"{field} must be one of {', '.join(allowed)}, got {value!r}")


def _check_window(destination: Struct) -> None:
    """Check start and end, and every field that is a yes or no."""
    for field in fields(destination):
        value = getattr(destination, field.name)
        if field.default is False and type(value) is not bool:
            raise ModelError(f"{field.name} must be true or false, got {value!r}")
    for name in ("start", "end"):
        value = getattr(destination, name, None)
        if value is not None:
            force_setattr(destination, name, _moment(value, name))
    start, end = getattr(destination, "start", None), getattr(destination, "end", None)
    if start is not None and end is not None and start >= end:
        raise ModelError(f"end must be after start, got {iso(end)} and {iso(start)}")
    if getattr(destination, "past_end", False) and end is None:
        raise ModelError("past_end must be false without an end, got True")


def _moment(value: object, field: str) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ModelError(f"{field} must be a time of ISO 8601, got {value!r}") from None
    return aware(value, field)


__all__ = [
    "AUCTIONS",
    "HIGH_SHARE",
    "KEY",
    "KINDS",
    "LOW_SHARE",
    "Adaptive",
    "Algorithm",
    "ArrivalPrice",
    "AtClose",
    "AtOpen",
    "Auction",
    "ClosePrice",
    "DarkIce",
    "Destination",
    "PercentOfVolume",
    "Twap",
    "Vwap",
    "as_metadata",
    "destination_of",
    "destination_text",
    "name_of",
    "text_destination",
]
