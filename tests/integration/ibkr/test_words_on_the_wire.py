"""Our orders over a real socket, through the vendor's own library, as a gateway reads them.

What a gateway then says of executions, corrections and commissions goes through the book.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec.structs import replace

from fillpath.core.auctions import Day
from fillpath.core.destinations import (
    Adaptive,
    ArrivalPrice,
    ClosePrice,
    DarkIce,
    Destination,
    PercentOfVolume,
    Twap,
    Vwap,
    as_metadata,
)
from fillpath.core.events import CommissionReported, FillCorrected, OrderFilled
from fillpath.core.models import Order, OrderSide, OrderType, TimeInForce
from fillpath.core.units import nanoseconds, price_decimal, quantity_decimal
from fillpath.ibkr.algos import ALGORITHMS, algorithm_refused, directed, parameters
from fillpath.ibkr.brackets import bracket
from fillpath.ibkr.codes import meaning
from fillpath.ibkr.executions import Book, Told
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import Charged, ContractFound, Executed, OrderShown, RuleShown, Said
from fillpath.ibkr.price_steps import rule_number
from fillpath.ibkr.session import Session
from fillpath.ibkr.verdicts import Duty, Stage, Verdict
from fillpath.ibkr.words import (
    OUR_TIMES,
    OUR_TYPES,
    TYPES,
    Instrument,
    changed,
    form_of,
    instrument,
)
from fillpath.testing.gateway import Gateway, GatewayOrder
from tests.integration.ibkr.test_session import ACCOUNT, SECONDS, Ear

START: Final = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
END: Final = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
NOW: Final = nanoseconds(datetime(2026, 11, 23, 14, 45, tzinfo=UTC))
DAY: Final = Day(
    nanoseconds(datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
    nanoseconds(datetime(2026, 11, 23, 21, 0, tzinfo=UTC)),
)
NAMES: Final = ("trend/sig-1#1", "rsi 14/sig-0a1b2c3d4e5f6071-17#p3", "x" * 128)


class Desk:
    """A line to a gateway, the contract that is traded over it, and a book of what was executed."""

    def __init__(self, gateway: Gateway, ear: Ear) -> None:
        self.gateway = gateway
        self.ear = ear
        self.book = Book()
        self.traded: Instrument
        self.heard = 0

    async def learn(self) -> None:
        """Ask for the contract and its market rule."""
        self.ear.line.ask_contract(1, ContractForm("AAPL"))
        await self.ear.ended("contract")
        (found,) = self.ear.all(ContractFound)
        number = rule_number(found, "SMART")
        assert number is not None
        self.ear.line.ask_rule(number)
        await self.ear.until(lambda: bool(self.ear.all(RuleShown)))
        self.traded = replace(instrument(found, self.ear.all(RuleShown)[0]), sessions=(DAY,))

    def form(self, order: Order, number: int = 1) -> OrderForm:
        return directed(form_of(order, number, self.traded, ACCOUNT), order, self.traded, NOW)

    async def place(self, order: Order, number: int = 1) -> GatewayOrder:
        """Send an order and return it as the gateway has it."""
        self.ear.line.place(self.form(order, number))
        await self.gateway.until(lambda: any(o.ref == order.order_id for o in self.gateway.orders))
        return self.gateway.order(order.order_id)

    async def told(self, count: int) -> list[Told]:
        """Return what the book tells of the executions and commissions once so many have come."""

        def all_of_them() -> list[Executed | Charged]:
            return [one for one in self.ear.news if isinstance(one, Executed | Charged)]

        await self.ear.until(lambda: len(all_of_them()) >= count)
        told: list[Told] = []
        for one in all_of_them()[self.heard :]:
            if isinstance(one, Executed):
                told += self.book.executed(one, one.order_ref, NOW)
            else:
                told += self.book.charged(one, NOW)
        self.heard = len(all_of_them())
        return told


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Gateway() as gateway:
        line = Session("127.0.0.1", gateway.port, 10)
        ear = Ear(line)
        await line.connect(SECONDS)
        gateway.quote("AAPL", "150.00", "150.02")
        found = Desk(gateway, ear)
        await found.learn()
        yield found
        line.disconnect()


def an_order(**fields: Any) -> Order:
    usual: dict[str, Any] = {
        "symbol": "AAPL",
        "side": OrderSide.BUY,
        "quantity": 100,
        "order_type": OrderType.LIMIT,
        "limit_price": "140.004",
        "stop_price": "160.006",
        "order_id": "trend/sig-1#1",
    }
    return Order(**(usual | fields))


@pytest.mark.parametrize("side", OrderSide)
@pytest.mark.parametrize("kind", OrderType)
async def test_every_type_arrives_with_its_prices_on_the_tick(
    desk: Desk, kind: OrderType, side: OrderSide
) -> None:
    asked = an_order(order_type=kind, side=side)

    placed = (await desk.place(asked)).placed

    form = desk.form(asked)
    assert (placed.action, placed.order_type) == (side.value, TYPES[kind])
    assert (placed.limit_price, placed.aux_price) == (form.limit_price, form.aux_price)
    assert (placed.quantity, placed.tif, placed.account) == (Decimal(100), "DAY", ACCOUNT)
    assert (placed.transmit, placed.outside_rth, placed.parent_id) == (True, False, 0)


@pytest.mark.parametrize("kind", [OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT])
async def test_what_the_gateway_shows_is_the_order_that_was_asked_for(
    desk: Desk, kind: OrderType
) -> None:
    asked = an_order(order_type=kind, time_in_force="GTC", oca_group="g")
    await desk.place(asked)
    await desk.ear.until(lambda: bool(desk.ear.all(OrderShown)))

    shown = desk.ear.all(OrderShown)[0]

    assert OUR_TYPES[shown.order_type] is kind
    assert OUR_TIMES[shown.tif] is TimeInForce.GTC
    assert (shown.order_ref, shown.quantity, shown.oca_group) == (asked.order_id, Decimal(100), "g")
    assert shown.con_id == desk.traded.contract.con_id


@pytest.mark.parametrize("time", TimeInForce)
async def test_every_time_in_force_arrives(desk: Desk, time: TimeInForce) -> None:
    assert (await desk.place(an_order(time_in_force=time))).placed.tif == time.value


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_comes_back_as_it_went(desk: Desk, name: str) -> None:
    await desk.place(an_order(order_id=name))
    await desk.ear.until(lambda: bool(desk.ear.all(OrderShown)))

    assert desk.ear.all(OrderShown)[0].order_ref == name


async def test_a_change_keeps_everything_but_size_and_trigger(desk: Desk) -> None:
    stop = an_order(order_type=OrderType.STOP, side=OrderSide.SELL, stop_price=140)
    before = (await desk.place(stop)).placed
    form = changed(desk.form(stop), 60, "141.003", stop, desk.traded)

    desk.ear.line.place(form)
    await desk.gateway.until(lambda: desk.gateway.orders[0].placed.quantity == 60)

    (order,) = desk.gateway.orders
    assert order.placed == replace(before, quantity=Decimal(60), aux_price=Decimal("141.01"))


async def test_a_bracket_works_once_its_last_leg_has_come(desk: Desk) -> None:
    entry = desk.form(an_order(limit_price=149), 1)
    stop = desk.form(
        an_order(order_id="s", side=OrderSide.SELL, order_type=OrderType.STOP, stop_price=140), 2
    )
    target = desk.form(an_order(order_id="t", side=OrderSide.SELL, limit_price=160), 3)
    legs = bracket(entry, [stop, target])

    for leg in legs[:2]:
        desk.ear.line.place(leg)
    await desk.gateway.until(lambda: len(desk.gateway.orders) == 2)
    held = [order.is_held for order in desk.gateway.orders]
    desk.ear.line.place(legs[2])
    await desk.gateway.until(lambda: len(desk.gateway.orders) == 3)

    assert held == [True, True]
    assert [order.is_held for order in desk.gateway.orders] == [False, False, False]


ASKED: Final[list[Destination]] = [
    Adaptive(priority="Patient"),
    Twap(start=START, end=END, past_end=True),
    Vwap(max_share="0.1", end=END, never_take=True),
    ArrivalPrice(max_share="0.25", risk="Get Done", start=START, end=END),
    PercentOfVolume(share="0.05"),
    ClosePrice(max_share="0.4", complete=True),
    DarkIce(display_size=10),
]


@pytest.mark.parametrize("algorithm", ASKED)
async def test_an_algorithm_arrives_with_its_parameters(desk: Desk, algorithm: Any) -> None:
    asked = an_order(metadata={"destination": as_metadata(algorithm)})

    placed = (await desk.place(asked)).placed

    assert placed.algo == ALGORITHMS[type(algorithm)].strategy
    assert placed.algo_params == parameters(algorithm)
    assert (placed.order_type, placed.tif) == ("LMT", "DAY")


def test_every_algorithm_is_sent_once() -> None:
    assert {type(algorithm) for algorithm in ASKED} == set(ALGORITHMS)


async def test_an_algorithm_that_the_gateway_does_not_know_is_told_as_one(desk: Desk) -> None:
    form = replace(desk.form(an_order()), algo="Inline")

    desk.ear.line.place(form)
    await desk.ear.until(lambda: any(one.about == 1 for one in desk.ear.all(Said)))

    said = next(one for one in desk.ear.all(Said) if one.about == 1)
    assert meaning(said.code).about(Stage.NEW) is Verdict.REFUSED_IF_GONE
    assert algorithm_refused(form, said.code)


@pytest.mark.fault("F-76")
async def test_a_price_that_is_refused_after_all_is_a_gap_that_a_person_is_told_of(
    desk: Desk,
) -> None:
    desk.ear.line.place(replace(desk.form(an_order()), limit_price=Decimal("140.004")))
    await desk.ear.until(lambda: any(one.about == 1 for one in desk.ear.all(Said)))

    said = next(one for one in desk.ear.all(Said) if one.about == 1)

    assert said.code == 110
    assert meaning(said.code).about(Stage.NEW) is Verdict.REFUSED_IF_GONE
    assert Duty.PAGE in meaning(said.code).duties


@pytest.mark.parametrize(
    ("name", "limit", "word", "tif"),
    [
        ("at_close", None, "MOC", "DAY"),
        ("at_close", "150.10", "LOC", "DAY"),
        ("at_open", None, "MKT", "OPG"),
        ("at_open", "150.10", "LMT", "OPG"),
    ],
)
async def test_an_order_for_an_auction_trades_in_it(
    desk: Desk, name: str, limit: str | None, word: str, tif: str
) -> None:
    kind = OrderType.MARKET if limit is None else OrderType.LIMIT
    asked = an_order(order_type=kind, limit_price=limit, metadata={"destination": name})
    at = DAY.opens_at - 3_600 * 10**9
    form = directed(form_of(asked, 1, desk.traded, ACCOUNT), asked, desk.traded, at)
    desk.ear.line.place(form)
    await desk.gateway.until(lambda: bool(desk.gateway.orders))

    desk.gateway.auction("AAPL", "150.05", opening=name == "at_open")
    (filled, *_) = await desk.told(1)

    (order,) = desk.gateway.orders
    assert (order.placed.order_type, order.placed.tif) == (word, tif)
    assert isinstance(filled, OrderFilled)
    assert price_decimal(filled.price) == Decimal("150.05")


@pytest.mark.fault("F-62")
async def test_an_execution_that_is_told_three_times_is_booked_once(desk: Desk) -> None:
    await desk.place(an_order(limit_price="150.05"))
    first = await desk.told(2)

    for request in (11, 12):
        desk.ear.line.ask_executions(request)
    await desk.ear.until(lambda: len(desk.ear.all(Executed)) == 3)
    again = await desk.told(6)

    assert [type(one) for one in first] == [OrderFilled, CommissionReported]
    assert again == []
    assert desk.book.filled("trend/sig-1#1") == 100


@pytest.mark.fault("F-63")
async def test_a_correction_replaces_what_it_corrects(desk: Desk) -> None:
    order = await desk.place(an_order(limit_price="150.05"))
    await desk.told(2)
    before = len(desk.ear.all(Executed)) + len(desk.ear.all(Charged))

    desk.gateway.correct(order.executions[0], shares=60)
    told = await desk.told(before + 1)

    (corrected,) = (one for one in told if isinstance(one, FillCorrected))
    assert quantity_decimal(corrected.quantity) == 60
    assert corrected.revision == 1
    assert desk.book.filled(order.ref) == 60


@pytest.mark.fault("F-64")
async def test_a_bust_takes_all_of_it_back(desk: Desk) -> None:
    order = await desk.place(an_order(limit_price="150.05"))
    await desk.told(2)
    before = len(desk.ear.all(Executed)) + len(desk.ear.all(Charged))

    desk.gateway.bust(order.executions[0])
    await desk.told(before + 1)

    assert desk.book.filled(order.ref) == 0
    assert desk.book.fills() == []


@pytest.mark.fault("F-75")
@pytest.mark.parametrize("amount", ["-1", "NaN", "1.7976931348623157E308", ""])
async def test_a_commission_that_is_none_leaves_the_fill(desk: Desk, amount: str) -> None:
    order = await desk.place(an_order(limit_price="150.05"))
    await desk.told(2)
    cost = desk.book.fills()[0].commission

    desk.gateway.charge(order.executions[0], amount)
    told = await desk.told(3)

    assert told == []
    assert desk.book.fills()[0].commission == cost


@pytest.mark.security("S-33")
async def test_no_number_that_cannot_be_is_ever_written(desk: Desk) -> None:
    for number, kind in enumerate(OrderType, start=1):
        asked = an_order(order_type=kind, order_id=f"o{number}", limit_price=0.1 + 0.2)
        placed = (await desk.place(asked, number)).placed
        prices = [price for price in (placed.limit_price, placed.aux_price) if price is not None]
        assert all(desk.traded.steps.holds(price) for price in prices if price)
