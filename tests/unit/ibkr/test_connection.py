"""What a connection lets through, and when."""

import asyncio

import pytest

from fillpath.core.errors import Unavailable
from fillpath.ibkr.heard import Said
from fillpath.ibkr.line import NotSent
from fillpath.ibkr.states import Because, State
from tests.unit.ibkr.scene import Scene, form, in_virtual_time, shown


def test_a_connection_verifies_and_compares_before_it_trades() -> None:
    async def scenario() -> None:
        scene = Scene()

        await scene.connection.start()

        assert scene.states == [
            State.TCP,
            State.HANDSHAKE,
            State.READY,
            State.VERIFY,
            State.RECONCILE,
            State.CLEAN,
            State.TRADING,
        ]
        assert scene.compared == [Because.CONNECTED]
        await scene.connection.place(form())
        assert scene.line.written("place") == [form()]
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_no_order_leaves_before_everything_was_compared() -> None:
    async def scenario() -> None:
        scene = Scene()

        async def compare(_: Because) -> None:
            with pytest.raises(NotSent, match="reconcile"):
                await scene.connection.place(form())
            await scene.connection.cancel(7)
            await scene.connection.open_orders()

        scene.connection.reconcile_with(compare)
        await scene.connection.start()

        assert scene.line.written("place") == []
        assert scene.line.written("cancel") == [7]
        await scene.connection.stop()

    in_virtual_time(scenario)


@pytest.mark.fault("F-49")
def test_a_comparison_without_answers_ends_in_a_new_connection_and_never_in_trading() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.line.silent = {"open_orders"}

        async def compare(_: Because) -> None:
            await scene.connection.open_orders()

        scene.connection.reconcile_with(compare)
        with pytest.raises(Unavailable, match="not connected after 300 s"):
            await scene.connection.start(300)

        assert State.TRADING not in scene.states
        assert scene.line.connections > 3
        assert "DOWN_TOO_LONG" in scene.paged()
        await scene.connection.stop()

    in_virtual_time(scenario)


@pytest.mark.fault("F-46")
def test_everything_is_still_heard_while_the_gateway_is_cut_off_and_only_cancels_leave() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        scene.line.hear(Said(-1, 1100, "Connectivity lost"), shown())

        assert scene.connection.state is State.DEGRADED
        assert scene.heard[-1] == shown()
        with pytest.raises(NotSent):
            await scene.connection.place(form())
        with pytest.raises(Unavailable):
            await scene.connection.executions()
        await scene.connection.cancel(1)
        assert scene.line.written("cancel") == [1]
        await scene.connection.stop()

    in_virtual_time(scenario)


@pytest.mark.fault("F-48")
@pytest.mark.parametrize(
    ("code", "because"), [(1101, Because.DATA_LOST), (1102, Because.DATA_KEPT)]
)
def test_a_gateway_that_is_back_is_compared_again_before_an_order_leaves(
    code: int, because: Because
) -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()
        scene.line.hear(Said(-1, 1100, "lost"))

        scene.line.hear(Said(-1, code, "restored"))

        assert scene.connection.state is State.RECONCILE
        await scene.reached(State.TRADING)
        assert scene.compared == [Because.CONNECTED, because]
        await scene.connection.stop()

    in_virtual_time(scenario)


def test_what_waits_for_its_turn_never_survives_a_drop() -> None:
    async def scenario() -> None:
        scene = Scene()
        await scene.connection.start()

        async with asyncio.TaskGroup() as group:
            places = [group.create_task(told(scene, number)) for number in range(1, 201)]
            await asyncio.sleep(0.1)
            scene.line.drop()

        outcomes = [place.result() for place in places]
        sent = len(scene.line.written("place"))
        assert outcomes.count("sent") == sent == 5
        assert outcomes.count("not sent") == 195
        await scene.reached(State.TRADING)
        await asyncio.sleep(10)
        assert len(scene.line.written("place")) == 5
        await scene.connection.stop()

    in_virtual_time(scenario)


async def told(scene: Scene, number: int) -> str:
    """Place an order, and return what became of it."""
    try:
        await scene.connection.place(form(number))
    except NotSent:
        return "not sent"
    return "sent"
