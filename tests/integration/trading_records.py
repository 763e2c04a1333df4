"""The journal of an account that trades: each signal becomes an order and is filled."""

from decimal import Decimal

from fillpath.core.commands import Intent, PlaceOrder
from fillpath.core.events import AccountOpened, Event, OrderAccepted, OrderFilled, SignalReceived
from fillpath.core.models import SignalDirection
from fillpath.core.units import NANOSECONDS, moment
from fillpath.data.codec import Record
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.testing.builders import START_NS, a_signal, a_view

CASH = 10**9 * 10**14
ACCOUNT = "SIM"


def trading_records(signals: int) -> list[Record]:
    """Return what the engine writes while so many signals come, go and are filled."""
    desk = Desk(DeskPolicy())
    records: list[Record] = []

    def step(event: Event) -> None:
        commands = desk.step(event)
        records.append(event)
        placed = [command for command in commands if isinstance(command, PlaceOrder)]
        records.extend(c for c in commands if isinstance(c, Intent))
        for command in placed:
            ticket = command.ticket
            price = 150 * 10**8 + len(records)
            step(OrderAccepted(event.at + 1, ticket.order_id, f"b{len(records)}"))
            fill = (event.at + 2, ticket.order_id, f"x{len(records)}", ticket.symbol, ticket.side)
            step(OrderFilled(*fill, ticket.quantity, price, event.at + 2))

    step(AccountOpened(START_NS, ACCOUNT, CASH))
    for number in range(signals):
        at = START_NS + (number + 1) * NANOSECONDS
        signal = a_signal(
            signal_id=f"s{number}",
            symbol=f"S{number % 50}",
            direction=SignalDirection.FLAT if number % 100 >= 50 else SignalDirection.LONG,
            strength=Decimal("0.95"),
            timestamp=moment(at),
            metadata={"quantity": 10},
        )
        step(SignalReceived(at, signal, a_view(quote_at=at)))
    return records
