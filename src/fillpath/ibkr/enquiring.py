"""Ask one question of a kind at a time, each with a limit, and take no answer for another one's."""

import asyncio
from collections.abc import Callable

from fillpath.core.errors import Unavailable
from fillpath.ibkr.asking import ANONYMOUS, MESSAGES, VITAL, Question, Questions
from fillpath.ibkr.heard import Heard
from fillpath.ibkr.keeping import Keeper
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.news import Unanswered
from fillpath.ibkr.pacing import Lane
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.states import State
from fillpath.ibkr.writing import Writer


class Enquirer:
    """Ask in turn.

    Args:
        policy: how long an answer may take.
        keeper: of the connection; a vital question without an answer ends it.
        writer: of the line.
        questions: those that are written and not answered.
    """

    def __init__(
        self, policy: ConnectionPolicy, keeper: Keeper, writer: Writer, questions: Questions
    ) -> None:
        self._policy = policy
        self._keeper = keeper
        self._writer = writer
        self._questions = questions
        self._turns: dict[str, asyncio.Lock] = {}

    def check(self) -> None:
        """Return when something may be asked now.

        Raises:
            NotSent: it may not.
        """
        standing = self._keeper.standing
        if not standing.verified or standing.state is State.DEGRADED:
            raise NotSent(f"nothing may be asked in {standing.state}: {standing.reason}")

    async def ask(
        self, what: str, write: Callable[[], None], number: int = -1
    ) -> tuple[Heard, ...]:
        """Ask, after every earlier question of the same kind, and wait for the answer.

        Args:
            what: kind of the question, as in `Question`.
            write: writes it.
            number: of the request, or the rule; -1 for a kind without numbers.

        Raises:
            Unavailable: no answer.
            BrokerRefused: the gateway said no; the code is the vendor's.
        """
        return await self.put(Question(what, number), write)

    async def put(self, question: Question, write: Callable[[], None]) -> tuple[Heard, ...]:
        """Do the same for a question that may get its number only when it is written.

        Raises:
            Unavailable: no answer.
            BrokerRefused: the gateway said no; the code is the vendor's.
        """
        async with self._turns.setdefault(question.what, asyncio.Lock()):
            try:
                return await self._ask(question, write)
            except NotSent as error:
                raise Unavailable(f"{question.what}: {error}") from error

    async def _ask(self, question: Question, write: Callable[[], None]) -> tuple[Heard, ...]:
        self.check()
        await self._earlier(question.what)
        self.check()

        def ask() -> None:
            write()
            self._questions.add(question)

        await self._writer.write(Lane.QUESTION, ask, MESSAGES.get(question.what, 1))
        try:
            return await self._answer(question)
        finally:
            if question.what not in ANONYMOUS:
                self._questions.remove(question)

    async def _earlier(self, what: str) -> None:
        """Wait for the answer of a question that was given up: it must not answer the next one."""
        question = self._questions.open(what)
        if question is not None:
            await self._answer(question)

    async def _answer(self, question: Question) -> tuple[Heard, ...]:
        try:
            async with asyncio.timeout(self._policy.answer_seconds):
                return await asyncio.shield(question.answer)
        except TimeoutError:
            if question.what in VITAL:
                self._keeper.tell(Unanswered(question.what))
            raise Unavailable(f"{question.what}: the gateway did not answer in time") from None


__all__ = ["Enquirer"]
