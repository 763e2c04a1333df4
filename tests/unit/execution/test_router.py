"""The router asks the feed and the clock, and holds when it must not trade."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError, QuoteUnavailable, Unavailable
from fillpath.core.models import Order, OrderSide, OrderType, Quote
from fillpath.execution.policy import RouterPolicy
from fillpath.execution.router import SmartOrderRouter
from fillpath.runtime.clock import ManualClock, SystemClock

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
FRESH = {"bid_price": "150.00", "ask_price": "150.02", "ts": NOON}


def a_quote(**fields: Any) -> Quote:
    return Quote(**{"symbol": "AAPL", **FRESH, **fields})


def an_order(**fields: Any) -> Order:
    given = {"symbol": "AAPL", "side": OrderSide.BUY, "quantity": 500, "order_id": "p", **fields}
    return Order(**given)


class OneQuote:
    """A feed with one answer for every symbol."""

    def __init__(self, quote: Quote | None, adv: Decimal | None = Decimal(100_000)) -> None:
        self._quote = quote
        self._adv = adv

    async def get_quote(self, symbol: str) -> Quote | None:
        assert symbol == "AAPL"
        return self._quote

    async def get_adv(self, symbol: str) -> Decimal | None:
        assert symbol == "AAPL"
        return self._adv

    def last_quote(self, symbol: str) -> Quote | None:
        assert symbol == "AAPL"
        return self._quote


class Broken(OneQuote):
    """A feed whose source cannot be reached."""

    async def get_quote(self, symbol: str) -> Quote | None:
        raise Unavailable(f"{symbol}: no connection")


class WithoutVolumes(OneQuote):
    """A feed that has quotes only."""

    async def get_adv(self, symbol: str) -> Decimal | None:
        raise Unavailable(f"{symbol}: no history")


def a_router(
    feed: OneQuote, settings: RouterPolicy | None = None, now: datetime = NOON
) -> SmartOrderRouter:
    return SmartOrderRouter(feed, settings, ManualClock(now))


async def test_an_order_comes_back_as_one_order_with_its_own_name() -> None:
    (sent,) = await a_router(OneQuote(a_quote())).route(an_order())

    assert (sent.order_id, sent.order_type) == ("p", OrderType.LIMIT)
    assert sent.limit_price == Decimal("150.02")
    assert sent.metadata["route"] == "default"


async def test_a_large_order_comes_back_as_slices() -> None:
    sent = await a_router(OneQuote(a_quote())).route(an_order(quantity=1_001))

    assert [piece.quantity for piece in sent] == [201, 200, 200, 200, 200]


async def test_the_settings_are_obeyed() -> None:
    settings = RouterPolicy(twap_num_slices=2, twap_interval_seconds=5)

    sent = await a_router(OneQuote(a_quote()), settings).route(an_order(quantity=2_000))

    assert [piece.metadata["twap_interval_seconds"] for piece in sent] == [5, 5]


async def test_the_running_volume_of_the_quote_is_never_an_adv() -> None:
    early = a_quote(volume=100)

    (sent,) = await a_router(OneQuote(early, None)).route(an_order(quantity=1_001))

    assert sent.metadata["flags"] == ("ADV_MISSING",)


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        pytest.param(None, "NO_QUOTE", id="missing"),
        pytest.param(a_quote(bid_price=None), "ONE_SIDED_QUOTE", id="one-sided"),
        pytest.param(a_quote(bid_price="150.03"), "CROSSED_QUOTE", id="crossed"),
        pytest.param(a_quote(ts=None), "STALE_QUOTE", id="unknown age"),
        pytest.param(
            a_quote(ts=NOON - timedelta(seconds=5, microseconds=1)), "STALE_QUOTE", id="too old"
        ),
        pytest.param(a_quote(ts=NOON + timedelta(seconds=1)), "FUTURE_QUOTE", id="ahead"),
    ],
)
async def test_a_quote_that_cannot_be_trusted_holds_even_an_urgent_order(
    quote: Quote | None, code: str
) -> None:
    urgent = an_order(metadata={"signal_strength": 1})

    with pytest.raises(QuoteUnavailable, match="AAPL") as held:
        await a_router(OneQuote(quote)).route(urgent)

    assert held.value.code == code


async def test_a_feed_that_cannot_be_reached_is_a_hold() -> None:
    with pytest.raises(QuoteUnavailable) as held:
        await a_router(Broken(None)).route(an_order())

    assert held.value.reason == "NO_QUOTE"


async def test_volumes_that_cannot_be_reached_are_a_flag() -> None:
    (sent,) = await a_router(WithoutVolumes(a_quote())).route(an_order())

    assert sent.metadata["flags"] == ("ADV_MISSING",)


async def test_an_order_with_its_own_hard_limit_rests_there_without_a_quote() -> None:
    given = an_order(order_type=OrderType.LIMIT, limit_price=149)

    (sent,) = await a_router(OneQuote(None)).route(given)

    assert sent.limit_price == 149
    assert sent.metadata["flags"] == ("NO_QUOTE",)


async def test_a_protective_order_passes_unchanged() -> None:
    given = an_order(order_type=OrderType.STOP, stop_price=140)

    assert await a_router(Broken(None)).route(given) == [given]


async def test_without_a_clock_the_system_says_how_old_a_quote_is() -> None:
    fresh = SmartOrderRouter(OneQuote(a_quote(ts=SystemClock().now())))
    old = SmartOrderRouter(OneQuote(a_quote()))

    assert len(await fresh.route(an_order())) == 1
    with pytest.raises(QuoteUnavailable, match="STALE_QUOTE"):
        await old.route(an_order())


def test_slices_can_be_made_without_a_quote() -> None:
    router = a_router(OneQuote(None))

    slices = router._create_twap_slices(an_order(quantity=10), num_slices=3)  # noqa: SLF001  # the specification's name

    assert [piece.quantity for piece in slices] == [4, 3, 3]


def test_five_slices_are_made_unless_said_otherwise() -> None:
    router = a_router(OneQuote(None))

    slices = router._create_twap_slices(an_order(quantity=10))  # noqa: SLF001  # the specification's name

    assert len(slices) == 5


def test_an_impossible_number_of_slices_is_refused() -> None:
    with pytest.raises(ModelError, match="num_slices"):
        a_router(OneQuote(None))._create_twap_slices(an_order(), num_slices=0)  # noqa: SLF001  # the specification's name
