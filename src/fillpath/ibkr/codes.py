"""What every number that a gateway says means, as data: for orders, for the connection, for data.

One row a code. A row says what kind of message it is; the kind says what follows for an order that
was just sent, one that works, one that is being changed and one that is being cancelled, and what
else is to be done. A row may differ from its kind in single answers. A code that has no row is
ambiguous and never ends an order.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import ModelError
from fillpath.ibkr.numbers import traded_at
from fillpath.ibkr.verdicts import KINDS, Duty, Kind, Stage, Verdict


class Meaning(Struct, frozen=True, kw_only=True):
    """One row of the table.

    Args:
        first: the code, or the first of a range of them.
        last: the last of the range; equal to ``first`` for a single code.
        kind: what sort of message it is.
        words: what it says, in a few words of ours.
        new: for an order that was sent and not shown yet.
        working: for one that works.
        changing: for one with a change under way.
        cancelling: for one with a cancel under way.
        duties: what else has to be done.
    """

    first: int
    last: int
    kind: Kind
    words: str
    new: Verdict
    working: Verdict
    changing: Verdict
    cancelling: Verdict
    duties: frozenset[Duty]

    def about(self, stage: Stage) -> Verdict:
        """Return what it means for an order at this stage."""
        return {
            Stage.NEW: self.new,
            Stage.WORKING: self.working,
            Stage.CHANGING: self.changing,
            Stage.CANCELLING: self.cancelling,
        }[stage]


_V: Final = Verdict
_D: Final = Duty
_K: Final = Kind


def _rows(kind: Kind, words: str, *codes: int, duties: Iterable[Duty] = ()) -> list[Meaning]:
    """Return a row for each code, with the duties of the kind and those named here."""
    return [_range(kind, words, code, code, duties) for code in codes]


def _range(kind: Kind, words: str, first: int, last: int, duties: Iterable[Duty] = ()) -> Meaning:
    (new, working, changing, cancelling), usual = KINDS[kind]
    return Meaning(
        first=first,
        last=last,
        kind=kind,
        words=words,
        new=new,
        working=working,
        changing=changing,
        cancelling=cancelling,
        duties=usual | frozenset(duties),
    )


def _unlike(row: Meaning, **answers: Verdict) -> Meaning:
    """Return the row with answers that are not those of its kind."""
    return replace(row, **answers)


def _without(row: Meaning, *duties: Duty) -> Meaning:
    return replace(row, duties=row.duties - frozenset(duties))


_UNTIL: Final = re.compile(r"until (\d{4}-?\d{2}-?\d{2}) (\d{2}:\d{2}:\d{2}) ([A-Za-z][\w/+-]*)")
_CANDIDATE: Final = _K.REJECT_CANDIDATE

_ROWS: Final = (
    *_rows(_K.PACING, "too many messages a second", 100),
    *_rows(_K.IDENTITY, "the order id was used before", 103),
    *_rows(_K.MODIFY_NAK, "a filled order cannot be changed", 104, duties=[_D.PULL_EXECUTIONS]),
    *_rows(_K.MODIFY_NAK, "the change does not fit the order", 105, 329),
    *_rows(_CANDIDATE, "the order cannot be transmitted", 106),
    *_rows(_CANDIDATE, "the order is incomplete", 107),
    *_rows(_CANDIDATE, "the price is too far from the market", 109),
    *_rows(_CANDIDATE, "the price is not on the tick", 110, duties=[_D.PAGE]),
    *_rows(_CANDIDATE, "type and time in force do not fit", 111),
    *_rows(_CANDIDATE, "the time in force must be DAY", 113),
    *_rows(_CANDIDATE, "the order cannot be sent to a dead exchange", 116),
    *_rows(_CANDIDATE, "the order could not be submitted", 133),
    *_rows(_CANDIDATE, "the contract does not take this type of order", 387),
    *_rows(_CANDIDATE, "the size is below the smallest", 388),
    *_rows(_CANDIDATE, "the size must not be zero", 434),
    *_rows(_K.CANCEL_NAK, "the order cannot be found", 135),
    *_rows(_K.CANCEL_NAK, "the order cannot be cancelled", 136),
    *_rows(_K.CANCEL_NAK, "the order is in no state to cancel", 161, duties=[_D.PULL_EXECUTIONS]),
    *_rows(_K.CONTRACT, "no such contract, or more than one", 200),
    *_rows(_K.REJECT, "the order was rejected", 201),
    *_rows(_K.CANCEL_ACK, "the order was cancelled", 202),
    *_rows(_K.REJECT, "the account may not trade it", 203, 460),
    *_rows(_CANDIDATE, "the account must be named", 435, 436),
    *_rows(_CANDIDATE, "there is no such algorithm", 439),
    *_rows(_K.MODIFY_NAK, "an algorithm cannot be changed", 440),
    *_rows(_CANDIDATE, "the parameters of the algorithm do not fit", 441),
    *_rows(_CANDIDATE, "the algorithm is not for this order", 442),
    *_rows(_CANDIDATE, "the algorithm has no such parameter", 443),
    *(
        _unlike(
            row,
            new=_V.REFUSED_IF_GONE,
            working=_V.REFUSED_IF_GONE,
            changing=_V.CHANGE_REFUSED,
            cancelling=_V.IN_DOUBT,
        )
        for row in _rows(_K.AMBIGUOUS, "the server could not read or check the request", 320, 321)
    ),
    *_rows(_K.FENCE, "the client id is in use", 326),
    *_rows(_K.DATA, "market data is not subscribed, or delayed", 354, 10089, 10090, 10167, 10168),
    *_rows(_K.INFO, "a message about the order", 399),
    *_rows(_K.HELD, "held while shares to borrow are located", 404),
    *_rows(_K.CONNECTION, "no connection with the gateway", 502, 504),
    *_rows(_K.FATAL, "the gateway is too old", 503),
    *_rows(_K.PROTOCOL, "the gateway does not understand us, or we do not it", 505, 507, 508),
    *_rows(_K.AMBIGUOUS, "the order could not be sent", 512),
    *_rows(_K.DEGRADED, "the gateway lost its server", 1100, 2110),
    *_rows(
        _K.RESTORED,
        "the gateway has its server again, data was lost",
        1101,
        duties=[_D.RESUBSCRIBE],
    ),
    *_rows(_K.RESTORED, "the gateway has its server again, data was kept", 1102),
    *_rows(_K.CONNECTION, "the port of the gateway was reset", 1300),
    _range(_K.INFO, "a warning", 2100, 2102),
    *_rows(_K.DATA, "a farm of market data is broken", 2103),
    *(
        _without(row, _D.BLOCK_DATA)
        for row in _rows(
            _K.DATA, "a farm works; quotes count from their next tick on", 2104, 2106, 2158
        )
    ),
    *_rows(_K.DATA, "a farm of historical data is broken", 2105),
    *(
        _without(row, _D.NOTE)
        for row in _rows(_K.INFO, "a farm sleeps or is being connected", 2107, 2108, 2119)
    ),
    *_rows(_K.INFO, "trading outside regular hours is ignored", 2109, duties=[_D.CHECK_HOURS]),
    _range(_K.INFO, "a warning", 2111, 2118),
    _range(_K.INFO, "a warning", 2120, 2136),
    *_rows(_K.INFO, "the order crosses one of the other side", 2137, duties=[_D.CHECK_PRICE]),
    _range(_K.INFO, "a warning", 2138, 2156),
    *_rows(_K.DATA, "the farm of security definitions is broken", 2157),
    _range(_K.INFO, "a warning", 2159, 2160),
    *_rows(_K.INFO, "the broker capped the price", 2161, duties=[_D.CHECK_PRICE]),
    _range(_K.INFO, "a warning", 2162, 2199),
    *_rows(_K.CANCEL_NAK, "the order to cancel is not found", 10147),
    *_rows(
        _K.CANCEL_NAK,
        "the order cannot be cancelled in its state",
        10148,
        duties=[_D.PULL_EXECUTIONS],
    ),
    *_rows(_K.DATA, "another session of this user takes the data", 10197, duties=[_D.PAGE]),
    *(
        _without(row, _D.BLOCK_DATA)
        for row in _rows(_K.DATA, "bars were corrected", 10225, duties=[_D.RESUBSCRIBE])
    ),
    *_rows(_K.REJECT, "no fractions of shares", 10243, duties=[_D.PAGE]),
    *_rows(_K.INFO, "a preset changed the time in force; the order is live", 10349),
)

UNLISTED: Final = _range(_K.AMBIGUOUS, "not listed", 0, 0)


def table(rows: Iterable[Meaning]) -> Mapping[int, Meaning]:
    """Return rows by code, every code of a range for itself.

    Raises:
        ModelError: a code has two rows, or a range is empty.
    """
    by_code: dict[int, Meaning] = {}
    for row in rows:
        if row.last < row.first:
            raise ModelError(f"codes must go up, got {row.first} to {row.last}")
        for code in range(row.first, row.last + 1):
            if code in by_code:
                raise ModelError(f"code must have one row, {code} has two")
            by_code[code] = row
    return MappingProxyType(by_code)


ROWS: Final[tuple[Meaning, ...]] = _ROWS
CODES: Final = table(_ROWS)


def extended(
    kinds: Mapping[int, str], codes: Mapping[int, Meaning] = CODES
) -> Mapping[int, Meaning]:
    """Return the table with codes that are not listed yet, each with the answers of its kind.

    Args:
        kinds: kind of every further code, by code; what a user learned before we did.
        codes: the table to extend.

    Raises:
        ModelError: a code is listed already, or not a whole number above 0, or its kind unknown.
    """
    more = dict(codes)
    for code, name in kinds.items():
        if type(code) is not int or code <= 0:
            raise ModelError(f"code must be a whole number above 0, got {code!r}")
        if code in codes:
            raise ModelError(f"code must not be listed already, {code} is {codes[code].kind}")
        if name not in Kind.__members__:
            raise ModelError(f"kind of code {code} must be one of {', '.join(Kind)}, got {name!r}")
        more[code] = _range(Kind(name), "told by a user", code, code)
    return MappingProxyType(more)


def meaning(code: int, codes: Mapping[int, Meaning] = CODES) -> Meaning:
    """Return the row of a code; one that is not listed is ambiguous."""
    return codes.get(code) or replace(UNLISTED, first=code, last=code)


def waits_for_open(text: str) -> bool:
    """Return whether a message (399) says that the order reaches the exchange only later."""
    return "not be placed at the exchange until" in " ".join(text.lower().split())


def placed_at(text: str) -> int:
    """Return from when on such an order is at the exchange, nanoseconds UTC; 0 when it is not said."""
    found = _UNTIL.search(" ".join(text.split()))
    if found is None:
        return 0
    day, time, zone = found.groups()
    return traded_at(f"{day.replace('-', '')} {time} {zone}") or 0


def told_state(text: str) -> str:
    """Return the status that the refusal of a cancel (10148) names, empty without one."""
    _, found, rest = text.partition("state:")
    return rest.strip().rstrip(".").partition(" ")[0] if found else ""


__all__ = [
    "CODES",
    "ROWS",
    "UNLISTED",
    "Meaning",
    "extended",
    "meaning",
    "placed_at",
    "table",
    "told_state",
    "waits_for_open",
]
