"""Keep a line up: connect, verify, compare, and only then let orders through."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.ports import EngineClock
from fillpath.ibkr.asking import Question, Questions
from fillpath.ibkr.enquiring import Enquirer
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    ContractFound,
    Executed,
    Heard,
    Held,
    MarginShown,
    OrderShown,
    RuleShown,
    ServerTime,
    Valued,
)
from fillpath.ibkr.keeping import Keeper
from fillpath.ibkr.line import Line, NotSent
from fillpath.ibkr.numbering import Numbering
from fillpath.ibkr.pacing import Lane
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.standing import VERIFIED
from fillpath.ibkr.states import Alarm, Because, State
from fillpath.ibkr.writing import Writer


class Connection:
    """One client id at one gateway, kept up until it is stopped.

    Everything that is heard goes to every listener, in its order and in every state, answers of
    look-ups included. What may be sent depends on the state: orders in TRADING alone, cancels as
    soon as the account is verified and also in DEGRADED, look-ups in every connected state but
    DEGRADED. Nothing that waits for its turn outlives a drop.

    Args:
        line: not connected yet.
        policy: who it is and how long it waits.
        clock: tells the time and never steps.
    """

    def __init__(self, line: Line, policy: ConnectionPolicy, clock: EngineClock) -> None:
        self._line = line
        self._policy = policy
        self._numbering = Numbering(policy.client_id)
        self._writer = Writer(policy, clock)
        questions = Questions()
        self._keeper = Keeper(line, policy, clock, self._writer, questions)
        self._standing = self._keeper.standing
        self._enquirer = Enquirer(policy, self._keeper, self._writer, questions)
        self.listen(self._numbering.hear)
        self.listen(questions.hear)

    @property
    def state(self) -> State:
        """Return how far it has come."""
        return self._standing.state

    @property
    def account(self) -> str:
        """Return the account that was verified; empty before the first time."""
        return self._standing.account

    @property
    def reason(self) -> str:
        """Return in words why it is not up; empty while it is."""
        return self._standing.reason

    def listen(self, listener: Callable[[Heard], None]) -> None:
        """Also send everything that is heard to ``listener``, which never blocks nor raises."""
        self._keeper.listeners.append(listener)

    def watch(self, on_state: Callable[[State], None]) -> None:
        """Also tell ``on_state`` of every change of the state, after it was made."""
        self._keeper.watchers.append(on_state)

    def warn(self, on_alarm: Callable[[Alarm], None]) -> None:
        """Also tell ``on_alarm`` what a person should know."""
        self._keeper.warned.append(on_alarm)

    def reconcile_with(self, hook: Callable[[Because], Awaitable[None]]) -> None:
        """Let ``hook`` compare everything before orders may be sent; the last one wins.

        It runs in RECONCILE, after every connection and after every 1101 and 1102, and asks its
        look-ups here. When it raises ``Unavailable``, or takes too long, the line is dropped and
        everything begins again. When the state changes under it, it is cancelled.
        """
        self._keeper.hook = hook

    async def start(self, seconds: float = 30) -> None:
        """Connect and stay connected; return in TRADING.

        Raises:
            Unavailable: refused, or not there in time, with the reason; unless it was refused it
                goes on trying until it is stopped.
        """
        await self._keeper.start(seconds)

    async def stop(self) -> None:
        """Disconnect and stay down; waiting messages and look-ups are told."""
        await self._keeper.stop()

    def may_order(self) -> bool:
        """Return whether an order may be sent now."""
        return self.state is State.TRADING

    def may_cancel(self) -> bool:
        """Return whether a cancel may be sent now."""
        return self._standing.verified and self.state in VERIFIED

    async def place(self, *forms: OrderForm) -> None:
        """Write orders, or changes of them, in one go; returns when they are on the wire.

        Raises:
            NotSent: none was written, and none will be: the state forbids it, the line dropped
                before their turn, or the waiting orders were dropped.
            Unavailable: the line broke between two of them.
        """
        if not self.may_order():
            raise NotSent(f"no order may be sent in {self.state}: {self.reason}")

        def write() -> None:
            for count, form in enumerate(forms):
                try:
                    self._line.place(form)
                except NotSent as error:
                    if count:
                        raise Unavailable(f"only {count} of {len(forms)} were written") from error
                    raise

        await self._writer.write(Lane.ORDER, write, len(forms))

    async def cancel(self, order_id: int) -> None:
        """Write a cancel, ahead of everything else that waits.

        Raises:
            NotSent: it was not written, and will not be.
        """
        self._check_cancel()
        await self._writer.write(Lane.CANCEL, lambda: self._line.cancel(order_id))

    async def cancel_everything(self) -> None:
        """Write a cancel of every order of the account, also those of people and other programs.

        Raises:
            NotSent: it was not written, and will not be.
        """
        self._check_cancel()
        await self._writer.write(Lane.CANCEL, self._line.cancel_everything)

    def drop_orders(self) -> int:
        """Forget the orders that wait for their turn; return how many. Each gets ``NotSent``."""
        return self._writer.drop("the waiting orders were dropped", Lane.ORDER)

    def next_order_id(self) -> int:
        """Return an order id above every one that was ever seen or given.

        Raises:
            BrokerRefused: there is none left; the ids must be reset in the gateway.
        """
        return self._numbering.next_order()

    def saw_order_id(self, order_id: int) -> None:
        """Never give this id, or one below it; for ids that only the journal remembers."""
        self._numbering.saw(order_id)

    async def open_orders(self, *, sure: bool = False) -> tuple[OrderShown, ...]:
        """Return the open orders of every client id.

        Args:
            sure: ask again a little later when the answer is empty, and return the second answer.

        Raises:
            Unavailable: no answer; an empty answer is an answer.
        """
        answer = await self._open_orders()
        if answer or not sure:
            return answer
        await asyncio.sleep(self._policy.confirm_seconds)
        return await self._open_orders()

    async def completed_orders(self) -> tuple[OrderShown, ...]:
        """Return the orders of today that have ended.

        Raises:
            Unavailable: no answer.
        """
        answer = await self._enquirer.ask("completed_orders", self._line.ask_completed_orders)
        return tuple(one for one in answer if isinstance(one, OrderShown))

    async def executions(self) -> tuple[Executed, ...]:
        """Return the executions of today; what they cost is heard by the listeners.

        Raises:
            Unavailable: no answer.
        """
        number = self._numbering.next_request()
        ask = partial(self._line.ask_executions, number)
        try:
            answer = await self._enquirer.ask("executions", ask, number)
        except BrokerRefused as error:
            raise Unavailable(f"executions: {error}") from error
        return tuple(one for one in answer if isinstance(one, Executed))

    async def positions(self) -> tuple[Held, ...]:
        """Return the positions of every account of the login.

        Raises:
            Unavailable: no answer.
        """
        answer = await self._enquirer.ask("positions", self._line.ask_positions)
        return tuple(one for one in answer if isinstance(one, Held))

    async def account_values(self) -> tuple[AccountValue | Valued, ...]:
        """Return the values of the verified account, and what its positions are worth.

        Raises:
            Unavailable: no answer.
        """
        answer = await self._enquirer.ask("account", partial(self._line.ask_account, self.account))
        return tuple(one for one in answer if isinstance(one, AccountValue | Valued))

    async def contract(self, contract: ContractForm) -> tuple[ContractFound, ...]:
        """Return the contracts that fit.

        Raises:
            Unavailable: no answer.
            BrokerRefused: the gateway said no; the code is the vendor's, 200 for none.
        """
        number = self._numbering.next_request()
        ask = partial(self._line.ask_contract, number, contract)
        answer = await self._enquirer.ask("contract", ask, number)
        return tuple(one for one in answer if isinstance(one, ContractFound))

    async def what_if(self, form: OrderForm) -> MarginShown:
        """Return what an order would do to the margin; no order comes of it.

        Args:
            form: of the order; it gets the next order id when its turn to be written comes.

        Raises:
            Unavailable: no answer with every amount.
            BrokerRefused: the gateway would not take the order; the code is the vendor's.
        """
        if not self.may_order():
            raise Unavailable(f"what_if: nothing may be asked in {self.state}: {self.reason}")
        question = Question("what_if")

        def write() -> None:
            question.number = self.next_order_id()
            self._line.place(replace(form, order_id=question.number, what_if=True))

        answer = await self._enquirer.put(question, write)
        return next(one for one in answer if isinstance(one, MarginShown))

    async def rule(self, rule: int) -> RuleShown:
        """Return a market rule.

        Raises:
            Unavailable: no answer.
        """
        answer = await self._enquirer.ask("rule", partial(self._line.ask_rule, rule), rule)
        return next(one for one in answer if isinstance(one, RuleShown))

    async def bars(
        self, contract: ContractForm, *, end: str, duration: str, size: str
    ) -> tuple[BarShown, ...]:
        """Return historical bars of regular hours; the vendor's rules of pace are the caller's.

        Raises:
            Unavailable: no answer.
            BrokerRefused: the gateway said no; the code is the vendor's.
        """
        number = self._numbering.next_request()
        ask = partial(self._line.ask_bars, number, contract, end=end, duration=duration, size=size)
        answer = await self._enquirer.ask("bars", ask, number)
        return tuple(one for one in answer if isinstance(one, BarShown))

    async def time(self) -> ServerTime:
        """Return the gateway's clock.

        Raises:
            Unavailable: no answer.
        """
        answer = await self._enquirer.ask("time", self._line.ask_time)
        return next(one for one in answer if isinstance(one, ServerTime))

    async def data_kind(self, kind: int) -> None:
        """Say which sort of data is wanted: 1 live, 3 delayed where there is no permission.

        Raises:
            NotSent: it was not written.
        """
        self._enquirer.check()
        await self._writer.write(Lane.QUESTION, partial(self._line.data_kind, kind))

    async def stream(self, contract: ContractForm, ticks: str = "") -> int:
        """Subscribe to quotes and the generic ticks named; return the request that ticks carry.

        Nothing is subscribed again by itself: do so in the hook of ``reconcile_with``.

        Raises:
            NotSent: it was not written.
        """
        self._enquirer.check()
        number = self._numbering.next_request()
        await self._writer.write(Lane.QUESTION, partial(self._line.stream, number, contract, ticks))
        return number

    async def stop_stream(self, request: int) -> None:
        """End a subscription.

        Raises:
            NotSent: it was not written; after a drop there is nothing to end.
        """
        self._enquirer.check()
        await self._writer.write(Lane.QUESTION, partial(self._line.stop_stream, request))

    async def _open_orders(self) -> tuple[OrderShown, ...]:
        answer = await self._enquirer.ask("open_orders", self._line.ask_open_orders)
        return tuple(one for one in answer if isinstance(one, OrderShown))

    def _check_cancel(self) -> None:
        if not self.may_cancel():
            raise NotSent(f"no cancel may be sent in {self.state}: {self.reason}")


__all__ = ["Connection"]
