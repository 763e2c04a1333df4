"""What stops orders until somebody says otherwise: latches of a strategy, a symbol or everything.

``Latches`` is the one place that answers whether an order of a strategy in a symbol may leave. It
holds the kill switch and every breaker that latches, each with its own code; a question costs the
same however many there are. ``KillSwitch`` is what a ``RiskManager`` by itself is stopped with.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from fillpath.core.errors import ModelError
from fillpath.core.events import FlattenAsked, KillSwitchSet

KILL_SWITCH: Final = "KILL_SWITCH"
REPEATED_EXECUTION: Final = "REPEATED_EXECUTION"
SLIPPAGE_BREAKER: Final = "SLIPPAGE_BREAKER"
ROUTER_COMPARATOR: Final = "ROUTER_COMPARATOR"
OVERFILL: Final = "OVERFILL"
ORDER_TO_TRADE: Final = "ORDER_TO_TRADE"
DAILY_LOSS: Final = "DAILY_LOSS"
DRAWDOWN: Final = "DRAWDOWN"
EQUITY_UNKNOWN: Final = "CTRL_25_INPUT"
PNL_SHOCK: Final = "PNL_SHOCK"
BREAKER: Final = "BREAKER:"
"""What the code of a circuit breaker begins with."""

_CODES: Final = frozenset(
    {
        KILL_SWITCH,
        REPEATED_EXECUTION,
        SLIPPAGE_BREAKER,
        ROUTER_COMPARATOR,
        OVERFILL,
        ORDER_TO_TRADE,
        DAILY_LOSS,
        DRAWDOWN,
        EQUITY_UNKNOWN,
        PNL_SHOCK,
    }
)


def is_latch_code(code: str) -> bool:
    """Return whether a refusal of this code comes from a latch."""
    return code in _CODES or code.startswith(BREAKER)


class Scope(StrEnum):
    """How much a latch stops."""

    STRATEGY = "strategy"
    SYMBOL = "symbol"
    ACCOUNT = "account"
    ALL = "all"


Key = tuple[Scope, str]
_ALL: Final[Key] = (Scope.ALL, "")
_ACCOUNT: Final[Key] = (Scope.ACCOUNT, "")


class Latch(Struct, frozen=True, gc=False):
    """One reason why orders do not leave.

    Args:
        reason: what the person or the breaker said.
        by: who it was.
        at: nanoseconds UTC.
        scope: how much it stops.
        target: the strategy or the symbol; empty for account and all.
        code: reason code of the orders that it refuses.
        until: nanoseconds UTC at which it ends by itself; 0 when only a person ends it.
        exits: whether orders that only reduce a position leave all the same.
    """

    reason: str
    by: str
    at: int
    scope: Scope = Scope.ACCOUNT
    target: str = ""
    code: str = KILL_SWITCH
    until: int = 0
    exits: bool = False

    @property
    def key(self) -> Key:
        """Return what it stops."""
        return self.scope, self.target

    @property
    def is_wide(self) -> bool:
        """Return whether it stops the whole account."""
        return self.scope is Scope.ACCOUNT or self.scope is Scope.ALL

    @property
    def where(self) -> str:
        """Return what it stops, for a person."""
        if self.is_wide:
            return "trading" if self.scope is Scope.ACCOUNT else "all trading"
        return f"{self.scope} {self.target}"

    @property
    def text(self) -> str:
        """Return why an order does not leave."""
        return f"{self.where} is off: {self.reason}"

    def covers(self, strategy: str, symbol: str) -> bool:
        """Return whether it concerns the orders of a strategy in a symbol."""
        if self.scope is Scope.STRATEGY:
            return self.target == strategy
        return self.is_wide or self.target == symbol


def latch_of(event: KillSwitchSet) -> Latch:
    """Return the latch that a fact sets; a scope that nobody understands stops the account."""
    scope, target = Scope.ACCOUNT, ""
    if event.scope == Scope.ALL:
        scope = Scope.ALL
    elif event.scope == Scope.STRATEGY or (event.scope == Scope.SYMBOL and event.target):
        scope, target = Scope(event.scope), event.target
    reason = event.reason or "no reason given"
    return Latch(reason, event.by, event.at, scope, target, event.code, event.until, event.exits)


def flatten_key(event: FlattenAsked) -> Key:
    """Return the scope that a person gives up; one that nobody understands is no scope."""
    known = event.scope in Scope.__members__.values()
    return (Scope(event.scope) if known else Scope.SYMBOL, event.target)


class Latches(Struct):
    """Every latch that is set; part of what the desk remembers.

    Args:
        kept: by what it stops and by code, in the order of setting; never an empty one.
        changes: how often one was set or cleared.
    """

    kept: dict[Key, dict[str, Latch]] = field(default_factory=dict)
    changes: int = 0

    def __bool__(self) -> bool:
        return bool(self.kept)

    def __iter__(self) -> Iterator[Latch]:
        for latches in self.kept.values():
            yield from latches.values()

    @property
    def wide(self) -> Latch | None:
        """Return the latch that stops the whole account, exits too, or None."""
        if not self.kept:
            return None
        return self._first(_ALL, reduces=True) or self._first(_ACCOUNT, reduces=True)

    def stopped(self, strategy: str, symbol: str, *, reduces: bool = False) -> Latch | None:
        """Return why no order of the strategy in the symbol may leave, or None; widest first.

        Args:
            strategy: strategy of the order.
            symbol: ticker.
            reduces: whether the order only reduces a position.
        """
        if not self.kept:
            return None
        for key in (_ALL, _ACCOUNT, (Scope.STRATEGY, strategy), (Scope.SYMBOL, symbol)):
            latch = self._first(key, reduces=reduces)
            if latch is not None:
                return latch
        return None

    def set(self, latch: Latch) -> bool:
        """Set a latch; return False, and keep the first one's cause, when its code was set there.

        One that would have ended by itself and is set again without an end waits for a person.
        """
        there = self.kept.setdefault(latch.key, {})
        known = there.get(latch.code)
        if known is not None and not _lasts_longer(latch, known):
            return False
        there[latch.code] = latch
        self.changes += 1
        return True

    def clear(self, scope: Scope, target: str = "", code: str = "") -> list[Latch]:
        """Clear one code of a scope, or every code of it, and return what was set."""
        there = self.kept.get((scope, target), {})
        gone = [latch for latch in there.values() if code in ("", latch.code)]
        self._remove(gone)
        return gone

    def expire(self, at: int) -> list[Latch]:
        """Clear what ends by itself until ``at`` (nanoseconds), and return it."""
        gone = [latch for latch in self if 0 < latch.until <= at]
        self._remove(gone)
        return gone

    def _remove(self, gone: list[Latch]) -> None:
        for latch in gone:
            there = self.kept[latch.key]
            del there[latch.code]
            if not there:
                del self.kept[latch.key]
            self.changes += 1

    def _first(self, key: Key, *, reduces: bool) -> Latch | None:
        for latch in self.kept.get(key, {}).values():
            if not (reduces and latch.exits):
                return latch
        return None


def _lasts_longer(latch: Latch, known: Latch) -> bool:
    if not known.until:
        return False
    return not latch.until or latch.until > known.until


class KillSwitch(Struct, frozen=True, kw_only=True, gc=False):
    """What a person has stopped: a strategy, a symbol, the account, everything.

    While something is stopped nothing of it leaves, not even an exit.

    Args:
        latches: what is stopped, oldest first; each scope once.
        by: who stopped or cleared something last; empty at the start.
        since: nanoseconds UTC of that act, None when nobody said.
    """

    latches: tuple[Latch, ...] = ()
    by: str = ""
    since: int | None = None

    @property
    def killed(self) -> bool:
        """Return whether the whole account is stopped."""
        return any(latch.is_wide for latch in self.latches)

    def stopped(self, strategy: str, symbol: str) -> Latch | None:
        """Return why no order of a strategy in a symbol may leave, or None; widest first."""
        found = [latch for latch in self.latches if latch.covers(strategy, symbol)]
        return min(found, key=lambda latch: _WIDTHS.index(latch.scope), default=None)

    def set(
        self,
        reason: str,
        by: str,
        at: int | None = None,
        scope: Scope = Scope.ACCOUNT,
        target: str = "",
    ) -> "KillSwitch":
        """Return the switch with a scope stopped; a second stop keeps the first one's cause.

        Raises:
            ModelError: no reason or no name is given, or a scope names nothing or too much.
        """
        _check_named(by)
        if not reason.strip():
            raise ModelError("reason must say why trading stops, got an empty text")
        latch = Latch(reason, by, at or 0, Scope(scope), target)
        _check_target(latch)
        if any(known.key == latch.key for known in self.latches):
            return self
        return KillSwitch(latches=(*self.latches, latch), by=by, since=at)

    def cleared(
        self, by: str, at: int | None = None, scope: Scope = Scope.ACCOUNT, target: str = ""
    ) -> "KillSwitch":
        """Return the switch with that very scope cleared; what is not stopped changes nothing.

        Raises:
            ModelError: no name is given.
        """
        _check_named(by)
        left = tuple(latch for latch in self.latches if latch.key != (scope, target))
        return self if left == self.latches else KillSwitch(latches=left, by=by, since=at)


_WIDTHS: Final = (Scope.ALL, Scope.ACCOUNT, Scope.STRATEGY, Scope.SYMBOL)


def _check_target(latch: Latch) -> None:
    if latch.is_wide and latch.target:
        raise ModelError(f"target must be empty for {latch.scope}, got {latch.target!r}")
    if latch.scope is Scope.SYMBOL and not latch.target:
        raise ModelError("target must name a symbol, got an empty text")


def _check_named(by: str) -> None:
    if not by.strip():
        raise ModelError("by must name a person or a breaker, got an empty text")
