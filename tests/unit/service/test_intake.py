"""Signals are acknowledged only once the journal has them; poison never stops the rest."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from fillpath.core.errors import JournalError, ModelError, Unavailable
from fillpath.core.models import Signal
from fillpath.core.ports import BusHealth, Delivery, Outgoing
from fillpath.data.bus.origin import UnknownOrigin
from fillpath.service.intake import BATCH, Intake
from fillpath.testing.builders import a_signal
from tests.unit.service.account_room import in_virtual_time


class ListedBus:
    """Hands over what is listed, and takes down what was said about it, in order."""

    def __init__(self, *payloads: bytes) -> None:
        self.waiting = [Delivery(f"{number}-0", text) for number, text in enumerate(payloads, 1)]
        self.done: list[str] = []
        self.trouble: list[Exception] = []
        self.asked: list[tuple[int, float]] = []
        self.empty = asyncio.Event()

    async def start(self) -> None: ...

    async def receive(self, limit: int, wait_seconds: float) -> list[Delivery]:
        self.asked.append((limit, wait_seconds))
        if self.trouble:
            raise self.trouble.pop(0)
        taken, self.waiting = self.waiting, []
        if not taken:
            self.empty.set()
            await asyncio.sleep(wait_seconds)
        return taken

    async def acknowledge(self, message_ids: Sequence[str]) -> None:
        self.done.extend(message_ids)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        self.done.append(f"{delivery.message_id} aside: {reason}")

    async def publish(self, messages: Sequence[Outgoing]) -> None: ...

    async def health(self) -> BusHealth:
        return BusHealth(reachable=True, kind="listed")

    async def close(self) -> None: ...


def read(delivery: Delivery) -> Signal:
    """Take any message but the poison for a signal that is named like it."""
    if delivery.payload == b"poison":
        raise ModelError("strength must be from 0 to 1, got 7")
    return a_signal(signal_id=delivery.payload.decode())


class Engine:
    """Takes signals, and makes them durable when it is told to."""

    def __init__(self) -> None:
        self.taken: list[str | None] = []
        self.durable: asyncio.Future[None] | None = None
        self.offered = asyncio.Event()

    def offer(self, signals: Sequence[Signal]) -> "asyncio.Future[None]":
        self.taken.extend(signal.signal_id for signal in signals)
        self.durable = asyncio.get_running_loop().create_future()
        self.offered.set()
        return self.durable

    def at_once(self, signals: Sequence[Signal]) -> "asyncio.Future[None]":
        future = self.offer(signals)
        future.set_result(None)
        return future


async def test_nothing_is_acknowledged_before_the_journal_has_it() -> None:
    bus, engine = ListedBus(b"a", b"b"), Engine()
    async with asyncio.TaskGroup() as group:
        step = group.create_task(Intake(bus, read, engine.offer).step())
        await engine.offered.wait()
        before = list(bus.done)
        assert engine.durable is not None
        engine.durable.set_result(None)

    assert before == []
    assert bus.done == ["1-0", "2-0"]
    assert step.result() == 2


@pytest.mark.fault("F-27")
async def test_poison_goes_aside_with_its_reason_and_the_rest_keeps_its_order() -> None:
    bus, engine = ListedBus(b"a", b"poison", b"b"), Engine()
    intake = Intake(bus, read, engine.at_once)

    taken = await intake.step()

    assert engine.taken == ["a", "b"]
    assert bus.done == ["1-0", "3-0", "2-0 aside: strength must be from 0 to 1, got 7"]
    assert (taken, intake.taken, intake.rejected) == (2, 2, 1)


async def test_poison_alone_wakes_no_engine() -> None:
    bus, engine = ListedBus(b"poison"), Engine()

    taken = await Intake(bus, read, engine.at_once).step()

    assert (taken, engine.taken) == (0, [])


async def test_what_the_journal_refused_is_never_acknowledged() -> None:
    def refuse(_signals: Sequence[Signal]) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_exception(JournalError("the disk is gone"))
        return future

    bus, ready = ListedBus(b"a", b"poison"), asyncio.Event()
    ready.set()

    with pytest.raises(JournalError, match="the disk is gone"):
        await Intake(bus, read, refuse).run(ready)

    assert bus.done == []


async def test_nothing_is_taken_before_the_engine_is_ready() -> None:
    bus = ListedBus(b"a")
    intake = Intake(bus, read, Engine().at_once)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(intake.run(asyncio.Event()), 0)

    assert bus.asked == []


def played(bus: ListedBus, until: Callable[[Intake], bool]) -> tuple[float, Intake]:
    """Let an intake run in virtual time until a condition holds; return the seconds it took."""
    intakes: list[Intake] = []

    async def scenario() -> None:
        intake = Intake(bus, read, Engine().at_once)
        intakes.append(intake)
        ready = asyncio.Event()
        ready.set()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(intake.run(ready))
            while not until(intake):  # noqa: ASYNC110  # in virtual time this waits for nothing
                await asyncio.sleep(0.01)
            running.cancel()

    return in_virtual_time(scenario), intakes[0]


@pytest.mark.fault("F-20", "F-21")
def test_a_bus_that_is_down_is_asked_again_later_and_later() -> None:
    bus = ListedBus(b"a")
    bus.trouble = [Unavailable("connection refused") for _ in range(8)]

    seconds, intake = played(bus, lambda intake: intake.taken == 1)

    assert seconds == pytest.approx(0.1 + 0.2 + 0.5 + 1 + 2 + 5 + 5 + 5, abs=0.05)
    assert bus.done == ["1-0"]
    assert (intake.problem, intake.failures) == ("", 0)


def test_while_the_bus_is_down_the_intake_says_so() -> None:
    bus = ListedBus()
    bus.trouble = [Unavailable("connection refused") for _ in range(100)]

    _, intake = played(bus, lambda intake: intake.failures == 3)

    assert intake.problem == "connection refused"


async def test_a_batch_is_bounded() -> None:
    bus = ListedBus(b"a")

    await Intake(bus, read, Engine().at_once).step()

    assert bus.asked == [(BATCH, 1.0)]


async def test_a_signal_of_unknown_origin_is_journaled_before_it_is_set_aside() -> None:
    bus = ListedBus(b"good", b"forged", b"poison")
    noted: list[str] = []

    def suspicious(delivery: Delivery) -> Signal:
        if delivery.payload == b"forged":
            raise UnknownOrigin("trend", "there is no key of trend")
        return read(delivery)

    async def note(delivery: Delivery, error: UnknownOrigin) -> None:
        noted.append(f"{delivery.message_id} {error.strategy_name} after {len(bus.done)}")

    intake = Intake(bus, suspicious, Engine().at_once, note=note)
    await intake.step()

    assert noted == ["2-0 trend after 1"]
    assert bus.done[1] == "2-0 aside: SIGNAL_ORIGIN: there is no key of trend"
    assert intake.rejected == 2
