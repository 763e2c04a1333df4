"""Practising the kill: timed, logged, and as real as a kill."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fillpath.core.drills import Drill
from fillpath.core.errors import ConfigError
from fillpath.core.events import OrderAccepted, OrderCancelled
from fillpath.core.units import moment
from fillpath.service.drill import FILE, Drills, read_drills
from fillpath.service.latch import KillLatch
from fillpath.testing.builders import START_NS
from tests.unit.service.test_stop_lane import SlowBroker, cancelled, running, until, working


class Confirming(SlowBroker):
    """A broker that confirms each cancel before it answers."""

    async def cancel_order(self, broker_order_id: str) -> bool:
        self.says(OrderCancelled(START_NS, f"trend/s{broker_order_id[1:]}"))
        return await super().cancel_order(broker_order_id)


async def practised(folder: Path, orders: int, mode: str = "PAPER", **words: Any) -> dict[str, Any]:
    """Practise on an engine with so many orders, whose broker confirms each cancel."""
    request = {"reason": "drill", "by": "ann", "wait": 10} | words
    async with running(folder, Confirming()) as room:
        await working(room, orders)
        return dict(await Drills(room.live, folder, mode).drill(request))


@pytest.mark.control("P-12", "passes")
async def test_every_step_of_a_drill_is_timed_and_kept(tmp_path: Path) -> None:
    answer = await practised(tmp_path, 5)

    (drill,) = read_drills(tmp_path)
    steps = (drill.latch_ms, drill.gate_ms, drill.cancel_ms, drill.confirmed_ms)
    assert (drill.by, drill.where, drill.mode, drill.orders) == ("ann", "trading", "PAPER", 5)
    assert all(step is not None for step in steps)
    assert list(steps) == sorted(steps, key=float)  # type: ignore[arg-type]  # none is missing
    assert (drill.unconfirmed, answer["kept"]) == ((), True)


async def test_a_drill_is_a_kill_until_a_person_resumes(tmp_path: Path) -> None:
    await practised(tmp_path, 1)

    latch = KillLatch(tmp_path).read()
    assert latch is not None
    assert latch.reason == "drill"


async def test_where_nothing_works_nothing_is_cancelled(tmp_path: Path) -> None:
    drill = (await practised(tmp_path, 0))["drill"]

    assert (drill["orders"], drill["cancel_ms"], drill["confirmed_ms"]) == (0, None, None)


async def test_a_part_is_practised_alone(tmp_path: Path) -> None:
    drill = (await practised(tmp_path, 2, scope="symbol", target="MSFT"))["drill"]

    assert (drill["where"], drill["orders"]) == ("symbol MSFT", 0)


async def test_orders_that_are_not_confirmed_are_named(tmp_path: Path) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        await working(room, 1)
        answer = await Drills(room.live, tmp_path, "PAPER").drill({"wait": 0.2})
        await cancelled(broker, 1)

    assert list(answer["drill"]["unconfirmed"]) == ["trend/s0"]
    assert answer["drill"]["confirmed_ms"] is None


@pytest.mark.control("P-12", "refuses")
async def test_a_live_account_is_practised_on_only_by_who_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, SlowBroker()) as room:
        drills = Drills(room.live, tmp_path, "LIVE")
        with pytest.raises(ConfigError, match="say so with --yes"):
            await drills.drill({})
        untouched = not room.live.desk.state.killed
        answer = await drills.drill({"sure": True, "wait": 1})

    assert untouched
    assert answer["kept"]


async def test_what_is_stopped_already_cannot_be_practised_on(tmp_path: Path) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        drills = Drills(room.live, tmp_path, "PAPER")
        await drills.drill({"wait": 1})
        with pytest.raises(ConfigError, match="trading is stopped already"):
            await drills.drill({"wait": 1})


async def test_a_log_that_cannot_be_written_fails_no_drill(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()

    assert not (await practised(tmp_path, 0))["kept"]


def test_lines_that_are_no_drills_are_left_out(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('no drill\n[]\n{"by": "ann"}\n')

    assert read_drills(tmp_path) == []
    assert read_drills(tmp_path / "gone") == []


async def test_another_order_is_not_waited_for(tmp_path: Path) -> None:
    broker = SlowBroker()
    async with running(tmp_path, broker) as room:
        await working(room, 1)
        accepted = OrderAccepted(START_NS, "trend/s0", "B0")
        room.live.engine.offer(accepted)
        drills = Drills(room.live, tmp_path, "PAPER")
        answer = await drills.drill({"scope": "strategy", "target": "other", "wait": 5})
        await until(lambda: not broker.cancels)

    assert answer["drill"]["orders"] == 0


def test_a_line_that_counts_nanoseconds_is_read_too(tmp_path: Path) -> None:
    drill = Drill(
        at=moment(START_NS), by="ann", where="trading", mode="PAPER", orders=0, latch_ms=1.5,
        gate_ms=None, cancel_ms=None, confirmed_ms=None,
    )  # fmt: skip
    line = json.dumps({**msgspec.to_builtins(drill), "at": START_NS})
    (tmp_path / FILE).write_text(f"{line}\n")

    assert read_drills(tmp_path) == [drill]
