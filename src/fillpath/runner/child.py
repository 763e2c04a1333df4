"""The process of a strategy: it has no address, no password and no key, and can import no broker.

``python -m fillpath.runner.child`` reads lines and answers each with a line. What a strategy prints
goes to the standard error, so that it cannot be taken for an answer. When its caller is gone, it ends,
also out of the middle of a strategy that never returns.

This keeps mistakes apart, not attackers: a program that runs as you may read what you may read. Give
a strategy that you do not trust a user of its own.
"""

import os
import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from queue import SimpleQueue
from types import ModuleType
from typing import IO, Final, Never

from fillpath.backtest.loading import load_strategy
from fillpath.core.errors import FillpathError, Unavailable
from fillpath.core.models import Signal
from fillpath.runner.frames import (
    Answered,
    Asked,
    Begin,
    Broke,
    Known,
    Ready,
    Said,
    ShowBar,
    ShowQuote,
    ShowRecord,
    line_of,
    read_asked,
)
from fillpath.runtime.tasks import told
from fillpath.strategy.base import QuoteStrategy, RecordStrategy, Strategy
from fillpath.strategy.declared import needs_of

FORBIDDEN: Final = (
    *("api", "app", "backtest.replay", "chaos", "cli", "data.journal", "data.leases", "data.store"),
    *("execution", "ibkr", "monitoring", "reports", "service", "settings", "testing"),
)
"""Rooms of fillpath that a strategy cannot import: what acts, what keeps, and what knows passwords."""
_VENDORS: Final = ("ib_async", "ibapi")
_LOST: Final = 3


class NotForStrategies(MetaPathFinder):
    """Refuse to import what a strategy has no business with."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise for a forbidden module, and leave every other to others."""
        del path, target
        if is_forbidden(fullname):
            raise ImportError(f"a strategy cannot import {fullname}", name=fullname)
        return None


def is_forbidden(module: str) -> bool:
    """Return whether a strategy cannot import a module."""
    if module.partition(".")[0] in _VENDORS:
        return True
    room = module.removeprefix("fillpath.")
    if room == module:
        return False
    first = room.partition(".")[0]
    if first.startswith(("app_", "cli_")):
        return True
    return any(room == name or room.startswith(f"{name}.") for name in FORBIDDEN)


class View:
    """What the strategy may know of its account."""

    def __init__(self, known: Known) -> None:
        self._known = known

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self._known.now

    @property
    def cash(self) -> Decimal:
        """Return the cash of the account.

        Raises:
            Unavailable: nobody tells it here.
        """
        return _told(self._known.cash, "cash")

    @property
    def equity(self) -> Decimal:
        """Return cash plus positions.

        Raises:
            Unavailable: nobody tells it here.
        """
        return _told(self._known.equity, "equity")

    def position(self, symbol: str) -> Decimal:
        """Return the shares that the strategy holds, negative when short."""
        return self._known.position(symbol)

    def working(self, symbol: str) -> Decimal:
        """Return the shares that its orders may still buy, negative to be sold."""
        return self._known.at_work(symbol)


def _told(amount: Decimal | None, what: str) -> Decimal:
    if amount is None:
        raise Unavailable(
            f"the {what} of the account is not known: there are no tables to read here"
        )
    return amount


class Desk:
    """Answer one question after the other."""

    def __init__(self) -> None:
        self._strategy: object = None

    def answer(self, asked: Asked) -> Answered:
        """Return the answer of the strategy; what it raises is an answer too."""
        return told(lambda: self._answer(asked), lambda error: _broken(error, asked))

    def _answer(self, asked: Asked) -> Answered:
        if isinstance(asked, Begin):
            return self._begin(asked)
        strategy = self._strategy
        signals: Iterable[Signal] = ()
        match asked:
            case ShowBar() if isinstance(strategy, Strategy):
                signals = strategy.on_bar(asked.bar, View(asked.known))
            case ShowQuote() if isinstance(strategy, QuoteStrategy):
                signals = strategy.on_quote(asked.quote, View(asked.known))
            case ShowRecord() if isinstance(strategy, RecordStrategy):
                strategy.on_record(asked.record)
            case _:
                return Broke(
                    f"it was not asked in a way that it can answer: {type(asked).__name__}"
                )
        return Said(list(signals))

    def _begin(self, asked: Begin) -> Ready:
        self._strategy = made = load_strategy(asked.reference, parameters=asked.parameters)
        return Ready(
            name=made.name,
            needs=needs_of(made),
            bars=isinstance(made, Strategy),
            quotes=isinstance(made, QuoteStrategy),
            records=isinstance(made, RecordStrategy),
        )


def _broken(error: Exception, asked: Asked) -> Broke:
    if isinstance(error, FillpathError) and isinstance(asked, Begin):
        return Broke(str(error), wrong_input=True)
    traceback.print_exception(error)
    return Broke(f"{type(error).__name__}: {error}")


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer questions until there are no more."""
    waiting: SimpleQueue[bytes] = SimpleQueue()
    listening = threading.Thread(target=_listen, args=(questions, waiting), daemon=True)
    listening.start()
    desk = Desk()
    while question := waiting.get():
        answer = desk.answer(read_asked(question))
        try:
            line = line_of(answer)
        except FillpathError as error:
            line = line_of(Broke(str(error)))
        answers.write(line)
        answers.flush()


def _listen(questions: IO[bytes], waiting: "SimpleQueue[bytes]") -> None:
    """Hand lines over; when there are no more, the caller is gone, whatever the strategy does."""
    for line in questions:
        waiting.put(line)
    waiting.put(b"")
    _end(_LOST)


def _end(code: int) -> Never:
    os._exit(code)


def main() -> None:
    """Keep the pipes for ourselves, and shut the door before the strategy is let in."""
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.close(0)
    os.open(os.devnull, os.O_RDONLY)
    sys.meta_path.insert(0, NotForStrategies())
    serve(questions, answers)


if __name__ == "__main__":
    main()
