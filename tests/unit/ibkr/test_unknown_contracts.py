"""A contract that the gateway does not know stops its symbol until a person has looked."""

import asyncio
from decimal import Decimal

import pytest

from fillpath.core.errors import BrokerRefused
from fillpath.core.events import AmendFailed, OrderRefused, SymbolQuarantined
from fillpath.core.models import OrderStatus
from fillpath.ibkr.judging import unknown_contract
from tests.unit.execution.broker.test_ibkr_broker import Room, an_order
from tests.unit.ibkr.scene import in_virtual_time
from tests.unit.ibkr.tracked_scene import REF, Scene, code, shown, working

NONE = "No security definition has been found for the request"


def stops(events: list[object]) -> list[SymbolQuarantined]:
    return [event for event in events if isinstance(event, SymbolQuarantined)]


def test_an_order_without_a_contract_is_refused_and_its_symbol_stopped_first() -> None:
    scene = Scene()
    scene.place()

    scene.hear(code(200, NONE))

    stopped, refused = scene.events
    assert isinstance(stopped, SymbolQuarantined)
    assert isinstance(refused, OrderRefused)
    assert (stopped.symbol, stopped.order_id, refused.code) == ("AAPL", REF, "IBKR_200")
    assert stopped.reason.startswith(f"UNKNOWN_CONTRACT: 200 {NONE}; ")
    assert stopped.reason.endswith("then `fillpath release AAPL`")


def test_a_change_that_is_refused_for_its_contract_stops_the_symbol_and_the_order_works_on() -> (
    None
):
    scene = working()
    scene.tracker.changing(scene.tracked(), Decimal(5), None, scene.now)

    scene.hear(code(200, NONE))

    assert [type(event) for event in scene.events[-2:]] == [SymbolQuarantined, AmendFailed]
    assert scene.order().status is OrderStatus.SUBMITTED


def test_the_order_of_another_program_stops_nothing_for_its_contract() -> None:
    scene = Scene()
    scene.hear(shown(client_id=3, order_ref="theirs", order_id=11))

    scene.hear(code(200, NONE))

    assert stops(list(scene.events)) == []


@pytest.mark.parametrize("number", [110, 201, 203, 321])
def test_other_refusals_stop_no_symbol(number: int) -> None:
    scene = Scene()
    scene.place()

    scene.hear(code(number))

    assert stops(list(scene.events)) == []


@pytest.mark.parametrize("number", ["200", "NO_CONTRACT", "AMBIGUOUS_CONTRACT", "OTHER_CONTRACT"])
def test_every_way_not_to_know_a_contract_stops_its_symbol(number: str) -> None:
    (stopped,) = unknown_contract(an_order(), number, "which one?", 1)

    assert isinstance(stopped, SymbolQuarantined)
    assert unknown_contract(an_order(), "INVALID_QUANTITY", "no share", 1) == []


def test_a_symbol_that_cannot_be_looked_up_is_stopped_and_looked_up_again_once_released() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        known, room.line.contracts = room.line.contracts, []

        refused = await room.broker.submit_order(an_order())
        with pytest.raises(BrokerRefused):
            await room.broker.what_if(an_order(order_id="alpha/sig-2"))
        room.line.contracts = known
        taken = await room.broker.submit_order(an_order(order_id="alpha/sig-3"))

        assert (refused.status, taken.status) == (OrderStatus.REJECTED, OrderStatus.SUBMITTED)
        assert [stop.symbol for stop in stops(list(room.events))] == ["AAPL", "AAPL"]
        await room.broker.stop()

    in_virtual_time(scenario)


def test_a_contract_that_an_order_was_refused_for_is_asked_for_again() -> None:
    async def scenario() -> None:
        room = Room()
        await room.broker.start()
        await room.broker.submit_order(an_order())
        room.line.on_place = lambda form: [code(200, NONE, form.order_id)]
        await room.broker.submit_order(an_order(order_id="alpha/sig-2"))
        room.line.on_place = room.accept
        await room.broker.submit_order(an_order(order_id="alpha/sig-3"))
        await asyncio.sleep(0)

        assert len(room.line.written("ask_contract")) == 2
        assert len(stops(list(room.events))) == 1
        await room.broker.stop()

    in_virtual_time(scenario)
