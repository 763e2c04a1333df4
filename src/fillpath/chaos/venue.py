"""The venue: the real simulated exchange, outside the engine's process, and the only truth.

It outlives every crash of the engine. What it did is what the independent ledger is fed with; what
the engine hears of it is the link's affair.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace as replace_policy
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Final

from msgspec.structs import replace

from fillpath.chaos.chance import Chance
from fillpath.chaos.drawing import draw_capabilities
from fillpath.chaos.faults import Swarm
from fillpath.chaos.market import SYMBOLS, Market
from fillpath.core.events import BrokerEvent, FillCorrected, OrderFilled, OrderRefused
from fillpath.core.ids import EXTERNAL
from fillpath.core.models import Fill, Order, OrderSide, OrderStatus, Position
from fillpath.core.units import NANOSECONDS, moment, quantity_units
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy, commission
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.broker.standing import Ended, as_it_stands, status_of
from fillpath.execution.simulating.policy import AccountKind, CommissionPlan, RealisticPolicy

OPENING_CASH: Final = 1_000_000
SOMEBODY: Final = EXTERNAL + "somebody"
_LONG_AGO: Final = 0.5
"""Share of the revisions that are of executions before the last split, once there was one."""


def _opening(rng: Random) -> tuple[Position, ...]:
    """Return what the account holds before the engine ever sees it; half of the time nothing."""
    if rng.random() < 0.5:
        return ()
    paid = Decimal(rng.randrange(10_000, 900_000)) / 7
    shares = Decimal(rng.choice((-40, 35, 300)))
    return (Position(symbol=rng.choice(SYMBOLS), quantity=shares, average_price=paid / 300),)


class VenueClock:
    """True time, which nobody can set wrong."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now

    def nanoseconds(self) -> int:
        """Return true nanoseconds UTC."""
        return self._now()

    def now(self) -> datetime:
        """Return the same as a datetime."""
        return moment(self._now())


class Venue:
    """Take orders, trade them on the true market, and remember everything.

    Args:
        market: what it trades on.
        chance: of the run.
        swarm: which faults strike.
        now: true nanoseconds UTC.
    """

    def __init__(
        self, market: Market, chance: Chance, swarm: Swarm, now: Callable[[], int]
    ) -> None:
        self._market = market
        self._chance = chance
        self._swarm = swarm
        self._now = now
        self.capabilities = draw_capabilities(chance)
        self.opening = _opening(chance.of("venue.opening"))
        self.policy = SimulationPolicy(
            profile=FillProfile.QUOTES,
            cash=OPENING_CASH,
            displayed_size=True,
            positions=self.opening,
        )
        self._begin()
        self.closed = False
        self.refused: dict[str, Order] = {}
        self.submissions: Counter[str] = Counter()
        self.orders: dict[str, Order] = {}
        self.events: list[BrokerEvent] = []
        self.executions: dict[str, OrderFilled] = {}
        self.versions: dict[str, list[OrderFilled]] = {}
        self.splits: list[tuple[int, str, int, int, int]] = []
        self.tell: Callable[[BrokerEvent], None] = lambda _event: None
        self._strangers = 0

    def _begin(self) -> None:
        self.broker = SimulatedBroker(self._market.feed, VenueClock(self._now), self.policy)
        self.broker.subscribe(self._happened)
        self.exchange = self.broker._exchange  # noqa: SLF001  # an oracle may look behind the door

    def trade_realistically(self) -> None:
        """Fill late, in line and in parts from here on; before anything was traded only."""
        rng = self._chance.of("venue.realistic")
        slowest = rng.choice((0, 250, 5_000))
        rules = RealisticPolicy(
            seed=rng.randrange(1 << 30),
            latency_ms_min=0,
            latency_ms_max=slowest,
            participation_pct=rng.choice((10, 100)),
            participation_seconds=rng.choice((10, 60)),
            traded_share_pct=rng.choice((0, 50)),
            refill_seconds=rng.choice((0, 1)),
            commission=rng.choice(tuple(CommissionPlan)),
            account=AccountKind.PLAIN,
            check_ticks=False,
        )
        self.policy = replace_policy(
            self.policy,
            profile=FillProfile.REALISTIC,
            realistic=rules,
        )
        self._begin()

    def open(self, seconds: int) -> None:
        """Begin a session of so many seconds."""
        self.closed = False
        at = self._now()
        self.broker.open_session(at, at + seconds * NANOSECONDS)

    def take(self, order: Order) -> Order:
        """Receive an order: refuse it, trade it or work it."""
        self.submissions[order.order_id] += 1
        if order.order_id in self.orders:
            return self.refused.get(order.order_id) or self.broker.submit(order)
        self.orders[order.order_id] = order
        if self.closed or self._swarm.strikes("refusal", self._chance.of("venue.refusal")):
            return self._refuse(order)
        standing = self.broker.submit(order)
        if self._swarm.strikes("overfill", self._chance.of("venue.overfill")):
            self._overfill(order)
        return standing

    def cancel(self, broker_order_id: str) -> bool:
        """Cancel what is left of an order; False when it does not work."""
        return self.broker.cancel(broker_order_id)

    def amend(self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None) -> bool:
        """Change size and trigger of an order; False when it does not work.

        Raises:
            BrokerRefused: it works on as it was.
        """
        return self.broker.amend(broker_order_id, quantity, stop_price)

    def tick(self, symbol: str) -> None:
        """Let the true market of a symbol move, and match what rests there."""
        self._market.feed.set_quote(self._market.move(symbol))
        self.broker.on_market(symbol)
        self.broker.on_time()

    def second(self) -> None:
        """Let a second pass: cancels, strangers, busts and corrections."""
        swarm, chance = self._swarm, self._chance
        names = [o.broker_order_id or "" for o in self.working()]
        if names and swarm.strikes("broker_cancel", chance.of("venue.cancel")):
            self.broker.cancel(chance.of("venue.cancel").choice(names))
        if swarm.strikes("external_fill", chance.of("venue.stranger")):
            self._stranger()
        for name in ("bust", "correction"):
            if self.executions and swarm.strikes(name, chance.of("venue.revision")):
                self._revise(bust=name == "bust")

    def _revise(self, *, bust: bool) -> None:
        """Undo an execution of an order that has ended, or make another one of it."""
        rng = self._chance.of("venue.revision")
        since = self.splits[-1][0] if self.splits else 0
        names = list(self.executions)
        old, recent = names[:since], names[since:]
        if old and self._chance.of("venue.revision.old").random() < _LONG_AGO:
            recent = old
        if not recent:
            return
        was = self.executions[rng.choice(sorted(recent))]
        ended = self.exchange.records.get(was.order_id)
        if not isinstance(ended, Ended) or not was.quantity:
            return
        quantity = 0 if bust else was.quantity * rng.randrange(1, 11) // 10
        price = was.price + rng.choice((-2, 0, 1)) * 1_000_000
        fee = commission(quantity * price, self.policy.commission)
        now = replace(was, quantity=quantity, price=price, commission=fee)
        self._account(was, -1)
        if quantity:
            self._account(now, 1)
        self.executions[was.fill_id] = now
        self.versions[was.fill_id].append(now)
        filled = ended.filled - was.quantity + quantity
        value = ended.value - was.quantity * was.price + quantity * price
        whole = ended.status is OrderStatus.FILLED and quantity == was.quantity
        status = ended.status if whole else OrderStatus.CANCELLED
        self.exchange.records[was.order_id] = replace(
            ended, status=status, filled=filled, value=value
        )
        revision = len(self.versions[was.fill_id]) - 1
        news = (was.order_id, was.fill_id, revision, quantity, price, fee, "revised by chance")
        self._happened(FillCorrected(self._now(), *news))

    def _account(self, made: OrderFilled, sign: int) -> None:
        """Book an execution in the shares of today, or with -1 undo it."""
        shares = made.quantity
        for _, symbol, at, new, old in self.splits:
            if symbol == made.symbol and made.traded_at < at:
                shares = shares * new // old
        signed = sign * made.side.sign
        value, fee = signed * made.quantity * made.price, sign * made.commission
        self.exchange.account.exchange(made.symbol, signed * shares, value, fee)

    def fills(self) -> list[Fill]:
        """Return every execution that stands, at its latest revision."""
        return [
            replace(event.fill, revision=len(self.versions[name]) - 1)
            for name, event in self.executions.items()
            if event.quantity
        ]

    def working(self) -> list[Order]:
        """Return every order that works now, oldest first."""
        return [as_it_stands(work.order, work) for work in self.exchange.working.values()]

    async def completed(self) -> list[Order]:
        """Return every order that has ended."""
        return [*await self.broker.get_completed_orders(), *self.refused.values()]

    def status(self, order_id: str) -> OrderStatus | None:
        """Return where one of our orders stands, None when it never came here."""
        if order_id in self.refused:
            return OrderStatus.REJECTED
        record = self.exchange.records.get(order_id)
        return None if record is None else status_of(record)

    def split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Apply a split before the open."""
        self._market.split(symbol, new_shares, old_shares)
        self.broker.apply_split(symbol, new_shares, old_shares)
        self.splits.append((len(self.executions), symbol, self._now(), new_shares, old_shares))
        self.tick(symbol)

    def close(self) -> None:
        """End the session: DAY orders expire, and what arrives from here on is refused."""
        self.closed = True
        self.broker.expire_day_orders()

    def _happened(self, event: BrokerEvent) -> None:
        self.events.append(event)
        if isinstance(event, OrderFilled):
            self.executions[event.fill_id] = event
            self.versions[event.fill_id] = [event]
        self.tell(event)

    def _refuse(self, order: Order) -> Order:
        reason = "MARGIN: refused by chance"
        refused = order.changed(
            status=OrderStatus.REJECTED, metadata={**order.metadata, "reject_reason": reason}
        )
        self.refused[order.order_id] = refused
        self._happened(OrderRefused(self._now(), order.order_id, "MARGIN", "refused by chance"))
        return refused

    def _overfill(self, order: Order) -> None:
        """Execute a little more than was ordered, once everything is filled."""
        if self.status(order.order_id) is not OrderStatus.FILLED:
            return
        quantity = max(quantity_units(order.quantity) // 10, 1_000_000)
        self._execute(order.order_id, f"{order.order_id}:over", order.symbol, order.side, quantity)

    def _stranger(self) -> None:
        rng = self._chance.of("venue.stranger")
        self._strangers += 1
        name = f"{SOMEBODY}:{self._strangers}"
        side = rng.choice((OrderSide.BUY, OrderSide.SELL))
        self._execute(name, f"{name}:1", rng.choice(SYMBOLS), side, rng.randrange(1, 50) * 10**6)

    def _execute(
        self, order_id: str, fill_id: str, symbol: str, side: OrderSide, quantity: int
    ) -> None:
        """Trade on the account without any order in the book."""
        exchange = self.exchange
        mark = self._market.feed.mark(symbol)
        assert mark is not None, "the true market always has a price"
        signed = quantity if side is OrderSide.BUY else -quantity
        exchange.account.trade(symbol, signed, mark, 0)
        at = self._now()
        event = OrderFilled(
            at, order_id, fill_id, symbol, side, quantity, mark, at, 0, "", simulated=True
        )
        exchange.executions.append(event)
        self._happened(event)
