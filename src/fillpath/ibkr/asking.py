"""The look-ups that wait for an answer, and which words answer them."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.ibkr.codes import meaning
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    ContractFound,
    Ended,
    Executed,
    Heard,
    Held,
    MarginShown,
    OrderShown,
    RuleShown,
    Said,
    ServerTime,
    Valued,
)
from fillpath.ibkr.margins import is_whole
from fillpath.ibkr.verdicts import Verdict

NUMBERED: Final = frozenset({"executions", "contract", "bars", "what_if"})
"""Kinds whose words carry a number, so that a late answer is never taken for another one's."""

ANONYMOUS: Final = frozenset({"open_orders", "completed_orders", "positions", "account", "time"})
"""Kinds whose words carry no number: a late answer looks like that of the next question."""

VITAL: Final = frozenset(
    {"open_orders", "completed_orders", "executions", "positions", "account", "time"}
)
"""Kinds that a healthy gateway always answers: without an answer the connection is given up."""

MESSAGES: Final[Mapping[str, int]] = MappingProxyType({"account": 2})
"""How many messages a kind takes on the wire, where it is not one."""

_SINGLE: Final = frozenset({"rule", "time", "what_if"})
_WARNINGS: Final = range(2100, 2200)
_NOTICES: Final = frozenset({366, 10167, 10090})
_TAKEN: Final = frozenset({Verdict.STANDS, Verdict.HELD})
"""What is said of an order that the gateway would take."""


class Question:
    """One look-up: what it collects, and whether that is all.

    Args:
        what: its kind, as `Ended` names it, or `rule`, `time` or `what_if`.
        number: of the request, the rule or the order asked about; -1 where the words carry none.
    """

    def __init__(self, what: str, number: int = -1) -> None:
        self.what = what
        self.number = number
        self.answer: asyncio.Future[tuple[Heard, ...]] = asyncio.get_running_loop().create_future()
        self._parts: list[Heard] = []

    def hear(self, news: Heard) -> None:
        """Take what belongs to the answer, and be done when it is complete or refused."""
        if self.answer.done():
            return
        if _belongs(self.what, self.number, news):
            self._parts.append(news)
            if self.what in _SINGLE:
                self.answer.set_result(tuple(self._parts))
        elif isinstance(news, Ended):
            if news.what == self.what and self.number in {-1, news.request}:
                self.answer.set_result(tuple(self._parts))
        elif isinstance(news, Said) and self._refuses(news):
            self.fail(BrokerRefused(str(news.code), news.text))

    def fail(self, error: BrokerRefused | Unavailable) -> None:
        """Be done without an answer."""
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # nobody may be waiting any more

    def _refuses(self, said: Said) -> bool:
        harmless = said.code in _WARNINGS or said.code in _NOTICES
        if self.what == "what_if":
            harmless = meaning(said.code).new in _TAKEN
        return self.what in NUMBERED and said.about == self.number and not harmless


def _belongs(what: str, number: int, news: Heard) -> bool:
    match news:
        case OrderShown():
            return what == ("completed_orders" if news.completed else "open_orders")
        case Executed() | ContractFound() | BarShown():
            return what == _NUMBERED[type(news)] and news.request == number
        case MarginShown():
            return what == "what_if" and news.order_id == number and is_whole(news)
        case RuleShown():
            return what == "rule" and news.rule == number
        case _:
            return isinstance(news, _PLAIN.get(what, ()))


_NUMBERED: Final[dict[type, str]] = {
    Executed: "executions",
    ContractFound: "contract",
    BarShown: "bars",
}
_PLAIN: Final[dict[str, tuple[type, ...]]] = {
    "positions": (Held,),
    "account": (AccountValue, Valued),
    "time": (ServerTime,),
}


class Questions:
    """All look-ups that were written and not answered; at most one of a kind.

    One that nobody waits for any more still counts: its answer may come, and must not be taken for
    that of the next.
    """

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}

    def open(self, what: str) -> Question | None:
        """Return the look-up of a kind that is not answered, None without one."""
        return self._open.get(what)

    def add(self, question: Question) -> None:
        """Count a look-up as written."""
        self._open[question.what] = question

    def remove(self, question: Question) -> None:
        """Forget a look-up."""
        if self._open.get(question.what) is question:
            del self._open[question.what]

    def hear(self, news: Heard) -> None:
        """Let every look-up take what is its own."""
        for question in list(self._open.values()):
            question.hear(news)
            if question.answer.done():
                self.remove(question)

    def fail(self, reason: str) -> None:
        """End every look-up without an answer."""
        for question in self._open.values():
            question.fail(Unavailable(f"{question.what}: {reason}"))
        self._open.clear()


__all__ = ["ANONYMOUS", "MESSAGES", "NUMBERED", "VITAL", "Question", "Questions"]
