"""Market data and bars of the gateway, as the vendor's own library receives them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import ib_async
import pytest

from fillpath.runtime.clock import ManualClock
from fillpath.testing.gateway import DataKind, Gateway, GatewayBar
from tests.integration.ibkr.library import Errors, library, settled, share

OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(clock=ManualClock(OPEN)) as running:
        yield running


@pytest.fixture
async def ib(gateway: Gateway) -> AsyncIterator[ib_async.IB]:
    async with library(gateway) as client:
        yield client


async def test_quotes_are_streamed_as_they_change(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote(
        "AAPL", "150.00", "150.02", bid_size=300, ask_size=200, last="150.01", volume=1200
    )
    ticker = ib.reqMktData(share(), "165,236")
    await settled(ib, lambda: ticker.ask == 150.02)

    gateway.quote(
        "AAPL",
        "150.01",
        "150.03",
        bid_size=400,
        shortable="3",
        shortable_shares=5000,
        average_volume=1_000_000,
    )
    await settled(ib, lambda: ticker.avVolume == 10_000)

    assert (ticker.bid, ticker.ask, ticker.bidSize, ticker.last) == (150.01, 150.03, 400, 150.01)
    assert (ticker.volume, ticker.shortableShares) == (12, 5000)
    assert (ticker.marketDataType, ticker.halted) == (1, 0)


async def test_nobody_on_a_side_is_told_as_no_price(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", None)
    ticker = ib.reqMktData(share())
    await settled(ib, lambda: ticker.bid == 150)

    assert ticker.ask == -1


async def test_a_halt_is_told(gateway: Gateway, ib: ib_async.IB) -> None:
    ticker = ib.reqMktData(share())
    await settled(ib, lambda: ticker.halted == 0)
    gateway.halt("AAPL", 2)

    await settled(ib, lambda: ticker.halted == 2)


async def test_delayed_data_comes_under_other_numbers(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    gateway.data.allowed["AAPL"] = DataKind.DELAYED
    gateway.quote("AAPL", "150.00", "150.02", last="150.01", close="149")
    ib.reqMarketDataType(3)
    ticker = ib.reqMktData(share())
    await settled(ib, lambda: ticker.close == 149)

    assert (ticker.marketDataType, ticker.bid, ticker.last) == (3, 150, 150.01)
    assert 10167 in errors.codes
    assert {
        each.message.fields[3] for each in gateway.log.sent if each.message.kind == "tickPrice"
    } == {
        "66",
        "67",
        "68",
        "75",
    }


REFUSALS = [
    pytest.param(DataKind.DELAYED, 1, 10089, id="only delayed, asked for live"),
    pytest.param(DataKind.NONE, 1, 354, id="nothing, asked for live"),
    pytest.param(DataKind.NONE, 3, 10168, id="nothing, asked for delayed"),
]


@pytest.mark.parametrize(("allowed", "wanted", "code"), REFUSALS)
async def test_data_without_permission_is_refused(
    gateway: Gateway, ib: ib_async.IB, allowed: DataKind, wanted: int, code: int
) -> None:
    errors = Errors(ib)
    gateway.data.allowed["AAPL"] = allowed
    ib.reqMarketDataType(wanted)
    ib.reqMktData(share())
    await settled(ib, lambda: code in errors.codes)

    assert gateway.data.subscriptions == []


async def test_frozen_data_says_so(gateway: Gateway, ib: ib_async.IB) -> None:
    ticker = ib.reqMktData(share())
    await settled(ib, lambda: ticker.marketDataType == 1)
    gateway.data.freeze(frozen=True)

    await settled(ib, lambda: ticker.marketDataType == 2)


async def test_a_competing_session_takes_the_data(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)
    ticker = ib.reqMktData(share())
    await settled(ib, lambda: ticker.marketDataType == 1)
    gateway.data.compete()
    ib.reqMktData(share("MSFT"))

    await settled(ib, lambda: errors.codes.count(10197) == 2)


async def test_a_snapshot_ends_by_itself(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.quote("AAPL", "150.00", "150.02")
    [ticker] = await ib.reqTickersAsync(share())

    assert ticker.bid == 150
    assert gateway.data.subscriptions == []


async def test_what_is_not_wanted_any_more_is_not_sent(gateway: Gateway, ib: ib_async.IB) -> None:
    ib.reqMktData(share())
    await gateway.received("reqMktData")
    ib.cancelMktData(share())
    await gateway.received("cancelMktData")

    assert gateway.data.subscriptions == []


def daily(count: int) -> list[GatewayBar]:
    price = Decimal(100)
    return [
        GatewayBar(
            at=OPEN - timedelta(days=count - day),
            open=price,
            high=price + 1,
            low=price - 1,
            close=price,
            volume=Decimal(1_000_000 + day),
        )
        for day in range(count)
    ]


async def test_daily_bars_come_oldest_first(gateway: Gateway, ib: ib_async.IB) -> None:
    gateway.history.set("AAPL", "1 day", daily(30))

    bars = await ib.reqHistoricalDataAsync(share(), "", "20 D", "1 day", "TRADES", useRTH=True)

    assert len(bars or []) == 20
    assert [bar.volume for bar in bars or []][-1] == 1_000_029


async def test_minute_bars_are_those_of_the_time_asked_for(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    minutes = [
        GatewayBar(at=OPEN + timedelta(minutes=at), open=1, high=1, low=1, close=1, volume=at)  # type: ignore[arg-type]  # whole numbers are exact too
        for at in range(10)
    ]
    gateway.history.set("AAPL", "1 min", minutes)

    bars = await ib.reqHistoricalDataAsync(
        share(), OPEN + timedelta(minutes=5), "120 S", "1 min", "TRADES", useRTH=True
    )

    assert [bar.volume for bar in bars or []] == [3, 4, 5]


async def test_the_same_bars_twice_in_a_row_are_a_violation(
    gateway: Gateway, ib: ib_async.IB
) -> None:
    errors = Errors(ib)
    gateway.history.set("AAPL", "1 day", daily(3))
    await ib.reqHistoricalDataAsync(share(), "", "2 D", "1 day", "TRADES", useRTH=True)

    again = await ib.reqHistoricalDataAsync(share(), "", "2 D", "1 day", "TRADES", useRTH=True)

    assert not again
    assert errors.codes == [162]


async def test_bars_that_do_not_exist_are_an_error(gateway: Gateway, ib: ib_async.IB) -> None:
    errors = Errors(ib)

    await ib.reqHistoricalDataAsync(share(), "", "2 D", "1 day", "TRADES", useRTH=True)

    assert errors.codes == [162]
    assert gateway.log.count("reqHistoricalData") == 1
