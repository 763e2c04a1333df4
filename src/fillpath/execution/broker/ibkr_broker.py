"""Interactive Brokers as a broker: our orders go out in its words, and what it says comes back as facts.

Everything that the gateway says goes through one memory (``ibkr/tracking.py``), which decides what
is news; nothing here decides about an order. What is not known is asked for (``Looker``), after
every connection before an order may leave, and whenever an order is in doubt.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.capabilities import BrokerCapabilities, MarginAnswer
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, ModelError, Unavailable
from fillpath.core.events import BrokerEvent, SymbolQuarantined
from fillpath.core.models import Fill, Order, OrderStatus, PortfolioSnapshot, Position
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS
from fillpath.execution.broker.exchange import nobody
from fillpath.execution.broker.ibkr_contracts import Contracts
from fillpath.execution.broker.ibkr_looking import Looker
from fillpath.ibkr.algos import DESTINATIONS, directed
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import Heard
from fillpath.ibkr.holdings import positions, working_of, worth_of
from fillpath.ibkr.judging import Out, unknown_contract
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.margins import asking, margin_answer
from fillpath.ibkr.states import State
from fillpath.ibkr.tracked import Need, Tracked, picture
from fillpath.ibkr.tracking import NOT_SENT, Tracker
from fillpath.ibkr.words import Instrument, changed, form_of

CAPABILITIES: Final = BrokerCapabilities(
    stops=True,
    oca=True,
    amend=True,
    # A margin account may buy beyond its cash; what it cannot pay for is refused by its own rules.
    checks_cash=False,
    plain_costs=False,
    late_commissions=True,
    destinations=DESTINATIONS,
)


class IBKRPolicy(Struct, frozen=True, kw_only=True):
    """How the broker is used.

    Args:
        client_id: the one of its connection.
        answer_seconds: how long an order may stay without an answer before it is in doubt.
        cancel_seconds: after which a cancel without an answer may be asked for again.
        outside_rth: whether orders with a limit may trade outside regular hours.
        primary: the exchange that a symbol is listed on, where a ticker alone means several.
        con_ids: numbers of reviewed contracts by symbol.
    """

    client_id: int
    answer_seconds: float = 5
    cancel_seconds: float = 5
    outside_rth: bool = False
    primary: dict[str, str] = {}
    con_ids: dict[str, int] = {}


class IBKRBrokerAdapter:
    """Trade an account at Interactive Brokers.

    Args:
        connection: to the gateway, not started; it is this adapter's alone.
        policy: how it is used.
        clock: tells the time and never steps.
        page: tells a person about an alarm, at once or later, but never waits.
    """

    def __init__(
        self,
        connection: Connection,
        policy: IBKRPolicy,
        clock: EngineClock,
        page: Callable[[RaiseAlarm], None],
    ) -> None:
        self._connection = connection
        self._policy = policy
        self._clock = clock
        self._page = page
        self._tracker = Tracker(policy.client_id)
        self._contracts = Contracts(connection, dict(policy.primary), dict(policy.con_ids))
        self._looker = Looker(connection, self._tracker, clock, self._tell)
        self._sink: Callable[[BrokerEvent], None] = nobody
        self._compare: Callable[[str, bool], None] = lambda _why, _holds: None
        self._waiting: dict[str, asyncio.Event] = {}
        self._looking: asyncio.Task[None] | None = None
        self._traded = False
        self._drops = 0
        connection.listen(self._hear)
        connection.watch(self._state)
        connection.reconcile_with(self._looker.compare)

    @property
    def capabilities(self) -> BrokerCapabilities:
        """Return what this broker can do."""
        return CAPABILITIES

    def subscribe(self, sink: Callable[[BrokerEvent], None]) -> None:
        """Send every later event to ``sink``; the last one wins."""
        self._sink = sink

    def compare_with(self, compare: Callable[[str, bool], None]) -> None:
        """Ask ``compare`` for a comparison whenever events alone may not tell everything.

        It is told why, and whether nothing may leave before the comparison; the last one wins.
        """
        self._compare = compare

    def drop_orders(self) -> int:
        """Take back every order that waits for its turn on the wire; return how many.

        One whose contract is still being asked for will not be written either.
        """
        self._drops += 1
        return self._connection.drop_orders()

    async def start(self, seconds: float = 30) -> None:
        """Connect, compare everything, and return when orders may be sent.

        Raises:
            Unavailable: refused, or not there in time, with the reason; unless it was refused it
                goes on trying until it is stopped.
        """
        if self._looking is None:
            # Its two ends are start and stop, so no task group of one place can hold it.
            self._looking = asyncio.get_running_loop().create_task(self._looker.run())
        await self._connection.start(seconds)

    async def stop(self) -> None:
        """Disconnect; orders that work go on working."""
        await self._connection.stop()
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.wait([looking])

    async def submit_order(self, order: Order) -> Order:
        """Send the order once and return it as it stands when the gateway has answered.

        A refusal is an answer, with ``metadata["reject_reason"]``; code NOT_SENT says that not a
        byte of it was written. The same ``order_id`` again sends nothing.

        Raises:
            Unavailable: it is unknown whether the gateway has it, or what became of it.
        """
        known = self._tracker.stands(order.order_id)
        if known is not None:
            return known
        drops = self._drops
        try:
            form = await self._form(order)
            self._check_wanted(drops)
        except BrokerRefused as error:
            return self._kept(order, error.code, error.text)
        except Unavailable as error:
            return self._kept(order, NOT_SENT, str(error))
        known = self._tracker.stands(order.order_id)
        if known is not None:  # the same order came while its contract was asked for
            return known
        self._tracker.placed(form, order, self._now())
        try:
            await self._connection.place(form)
        except NotSent as error:
            return self._kept(order, NOT_SENT, str(error))
        await self._answered(order.order_id)
        return self._answer(order.order_id)

    async def what_if(self, order: Order) -> MarginAnswer:
        """Return what the broker says that the order would do to the margin; nothing is sent by it.

        An algorithm or an auction is left out of the question: it changes no margin.

        Raises:
            Unavailable: there is no answer.
            BrokerRefused: the broker would not take the order.
        """
        try:
            form = await self._plain_form(order)
            return margin_answer(await self._connection.what_if(asking(form)))
        except BrokerRefused as error:
            self._stop_unknown(order, error.code, error.text)
            raise

    async def cancel_order(self, broker_order_id: str) -> bool:
        """Ask to cancel; True when the order was open and the request was taken.

        Raises:
            Unavailable: the request was not written; ask again.
            BrokerRefused: code NOT_OURS, the order is another program's.
        """
        tracked = self._tracker.register.named(broker_order_id)
        if tracked is None or self._over(tracked):
            return False
        self._check_ours(tracked)
        now = self._now()
        if now - tracked.cancel_at < self._policy.cancel_seconds * NANOSECONDS:
            return True
        if not tracked.number:
            raise Unavailable(f"the gateway has not shown the order id of {tracked.order_id}")
        before = tracked.cancel_at
        self._tracker.cancelling(tracked, now)
        try:
            await self._connection.cancel(tracked.number)
        except NotSent as error:
            self._tracker.cancelling(tracked, before)
            raise Unavailable(str(error)) from error
        return True

    async def amend_order(
        self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None
    ) -> bool:
        """Change whole quantity and trigger of an order that works; False when it does not.

        Raises:
            Unavailable: the request was not written, or nobody knows whether; ask again.
            BrokerRefused: it cannot be changed like that, and works on as it was.
        """
        tracked = self._tracker.register.named(broker_order_id)
        if tracked is None or self._over(tracked):
            return False
        self._check_ours(tracked)
        if quantity <= self._tracker.book.filled(tracked.order_id):
            return await self.cancel_order(broker_order_id)
        traded = await self._contracts.of(tracked.order.symbol)
        form = changed(self._sent(tracked, traded), quantity, stop_price, tracked.order, traded)
        if tracked.change is None and self._is(tracked, form):
            self._tell(self._tracker.unchanged(tracked, self._now()))
            return True
        self._tracker.changing(tracked, form.quantity, form.aux_price, self._now())
        try:
            await self._connection.place(form)
        except NotSent as error:
            self._tracker.changing(tracked, form.quantity, form.aux_price, 0)
            raise Unavailable(str(error)) from error
        return True

    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return the status of an order.

        Raises:
            BrokerRefused: code UNKNOWN_ORDER, the gateway never showed an order of that name.
        """
        status = self._tracker.status(broker_order_id)
        if status is None:
            raise BrokerRefused("UNKNOWN_ORDER", f"no order has the name {broker_order_id!r}")
        return status

    async def get_positions(self) -> list[Position]:
        """Return all open positions of the account; average prices include commissions.

        Raises:
            Unavailable: the gateway does not answer, or a size cannot be read.
        """
        held = await self._connection.positions()
        values = await self._connection.account_values()
        return positions(held, values, self._connection.account)

    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return equity, cash, positions and what works.

        Raises:
            Unavailable: the gateway does not answer, or leaves out what has to be there.
        """
        held = await self._connection.positions()
        values = await self._connection.account_values()
        account = self._connection.account
        worth = worth_of(values, account)
        working, reserved = working_of(await self.get_open_orders())
        return PortfolioSnapshot(
            total_equity=worth.equity,
            cash=worth.cash,
            positions=tuple(positions(held, values, account)),
            working=working,
            reserved_cash=reserved,
            realized_pnl=worth.realized,
            account=account,
            timestamp=self._clock.now(),
        )

    async def health_check(self) -> bool:
        """Return whether orders can be sent now."""
        return self._connection.may_order()

    async def get_open_orders(self) -> list[Order]:
        """Return every order of the account that works, those of others under ``external:`` ids.

        Raises:
            Unavailable: the gateway does not answer.
        """
        return self._tracker.open_orders(await self._connection.open_orders())

    async def get_completed_orders(self) -> list[Order]:
        """Return the orders that have ended today, and those that ended under this process.

        Raises:
            Unavailable: the gateway does not answer.
        """
        await self._connection.completed_orders()
        return self._tracker.completed_orders()

    async def get_executions(self) -> list[Fill]:
        """Return today's executions, and those that this process has heard of.

        Raises:
            Unavailable: the gateway does not answer.
        """
        self._tracker.asking(self._now())
        await self._connection.executions()
        return self._tracker.book.fills()

    def _now(self) -> int:
        return self._clock.nanoseconds()

    def _check_wanted(self, drops: int) -> None:
        """Raise ``Unavailable`` when orders were taken back since there were so many times of that."""
        if drops != self._drops:
            raise Unavailable("the orders that waited were taken back")

    def _over(self, tracked: Tracked) -> bool:
        return picture(tracked, self._tracker.book).status.is_terminal

    async def _form(self, order: Order) -> OrderForm:
        """Return the order in the gateway's words.

        Raises:
            BrokerRefused: it cannot be sent.
            Unavailable: nothing can be sent or asked now.
        """
        form = await self._plain_form(order)
        return directed(form, order, await self._contracts.of(order.symbol), self._now())

    async def _plain_form(self, order: Order) -> OrderForm:
        """Return the order without its destination.

        Raises:
            BrokerRefused: it cannot be sent.
            Unavailable: nothing can be sent or asked now.
        """
        if not self._connection.may_order():
            state, reason = self._connection.state, self._connection.reason
            raise Unavailable(f"no order may be sent in {state}: {reason}")
        traded = await self._contracts.of(order.symbol)
        if self._tracker.group_ended(order.oca_group):
            raise BrokerRefused("GROUP_ENDED", f"the group {order.oca_group} was filled")
        number = self._connection.next_order_id()
        account = self._connection.account
        outside = self._policy.outside_rth and order.limit_price is not None
        return form_of(order, number, traded, account, outside_rth=outside)

    def _sent(self, tracked: Tracked, traded: Instrument) -> OrderForm:
        """Return what the gateway was sent of an order, also by an earlier process."""
        if tracked.form is not None:
            return tracked.form
        return form_of(tracked.order, tracked.number, traded, self._connection.account)

    def _is(self, tracked: Tracked, form: OrderForm) -> bool:
        """Return whether an order is as a form would make it."""
        stop = tracked.order.stop_price if tracked.triggered else None
        return (tracked.order.quantity, stop) == (form.quantity, form.aux_price)

    def _check_ours(self, tracked: Tracked) -> None:
        if not tracked.mine:
            text = f"{tracked.order_id} is another program's, and only that can touch it"
            raise BrokerRefused("NOT_OURS", text)

    def _kept(self, order: Order, code: str, reason: str) -> Order:
        """Refuse an order of which not a byte was written; an unknown contract stops its symbol."""
        self._stop_unknown(order, code, reason)
        self._tell(self._tracker.refused(order, code, reason, self._now()))
        return self._stands(order.order_id)

    def _stop_unknown(self, order: Order, code: str, reason: str) -> None:
        self._tell(unknown_contract(order, code, reason, self._now()))

    def _stands(self, order_id: str) -> Order:
        order = self._tracker.stands(order_id)
        assert order is not None, "it was just placed"
        return order

    async def _answered(self, order_id: str) -> None:
        """Wait until something is known of a new order, as long as it may take."""
        told = self._waiting[order_id] = asyncio.Event()
        seconds = self._policy.answer_seconds
        try:
            async with asyncio.timeout(seconds):
                while not self._known(order_id):
                    told.clear()
                    await told.wait()
        except TimeoutError:
            text = f"the gateway did not answer in {seconds:g} s"
            self._tell(self._tracker.silent(order_id, text, self._now()))
        finally:
            del self._waiting[order_id]

    def _known(self, order_id: str) -> bool:
        tracked = self._tracker.register.get(order_id)
        return tracked is None or tracked.accepted or bool(tracked.ended or tracked.doubt)

    def _answer(self, order_id: str) -> Order:
        """Return a new order as it stands.

        Raises:
            Unavailable: nobody knows how.
        """
        tracked = self._tracker.register.get(order_id)
        doubt = None if tracked is None else tracked.doubt
        if doubt is not None:
            raise Unavailable(f"{order_id} is in doubt: {doubt.text}")
        return self._stands(order_id)

    def _hear(self, heard: Heard) -> None:
        """Take a word of the gateway; never raises into the connection."""
        try:
            out = self._tracker.hear(heard, self._now())
        except (ModelError, ArithmeticError) as error:
            text = f"what the gateway said cannot be: {error!r}"
            out = [RaiseAlarm(self._now(), "GATEWAY_UNREADABLE", text), Need.COMPARE]
        self._tell(out)
        for told in self._waiting.values():
            told.set()

    def _tell(self, out: list[Out]) -> None:
        """Send events to the sink, alarms to a person, and needs to who can ask."""
        for one in out:
            if isinstance(one, RaiseAlarm):
                self._page(one)
            elif one is Need.COMPARE:
                self._compare("something happened that no event tells", False)  # noqa: FBT003
            elif isinstance(one, Need):
                self._looker.want()
            else:
                if isinstance(one, SymbolQuarantined):
                    self._contracts.forget()  # what a person corrects is asked for again
                self._sink(one)

    def _state(self, state: State) -> None:
        """Hold the engine while nothing is sure, and let it compare when the line is back."""
        if state is State.TRADING:
            self._traded = True
            self._contracts.forget()
            self._compare("the gateway is connected", True)  # noqa: FBT003
            if self._tracker.needs:
                self._looker.want()
        elif self._traded:
            self._traded = False
            why = f"the gateway is {state}: {self._connection.reason}"
            self._compare(why, True)  # noqa: FBT003


__all__ = ["CAPABILITIES", "IBKRBrokerAdapter", "IBKRPolicy"]
