"""The strategy that the how-to shows works with a real Redis."""

import asyncio
import importlib.util
import re
from decimal import Decimal
from types import ModuleType

from msgspec.structs import replace

from fillpath.core.models import OrderSide, OrderType
from fillpath.core.rows import FillRow, OrderRow, Projected, SignalRow
from fillpath.data.bus.messages import outgoing, read_signal
from fillpath.data.bus.redis_streams import RedisBus
from fillpath.testing.builders import START
from tests.house.project import ROOT
from tests.integration.redis_scene import a_policy, received
from tests.servers import RedisServer

PATH = ROOT / "examples" / "redis_strategy.py"


AN_ORDER = OrderRow(
    order_id="1",
    parent_order_id=None,
    signal_id="",
    strategy_name="by-hand",
    symbol="AAPL",
    side=OrderSide.BUY,
    quantity=Decimal(10),
    order_type=OrderType.LIMIT,
    limit_price=Decimal("150.02"),
    stop_price=None,
    status="SUBMITTED",
    filled_quantity=Decimal(0),
    average_fill_price=None,
    commission=Decimal(0),
    route="default",
    route_reason="",
    slice=0,
    slices=0,
    submitted_at=START,
    closed_at=None,
    reason="",
    broker_order_id="",
)


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("redis_strategy", PATH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def answered(server: RedisServer, row: FillRow | OrderRow | SignalRow) -> dict[str, str]:
    """Return what the example hears when the engine tells this row about its signal."""
    bus = RedisBus(a_policy(server.url))
    await bus.start()
    async with asyncio.TaskGroup() as tasks:
        buying = tasks.create_task(asyncio.to_thread(example().buy, server.url, "AAPL", 10))
        (delivery,) = await received(bus, 1)
        signal = read_signal(delivery).signal
        other = outgoing("paper", Projected(1, 0, row))
        ours = outgoing("paper", Projected(2, 0, replace(row, signal_id=signal.signal_id)))
        working = replace(AN_ORDER, signal_id=signal.signal_id)
        sent = outgoing("paper", Projected(0, 0, working))
        assert sent
        assert other
        assert ours
        await bus.publish([sent, other, ours])
    await bus.close()
    assert signal.metadata == {"quantity": 10}
    answer: dict[str, str] = buying.result()
    return answer


async def test_the_example_hears_of_its_fill(redis_server: RedisServer) -> None:
    fill = FillRow(
        order_id="1",
        parent_order_id=None,
        symbol="AAPL",
        side=OrderSide.BUY,
        quantity=Decimal(10),
        price=Decimal("150.01"),
        ts=START,
        commission=Decimal(0),
        fill_id="exec-1",
        simulated=True,
        signal_id="another",
    )

    answer = await answered(redis_server, fill)

    assert (answer["type"], answer["price"], answer["event_id"]) == ("fill", "150.01", "paper:2:0")


async def test_the_example_hears_why_there_is_no_fill(redis_server: RedisServer) -> None:
    refused = SignalRow(
        signal_id="another",
        strategy_name="by-hand",
        symbol="AAPL",
        direction="LONG",
        strength=Decimal("0.7"),
        metadata={},
        signal_at=START,
        received_at=START,
        outcome="REFUSED",
        reason="KILL_SWITCH",
    )

    answer = await answered(redis_server, refused)

    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "KILL_SWITCH")


async def test_the_example_hears_that_its_order_was_rejected(redis_server: RedisServer) -> None:
    answer = await answered(redis_server, replace(AN_ORDER, status="REJECTED", reason="no cash"))

    assert (answer["status"], answer["reason"]) == ("REJECTED", "no cash")


def test_the_page_shows_the_example() -> None:
    page = (ROOT / "docs" / "how-to" / "redis.md").read_text(encoding="utf-8")
    (shown, *_) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

    source = PATH.read_text(encoding="utf-8")
    assert shown == source[source.index("ENDS") : source.index("\n\nif __name__")]


def test_the_example_has_at_most_twenty_lines_of_work() -> None:
    source = PATH.read_text(encoding="utf-8")
    (body,) = re.findall(r"^def buy.*?(?=\n\n\nif)", source, re.DOTALL | re.MULTILINE)

    assert len(body.splitlines()) <= 20
