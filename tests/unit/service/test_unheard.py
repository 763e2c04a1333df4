"""An engine that cannot call for help takes no new risk (F-114)."""

from pathlib import Path

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.alerts import Fact
from fillpath.monitoring.book import FILE, AlertBook
from fillpath.monitoring.kinds import Severity
from fillpath.service.unheard import UNHEARD, Unheard
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import Room
from tests.unit.service.test_stop_lane import SlowBroker, running

MINUTE_NS = 60 * NANOSECONDS
CHANNELS = {"ops": Severity.WARNING, "phone": Severity.CRITICAL}

pytestmark = pytest.mark.fault("F-114")


def told(folder: Path, code: str = "STALE_DATA", at: int = START_NS) -> AlertBook:
    """Return a book with two channels and one alert that nobody was told of."""
    book = AlertBook(folder)
    book.register(CHANNELS)
    book.take([Fact(account="SIM", at=at, code=code, text="silence")])
    return book


async def seen(room: Room, watch: Unheard) -> None:
    """Look, and wait until the engine has taken what follows."""
    await watch.look()
    turn = room.live.turnstile.next_turn()
    room.live.wake()
    await turn


async def looked(room: Room, folder: Path, seconds: int) -> bool:
    """Return whether trading is held for it, so many seconds after the alert."""
    watch = Unheard(room.live, folder, MINUTE_NS)
    room.tick(seconds)
    await seen(room, watch)
    return UNHEARD in room.live.desk.state.holds


async def test_what_no_channel_took_for_a_minute_holds_trading(tmp_path: Path) -> None:
    async with running(tmp_path, SlowBroker()) as room:
        with told(tmp_path):
            early = await looked(room, tmp_path, 59)
            late = await looked(room, tmp_path, 2)
            again = await looked(room, tmp_path, 1)

    assert (early, late, again) == (False, True, True)
    assert "alert 1 (STALE_DATA)" in room.live.desk.state.holds[UNHEARD]


@pytest.mark.parametrize("way", ["one channel took it", "a person acknowledged it", "it is over"])
async def test_it_goes_on_once_somebody_has_heard(tmp_path: Path, way: str) -> None:
    async with running(tmp_path, SlowBroker()) as room:
        with told(tmp_path) as book:
            held = await looked(room, tmp_path, 61)
            if way.startswith("one"):
                book.told("phone", book.listed(), START_NS + MINUTE_NS)
            elif way.startswith("a person"):
                book.acknowledge("1", "ann", START_NS + MINUTE_NS)
            else:
                over = Fact(
                    account="SIM", at=START_NS + 1, code="STALE_DATA", text="silence: it is over"
                )
                book.take([over])
            still = await looked(room, tmp_path, 1)

    assert (held, still) == (True, False)


@pytest.mark.parametrize("code", ["TRADING_HELD", "ENGINE_STARTED"])
async def test_what_is_not_critical_holds_nothing(tmp_path: Path, code: str) -> None:
    async with running(tmp_path, SlowBroker()) as room:
        with told(tmp_path, code):
            held = await looked(room, tmp_path, 600)

    assert not held


async def test_alerts_of_another_account_hold_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, SlowBroker()) as room:
        with AlertBook(tmp_path) as book:
            book.register(CHANNELS)
            book.take([Fact(account="OTHER", at=START_NS, code="STALE_DATA", text="silence")])
            held = await looked(room, tmp_path, 600)

    assert not held


async def test_a_book_that_stays_unreadable_holds_trading_too(tmp_path: Path) -> None:
    async with running(tmp_path, SlowBroker()) as room:
        watch = Unheard(room.live, tmp_path, MINUTE_NS)
        (tmp_path / FILE).mkdir()
        await watch.look()
        at_once = UNHEARD in room.live.desk.state.holds
        room.tick(61)
        await seen(room, watch)

    assert not at_once
    assert "cannot be opened" in room.live.desk.state.holds[UNHEARD]
