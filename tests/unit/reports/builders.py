"""Small runs, built by hand: what a desk would have told its recorder."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from fillpath.core.commands import Decision, OrderClosed, QualityMeasured, RaiseAlarm, Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import Fill, OrderSide, OrderType, Position, TimeInForce
from fillpath.core.translation import filled_by
from fillpath.core.units import NANOSECONDS, moment, nanoseconds
from fillpath.reports.recorder import RunRecorder
from fillpath.reports.result import AccountEnd, RunFacts, RunResult, summarise

OPEN = nanoseconds(datetime(2013, 3, 1, 14, 30, tzinfo=UTC))
MARKET = MarketView(
    bid=14_999_000_000,
    ask=15_001_000_000,
    bid_size=300_000_000,
    ask_size=200_000_000,
    quote_at=OPEN - NANOSECONDS // 2,
    adv=1_000_000_000_000,
)
TICKET = Ticket(
    order_id="trend/s1",
    parent_id="trend/s1",
    symbol="IBM",
    side=OrderSide.BUY,
    quantity=100_000_000,
    order_type=OrderType.LIMIT,
    limit=15_001_000_000,
    stop=14_700_000_000,
    time_in_force=TimeInForce.DAY,
    strategy_name="trend",
    signal_id="s1",
    route="default",
    route_reason="no other row matched",
    protected=False,
    slice_number=0,
    slice_count=0,
    interval_seconds=0,
    signal_price=15_000_000_000,
    signal_at=OPEN,
    strength=50_000_000,
    kelly=32_500_000,
    sizing="POSITION_CAP",
)


def a_ticket(**fields: Any) -> Ticket:
    return replace(TICKET, **fields)


def a_closed_order(ticket: Ticket = TICKET, **fields: Any) -> OrderClosed:
    closed = OrderClosed(
        at=OPEN + 2 * NANOSECONDS,
        ticket=ticket,
        status="FILLED",
        broker_order_id="sim-1",
        filled=ticket.quantity,
        value=ticket.quantity * 15_001_000_000,
        commission=75_005_000_000_000,
        sent_at=OPEN,
    )
    return replace(closed, **fields)


def a_measurement(**fields: Any) -> QualityMeasured:
    measured = QualityMeasured(
        at=OPEN + 1_250_000_000,
        order_id="trend/s1",
        parent_id="trend/s1",
        symbol="IBM",
        side=OrderSide.BUY,
        route="default",
        strategy_name="trend",
        filled=100_000_000,
        value=100_000_000 * 15_005_000_000,
        expected=15_000_000_000,
        signal_price=15_000_000_000,
        arrival_mid=30_000_000_000,
        signal_at=OPEN,
        decided_at=OPEN + 250_000_000,
        first_fill_at=OPEN + 1_000_000_000,
    )
    return replace(measured, **fields)


def a_decision(**fields: Any) -> Decision:
    decision = Decision(
        at=OPEN,
        stage="SIGNAL",
        outcome="ORDERED",
        symbol="IBM",
        strategy_name="trend",
        signal_id="s1",
        order_id="trend/s1",
        direction="LONG",
        side="BUY",
        quantity=100_000_000,
        order_type="LIMIT",
        limit=15_001_000_000,
        stop=14_700_000_000,
        market=MARKET,
        cash=100_000 * 10**14,
        equity=100_000 * 10**14,
        sizing={"KELLY": 108_000_000, "POSITION_CAP": 100_000_000},
        bound="POSITION_CAP",
        kelly=32_500_000,
        risk="APPROVE",
        route="default",
        route_reason="no other row matched",
    )
    return replace(decision, **fields)


def a_fill(**fields: Any) -> Fill:
    fill = Fill(
        fill_id="sim-1-1",
        order_id="trend/s1",
        symbol="IBM",
        side=OrderSide.BUY,
        quantity=Decimal(100),
        price=Decimal("150.01"),
        ts=moment(OPEN + NANOSECONDS),
        commission=Decimal("0.75005"),
        simulated=True,
    )
    return replace(fill, **fields)


def an_alarm(**fields: Any) -> RaiseAlarm:
    alarm = RaiseAlarm(OPEN, "SLIPPAGE", "slippage 12.1 bps is above 10", "trend/s1")
    return replace(alarm, **fields)


def a_recorder(*items: Any) -> RunRecorder:
    recorder = RunRecorder()
    for item in items:
        if isinstance(item, Fill):
            recorder.record_fill(filled_by(nanoseconds(item.ts), item))
        else:
            recorder.record(item)
    return recorder


FACTS = RunFacts(
    title="IBM, 2013-03-01",
    seed=7,
    notes=("The intraday path is modelled.",),
    quotes=23_400,
    elapsed_s=1.5,
)
ACCOUNT = AccountEnd(
    opening_cash=Decimal(100_000),
    cash=Decimal("84998.24995"),
    equity=Decimal(100_000),
    positions=(
        Position(
            symbol="IBM",
            quantity=Decimal(100),
            average_price=Decimal("150.01"),
            market_price=Decimal("150.02"),
            stop_price=Decimal("147.01"),
        ),
    ),
)


def a_result(*items: Any, facts: RunFacts = FACTS, **fields: Any) -> RunResult:
    recorded = items or (a_decision(), a_fill(), a_measurement(), an_alarm(), a_closed_order())
    return summarise(a_recorder(*recorded), facts=facts, account=ACCOUNT, **fields)
