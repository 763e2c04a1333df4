"""A desk at work: what it is told, what it asks for, and the timers it has set."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar

from fillpath.core.commands import (
    CancelOrder,
    ClearTimer,
    Command,
    Decision,
    FillBooked,
    OrderClosed,
    PlaceOrder,
    QualityMeasured,
    RaiseAlarm,
    SetTimer,
    Ticket,
    WatchQuote,
)
from fillpath.core.events import (
    AccountOpened,
    CancelFailed,
    CommissionReported,
    Event,
    FillCorrected,
    KillSwitchCleared,
    KillSwitchSet,
    MarketView,
    OpeningPosition,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderInDoubt,
    OrderRefused,
    PositionAdjusted,
    QuoteSeen,
    SessionClosed,
    SessionOpened,
    SignalReceived,
    SplitApplied,
    SymbolQuarantined,
    SymbolReleased,
    TimerFired,
    TradingHeld,
    TradingReleased,
)
from fillpath.core.models import Fill, OrderSide, Signal
from fillpath.core.translation import filled_by
from fillpath.core.units import (
    NANOSECONDS,
    Number,
    moment,
    money_units,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.testing.builders import START_NS, SYMBOL, a_signal, a_view

CASH = 10_000_000
Kind = TypeVar("Kind")


def shares(number: Number) -> int:
    """Return a number of shares in quantity units."""
    return quantity_units(Decimal(str(number)))


def price(number: Number) -> int:
    """Return a price in price units."""
    return price_units(Decimal(str(number)))


def money(number: Number) -> int:
    """Return an amount in money units."""
    return money_units(Decimal(str(number)))


def seconds(number: float) -> int:
    """Return seconds in nanoseconds."""
    return round(number * NANOSECONDS)


def a_holding(
    quantity: Number = 100, entry: Number = 150, strategy: str = "trend", symbol: str = SYMBOL
) -> OpeningPosition:
    """Return a position that was there when the account was opened."""
    return OpeningPosition(symbol, shares(quantity), shares(quantity) * price(entry), strategy)


class Answer(list[Command]):
    """What the desk asked for, by kind."""

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [command for command in self if isinstance(command, kind)]

    @property
    def placed(self) -> list[Ticket]:
        return [command.ticket for command in self.of(PlaceOrder)]

    @property
    def cancels(self) -> list[str]:
        """The orders that the broker is asked to cancel."""
        return [command.order_id for command in self.of(CancelOrder)]

    @property
    def decisions(self) -> list[Decision]:
        return self.of(Decision)

    @property
    def outcomes(self) -> list[str]:
        """Outcome and reason of each decision."""
        return [f"{d.outcome} {d.reason}".strip() for d in self.decisions]

    @property
    def decision(self) -> Decision:
        """The only decision."""
        (decision,) = self.decisions
        return decision

    @property
    def alarms(self) -> list[str]:
        return [alarm.code for alarm in self.of(RaiseAlarm)]

    @property
    def watched(self) -> list[str]:
        """The symbols whose next quote is waited for."""
        return [command.symbol for command in self.of(WatchQuote)]

    @property
    def booked(self) -> list[Fill]:
        return [command.fill for command in self.of(FillBooked)]

    @property
    def closed(self) -> list[OrderClosed]:
        return self.of(OrderClosed)

    @property
    def measured(self) -> list[QualityMeasured]:
        return self.of(QualityMeasured)


class Scene:
    """AAPL at 149.99 / 150.01 with an ADV of a million, and 10,000,000 in cash.

    Quotes are always fresh while ``ticking``; timers fire when ``wait`` passes them.
    """

    def __init__(
        self,
        policy: DeskPolicy | None = None,
        *,
        cash: Number = CASH,
        positions: tuple[OpeningPosition, ...] = (),
    ) -> None:
        self.desk = Desk(policy or DeskPolicy())
        self.at = START_NS
        self.ticking = True
        self.market = a_view()
        self.events: list[Event] = []
        self.all = Answer()
        self.tickets: dict[str, Ticket] = {}
        self.timers: dict[str, SetTimer] = {}
        self._signals = 0
        self._fills = 0
        self.tell(AccountOpened(self.at, "SIM", money(cash), positions, "rules", "0"))

    def tell(self, event: Event) -> Answer:
        """Give the desk one event and take down what it asks for."""
        self.events.append(event)
        answer = Answer(self.desk.step(event))
        self.all.extend(answer)
        for command in answer:
            if isinstance(command, PlaceOrder):
                self.tickets[command.ticket.order_id] = command.ticket
            elif isinstance(command, SetTimer):
                self.timers[command.timer_id] = command
            elif isinstance(command, ClearTimer):
                self.timers.pop(command.timer_id, None)
        return answer

    def view(self, symbol: str = SYMBOL) -> MarketView:
        """Return what the engine would hand over now; other symbols have no market."""
        holdings = self.desk.state.book.holdings
        mid = ((self.market.bid or 0) + (self.market.ask or 0)) // 2
        values = [h.quantity * mid if s == SYMBOL else h.cost for s, h in holdings.items()]
        if symbol != SYMBOL:
            return MarketView(long_value=sum(v for v in values if v > 0))
        m = self.market
        return MarketView(
            m.bid,
            m.ask,
            m.bid_size,
            m.ask_size,
            self.at if self.ticking else m.quote_at,
            m.adv,
            sum(value for value in values if value > 0),
            -sum(value for value in values if value < 0),
        )

    def show(self, bid: str | None = "149.99", ask: str | None = "150.01", **changes: Any) -> None:
        """Let the market stand like this from now on; the desk is not told."""
        kept = {"adv": self.market.adv, "quote_at": self.at}
        self.market = a_view(bid, ask, **(kept | changes))

    def quote(self, bid: str | None = "149.99", ask: str | None = "150.01") -> Answer:
        """Tell the desk of the quote that it waits for."""
        self.show(bid, ask)
        return self.tell(QuoteSeen(self.at, SYMBOL, self.view()))

    def quote_of(self, symbol: str, market: MarketView) -> QuoteSeen:
        """Return the news of another symbol's quote."""
        return QuoteSeen(self.at, symbol, market)

    def signal(
        self, direction: str = "LONG", quantity: Number | None = None, **changes: Any
    ) -> Answer:
        """Let a strategy speak now; ids count on from sig-1."""
        self._signals += 1
        given: dict[str, Any] = {
            "direction": direction,
            "signal_id": f"sig-{self._signals}",
            "timestamp": moment(self.at),
        }
        metadata = {"quantity": quantity, "signal_price": None} | changes.pop("metadata", {})
        said = a_signal(**(given | changes), metadata=metadata)
        return self.hear(said)

    def hear(self, said: Signal) -> Answer:
        """Let the desk receive this very signal now."""
        return self.tell(SignalReceived(self.at, said, self.view(said.symbol)))

    def accept(self, order_id: str, broker_order_id: str = "") -> Answer:
        name = broker_order_id or f"B:{order_id}"
        return self.tell(OrderAccepted(self.at, order_id, name))

    def fill(
        self,
        order_id: str,
        quantity: Number | None = None,
        paid: Number = "150.01",
        **changes: Any,
    ) -> Answer:
        """Let an order trade, whole unless said otherwise; execution ids count on from x1."""
        self._fills += 1
        ticket = self.tickets.get(order_id)
        whole = quantity_decimal(ticket.quantity) if ticket else Decimal(100)
        given: dict[str, Any] = {
            "fill_id": f"x{self._fills}",
            "order_id": order_id,
            "symbol": ticket.symbol if ticket else SYMBOL,
            "side": ticket.side if ticket else OrderSide.BUY,
            "quantity": whole if quantity is None else quantity,
            "price": paid,
            "ts": moment(self.at),
        }
        return self.tell(filled_by(self.at, Fill(**(given | changes))))

    def trade(self, order_id: str, paid: Number = "150.01") -> Answer:
        """Let the broker accept an order and fill it whole."""
        self.accept(order_id)
        return self.fill(order_id, paid=paid)

    def commission(self, order_id: str, fill_id: str, amount: Number, revision: int = 0) -> Answer:
        """Let the broker say what an execution cost."""
        return self.tell(CommissionReported(self.at, order_id, fill_id, money(amount), revision))

    def correct(
        self,
        order_id: str,
        fill_id: str,
        quantity: Number,
        paid: Number = "150.01",
        **changes: Any,
    ) -> Answer:
        """Let the broker correct an execution, for the first time unless said otherwise."""
        given: dict[str, Any] = {"revision": 1, "commission": 0, "reason": "corrected"} | changes
        given["commission"] = money(given["commission"])
        return self.tell(
            FillCorrected(
                self.at,
                order_id,
                fill_id,
                quantity=shares(quantity),
                price=price(paid),
                **given,
            )
        )

    def hold(self, code: str = "SAFE_HOLD") -> Answer:
        return self.tell(TradingHeld(self.at, code, "because"))

    def release(self, code: str = "SAFE_HOLD") -> Answer:
        return self.tell(TradingReleased(self.at, code, "ann"))

    def quarantine(self, symbol: str = SYMBOL) -> Answer:
        return self.tell(SymbolQuarantined(self.at, symbol, "a difference"))

    def let_go(self, symbol: str = SYMBOL) -> Answer:
        return self.tell(SymbolReleased(self.at, symbol, "ann"))

    def adjust(self, quantity: Number, paid: Number = 0, cash: Number = 0) -> Answer:
        return self.tell(
            PositionAdjusted(
                self.at, SYMBOL, shares(quantity), price(paid), "ann", "found", money(cash)
            )
        )

    def open(self, closes_in: float = 0) -> Answer:
        """Open the session; it closes in so many seconds when that is given."""
        closes_at = self.at + seconds(closes_in) if closes_in else 0
        return self.tell(SessionOpened(self.at, closes_at))

    def cancelled(self, order_id: str, *, unseen: bool = False) -> Answer:
        """Confirm a cancel; ``unseen`` leaves out the market, as for an unknown order."""
        market = None if unseen else self.view()
        return self.tell(OrderCancelled(self.at, order_id, "on request", market))

    def cancel_failed(self, order_id: str, reason: str = "too late") -> Answer:
        return self.tell(CancelFailed(self.at, order_id, reason))

    def refuse(self, order_id: str) -> Answer:
        return self.tell(OrderRefused(self.at, order_id, "201", "margin"))

    def expire(self, order_id: str, reason: str = "") -> Answer:
        return self.tell(OrderExpired(self.at, order_id, reason))

    def doubt(self, order_id: str) -> Answer:
        return self.tell(OrderInDoubt(self.at, order_id, "the reply was lost"))

    def kill(self, reason: str = "stop it", **scope: Any) -> Answer:
        return self.tell(KillSwitchSet(self.at, reason, "ann", **scope))

    def clear(self, **scope: Any) -> Answer:
        return self.tell(KillSwitchCleared(self.at, "ann", **scope))

    def split(self, new: int, old: int, symbol: str = SYMBOL) -> Answer:
        return self.tell(SplitApplied(self.at, symbol, new, old))

    def close(self) -> Answer:
        return self.tell(SessionClosed(self.at))

    def sleep(self, number: float) -> None:
        """Let time pass without anyone looking at the timers."""
        self.at += seconds(number)

    def overdue(self) -> Iterator[Answer]:
        """Fire every timer that is due, however late, earliest first."""
        while due := sorted((t.due, n) for n, t in self.timers.items() if t.due <= self.at):
            yield self._fire(due[0][1])

    def fire(self) -> Answer:
        """Fire every timer that is due, however late, and return all that follows."""
        return Answer(chain.from_iterable(self.overdue()))

    def moments(self, number: float) -> Iterator[Answer]:
        """Let time pass and fire each timer at its very moment."""
        until = self.at + seconds(number)
        while due := sorted((t.due, n) for n, t in self.timers.items() if t.due <= until):
            self.at = max(self.at, due[0][0])
            yield self._fire(due[0][1])
        self.at = until

    def wait(self, number: float) -> Answer:
        """Let time pass, fire each timer at its very moment, and return all that follows."""
        return Answer(chain.from_iterable(self.moments(number)))

    def _fire(self, name: str) -> Answer:
        timer = self.timers.pop(name)
        market = self.view(timer.symbol)
        return self.tell(TimerFired(self.at, name, timer.due, timer.symbol, market))

    def fingerprint_of_replay(self) -> str:
        """Return what another desk comes to that is told the same."""
        twin = Desk(self.desk.policy)
        for event in self.events:
            twin.step(event)
        return twin.fingerprint()
