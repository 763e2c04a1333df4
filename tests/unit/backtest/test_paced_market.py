"""A played recording: everything comes in its time, nothing before it, and nothing is left out."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fillpath.backtest.paced_market import CLOSED_SECONDS, PacedMarket, RecordedHours
from fillpath.backtest.replay import ReplayInputs, SessionTimes
from fillpath.core.events import ReferenceSeen
from fillpath.core.models import Signal
from fillpath.core.units import NANOSECONDS, quantity_units
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.files.corporate_actions import Split
from fillpath.runtime.paced import PacedClock
from tests.unit.backtest.tapes import A_DAY, DAY, OPEN, SESSION, a_tape, a_wish, at

SPEED = 60
CLOSES = 23_400
NEXT_DAY = DAY + timedelta(days=1)
NEXT = SessionTimes(NEXT_DAY, at(A_DAY), at(A_DAY + CLOSES))
ROWS = [(0, "150.00", "150.02"), (90, "151.00", "151.02"), (91, "152.00", "152.02")]
TOMORROW = (A_DAY, "160.00", "160.02")


class Stage:
    """A market that is played, and real time that passes when it is told to.

    Args:
        signals: oldest first.
        changes: of the inputs.
    """

    def __init__(self, signals: Sequence[Signal] = (), **changes: Any) -> None:
        self.real = 0
        self.clock = PacedClock(OPEN, SPEED, lambda: self.real)
        self.feed = MemoryFeed()
        given: dict[str, Any] = {
            "tapes": {"AAPL": a_tape([*ROWS, TOMORROW])},
            "sessions": (SESSION, NEXT),
            "signals": signals,
        }
        self.market = PacedMarket(ReplayInputs(**(given | changes)), self.clock, self.feed)
        self.heard: list[Any] = []
        self.step()

    def step(self, due: int | None = None) -> list[Any]:
        """Take one look and return what was handed out."""
        news = list(self.market.step(due))
        self.heard += news
        return news

    def play(self, seconds: float) -> None:
        """Let so much recorded time pass, and take as many looks as it needs."""
        self.real += round(seconds * NANOSECONDS / SPEED)
        while self.market.hurries():
            self.step()
        self.step()

    @property
    def shown(self) -> float:
        """Seconds after the open."""
        return round((self.clock.nanoseconds() - OPEN) / NANOSECONDS, 3)

    @property
    def bid(self) -> Decimal | None:
        """The bid that is seen now."""
        quote = self.feed.last_quote("AAPL")
        return None if quote is None else quote.bid_price


def test_a_quote_is_seen_from_its_time_on_and_not_before() -> None:
    stage = Stage()
    stage.play(89)
    before = stage.bid

    stage.play(1)

    assert (before, stage.bid) == (Decimal("150.00"), Decimal("151.00"))


def test_of_quotes_between_two_looks_the_last_one_is_seen() -> None:
    seen: list[str] = []
    stage = Stage()
    stage.feed.subscribe(seen.append)

    stage.play(120)

    assert (stage.bid, len(seen)) == (Decimal("152.00"), 1)


def test_a_signal_comes_at_its_very_time() -> None:
    stage = Stage([a_wish(60)])
    stage.real += 2 * NANOSECONDS  # the line is at 120 s

    (signal,) = stage.step()

    assert (signal.signal_id, stage.shown) == ("s60", 60.0)


def test_what_was_due_meanwhile_comes_one_after_the_other() -> None:
    stage = Stage([a_wish(60), a_wish(61), a_wish(61.5)])

    stage.play(120)

    assert [signal.signal_id for signal in stage.heard] == ["s60", "s61", "s61.5"]
    assert stage.shown == 120.0


def test_a_timer_is_not_passed_over() -> None:
    stage = Stage()
    stage.real += 2 * NANOSECONDS

    stage.step(at(45))

    assert stage.shown == 45.0
    assert stage.market.hurries(at(100))
    assert not stage.market.hurries(at(121))


def test_the_session_ends_at_its_very_close() -> None:
    stage = Stage()
    stage.real += 400 * NANOSECONDS

    stage.step()

    assert stage.shown == CLOSES
    assert stage.market.hours.closes_at(stage.clock.nanoseconds()) is None


def test_the_night_is_short_and_the_next_day_begins_at_its_open() -> None:
    stage = Stage()
    stage.play(CLOSES)

    stage.play(CLOSED_SECONDS * SPEED)

    assert stage.shown == A_DAY
    assert stage.bid == Decimal("160.00")
    assert not stage.market.ended


def test_after_the_last_close_time_goes_on_as_it_really_does() -> None:
    stage = Stage(sessions=(SESSION,))
    stage.play(CLOSES)

    stage.play(SPEED)  # one real second

    assert stage.market.ended
    assert stage.shown == CLOSES + 1


def test_volume_and_close_of_the_day_before_are_known_from_the_open() -> None:
    stage = Stage(
        adv=lambda _symbol, _day: quantity_units(Decimal(5_000)),
        prior_close=lambda _symbol, _day: 14_000_000_000,
    )

    (seen,) = stage.heard

    assert isinstance(seen, ReferenceSeen)
    assert seen.prior_close == 14_000_000_000
    assert stage.feed.view("AAPL").adv == quantity_units(Decimal(5_000))


def test_a_split_comes_before_the_open_of_its_day() -> None:
    split = Split("AAPL", NEXT_DAY, 7, 1)
    stage = Stage(splits=(split,))
    stage.play(CLOSES)

    stage.play(CLOSED_SECONDS * SPEED)

    assert stage.heard == [(NEXT.open_at, split)]


def test_hours_are_those_of_the_recording() -> None:
    hours = RecordedHours((SESSION, NEXT))

    assert hours.closes_at(OPEN - 1) is None
    assert hours.closes_at(OPEN) == SESSION.close_at
    assert hours.next_change(OPEN) == SESSION.close_at
    assert hours.next_change(SESSION.close_at) == NEXT.open_at
    assert hours.next_change(NEXT.close_at) is None
    assert hours.day(OPEN) > 0
    assert hours.day(SESSION.close_at) == 0
    assert hours.day(NEXT.open_at) == hours.day(OPEN) + 1
