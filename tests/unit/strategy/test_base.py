"""What a class must have to be a strategy."""

from collections.abc import Iterable

from fillpath.core.models import Bar, Quote, Signal
from fillpath.strategy.base import QuoteStrategy, Strategy, StrategyView


class Silent:
    """A strategy that never trades."""

    name = "silent"

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        del bar, view
        return ()


class SilentOnQuotes(Silent):
    """One that also looks at quotes."""

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        del quote, view
        return ()


class QuotesOnly:
    """One that looks at nothing but quotes."""

    name = "quotes only"

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        del quote, view
        return ()


def test_bars_are_enough_for_a_strategy() -> None:
    strategy: Strategy = Silent()

    assert isinstance(strategy, Strategy)
    assert not isinstance(strategy, QuoteStrategy)


def test_a_strategy_may_look_at_both() -> None:
    strategy: Strategy = SilentOnQuotes()

    assert isinstance(strategy, QuoteStrategy)


def test_quotes_alone_are_enough() -> None:
    strategy: QuoteStrategy = QuotesOnly()

    assert isinstance(strategy, QuoteStrategy)
    assert not isinstance(strategy, Strategy)
