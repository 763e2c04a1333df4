"""The start of an account: replay its journal, or open it with what the broker holds already."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from fillpath.core.errors import Unavailable
from fillpath.core.events import (
    AccountOpened,
    EngineStarted,
    OpeningPosition,
    TradingHeld,
)
from fillpath.core.ids import is_external
from fillpath.core.models import ZERO, Fill, Order, Position
from fillpath.core.ports import BrokerAdapter
from fillpath.core.units import money_units, quantity_units
from fillpath.execution.broker.account import nearest_money
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.recovery import (
    Recovery,
    account_cash,
    account_positions,
    recover,
    working_orders,
)
from fillpath.service.limits import adopted, check_looser
from fillpath.service.live import Live
from fillpath.service.reconcile import RECONCILING

ATTEMPTS: Final = 5


class Opening(Struct, frozen=True):
    """How an account came up.

    Args:
        first: whether this is the first start on the account.
        records: journal records that were replayed.
        outstanding: intents whose outcome the journal does not hold.
    """

    first: bool
    records: int
    outstanding: int


class _Held(Struct, frozen=True):
    """What an account holds at one moment, and the executions of others that led to it."""

    cash: int
    positions: tuple[OpeningPosition, ...]
    executions: tuple[str, ...]


async def open_account(live: Live) -> Opening:
    """Bring the desk to where the journal ends, or begin the journal with what the account holds.

    Raises:
        ConfigError: the rules are looser than before, and nobody says why.
        JournalDiverged: this version decides otherwise than the journal says.
        JournalError: the journal cannot be read or written.
        Unavailable: the broker did not say what the account holds.
    """
    parts = live.parts
    live.tally.quiet = True  # alarms of the past have rung already
    records = live.tally.replayed(parts.journal.records())
    recovery = recover(records, live.desk, live.engine.follow, live.engine.seen)
    live.tally.quiet = False
    if recovery.records == 0:
        await _open_first(live)
        return Opening(first=True, records=0, outstanding=0)
    await _go_on(live, recovery)
    return Opening(first=False, records=recovery.records, outstanding=len(recovery.outstanding))


async def _open_first(live: Live) -> None:
    parts = live.parts
    held = await _held(parts.broker)
    now = parts.clock.nanoseconds()
    live.engine.offer(
        AccountOpened(
            now,
            parts.account,
            held.cash,
            held.positions,
            parts.policy_hash,
            parts.version,
            parts.journal.epoch,
            held.executions,
        )
    )
    live.engine.offer(adopted(live, now))
    live.follow_latch(now)
    await live.engine.settle()
    parts.journal.commit()


async def _held(broker: BrokerAdapter) -> _Held:
    """Ask what the account holds, until nothing trades while it is asked.

    Raises:
        Unavailable: the broker does not answer, or the account trades all the time.
    """
    before = await _traded(broker)
    for _ in range(ATTEMPTS):
        positions = tuple(_opening(position) for position in await broker.get_positions())
        cash = money_units((await broker.get_portfolio()).cash)
        after = await _traded(broker)
        if after == before:
            return _Held(cash, positions, after)
        before = after
    raise Unavailable(f"the account traded each of the {ATTEMPTS} times that it was read")


async def _traded(broker: BrokerAdapter) -> tuple[str, ...]:
    """Return the executions of others; one of our own says that a journal is missing."""
    fills = await broker.get_executions()
    return tuple(fill.fill_id for fill in fills if is_external(fill.order_id))


def _opening(position: Position) -> OpeningPosition:
    quantity = quantity_units(position.quantity)
    # An average may have more decimals than a price; what was paid in all is money, and is rounded.
    cost = nearest_money(position.quantity * (position.average_price or ZERO))
    return OpeningPosition(position.symbol, quantity, cost, position.strategy_name)


async def _go_on(live: Live, recovery: Recovery) -> None:
    parts = live.parts
    check_looser(live)
    live.engine.continue_after(recovery.records)
    broker = parts.broker
    if isinstance(broker, SimulatedBroker):
        _restore(broker, live, live.tally.fills, recovery.placed)
    now = max(parts.clock.nanoseconds(), recovery.last_at)
    live.engine.offer(EngineStarted(now, parts.policy_hash, parts.version, parts.journal.epoch))
    if live.desk.state.rules != parts.policy_hash:
        live.engine.offer(adopted(live, now))
    if not parts.broker.capabilities.in_process:
        text = "the broker has not been asked since the start"
        live.engine.offer(TradingHeld(now, RECONCILING, text))
    live.follow_latch(now)  # before anything that waited can leave
    await live.engine.settle()
    await live.engine.resume(recovery.outstanding)
    parts.journal.commit()


def _restore(broker: SimulatedBroker, live: Live, fills: Iterable[Fill], placed: int) -> None:
    """Give a broker that died with the process its account back."""
    state = live.desk.state
    orders: list[Order] = working_orders(state)
    broker.restore(account_cash(state), account_positions(state), orders, fills, count=placed)
