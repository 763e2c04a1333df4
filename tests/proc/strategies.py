"""Strategies for the tests that run them as programs of their own: one behaves, others do not."""

import os
import sys
import time
from collections.abc import Iterable
from decimal import Decimal

from fillpath.core.models import Bar, Quote, Signal, SignalDirection
from fillpath.strategy.base import StrategyView


def _signal(symbol: str, direction: SignalDirection) -> Signal:
    return Signal(
        symbol=symbol,
        direction=direction,
        strength=Decimal("0.95"),
        metadata={} if direction is SignalDirection.FLAT else {"quantity": 1},
    )


class Steady:
    """Buy a share when there is none, and sell it when there is."""

    name = "steady"

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Do the one or the other, once nothing works any more."""
        if view.working(quote.symbol):
            return ()
        if view.position(quote.symbol):
            return (_signal(quote.symbol, SignalDirection.FLAT),)
        return (_signal(quote.symbol, SignalDirection.LONG),)


class Victim(Steady):
    """The same under another name: for those who are killed."""

    name = "victim"


class Sleeper(Steady):
    """The same once more: for those who are stopped and wake up again."""

    name = "sleeper"


class Flood:
    """Buy a hundred times on every quote."""

    name = "flood"

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Buy far too often."""
        del view
        return [_signal(quote.symbol, SignalDirection.LONG) for _ in range(100)]


class Hanging:
    """Never return from the first quote."""

    name = "hanging"

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Hang."""
        del quote, view
        while True:
            time.sleep(0.01)  # this is what hangs


class Breaking:
    """Say one thing, and raise while saying the next."""

    name = "breaking"

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Break in the middle of an answer."""
        del view
        yield _signal(quote.symbol, SignalDirection.LONG)
        raise ValueError("the model has no answer")


class Curious:
    """Look around: what it could import, and what its environment tells."""

    name = "curious"

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Print what it finds, and end with it."""
        del bar, view
        raise LookupError("; ".join([*_imported(), *sorted(os.environ)]))


def _imported() -> Iterable[str]:
    for name in (
        "fillpath.execution.broker.ibkr_broker",
        "fillpath.execution.broker.simulated_broker",
        "fillpath.execution.sending",
        "fillpath.data.journal",
        "fillpath.app_live",
        "fillpath.service.control",
        "fillpath.settings",
        "ib_async",
    ):
        try:
            __import__(name)
        except ImportError:
            continue
        yield f"{name} can be imported"
    for name in sys.modules:
        if name.startswith(("fillpath.execution", "fillpath.service", "fillpath.settings")):
            yield f"{name} was imported"
