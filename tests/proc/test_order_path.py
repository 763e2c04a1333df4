"""Killed at a named point of the order path: what the engine must make of it afterwards."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.events import OrderFilled
from fillpath.core.models import OrderStatus
from tests.proc.oracle import Account, judge, lines, replayed
from tests.proc.stage import Engine, Stage, until
from tests.proc.test_two_engines import a_signal

POINT_SECONDS = 60.0


async def sent_to(stage: Stage, point: str, message: dict[str, Any]) -> None:
    """Send a signal whose order comes to a point at the venue, and stands there."""
    await stage.director.stop_at(point)
    stage.later(stage.signal(message))
    assert await stage.director.reached(POINT_SECONDS) == point


async def unread(stage: Stage, engine: Engine) -> None:
    """Let the venue answer while the engine is paused, and kill the engine before it reads."""
    await engine.pause()
    await stage.director.go_on()
    await stage.director.ask(int, "ping")
    await engine.kill()


async def recovered(stage: Stage) -> tuple[Account, Counter[str]]:
    """Start again, come to agree, stop, check everything; return the account and its words."""
    engine = await stage.trading()
    await until(stage.agrees, "nothing is in doubt and both sides name the same orders")
    await stage.director.ask(int, "freeze")
    await until(stage.agrees, "they still do")
    await until(stage.fed, "tables and bus have caught up")
    assert await engine.stop() == 0, engine.last_words()
    await judge(stage, stage.acknowledged)
    account = replayed(stage.journal)
    return account, Counter(type(record).__name__ for record in account.records)


def arrived(stage: Stage, word: str) -> int:
    """Return how many submits or cancels the venue was ever sent."""
    return sum(word in line for line in lines(stage.ledger))


@pytest.mark.fault("F-05")
async def test_an_order_that_never_left_is_told_so_and_never_sent_again(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        await sent_to(stage, "submit-received", a_signal("one"))
        await engine.kill()
        await stage.director.go_on("drop")

        account, words = await recovered(stage)

        assert arrived(stage, "submit") == 0
    ended = account.desk.state.recent["trend/one"]
    assert ended.status is OrderStatus.REJECTED
    assert (words["OrderInDoubt"], words["OrderRefused"], words["PlaceOrder"]) == (1, 1, 1)


@pytest.mark.fault("F-06", "F-09")
@pytest.mark.parametrize("fate", ["sent", "unread"])
async def test_an_order_that_was_done_is_adopted_with_its_fill(tmp_path: Path, fate: str) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        await sent_to(stage, "submit-done", a_signal("one"))
        if fate == "unread":
            await unread(stage, engine)
        else:
            await engine.kill()
            await stage.director.go_on()

        account, words = await recovered(stage)

        assert arrived(stage, "submit") == 1
    assert words["PlaceOrder"] == 1
    fills = [record for record in account.records if isinstance(record, OrderFilled)]
    assert sum(fill.quantity for fill in fills) == 10_000_000
    assert account.desk.state.recent["trend/one"].status is OrderStatus.FILLED


@pytest.mark.fault("F-08")
async def test_an_acceptance_that_was_never_journaled_is_learned_again(tmp_path: Path) -> None:
    resting = a_signal("one") | {"strength": "0.5"}
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        await sent_to(stage, "submit-done", resting)
        await unread(stage, engine)

        account, _ = await recovered(stage)

        assert arrived(stage, "submit") == 1
    order = account.desk.state.orders.get("trend/one") or account.desk.state.recent["trend/one"]
    assert order.broker_order_id


@pytest.mark.fault("F-12")
@pytest.mark.parametrize("fate", ["dropped", "done", "unread"])
async def test_a_cancel_is_asked_for_again_and_fills_are_kept(tmp_path: Path, fate: str) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        await stage.director.ask(int, "freeze")
        await stage.signal(a_signal("one") | {"strength": "0.5"})
        await stage.director.stop_at("cancel-done" if fate != "dropped" else "cancel-received")
        stage.later(stage.ask("kill", reason="to cancel"))
        assert await stage.director.reached(POINT_SECONDS)
        if fate == "unread":
            await unread(stage, engine)
        else:
            await engine.kill()
            await stage.director.go_on("drop" if fate == "dropped" else "")

        account, _ = await recovered(stage)

        assert await stage.director.open_orders() == []
        assert arrived(stage, "cancel") >= 1
    assert account.desk.state.recent["trend/one"].status is OrderStatus.CANCELLED


@pytest.mark.fault("F-11")
async def test_a_fill_stands_and_its_commission_follows(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage:
        engine = await stage.trading()
        await stage.director.misbehave(late_fee=60.0)
        await stage.signal(a_signal("one"))
        await until(stage.nothing_works, "it is filled")
        await engine.kill()
        await stage.director.misbehave()

        account, words = await recovered(stage)

    assert words["CommissionReported"] == 1
    assert account.desk.state.book.commission > 0
