"""A dumb second opinion on the breakers of the account: losses recounted in plain decimals.

It values the account where the desk does, at each signal that was not turned away at the door, by
the ledger of the journal's executions. What it finds to be lost is certainly lost: where it cannot
know of a value that the desk has seen, it knows of less.
"""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from fillpath.chaos.ledger import DumbLedger
from fillpath.core.commands import Command, Decision, RaiseAlarm
from fillpath.core.events import KillSwitchCleared, MarketView
from fillpath.core.models import SignalDirection
from fillpath.core.units import NANOSECONDS, money_decimal
from fillpath.risk.kill_switch import DAILY_LOSS, DRAWDOWN, PNL_SHOCK, Scope
from fillpath.risk.limits import RiskLimits

BROKEN: Final = 48
ENTRIES_ONLY: Final = frozenset({DAILY_LOSS, DRAWDOWN})
SETTLES_NS: Final = 61 * NANOSECONDS
"""How long marks may be of old shares after a split."""
_AT_THE_DOOR: Final = frozenset({"DUPLICATE", "STALE_SIGNAL", "SUPERSEDED", "FUTURE_SIGNAL"})
_WHOLE: Final = Decimal(1)
Expect = Callable[[int, object, str], None]


class Breaking:
    """Recount what is lost, and remember what has tripped until a person clears it.

    Args:
        ledger: cash as the journal has it.
        expect: counts a check and reports it when it does not hold.
    """

    def __init__(self, ledger: DumbLedger, expect: Expect) -> None:
        self.tripped: set[str] = set()
        self._ledger = ledger
        self._expect = expect
        self._start: Decimal | None = None
        self._peak: Decimal | None = None
        self._last: Decimal | None = None
        self._values: deque[tuple[int, Decimal]] = deque()
        self._settled_at = 0

    def split(self, at: int) -> None:
        """Wait until the marks know of a split."""
        self._settled_at = at + SETTLES_NS

    def valued(
        self, at: int, market: MarketView, commands: list[Command], limits: RiskLimits
    ) -> None:
        """Take what a signal brought; what is lost beyond a limit must have tripped by now."""
        told = {c.code for c in commands if isinstance(c, RaiseAlarm)}
        self.tripped |= told & {
            DAILY_LOSS,
            DRAWDOWN,
            PNL_SHOCK,
        }  # marks may be settled for the desk
        decided = [c for c in commands if isinstance(c, Decision)]
        if at < self._settled_at or not decided or decided[0].reason in _AT_THE_DOOR:
            return
        equity = self._ledger.cash + money_decimal(market.long_value - market.short_value)
        lost = self._lost(at, equity, limits)
        silent = lost - self.tripped
        text = f"equity is {equity} after {self._peak} at best, and {sorted(silent)} is not tripped"
        self._expect(BROKEN, not silent, text)
        for decision in decided:
            exits = decision.direction == SignalDirection.FLAT
            text = f"the exit {decision.signal_id} of {decision.strategy_name} was stopped"
            self._expect(BROKEN, not (exits and decision.reason in ENTRIES_ONLY), text)

    def _lost(self, at: int, equity: Decimal, limits: RiskLimits) -> set[str]:
        self._last = equity
        self._start = equity if self._start is None else self._start
        self._peak = equity if self._peak is None else max(self._peak, equity)
        window = int(Decimal(limits.breakers.pnl_shock_seconds) * NANOSECONDS)
        self._values.append((at, equity))
        while self._values[0][0] <= at - window:
            self._values.popleft()
        high = max(value for _, value in self._values)
        lost = set()
        if equity <= self._start * (_WHOLE - Decimal(limits.max_daily_loss_pct) / 100):
            lost.add(DAILY_LOSS)
        if equity <= self._peak * (_WHOLE - Decimal(limits.max_drawdown_pct) / 100):
            lost.add(DRAWDOWN)
        if high - equity > self._start * Decimal(limits.breakers.pnl_shock_pct) / 100:
            lost.add(PNL_SHOCK)
        return lost

    def cleared(self, event: KillSwitchCleared) -> None:
        """A person goes on: what was lost before counts no more."""
        if event.scope != Scope.ACCOUNT:
            return
        if self.tripped & ENTRIES_ONLY:
            self._start = self._peak = self._last
        if PNL_SHOCK in self.tripped:
            self._values.clear()
        self.tripped.clear()

    def leaving(self, order_id: str, *, reduces: bool) -> None:
        """No entry leaves after a trip; after a shock nothing does."""
        stops = self.tripped - ENTRIES_ONLY if reduces else self.tripped
        self._expect(BROKEN, not stops, f"{order_id} leaves after {sorted(stops)} has tripped")


__all__ = ["Breaking"]
