"""Where it is switched on, an entry leaves only when the broker's own margin fits (control C-53)."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.capabilities import MarginAnswer
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.events import KillSwitchSet, OrderRefused
from fillpath.core.models import Order, Refusal
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.recovery import recover
from fillpath.execution.sending import MARGIN_SECONDS
from fillpath.risk.limits import RiskLimits
from fillpath.testing.builders import START_NS, a_signal
from tests.unit.execution.engine_room import Room, TicketTaker, WatchfulBroker
from tests.unit.service.account_room import in_virtual_time

ASKING = DeskPolicy(risk=RiskLimits(what_if_margin=True))
BUY = {"metadata": {"quantity": 100}}


class Lender(WatchfulBroker):
    """Says what an order would do to the margin."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.asked: list[str] = []
        self.answer = MarginAnswer(change=Decimal(1), excess=Decimal(1))
        self.problem: Exception | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.hangs = False

    async def what_if(self, order: Order) -> MarginAnswer:
        self.asked.append(order.order_id)
        if self.hangs:
            await asyncio.Event().wait()
        if self.problem is not None:
            raise self.problem
        self.meanwhile()
        return self.answer


class Scene:
    """An engine whose broker may be asked, and one signal."""

    def __init__(self, policy: DeskPolicy = ASKING) -> None:
        self.room = Room(policy=policy, broker=Lender)
        broker = self.room.broker
        assert isinstance(broker, Lender)
        self.broker = broker

    async def buys(self) -> "Scene":
        await self.room.opened()
        await self.room.tell(a_signal(**BUY))
        return self

    @property
    def refused(self) -> list[str]:
        return codes(self.room)


def codes(room: Room) -> list[str]:
    return [record.code for record in room.written if isinstance(record, OrderRefused)]


def reasons(room: Room) -> list[str]:
    return [record.reason for record in room.written if isinstance(record, OrderRefused)]


@pytest.mark.control("C-53", "passes")
@pytest.mark.control("C-53", "refuses")
@pytest.mark.parametrize(
    ("change", "excess", "code"),
    [
        pytest.param("7499", "7500", "", id="less than there is"),
        pytest.param("7500", "7500", "", id="all that there is"),
        pytest.param("7500.01", "7500", "WHAT_IF_MARGIN", id="a cent more"),
        pytest.param("-1", "0", "", id="margin is freed"),
        pytest.param(None, "7500", "CTRL_53_INPUT", id="no change told"),
        pytest.param("1", None, "CTRL_53_INPUT", id="no excess told"),
    ],
)
async def test_an_entry_leaves_when_its_margin_is_there(
    change: str | None, excess: str | None, code: str
) -> None:
    scene = Scene()
    scene.broker.answer = MarginAnswer(
        change=None if change is None else Decimal(change),
        excess=None if excess is None else Decimal(excess),
    )
    await scene.buys()

    assert scene.broker.asked == ["trend/sig-1"]
    assert scene.refused == ([code] if code else [])
    assert len(scene.broker.orders) == (0 if code else 1)
    assert bool(scene.room.desk.state.orders) is not bool(code)


@pytest.mark.control("C-53", "refuses")
@pytest.mark.parametrize("problem", [Unavailable("away"), BrokerRefused("201", "no")])
async def test_without_an_answer_no_entry_leaves_and_the_reason_is_told(problem: Exception) -> None:
    scene = Scene()
    scene.broker.problem = problem
    await scene.buys()

    assert (scene.refused, scene.broker.orders) == (["CTRL_53_INPUT"], [])
    assert reasons(scene.room)[0].endswith(f"of a what-if: {problem}")


@pytest.mark.control("C-53", "refuses")
async def test_an_answer_too_fine_for_money_is_none() -> None:
    scene = Scene()
    scene.broker.answer = MarginAnswer(change=Decimal("1e-15"), excess=Decimal(1))
    await scene.buys()

    assert (scene.refused, scene.broker.orders) == (["CTRL_53_INPUT"], [])


@pytest.mark.parametrize("excess", ["0", "7500"])
async def test_what_came_of_a_question_is_replayed_without_a_broker(excess: str) -> None:
    scene = Scene()
    scene.broker.answer = MarginAnswer(change=Decimal(7500), excess=Decimal(excess))
    await scene.buys()

    desk = Desk(ASKING)
    recover(scene.room.journal.records(), desk, lambda _command: None)

    assert desk.fingerprint() == scene.room.desk.fingerprint()
    assert bool(desk.state.orders) == (excess == "7500")


@pytest.mark.control("C-53", "refuses")
def test_an_answer_that_takes_too_long_is_none() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.broker.hangs = True
        await scene.buys()
        assert (scene.refused, scene.broker.orders) == (["CTRL_53_INPUT"], [])
        assert reasons(scene.room)[0].endswith("the broker did not answer in 3 s")

    assert in_virtual_time(scenario) == MARGIN_SECONDS


@pytest.mark.control("C-53", "refuses")
@pytest.mark.parametrize("broker", [WatchfulBroker, TicketTaker])
async def test_a_broker_that_cannot_be_asked_gets_no_entry(broker: type[WatchfulBroker]) -> None:
    room = await Room(policy=ASKING, broker=broker, in_process=broker is TicketTaker).opened()

    await room.tell(a_signal(**BUY))

    assert (codes(room), room.broker.orders) == (["CTRL_53_INPUT"], [])
    assert getattr(room.broker, "tickets", []) == []


@pytest.mark.control("C-53", "passes")
async def test_where_it_is_not_switched_on_nobody_is_asked() -> None:
    scene = await Scene(DeskPolicy()).buys()

    assert (scene.broker.asked, len(scene.broker.orders)) == ([], 1)


@pytest.mark.control("C-53", "passes")
async def test_an_exit_is_not_asked_about() -> None:
    scene = Scene()
    scene.broker.fills_at = "150"
    await scene.buys()
    scene.broker.problem = Unavailable("away")
    await scene.room.tell(a_signal(direction="FLAT", signal_id="sig-2", metadata={}))

    assert scene.broker.asked == ["trend/sig-1"]
    assert [order.side for order in scene.broker.orders] == ["BUY", "SELL"]


@pytest.mark.control("C-44", "refuses")
async def test_a_kill_that_comes_with_the_answer_stops_the_order() -> None:
    scene = Scene()
    stopped: list[Refusal] = []
    scene.room.engine.stopped = lambda _strategy, _symbol: stopped[0] if stopped else None
    scene.broker.meanwhile = lambda: stopped.append(Refusal("KILL_SWITCH", "enough"))
    await scene.buys()

    assert (scene.refused, scene.broker.orders) == (["KILL_SWITCH"], [])


@pytest.mark.control("C-44", "refuses")
async def test_while_trading_is_killed_nothing_is_even_asked() -> None:
    scene = Scene()
    await scene.room.opened()
    scene.room.engine.offer(a_signal(**BUY))
    scene.room.engine.offer(KillSwitchSet(START_NS, "enough", "ann"))
    await scene.room.engine.settle()

    assert (scene.broker.asked, scene.broker.orders) == ([], [])
