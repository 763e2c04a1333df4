"""A dead feed holds trading in a live account, and a fresh quote lets it go on."""

from datetime import timedelta
from pathlib import Path

import pytest

from fillpath.core.events import MarketView, TradingHeld, TradingReleased
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.state import DeskState
from fillpath.risk.circuit_breaker import STALE_DATA
from fillpath.service.silence import DataWatch, in_use
from fillpath.testing.builders import START, START_NS, SYMBOL, a_quote
from tests.unit.execution.desk.scene import Scene, a_holding
from tests.unit.service.account_room import OutsideBroker
from tests.unit.service.test_live import OneSession, opened

MOST = 300 * NANOSECONDS


class Desk:
    """A desk that holds AAPL and MSFT, quoted at these moments, in a session that began at 0 s."""

    def __init__(self, *, closes: int = 10_000) -> None:
        scene = Scene(positions=(a_holding(), a_holding(symbol="MSFT")))
        self.state: DeskState = scene.desk.state
        self.quoted: dict[str, int] = {}
        self.hours = OneSession(START_NS, START_NS + closes * NANOSECONDS)
        self.watch = DataWatch(self.hours, self.view)
        self.asked(0)

    def view(self, symbol: str) -> MarketView:
        at = self.quoted.get(symbol)
        return MarketView(quote_at=None if at is None else START_NS + at * NANOSECONDS)

    def asked(self, second: float) -> str:
        """Return what is said at a moment, and hold the desk accordingly."""
        at = START_NS + round(second * NANOSECONDS)
        verdict = self.watch.verdict(at, self.state, MOST)
        if isinstance(verdict, TradingHeld):
            self.state.holds[verdict.code] = verdict.text
            return f"held: {verdict.text}"
        if isinstance(verdict, TradingReleased):
            del self.state.holds[verdict.code]
            return f"released by {verdict.by}"
        return ""


@pytest.mark.control("C-25", "refuses")
@pytest.mark.control("C-25", "passes")
@pytest.mark.parametrize(
    ("quoted", "at", "expected"),
    [
        pytest.param({}, 300, "", id="exactly so long since the open"),
        pytest.param({}, 301, "held: no market data for 301 s, 300 s are allowed", id="longer"),
        pytest.param({SYMBOL: 100}, 400, "", id="exactly so long since the quote"),
        pytest.param({SYMBOL: 100}, 401, "held: no market data for 301 s", id="a second more"),
        pytest.param({SYMBOL: 1, "MSFT": 350}, 400, "", id="one of them speaks"),
        pytest.param({"TSLA": 400}, 400, "held", id="a symbol that is not in use speaks"),
        pytest.param({SYMBOL: -1_000}, 300, "", id="an old quote counts from the open"),
    ],
)
def test_trading_is_held_while_everything_in_use_is_silent(
    quoted: dict[str, int], at: int, expected: str
) -> None:
    desk = Desk()
    desk.quoted = quoted

    said = desk.asked(at)

    assert said.startswith(expected) if expected else said == ""


@pytest.mark.control("C-25", "passes")
def test_a_fresh_quote_lets_trading_go_on_at_once() -> None:
    desk = Desk()
    said = [desk.asked(301), desk.asked(301.1)]
    desk.quoted = {SYMBOL: 301}

    assert [*said, desk.asked(301.2)] == [
        "held: no market data for 301 s, 300 s are allowed",
        "",
        "released by market data",
    ]


def test_while_quotes_come_they_are_looked_at_once_a_second() -> None:
    desk = Desk()
    desk.asked(300)

    assert desk.asked(300.9) == ""
    assert desk.asked(301).startswith("held")


def test_a_clock_that_went_back_looks_again() -> None:
    desk = Desk()
    desk.asked(400)
    desk.state.holds.clear()

    assert desk.asked(350).startswith("held")


def test_while_the_market_is_closed_nobody_has_to_speak() -> None:
    desk = Desk(closes=200)

    assert desk.asked(4_000) == ""


def test_a_hold_outlasts_the_night_until_a_quote_comes() -> None:
    desk = Desk(closes=400)
    desk.asked(301)
    night = desk.asked(500)
    desk.hours = OneSession(START_NS + 600 * NANOSECONDS, START_NS + 900 * NANOSECONDS)
    desk.watch._hours = desk.hours  # noqa: SLF001  # the next day
    morning = desk.asked(600)
    desk.quoted = {SYMBOL: 601}

    assert [night, morning, desk.asked(601)] == ["", "", "released by market data"]


def test_an_engine_that_slept_through_a_night_waits_anew() -> None:
    desk = Desk()
    desk.hours.number = 7

    assert desk.asked(5_000) == ""
    assert desk.asked(5_301).startswith("held")


def test_where_nothing_is_in_use_nothing_is_silent() -> None:
    watch = DataWatch(OneSession(START_NS, START_NS + 10**18), lambda _symbol: MarketView())
    state = DeskState()
    said = [watch.verdict(START_NS + n * NANOSECONDS, state, MOST) for n in (0, 5_000)]

    assert said == [None, None]


def test_what_is_held_worked_and_waited_for_is_in_use() -> None:
    scene = Scene(positions=(a_holding(symbol="MSFT"),))
    scene.signal(quantity=10)
    scene.signal(quantity=10, symbol="TSLA", strategy_name="other")

    assert in_use(scene.desk.state) == {"AAPL", "MSFT", "TSLA"}


@pytest.mark.control("C-25", "refuses")
@pytest.mark.control("C-25", "passes")
@pytest.mark.fault("F-81")
async def test_a_live_account_holds_on_a_dead_feed_and_goes_on_with_the_next_quote(
    tmp_path: Path,
) -> None:
    broker = OutsideBroker()
    room = await opened(tmp_path, broker=broker)
    room.live.offer([room.signal("one", strength="0.5")])
    await room.live.turn()
    room.clock.set(START + timedelta(seconds=301))
    await room.live.turn()
    held = dict(room.live.desk.state.holds)
    room.live.offer([room.signal("two", strategy_name="other")])
    await room.live.turn()
    sent_in_silence = len(broker.orders)
    room.feed.set_quote(a_quote(ts=room.clock.now()))
    await room.live.turn()

    assert list(held) == [STALE_DATA]
    assert sent_in_silence == 1
    assert room.live.desk.state.holds == {}
    told = [alarm.code for alarm in room.paged]
    assert [code for code in told if code.startswith("TRADING")] == [
        "TRADING_HELD",
        "TRADING_RELEASED",
    ]
    assert room.words.count("TradingHeld") == room.words.count("TradingReleased") == 1
