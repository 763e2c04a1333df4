"""One account as a service: what it answers, how it is told, and how it ends."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError, JournalError, Unavailable
from fillpath.data.bus.messages import write_signal
from fillpath.service.account import DRAIN_SECONDS, AccountService
from fillpath.service.control import ask, socket_path
from fillpath.service.latch import Latch
from fillpath.service.status import Part, State, Status, read_status
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import OutsideBroker, Room, in_virtual_time


class Outlet:
    """Is fed from the journal, at its own pace."""

    def __init__(self, *, healthy: bool = True, drains: bool = True) -> None:
        self.said: list[str] = []
        self._healthy = healthy
        self._drains = drains

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.said.append("stopped")

    async def drain(self) -> None:
        if not self._drains:
            await asyncio.Event().wait()
        self.said.append("drained")

    def part(self) -> Part:
        return Part(name="store", kind="sqlite", healthy=self._healthy)


@asynccontextmanager
async def serving(service: AccountService) -> AsyncIterator[asyncio.Event]:
    """Serve the account, from the moment when it trades until it has stopped cleanly."""
    stop, opened = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(service.serve(stop, opened.set))
        await opened.wait()
        yield stop
        stop.set()


@asynccontextmanager
async def only_error() -> AsyncIterator[None]:
    """Let the one error of a group through as itself."""
    try:
        yield
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def status_of(folder: Path) -> Status:
    """Ask an engine how it is."""
    return read_status((await ask(folder, {"do": "status"}))["status"].encode())


def by_hand(signal_id: str = "one", **changes: Any) -> dict[str, str]:
    """Return the request of a signal by hand."""
    message = {
        "v": 1,
        "symbol": "AAPL",
        "direction": "LONG",
        "strength": "0.95",
        "strategy_name": "manual",
        "signal_id": signal_id,
        "metadata": {"quantity": "10"},
    }
    return {"do": "signal", "signal": json.dumps(message | changes)}


def kept(folder: Path) -> Status:
    """Return the status as it was written last."""
    return read_status((folder / "status.json").read_bytes())


async def test_a_signal_by_hand_says_what_became_of_it(tmp_path: Path) -> None:
    room = Room(tmp_path)
    async with serving(room.service()):
        answer = await ask(tmp_path, by_hand())
        again = await ask(tmp_path, by_hand())

    assert (answer["outcome"], answer["order_id"]) == ("ORDERED", "manual/one")
    assert (again["outcome"], again["reason"]) == ("REFUSED", "DUPLICATE")


async def test_a_signal_by_hand_needs_no_name(tmp_path: Path) -> None:
    room = Room(tmp_path)
    request = by_hand()
    message = json.loads(request["signal"])
    del message["signal_id"]
    request["signal"] = json.dumps(message)
    async with serving(room.service()):
        answers = [await ask(tmp_path, request) for _ in range(2)]

    assert [answer["outcome"] for answer in answers] == ["ORDERED", "ORDERED"]
    assert len({answer["order_id"] for answer in answers}) == 2


@pytest.mark.parametrize("text", ["", "nonsense", '{"v": 1}', '{"v": 2, "symbol": "AAPL"}'])
async def test_a_wrong_signal_by_hand_is_refused_with_one_sentence(
    tmp_path: Path, text: str
) -> None:
    room = Room(tmp_path)
    async with serving(room.service()):
        with pytest.raises(ConfigError) as refusal:
            await ask(tmp_path, {"do": "signal", "signal": text})

    assert "\n" not in str(refusal.value)
    assert "SignalReceived" not in room.words


async def test_a_signal_off_the_bus_is_traded_and_never_comes_again(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await room.bus.start()
    room.hub.send(write_signal(room.signal()))
    service = room.service()
    async with serving(service):
        while not service.intake.taken:
            await room.live.turnstile.next_turn()
            await asyncio.sleep(0)

    assert (await room.bus.health()).backlog == 0
    assert room.words.count("PlaceOrder") == 1


async def test_the_status_says_what_the_account_holds_and_works(tmp_path: Path) -> None:
    room = Room(tmp_path)
    outlet = Outlet(healthy=False)
    async with serving(room.service(outlet)):
        await ask(tmp_path, by_hand("one"))
        await ask(tmp_path, by_hand("two", strength="0.5", symbol="AAPL"))
        status = await status_of(tmp_path)

    assert (status.account, status.mode, status.state) == ("SIM", "SIMULATED", State.TRADING)
    assert (status.pid, status.epoch, status.version) == (4_711, room.journal.epoch, "1")
    assert status.positions == {"AAPL": "10"}
    assert Decimal(status.cash) < 100_000
    assert [(o.symbol, o.side, o.quantity, o.filled) for o in status.open_orders] == [
        ("AAPL", "BUY", "10", "0")
    ]
    assert status.signals == {"ORDERED": 2}
    assert status.degraded
    assert status.records == len(room.records)


async def test_a_kill_is_answered_once_it_is_durable(tmp_path: Path) -> None:
    room = Room(tmp_path)
    async with serving(room.service()):
        await ask(tmp_path, by_hand("resting", strength="0.5"))
        killed = await ask(tmp_path, {"do": "kill", "reason": "losing", "by": "ann"})
        await room.live.turnstile.next_turn()
        words = list(room.words)
        again = await ask(tmp_path, {"do": "kill"})
        status = await status_of(tmp_path)
        refused = await ask(tmp_path, by_hand("late"))

    assert killed == {"first": True, "open_orders": 0}
    assert not again["first"]
    assert words[-4:] == ["KillSwitchSet", "CancelOrder", "OrderCancelled", "OperatorSeen"]
    assert (status.state, status.killed, status.why) == (State.KILLED, "losing", "losing")
    assert refused["reason"] == "KILL_SWITCH"


async def test_resuming_takes_its_time_and_the_accounts_name(tmp_path: Path) -> None:
    room = Room(tmp_path)
    async with serving(room.service()):
        with pytest.raises(ConfigError, match="neither killed nor in a hold"):
            await ask(tmp_path, {"do": "resume", "word": "SIM"})
        await ask(tmp_path, {"do": "kill"})
        with pytest.raises(ConfigError, match="type the account's name, SIM, to resume"):
            await ask(tmp_path, {"do": "resume", "word": "yes"})
        with pytest.raises(ConfigError, match="wait 30 s more"):
            await ask(tmp_path, {"do": "resume", "word": "SIM"})
        room.clock.advance(30)
        answer = await ask(tmp_path, {"do": "resume", "word": "SIM", "by": "bob"})
        status = await status_of(tmp_path)

    assert answer == {"resumed_at": "2026-03-02T14:30:30Z", "still": []}
    assert status.state is State.TRADING
    assert room.latch.read() is None


async def test_a_latch_from_a_clock_that_was_ahead_does_not_keep_trading_stopped_for_ever(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    room.latch.set(Latch("news", "ann", START_NS + 3_600 * 10**9))
    async with serving(room.service()):
        room.clock.advance(31)
        answer = await ask(tmp_path, {"do": "resume", "word": "SIM", "by": "bob"})

    assert "resumed_at" in answer


@pytest.mark.fault("F-110")
async def test_a_restart_clears_no_kill(tmp_path: Path) -> None:
    before = Room(tmp_path)
    async with serving(before.service()):
        await ask(tmp_path, {"do": "kill", "reason": "losing"})

    after = Room(tmp_path)
    async with serving(after.service()):
        await after.live.turnstile.next_turn()
        status = await status_of(tmp_path)

    assert (status.state, status.killed) == (State.KILLED, "losing")


async def test_a_clean_stop_leaves_no_socket_and_a_last_word(tmp_path: Path) -> None:
    room, outlet = Room(tmp_path), Outlet()
    async with serving(room.service(outlet)):
        pass

    assert kept(tmp_path).state is State.STOPPED
    assert not socket_path(tmp_path).exists()
    assert outlet.said == ["stopped", "drained"]


async def test_what_was_offered_before_the_stop_is_journaled_and_told(tmp_path: Path) -> None:
    room = Room(tmp_path)
    async with serving(room.service()) as stop:
        taken = room.live.offer([room.signal()])
        stop.set()

    assert taken.done()
    assert room.words.count("PlaceOrder") == 1


async def test_an_engine_that_stops_takes_no_signal_any_more(tmp_path: Path) -> None:
    room = Room(tmp_path)
    service = room.service()
    service.live.state = State.STOPPING

    answer = await service._control._answer(json.dumps(by_hand()).encode())  # noqa: SLF001  # it has no door yet

    assert answer == {"error": "the engine is STOPPING and takes no signals"}


def test_an_outlet_that_cannot_be_reached_holds_up_no_stop(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(Room(tmp_path).service(Outlet(drains=False))):
            pass

    assert in_virtual_time(scenario) == DRAIN_SECONDS


async def test_a_journal_that_fails_ends_the_engine_with_the_reason(tmp_path: Path) -> None:
    room, opened = Room(tmp_path), asyncio.Event()

    async def fail_later() -> None:
        async with only_error(), asyncio.TaskGroup() as group:
            group.create_task(room.service(Outlet()).serve(asyncio.Event(), opened.set))
            await opened.wait()
            room.journal.close()

    with pytest.raises(JournalError, match="the journal in memory is closed"):
        await fail_later()

    assert kept(tmp_path).state is State.STOPPED


async def test_who_sends_a_signal_to_a_journal_that_fails_is_told(tmp_path: Path) -> None:
    room = Room(tmp_path)
    service = room.service()
    service._ready.set()  # noqa: SLF001  # it has opened, and its journal fails before it turns
    room.live.turnstile.broken(JournalError("the disk is gone"))

    answer = await service._control._answer(json.dumps(by_hand()).encode())  # noqa: SLF001  # the same

    assert answer == {"error": "the signal was not taken: the disk is gone"}


async def test_a_broker_that_cannot_be_reached_is_no_start(tmp_path: Path) -> None:
    broker = OutsideBroker()
    broker.trouble = Unavailable("no answer")
    room = Room(tmp_path, broker=broker)

    with pytest.raises(Unavailable):
        await room.service(health_port=0).serve(asyncio.Event())

    assert kept(tmp_path).state is State.STOPPED
    assert not socket_path(tmp_path).exists()


@pytest.mark.fault("F-33")
async def test_a_disk_that_keeps_no_status_costs_no_engine(tmp_path: Path) -> None:
    (tmp_path / "status.new").mkdir()
    room = Room(tmp_path)
    async with serving(room.service()):
        answer = await ask(tmp_path, by_hand())

    assert answer["outcome"] == "ORDERED"


async def test_health_is_served_beside_it(tmp_path: Path) -> None:
    room = Room(tmp_path)
    service = room.service(health_port=0)
    async with serving(service):
        assert service.health_port is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", service.health_port)
        writer.write(b"GET /health HTTP/1.1\r\n\r\n")
        said = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert said.startswith(b"HTTP/1.1 200 OK")


async def test_a_taken_port_stops_the_start_and_leaves_no_socket(tmp_path: Path) -> None:
    busy = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = busy.sockets[0].getsockname()[1]

    with pytest.raises(ConfigError, match=r"engine\.health_port"):
        await Room(tmp_path).service(health_port=port).serve(asyncio.Event())

    assert not socket_path(tmp_path).exists()
    busy.close()
    await busy.wait_closed()


async def test_a_signal_whose_decision_was_forgotten_was_taken_all_the_same(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    room.live.tally.decisions = Forgetful()
    async with serving(room.service()):
        answer = await ask(tmp_path, by_hand())

    assert answer["outcome"] == "TAKEN"


class Forgetful(OrderedDict[tuple[str, str], Any]):
    """Keeps nothing."""

    def __setitem__(self, key: tuple[str, str], value: object) -> None:
        """Forget it."""
