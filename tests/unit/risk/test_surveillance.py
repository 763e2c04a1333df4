"""Patterns that somebody should look at the next morning, and those that are none (control P-08)."""

from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.commands import Intent, PlaceOrder
from fillpath.core.events import Event, OrderCancelled, OrderFilled, SessionOpened
from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS
from fillpath.risk.surveillance import Flag, watched
from fillpath.testing.builders import START_NS
from tests.unit.execution.desk.scene import Scene, price, shares

BUY, SELL = OrderSide.BUY, OrderSide.SELL
CLOSE = START_NS + 1_000 * NANOSECONDS
TICKET = Scene().signal(quantity=100).placed[0]


def at(second: float) -> int:
    return START_NS + round(second * NANOSECONDS)


def fill(second: float, side: OrderSide, paid: str = "100", **changes: Any) -> OrderFilled:
    given: dict[str, Any] = {
        "order_id": f"{side}-{second}",
        "fill_id": f"x{second}",
        "symbol": "AAPL",
        "quantity": shares(changes.pop("size", 100)),
        "price": price(paid),
        "traded_at": at(second),
    }
    return OrderFilled(at=at(second), side=side, **(given | changes))


def placed(name: str, side: OrderSide = BUY, symbol: str = "AAPL") -> PlaceOrder:

    return PlaceOrder(at(0), replace(TICKET, order_id=name, side=side, symbol=symbol))


def withdrawn(second: float, name: str) -> OrderCancelled:
    return OrderCancelled(at(second), name, "asked", None)


def patterns(*records: Event | Intent, **bounds: int) -> list[str]:
    return [flag.pattern for flag in watched(records, **bounds)]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(0, 60, ["wash"]), (1, 60, []), (0, 59, [])],
    ids=["both within", "one before", "one after"],
)
def test_only_what_happened_within_the_bounds_is_looked_at(
    first: int, last: int, found: list[str]
) -> None:
    pair = (fill(0, BUY), fill(60, SELL))

    assert patterns(*pair, first=at(first), last=at(last)) == found


class TestWash:
    @pytest.mark.control("P-08", "refuses")
    @pytest.mark.control("P-08", "passes")
    @pytest.mark.parametrize(
        ("second", "side", "paid", "found"),
        [
            pytest.param(60, SELL, "100.05", ["wash"], id="at both bounds"),
            pytest.param(60, SELL, "99.95", ["wash"], id="at both bounds below"),
            pytest.param(60.1, SELL, "100", [], id="later"),
            pytest.param(60, SELL, "100.06", [], id="at another price"),
            pytest.param(1, BUY, "100", [], id="the same way"),
        ],
    )
    def test_the_same_shares_both_ways_at_one_price(
        self, second: float, side: OrderSide, paid: str, found: list[str]
    ) -> None:
        assert patterns(fill(0, BUY), fill(second, side, paid)) == found

    @pytest.mark.control("P-08", "refuses")
    def test_it_says_what_and_which_orders(self) -> None:
        (flag,) = watched([fill(0, BUY), fill(30, SELL, "100.01", size=40)])

        assert flag == Flag(
            pattern="wash",
            symbol="AAPL",
            at=at(30),
            text="40 AAPL were traded both ways within 30.0 s, at 100 and 100.01",
            orders=("BUY-0", "SELL-30"),
        )
        assert flag.code == "SURVEILLANCE"

    @pytest.mark.control("P-08", "passes")
    def test_another_symbol_is_another_matter(self) -> None:
        assert patterns(fill(0, BUY), fill(1, SELL, symbol="MSFT")) == []

    def test_each_way_back_is_told_once(self) -> None:
        assert patterns(fill(0, BUY), fill(1, BUY), fill(2, SELL)) == ["wash"]


class TestLayering:
    LAYERS = (placed("a"), placed("b"), placed("c"))

    @pytest.mark.control("P-08", "refuses")
    @pytest.mark.control("P-08", "passes")
    @pytest.mark.parametrize(
        ("moments", "found"),
        [
            pytest.param((0, 60, 120), ["layering"], id="three around it"),
            pytest.param((0, 60), [], id="two"),
            pytest.param((0, 60, 120.1), [], id="one too late"),
        ],
    )
    def test_orders_that_are_withdrawn_while_the_other_side_trades(
        self, moments: tuple[float, ...], found: list[str]
    ) -> None:
        ends = [withdrawn(second, name) for second, name in zip(moments, "abc", strict=False)]

        assert patterns(*self.LAYERS, fill(60, SELL), *ends) == found

    @pytest.mark.control("P-08", "refuses")
    def test_it_says_how_many_and_of_what(self) -> None:
        ends = [withdrawn(1, name) for name in "abc"]

        (flag,) = watched([*self.LAYERS, fill(2, SELL), *ends])

        assert flag.text == (
            "3 orders to BUY AAPL were withdrawn unfilled within 60 s of a SELL of 100"
        )
        assert flag.orders == ("SELL-2", "a", "b", "c")
        assert flag.at == at(2)

    @pytest.mark.control("P-08", "passes")
    @pytest.mark.parametrize(
        "layers",
        [
            pytest.param(
                [placed(name, SELL) for name in "abc"], id="on the side that trades itself"
            ),
            pytest.param([placed(name, symbol="MSFT") for name in "abc"], id="in another symbol"),
            pytest.param([], id="of others"),
            pytest.param(
                [*LAYERS, fill(0, BUY, "50", order_id="a", fill_id="a1")], id="one traded"
            ),
        ],
    )
    def test_other_withdrawals_are_none(self, layers: list[Event | Intent]) -> None:
        ends = [withdrawn(1, name) for name in "abc"]

        assert patterns(*layers, fill(2, SELL), *ends) == []

    def test_the_same_withdrawals_are_told_once(self) -> None:
        ends = [withdrawn(1, name) for name in "abc"]

        assert patterns(*self.LAYERS, fill(2, SELL), fill(3, SELL), *ends) == ["layering"]


class TestClosing:
    OPEN = SessionOpened(START_NS, CLOSE)

    @pytest.mark.control("P-08", "refuses")
    @pytest.mark.control("P-08", "passes")
    @pytest.mark.parametrize(
        ("before", "ends", "found"),
        [
            pytest.param(200, ("100", "100.20"), ["closing"], id="half of it, 20 bps away"),
            pytest.param(202, ("100", "100.20"), [], id="less than half"),
            pytest.param(200, ("100", "100.19"), [], id="not so far"),
            pytest.param(200, ("100", "99.80"), [], id="against itself"),
        ],
    )
    def test_trading_that_ends_the_day_at_a_price_it_has_made(
        self, before: int, ends: tuple[str, str], found: list[str]
    ) -> None:
        late = [fill(700, BUY, ends[0]), fill(1_000, BUY, ends[1])]

        assert patterns(self.OPEN, fill(1, BUY, "50", size=before), *late) == found

    @pytest.mark.control("P-08", "refuses")
    def test_a_sale_does_it_downwards(self) -> None:
        late = [fill(700, SELL, "100"), fill(999, SELL, "99.5", order_id="SELL-700")]

        (flag,) = watched([self.OPEN, *late])

        assert flag.text == (
            "200 of 200 AAPL were traded as SELL in the last 300 s, from 100 to 99.5"
        )
        assert flag.orders == ("SELL-700",)

    @pytest.mark.control("P-08", "passes")
    @pytest.mark.parametrize(
        "late",
        [
            pytest.param([fill(699, BUY, "100"), fill(699.5, BUY, "101")], id="before"),
            pytest.param([fill(700, BUY, "100"), fill(990, SELL, "101")], id="both ways"),
            pytest.param([fill(700, BUY, "100"), fill(1_001, BUY, "101")], id="after"),
        ],
    )
    def test_other_ends_of_a_day_are_none(self, late: list[Event]) -> None:
        assert patterns(self.OPEN, *late) == []

    def test_a_session_of_unknown_end_has_no_last_minutes(self) -> None:
        assert patterns(fill(700, BUY, "100"), fill(1_000, BUY, "101")) == []


def test_only_what_is_asked_for_is_looked_at() -> None:
    day = (fill(0, BUY), fill(1, SELL))
    layers = [placed(name) for name in "abc"]
    ends = [withdrawn(1, name) for name in "abc"]

    assert patterns(*day, first=at(1)) == []
    assert patterns(*day, last=at(0)) == []
    assert patterns(*layers, fill(2, SELL), *ends, first=at(2)) == []


def test_patterns_come_in_the_order_of_their_moments() -> None:
    late = [fill(10, BUY, symbol="MSFT"), fill(11, SELL, symbol="MSFT")]

    flags = watched([*late, fill(0, BUY), fill(1, SELL)])

    assert [flag.symbol for flag in flags] == ["AAPL", "MSFT"]
