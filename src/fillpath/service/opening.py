"""The start of an account: replay its journal, or open it with what the broker holds already."""

from collections.abc import Iterable

from msgspec import Struct

from fillpath.core.events import (
    AccountOpened,
    EngineStarted,
    OpeningPosition,
    PolicyAdopted,
    TradingHeld,
)
from fillpath.core.models import ZERO, Fill, Order, Position
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
from fillpath.execution.rules import written_rules
from fillpath.service.live import Live
from fillpath.service.reconcile import RECONCILING


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


async def open_account(live: Live) -> Opening:
    """Bring the desk to where the journal ends, or begin the journal with what the account holds.

    Raises:
        JournalDiverged: this version decides otherwise than the journal says.
        JournalError: the journal cannot be read or written.
        Unavailable: the broker did not say what the account holds.
    """
    parts = live.parts
    live.tally.quiet = True  # alarms of the past have rung already
    recovery = recover(parts.journal.records(), live.desk, live.engine.follow)
    live.tally.quiet = False
    if recovery.records == 0:
        await _open_first(live)
        return Opening(first=True, records=0, outstanding=0)
    await _go_on(live, recovery)
    return Opening(first=False, records=recovery.records, outstanding=len(recovery.outstanding))


async def _open_first(live: Live) -> None:
    parts = live.parts
    positions = tuple(_opening(position) for position in await parts.broker.get_positions())
    cash = money_units((await parts.broker.get_portfolio()).cash)
    now = parts.clock.nanoseconds()
    live.engine.offer(
        AccountOpened(
            now,
            parts.account,
            cash,
            positions,
            parts.policy_hash,
            parts.version,
            parts.journal.epoch,
        )
    )
    live.engine.offer(PolicyAdopted(now, parts.policy_hash, written_rules(parts.policy)))
    await live.engine.settle()
    parts.journal.commit()


def _opening(position: Position) -> OpeningPosition:
    quantity = quantity_units(position.quantity)
    # An average may have more decimals than a price; what was paid in all is money, and is rounded.
    cost = nearest_money(position.quantity * (position.average_price or ZERO))
    return OpeningPosition(position.symbol, quantity, cost, position.strategy_name)


async def _go_on(live: Live, recovery: Recovery) -> None:
    parts = live.parts
    live.engine.continue_after(recovery.records)
    broker = parts.broker
    if isinstance(broker, SimulatedBroker):
        _restore(broker, live, live.tally.fills, recovery.placed)
    now = max(parts.clock.nanoseconds(), recovery.last_at)
    live.engine.offer(EngineStarted(now, parts.policy_hash, parts.version, parts.journal.epoch))
    if live.desk.state.rules != parts.policy_hash:
        live.engine.offer(PolicyAdopted(now, parts.policy_hash, written_rules(parts.policy)))
    if not parts.broker.capabilities.in_process:
        text = "the broker has not been asked since the start"
        live.engine.offer(TradingHeld(now, RECONCILING, text))
    await live.engine.settle()
    await live.engine.resume(recovery.outstanding)
    parts.journal.commit()


def _restore(broker: SimulatedBroker, live: Live, fills: Iterable[Fill], placed: int) -> None:
    """Give a broker that died with the process its account back."""
    state = live.desk.state
    orders: list[Order] = working_orders(state)
    broker.restore(account_cash(state), account_positions(state), orders, fills, count=placed)
