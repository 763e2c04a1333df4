"""A connection that is stopped, killed, choked or refused leaves nothing half done."""

import asyncio

import pytest

from fillpath.core.errors import Unavailable
from fillpath.ibkr.heard import Heard, Said
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.states import Because, State
from tests.unit.ibkr.scene import AAPL, Scene, form, in_virtual_time


def test_a_comparison_that_takes_too_long_is_given_up() -> None:
    async def scenario() -> None:
        scene = Scene()

        async def compare(_: Because) -> None:
            await asyncio.sleep(3600)

        scene.connection.reconcile_with(compare)
        with pytest.raises(Unavailable):
            await scene.connection.start(61)

        assert "longer than 60 s" in scene.connection.reason
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_comparison_that_fails_for_a_reason_of_ours_stops_for_good_and_says_so() -> None:
    async def scenario() -> None:
        scene = Scene()

        async def compare(_: Because) -> None:
            raise KeyError("a bug")

        scene.connection.reconcile_with(compare)
        with pytest.raises(Unavailable, match="a part of the engine failed"):
            await scene.connection.start()

        assert scene.connection.state is State.REFUSED
        assert scene.paged() == ["CONNECTION_BROKEN"]
        assert not scene.line.connected
        with pytest.raises(ExceptionGroup) as failure:
            await scene.connection.stop()
        assert failure.group_contains(KeyError)

    in_virtual_time(scenario)


def test_a_connection_that_keeps_no_state_needs_no_hook() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.connection.reconcile_with(plain)

        await scene.connection.start()
        await scene.connection.start()

        assert scene.line.connections == 1
        await scene.connection.stop()
        await scene.connection.stop()
        await scene.connection.start()
        assert scene.line.connections == 2
        await scene.connection.stop()

    async def plain(_: Because) -> None:
        return

    in_virtual_time(scenario)


def test_stopping_in_the_middle_of_connecting_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.line.silent = {"connect"}
        with pytest.raises(Unavailable):
            await scene.connection.start(1)

        await scene.connection.stop()
        await asyncio.sleep(3600)

        assert scene.line.connections == 1
        assert scene.connection.state is State.DISCONNECTED

    in_virtual_time(scenario)


def test_a_kill_takes_back_what_waits_and_its_cancels_go_first() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        async with asyncio.TaskGroup() as group:
            places = [group.create_task(placed(scene, number)) for number in range(1, 101)]
            await asyncio.sleep(0.25)
            dropped = scene.connection.drop_orders()
            await scene.connection.cancel_everything()
            at = scene.line.wrote[-1]

        assert dropped == 90
        assert at.what == "cancel_everything"
        assert [place.result() for place in places].count(True) == 10
        assert len(scene.line.written("place")) == 10
        await scene.connection.stop()

    in_virtual_time(scenario)


async def placed(scene: Scene, number: int) -> bool:
    """Place an order, and return whether it was written."""
    try:
        await scene.connection.place(form(number))
    except NotSent:
        return False
    return True


def test_nobody_who_has_given_up_waiting_has_something_written_for_him() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        loop = asyncio.get_running_loop()
        places = [loop.create_task(placed(scene, number)) for number in range(1, 11)]
        await asyncio.sleep(0.1)
        for place in places[5:]:
            place.cancel()
        await asyncio.sleep(5)

        assert len(scene.line.written("place")) == 5
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_line_that_takes_nothing_more_is_told_and_found_dead() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.choked = True

        with pytest.raises(NotSent):
            await scene.connection.place(form(1))
        with pytest.raises(NotSent):
            await scene.connection.cancel(1)
        with pytest.raises(Unavailable):
            await scene.connection.positions()
        await scene.reached(State.DISCONNECTED)

        assert scene.connection.reason == "the gateway no longer answers"
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_bracket_that_breaks_between_its_legs_is_unknown() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        def choke(_: object) -> tuple[Heard, ...]:
            scene.line.choked = True
            return ()

        scene.line.on_place = choke
        with pytest.raises(Unavailable, match="only 1 of 3 were written"):
            await scene.connection.place(form(1), form(2), form(3))

        assert len(scene.line.written("place")) == 1
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_nothing_is_sent_before_the_start() -> None:
    async def scenario() -> None:
        scene = Scene()

        for sending in (
            scene.connection.place(form(1)),
            scene.connection.cancel(1),
            scene.connection.cancel_everything(),
            scene.connection.stream(AAPL),
        ):
            with pytest.raises(NotSent, match="not started"):
                await sending
        with pytest.raises(Unavailable, match="not started"):
            await scene.connection.rule(26)

        assert scene.line.wrote == []
        assert not scene.connection.may_order()
        assert not scene.connection.may_cancel()
        assert scene.connection.account == ""

    in_virtual_time(scenario)


def test_a_refusal_at_the_door_is_the_reason_of_the_start() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.line.at_the_door = [Said(-1, 326, "in use")]

        with pytest.raises(Unavailable, match="client id 10 is in use"):
            await scene.connection.start()

        assert scene.paged() == ["CLIENT_ID_IN_USE"]
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_a_gateway_that_nobody_runs_is_tried_again_until_the_stop() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.line.failing = "connection refused"

        with pytest.raises(Unavailable, match="connection refused"):
            await scene.connection.start(30)
        scene.line.failing = ""
        await scene.reached(State.TRADING)

        assert scene.line.connections == 6
        await scene.connection.stop()

    in_virtual_time(scenario)
