"""The replay: the very engine under simulated time, continued wherever it died."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fillpath.backtest.replay import NEVER, SessionTimes
from fillpath.core.commands import Decision, OrderClosed
from fillpath.core.errors import JournalDiverged
from fillpath.core.events import SplitApplied
from fillpath.core.models import Position, Signal
from fillpath.data.files.corporate_actions import Split
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from tests.unit.backtest.tapes import (
    A_DAY,
    DAY,
    OPEN,
    SESSION,
    Row,
    Run,
    a_tape,
    a_wish,
    at,
    every_second,
)
from tests.unit.execution.desk.scene import price, shares

QUIET = a_tape(every_second(600))
THREE_DAYS_LATER = SessionTimes(
    DAY + timedelta(days=3), at(3 * A_DAY), SESSION.close_at + 3 * A_DAY * 10**9
)


def two_days(bid: str = "149.99", ask: str = "150.01") -> list[Row]:
    """Return ten minutes of quotes on the first day, and ten three days later."""
    later = [(3 * A_DAY + n, bid, ask) for n, _, _ in every_second(600)]
    return [*every_second(600), *later]


class Cut(Exception):
    """The process dies."""


class DyingJournal(MemoryJournal):
    """Makes every turn durable, and dies after so many."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self._turns = turns

    @property
    def pending(self) -> int:
        self._turns -= 1
        if self._turns < 0:
            raise Cut
        return 1 << 20


class Bells:
    """Shows nothing, and says signals at set moments."""

    def __init__(self, *moments: tuple[int, list[Signal]]) -> None:
        self._moments = list(moments)
        self.shown: list[int] = []

    @property
    def at(self) -> int:
        return self._moments[0][0] if self._moments else NEVER

    @property
    def total(self) -> int:
        return len(self._moments)

    def skip_to(self, done_at: int) -> None:
        while self.at <= done_at:
            self._moments.pop(0)

    def show_next(self) -> list[Signal]:
        moment, signals = self._moments.pop(0)
        self.shown.append(moment)
        return signals


# From signal to fill.


def test_a_signal_trades_at_the_quote_of_its_moment() -> None:
    tape = a_tape([(0, "149.99", "150.01"), (10, "159.99", "160.01")])

    run = Run([tape], [a_wish(5, strength=1)]).go()

    assert run.fills == [(5.0, "BUY", "333", "150.01")]
    assert run.outcomes == ["ORDERED"]


def test_a_resting_order_trades_when_the_market_reaches_it() -> None:
    rows = [(0, "149.99", "150.01"), (20, "149.97", "149.99"), (30, "149.90", "149.92")]

    run = Run([a_tape(rows)], [a_wish(5)]).go()

    assert run.fills == [(20.0, "BUY", "333", "149.99")]


def test_a_held_signal_trades_at_the_next_usable_quote() -> None:
    rows: list[Row] = [
        (0, "", "150.01"),
        (7, "150.02", "150.01"),
        (12, "149.99", "150.01"),
    ]

    run = Run([a_tape(rows)], [a_wish(5, strength=1)]).go()

    assert run.outcomes == ["HELD PRICE_UNAVAILABLE", "ORDERED"]
    assert [fill[0] for fill in run.fills] == [12.0]


def test_a_held_signal_expires() -> None:
    rows: list[Row] = [(0, "", "150.01"), (100, "149.99", "150.01")]

    run = Run([a_tape(rows)], [a_wish(5)]).go()

    assert run.outcomes == ["HELD PRICE_UNAVAILABLE", "EXPIRED EXPIRED_SIGNAL"]


def test_a_signal_after_the_last_quote_expires() -> None:
    run = Run([QUIET], [a_wish(700)]).go()

    assert run.outcomes == ["HELD PRICE_UNAVAILABLE", "EXPIRED EXPIRED_SIGNAL"]


def test_a_large_order_is_sliced_over_simulated_minutes() -> None:
    wish = a_wish(5, metadata={"quantity": 1_000, "win_rate": None})

    run = Run([QUIET], [wish], shares_a_day=50_000, simulation=rich()).go()

    assert run.fills == [(5.0 + 60 * n, "BUY", "200", "150.01") for n in range(5)]


def rich(*positions: Position, displayed_size: bool = False) -> SimulationPolicy:
    """Return the rules of a broker with 10,000,000 in cash."""
    return SimulationPolicy(
        profile=FillProfile.QUOTES,
        cash=Decimal(10_000_000),
        positions=positions,
        displayed_size=displayed_size,
    )


def test_displayed_size_fills_in_parts() -> None:
    wish = a_wish(5, strength=1)

    run = Run([a_tape(every_second(60), size=100)], [wish], simulation=rich(displayed_size=True))
    run.go()

    assert [fill[2] for fill in run.fills][:3] == ["100", "100", "100"]


def test_symbols_live_side_by_side() -> None:
    tapes = [QUIET, a_tape(every_second(600, "29.99", "30.01"), "MSFT")]
    wishes = [a_wish(5, strength=1), a_wish(5, strength=1, symbol="MSFT", signal_id="other")]

    run = Run(tapes, wishes).go()

    assert [fill[3] for fill in run.fills] == ["150.01", "30.01"]


def test_two_runs_are_one_and_the_same() -> None:
    wishes = [a_wish(n, "LONG" if n % 2 else "FLAT", strength=1) for n in range(1, 40)]

    first, second = (Run([QUIET], wishes).go() for _ in range(2))

    assert list(first.journal.records()) == list(second.journal.records())
    assert first.recorder.projections == second.recorder.projections


# Days.


def test_the_session_ends_what_still_works() -> None:
    rows = [*every_second(60), *((at, "149.99", "150.01") for at in range(60, 23_400, 20))]
    wish = a_wish(23_300, metadata={"signal_price": None}, signal_id="late")
    early = a_wish(5)

    run = Run([a_tape(rows)], [early, wish]).go()

    (closed,) = run.recorder.of_kind(OrderClosed)
    assert (closed.status, closed.at) == ("EXPIRED", SESSION.close_at)
    assert run.words.index("SessionClosed") > run.words.index("OrderExpired")


def test_the_daily_volume_is_that_of_the_day() -> None:
    days: list[date] = []

    def volume(_symbol: str, day: date) -> int:
        days.append(day)
        return shares(1_000_000 * len(days))

    wishes = [a_wish(5, strength=1), a_wish(3 * A_DAY + 5, "FLAT", strength=1)]
    run = Run([a_tape(two_days())], wishes, sessions=(SESSION, THREE_DAYS_LATER), adv=volume).go()

    volumes = [d.market.adv for d in run.recorder.of_kind(Decision)]
    assert days == [DAY, THREE_DAYS_LATER.day]
    assert volumes == [shares(1_000_000), shares(2_000_000)]


@pytest.mark.control("C-38", "refuses")
@pytest.mark.control("C-38", "passes")
@pytest.mark.parametrize(
    ("closes", "outcomes"),
    [
        (("149", "151"), ["ORDERED", "ORDERED"]),
        ((None, None), ["ORDERED", "ORDERED"]),
        (("149", "75"), ["ORDERED", "REFUSED SYMBOL_QUARANTINED"]),
    ],
)
def test_the_close_before_is_told_at_each_open(
    closes: tuple[str | None, str | None], outcomes: list[str]
) -> None:
    known = dict(zip((DAY, THREE_DAYS_LATER.day), closes, strict=True))

    def close_before(_symbol: str, day: date) -> int | None:
        close = known[day]
        return None if close is None else price(close)

    wishes = [a_wish(5, strength=1), a_wish(3 * A_DAY + 5, "FLAT", strength=1)]
    sessions = (SESSION, THREE_DAYS_LATER)
    run = Run([a_tape(two_days())], wishes, sessions=sessions, prior_close=close_before).go()

    assert run.outcomes == outcomes
    assert run.words.count("ReferenceSeen") == 2 - closes.count(None)


def test_without_sessions_it_runs_all_the_same() -> None:
    run = Run([QUIET], [a_wish(5, strength=1)], sessions=(), shares_a_day=None).go()

    assert run.fills == [(5.0, "BUY", "333", "150.01")]
    assert "SessionClosed" not in run.words


def test_a_split_adjusts_what_is_held() -> None:
    split = Split("AAPL", THREE_DAYS_LATER.day, 7, 1)
    wishes = [a_wish(5, strength=1), a_wish(3 * A_DAY + 5, "FLAT", strength=1)]
    tape = a_tape([*every_second(600), *two_days("21.42", "21.44")[600:]])

    run = Run([tape], wishes, sessions=(SESSION, THREE_DAYS_LATER), splits=(split,)).go()

    assert [fill[1:3] for fill in run.fills] == [("BUY", "333"), ("SELL", "2331")]
    assert run.replay.desk.state.book.holdings == {}
    assert run.words.count("SplitApplied") == 1


def test_a_split_between_two_recorded_days_counts_too() -> None:
    split = Split("AAPL", DAY + timedelta(days=1), 7, 1)

    run = Run(
        [a_tape(two_days())],
        [a_wish(5, strength=1)],
        sessions=(SESSION, THREE_DAYS_LATER),
        splits=(split,),
    ).go()

    assert run.replay.desk.state.book.holdings["AAPL"].quantity == shares(333 * 7)


@pytest.mark.parametrize(
    "ex_date",
    [
        pytest.param(DAY - timedelta(days=1), id="before the first recorded day"),
        pytest.param(THREE_DAYS_LATER.day + timedelta(days=1), id="after the last"),
    ],
)
def test_a_split_outside_the_recording_changes_nothing(ex_date: date) -> None:
    held = Position(symbol="AAPL", quantity=Decimal(100), average_price=Decimal(140))

    run = Run(
        [a_tape(two_days())],
        sessions=(SESSION, THREE_DAYS_LATER),
        splits=(Split("AAPL", ex_date, 7, 1),),
        simulation=rich(held),
    ).go()

    assert run.replay.desk.state.book.holdings["AAPL"].quantity == shares(100)


# The account.


def test_the_account_opens_with_what_the_broker_holds() -> None:
    held = Position(symbol="AAPL", quantity=Decimal(100), average_price=Decimal(140))

    run = Run([QUIET], simulation=rich(held)).go()

    account = run.replay.account()
    assert account.cash == 10_000_000
    assert account.equity == 10_015_000
    (position,) = account.positions
    assert (position.quantity, position.average_price) == (Decimal(100), Decimal(140))
    assert position.market_price == 150


def test_a_position_that_was_never_quoted_has_no_mark() -> None:
    held = Position(symbol="MSFT", quantity=Decimal(100), average_price=Decimal(140))

    account = Run([QUIET], simulation=rich(held)).go().replay.account()

    assert account.positions[0].market_price is None
    assert account.equity == 10_014_000


# What a strategy says.


def test_a_strategy_speaks_between_quotes_and_timers() -> None:
    bells = Bells((at(5), [a_wish(5, strength=1)]), (at(9), []))

    run = Run([QUIET]).go([bells])

    assert bells.shown == [at(5), at(9)]
    assert run.fills == [(5.0, "BUY", "333", "150.01")]


def test_of_two_that_are_shown_at_once_the_first_goes_first() -> None:
    first = Bells((at(5), [a_wish(5, signal_id="first")]))
    second = Bells((at(5), [a_wish(5, signal_id="second")]))

    run = Run([QUIET]).go([first, second])

    names = [d.signal_id for d in run.recorder.of_kind(Decision)]
    assert names == ["first", "second"]


def test_what_is_shown_comes_before_a_recorded_signal_of_the_same_moment() -> None:
    bells = Bells((at(5), [a_wish(5, signal_id="shown")]))

    run = Run([QUIET], [a_wish(5, signal_id="recorded")]).go([bells])

    assert [d.signal_id for d in run.recorder.of_kind(Decision)] == ["shown", "recorded"]


@pytest.mark.parametrize(
    "wishes",
    [
        [],
        [a_wish(5, strength=1), a_wish(299, strength=1)],
        [a_wish(5)],
        [a_wish(700)],
    ],
)
def test_what_is_shown_and_not_answered_changes_nothing(wishes: list[Signal]) -> None:
    rows: list[Row] = [(n, "149.99", "150.01") for n in range(0, 300, 7)]
    tapes = [a_tape([*rows, (310, "", "150.01"), (400, "149.90", "149.92")])]
    alone = Run(tapes, wishes).go()

    watched = Run(tapes, wishes).go([Bells(*((at(n), []) for n in range(900)))])

    assert watched.recorder.projections == alone.recorder.projections
    assert watched.fills == alone.fills


def test_shows_take_turns_by_time() -> None:
    heard: list[tuple[str, int]] = []

    class Heard(Bells):
        def __init__(self, name: str, *seconds: int) -> None:
            super().__init__(*((at(second), []) for second in seconds))
            self.name = name

        def show_next(self) -> list[Signal]:
            heard.append((self.name, self.at))
            return super().show_next()

    Run([QUIET]).go([Heard("a", 1, 2, 5, 6), Heard("b", 2, 3, 4, 6)])

    turns = ["a1", "a2", "b2", "b3", "b4", "a5", "a6", "b6"]
    assert heard == [(turn[0], at(int(turn[1]))) for turn in turns]


# Progress.


def test_progress_ends_with_everything_done() -> None:
    told: list[tuple[int, int]] = []
    bells = Bells(*((at(n), []) for n in range(1_500)))

    Run([QUIET], [a_wish(5), a_wish(6)]).go([bells], lambda done, total: told.append((done, total)))

    assert told[-1] == (1_502, 1_502)
    assert (1_000, 1_502) in told


# After a crash.


@pytest.mark.parametrize("turns", range(1, 20, 3))
def test_an_interrupted_run_goes_on_where_it_stopped(turns: int) -> None:
    wishes = [a_wish(5 + n, "LONG" if n % 2 else "FLAT", strength=1) for n in range(20)]
    whole = Run([QUIET], wishes).go()
    dying = DyingJournal(turns)
    with pytest.raises(Cut):
        Run([QUIET], wishes, journal=dying).go()

    again = Run([QUIET], wishes, journal=MemoryJournal(bytes(dying.content))).go()

    assert again.fills == whole.fills
    assert again.replay.desk.state.book == whole.replay.desk.state.book


def test_a_finished_run_stays_finished() -> None:
    wishes = [a_wish(5, strength=1)]
    kept = MemoryJournal()
    whole = Run([QUIET], wishes, journal=kept).go()

    again = Run([QUIET], wishes, journal=MemoryJournal(bytes(kept.content))).go()

    assert again.fills == whole.fills
    assert again.replay.account() == whole.replay.account()


def test_a_split_is_not_applied_again() -> None:
    split = Split("AAPL", DAY, 7, 1)
    held = Position(symbol="AAPL", quantity=Decimal(100), average_price=Decimal(140))
    given: dict[str, Any] = {"splits": (split,), "simulation": rich(held)}
    dying = DyingJournal(2)
    with pytest.raises(Cut):
        Run([QUIET], [a_wish(5)], journal=dying, **given).go()

    again = Run([QUIET], [a_wish(5)], journal=MemoryJournal(bytes(dying.content)), **given).go()

    records = list(again.journal.records())
    assert sum(isinstance(record, SplitApplied) for record in records) == 1
    assert again.replay.desk.state.book.by_strategy["", "AAPL"] == shares(700)


def test_a_journal_of_other_settings_is_not_continued() -> None:
    kept = MemoryJournal()
    Run([QUIET], [a_wish(5)], journal=kept).go()
    other = Run([QUIET], journal=MemoryJournal(bytes(kept.content)), rules="other rules")

    with pytest.raises(JournalDiverged, match="written under other settings"):
        other.go()


def test_a_strategys_run_can_be_continued() -> None:
    def bells() -> Bells:
        return Bells(*((at(5 * n), [a_wish(5 * n, strength=1)]) for n in range(1, 9)))

    whole = Run([QUIET]).go([bells()])
    dying = DyingJournal(8)
    with pytest.raises(Cut):
        Run([QUIET], journal=dying).go([bells()])

    again = Run([QUIET], journal=MemoryJournal(bytes(dying.content))).go([bells()])

    assert again.fills == whole.fills


def test_a_run_over_many_days_can_be_continued() -> None:
    wishes = [a_wish(5), *(a_wish(3 * A_DAY + n, strength=1) for n in range(5, 15))]
    given: dict[str, Any] = {"sessions": (SESSION, THREE_DAYS_LATER)}
    tape = a_tape(two_days())
    whole = Run([tape], wishes, **given).go()
    dying = DyingJournal(12)
    with pytest.raises(Cut):
        Run([tape], wishes, journal=dying, **given).go()

    again = Run([tape], wishes, journal=MemoryJournal(bytes(dying.content)), **given).go()

    assert again.fills == whole.fills


def test_the_broker_agrees_with_the_desk_after_a_crash() -> None:
    wishes = [a_wish(5 + n, "LONG", strength="0.5") for n in range(10)]
    dying = DyingJournal(9)
    with pytest.raises(Cut):
        Run([QUIET], wishes, journal=dying).go()

    again = Run([QUIET], wishes, journal=MemoryJournal(bytes(dying.content))).go()

    portfolio = asyncio.run(again.replay.broker.get_portfolio())
    assert portfolio.cash == again.replay.account().cash


def test_the_first_moment_is_that_of_the_first_session() -> None:
    run = Run([QUIET], sessions=(THREE_DAYS_LATER, SESSION)).go()

    opened = next(iter(run.journal.records()))
    assert opened.at == OPEN
