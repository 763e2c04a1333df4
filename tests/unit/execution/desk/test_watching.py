"""The desk tells the breakers what happens, and stops what they say."""

from collections.abc import Callable
from typing import Any

import pytest

from fillpath.core.events import (
    AccountReported,
    AccountValued,
    OperatorSeen,
    SessionOpened,
    VolatilitySeen,
)
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.kill_switch import Scope
from fillpath.risk.limits import RateLimits, RiskLimits
from fillpath.risk.watched import Watched
from fillpath.risk.watching import weekday_number
from tests.unit.execution.desk.scene import Scene, money, price, seconds

DAY = 9_293
TWO_MINUTES = seconds(120)


def a_scene(cash: int = 100_000, **rates: Any) -> Scene:
    return Scene(DeskPolicy(risk=RiskLimits(rates=RateLimits(**rates))), cash=cash)


def watched(scene: Scene) -> Watched:
    return scene.desk.state.risk.watched


def holding(quantity: int = 30) -> Scene:
    """Return a desk that holds so many shares at 150.01."""
    scene = a_scene()
    scene.signal(quantity=quantity)
    scene.trade("trend/sig-1")
    return scene


def fallen_to(scene: Scene, cents_below: int, after: int = TWO_MINUTES) -> None:
    """Let the market fall to so many cents below 150.00, some time later."""
    scene.at += after
    mid = 15_000 - cents_below
    scene.show(f"{(mid - 1) / 100:.2f}", f"{(mid + 1) / 100:.2f}")


def any_signal(scene: Scene, direction: str = "LONG", **changes: Any) -> Any:
    return scene.signal(direction, **({"quantity": 1} | changes))


class TestLosses:
    @pytest.mark.control("C-25", "refuses")
    def test_a_loss_of_the_day_stops_entries_and_lets_exits_leave(self) -> None:
        scene = holding()
        fallen_to(scene, 10_000)  # 30 shares lose 3,000.30 of 100,000

        lost = any_signal(scene)
        out = scene.signal("FLAT")

        assert lost.alarms == ["DAILY_LOSS"]
        assert lost.outcomes == ["REFUSED DAILY_LOSS"]
        assert out.outcomes == ["ORDERED"]

    @pytest.mark.control("C-25", "passes")
    def test_a_smaller_loss_stops_nothing(self) -> None:
        scene = holding()
        fallen_to(scene, 9_998)

        assert any_signal(scene).outcomes == ["ORDERED"]

    def test_a_loss_is_told_once(self) -> None:
        scene = holding()
        fallen_to(scene, 10_000)
        any_signal(scene)

        assert any_signal(scene).alarms == []

    def test_who_goes_on_is_not_stopped_again_for_the_same_loss(self) -> None:
        scene = holding()
        fallen_to(scene, 10_000)
        any_signal(scene)

        scene.clear()

        assert any_signal(scene).outcomes == ["ORDERED"]

    @pytest.mark.control("C-25", "refuses")
    def test_a_report_without_equity_stops_entries(self) -> None:
        scene = a_scene()

        answer = scene.tell(AccountReported(scene.at))

        assert answer.alarms == ["CTRL_25_INPUT"]
        assert any_signal(scene).outcomes == ["REFUSED CTRL_25_INPUT"]

    def test_a_broker_that_reports_is_believed_and_the_marks_are_not(self) -> None:
        scene = holding()
        scene.tell(AccountReported(scene.at, money(100_000)))
        fallen_to(scene, 10_000)
        assert any_signal(scene).outcomes == ["ORDERED"]

        answer = scene.tell(AccountReported(scene.at, money(97_000)))

        assert answer.alarms == ["DAILY_LOSS"]

    def test_what_a_person_books_is_no_loss(self) -> None:
        scene = a_scene()
        any_signal(scene)
        scene.adjust(0, cash=-50_000)

        assert any_signal(scene).alarms == []

    def test_a_split_is_no_loss_while_the_marks_do_not_know_of_it(self) -> None:
        scene = holding()
        any_signal(scene)
        scene.at += TWO_MINUTES
        scene.split(1, 3)

        assert any_signal(scene).alarms == []

    def test_a_split_of_what_is_not_held_stops_no_valuing(self) -> None:
        scene = a_scene()

        scene.split(2, 1)

        assert watched(scene).settled_at == 0


class TestShock:
    @pytest.mark.control("A-17", "refuses")
    def test_a_sudden_loss_kills_the_account(self) -> None:
        scene = holding()
        any_signal(scene)
        fallen_to(scene, 4_000, after=seconds(50))

        answer = any_signal(scene)

        assert answer.alarms == ["PNL_SHOCK"]
        assert answer.outcomes == ["REFUSED PNL_SHOCK"]
        assert scene.signal("FLAT").outcomes == ["REFUSED PNL_SHOCK"]

    @pytest.mark.control("A-17", "passes")
    def test_the_same_loss_in_more_time_does_not(self) -> None:
        scene = holding()
        any_signal(scene)
        fallen_to(scene, 4_000)

        assert any_signal(scene).alarms == []

    def test_after_a_resume_a_new_minute_begins(self) -> None:
        scene = holding()
        any_signal(scene)
        fallen_to(scene, 4_000, after=seconds(50))
        any_signal(scene)

        scene.clear()

        assert any_signal(scene).outcomes == ["ORDERED"]


def repeat(scene: Scene, times: int) -> Any:
    answer = None
    for _ in range(times):
        answer = any_signal(scene)
    return answer


class TestRepeats:
    @pytest.mark.control("C-24", "refuses")
    def test_the_twenty_first_order_of_an_hour_stops_its_strategy(self) -> None:
        scene = a_scene()
        repeat(scene, 20)

        answer = any_signal(scene)

        assert answer.placed == []
        assert answer.alarms == ["REPEATED_EXECUTION"]
        assert answer.outcomes == ["REFUSED REPEATED_EXECUTION"]

    @pytest.mark.control("C-24", "passes")
    def test_twenty_orders_and_other_strategies_go_on(self) -> None:
        scene = a_scene()

        assert repeat(scene, 20).outcomes == ["ORDERED"]
        any_signal(scene)

        assert any_signal(scene, strategy_name="other").outcomes == ["ORDERED"]

    def test_an_exit_that_is_one_too_many_still_leaves(self) -> None:
        scene = holding(10)
        repeat(scene, 19)
        for number in range(2, 21):
            scene.refuse(f"trend/sig-{number}")

        answer = scene.signal("FLAT")

        assert answer.outcomes == ["ORDERED"]
        assert "REPEATED_EXECUTION" in answer.alarms

    def test_where_nothing_real_is_traded_it_ends_with_the_session(self) -> None:
        scene = a_scene()
        scene.tell(SessionOpened(scene.at, scene.at + TWO_MINUTES, DAY))
        repeat(scene, 21)

        scene.at += TWO_MINUTES
        scene.fire()
        scene.tell(SessionOpened(scene.at, 0, DAY + 1))  # so near to a close no entry is sent

        assert any_signal(scene).outcomes == ["ORDERED"]

    def test_without_a_session_it_ends_with_the_day(self) -> None:
        scene = a_scene()
        repeat(scene, 21)

        (latch,) = list(scene.desk.state.latches)
        assert latch.until % (24 * seconds(3_600)) == 0
        assert 0 < latch.until - scene.at <= 24 * seconds(3_600)

    def test_live_it_waits_for_a_person(self) -> None:
        scene = a_scene(repeated_ends_with_day=False)
        repeat(scene, 21)

        (latch,) = list(scene.desk.state.latches)
        assert latch.until == 0
        scene.clear(scope="strategy", target="trend")
        assert any_signal(scene).outcomes == ["ORDERED"]


class TestSlippage:
    def paid(self, times: int, paid: str) -> Scene:
        """Let a strategy pay so much for shares that it meant to buy at 149.99."""
        scene = a_scene(repeated_count=0)
        for number in range(times):
            any_signal(scene)
            scene.trade(f"trend/sig-{number + 1}", paid=paid)
        return scene

    @pytest.mark.control("A-07", "refuses")
    def test_twenty_dear_fills_stop_their_strategy(self) -> None:
        scene = self.paid(20, "150.15")

        assert scene.all.alarms[-1] == "SLIPPAGE_BREAKER"
        assert any_signal(scene).outcomes == ["REFUSED SLIPPAGE_BREAKER"]

    @pytest.mark.control("A-07", "passes")
    def test_twenty_fair_fills_do_not(self) -> None:
        scene = self.paid(20, "150.13")

        assert any_signal(scene).outcomes == ["ORDERED"]

    def test_after_a_resume_twenty_more_are_looked_at(self) -> None:
        scene = self.paid(20, "150.15")

        scene.clear(scope="strategy", target="trend")

        assert watched(scene).slippages == {}

    def test_a_late_fill_counts_too(self) -> None:
        scene = self.paid(19, "150.15")
        any_signal(scene)
        scene.accept("trend/sig-20")
        scene.expire("trend/sig-20")

        answer = scene.fill("trend/sig-20", paid="150.15")

        assert "SLIPPAGE_BREAKER" in answer.alarms

    def test_a_strangers_fill_is_nobodys_slippage(self) -> None:
        scene = a_scene()

        scene.fill("external/1", 100, paid="999")

        assert watched(scene).slippages == {}


class TestOrderToTrade:
    def ended(self, times: int) -> Scene:
        scene = a_scene(repeated_count=0)
        for number in range(times):
            any_signal(scene)
            scene.refuse(f"trend/sig-{number + 1}")
        return scene

    @pytest.mark.control("A-15", "refuses")
    def test_fifty_one_orders_without_a_trade_pause_their_strategy(self) -> None:
        scene = self.ended(51)

        assert "ORDER_TO_TRADE" in scene.all.alarms
        assert any_signal(scene).outcomes == ["REFUSED ORDER_TO_TRADE"]

    @pytest.mark.control("A-15", "passes")
    def test_fifty_do_not(self) -> None:
        assert any_signal(self.ended(50)).outcomes == ["ORDERED"]

    def test_the_pause_ends_with_its_window(self) -> None:
        scene = self.ended(51)

        scene.at += seconds(300)
        scene.fire()

        assert any_signal(scene).outcomes == ["ORDERED"]

    def test_a_trade_is_counted_with_its_order(self) -> None:
        traffic = watched(holding()).traffic["trend"]

        assert (traffic.messages, traffic.executions) == (1, 1)

    def test_a_cancel_is_a_message_of_its_own(self) -> None:
        scene = a_scene()
        any_signal(scene)
        scene.accept("trend/sig-1")
        scene.kill()

        scene.cancelled("trend/sig-1")

        assert watched(scene).traffic["trend"].messages == 2


class TestReports:
    def test_what_the_broker_says_is_remembered(self) -> None:
        scene = a_scene()
        scene.tell(AccountReported(scene.at, money(1), money(2), 3, money(4), "margin"))

        account = scene.desk.state.risk.account
        assert (account.equity, account.settled_cash) == (money(1), money(2))
        assert (account.day_trades_left, account.margin_excess) == (3, money(4))
        assert (account.at, account.kind) == (scene.at, "margin")

    def test_a_negative_margin_after_an_opening_is_a_deficit_of_the_day(self) -> None:
        scene = holding()
        scene.tell(SessionOpened(scene.at, scene.at + TWO_MINUTES, DAY))

        scene.tell(AccountReported(scene.at, money(100_000), margin_excess=-money(50)))

        assert watched(scene).deficits.outstanding[DAY].amount == money(50)

    def test_a_negative_margin_that_the_market_made_is_none(self) -> None:
        scene = holding()
        scene.tell(AccountReported(scene.at, money(100_000), margin_excess=money(50)))

        scene.tell(AccountReported(scene.at, money(100_000), margin_excess=-money(50)))

        assert watched(scene).deficits.outstanding == {}

    def test_the_end_of_a_session_settles_deficits(self) -> None:
        scene = holding()
        for number, level in enumerate((-50, 0)):
            scene.tell(SessionOpened(scene.at, scene.at + TWO_MINUTES, DAY + number))
            scene.tell(AccountReported(scene.at, money(100_000), margin_excess=money(level)))
            scene.close()
            scene.at += TWO_MINUTES

        assert watched(scene).deficits.outstanding == {}

    def test_the_volatility_index_is_told_when_it_stops_entries_and_when_it_lets_them_go(
        self,
    ) -> None:
        scene = a_scene()
        told = [scene.tell(VolatilitySeen(scene.at, price(v))).alarms for v in (30, 36, 37, 20)]

        assert told == [[], ["VOLATILITY_INDEX"], [], ["VOLATILITY_INDEX"]]

    @pytest.mark.parametrize("act", ["seen", "resume", "adjust", "let_go"])
    def test_any_act_of_a_person_is_a_sign_of_life(self, act: str) -> None:
        scene = a_scene()
        scene.quarantine()
        scene.at += TWO_MINUTES
        acts: dict[str, Callable[[], object]] = {
            "seen": lambda: scene.tell(OperatorSeen(scene.at, "ann")),
            "resume": scene.clear,
            "adjust": lambda: scene.adjust(1),
            "let_go": scene.let_go,
        }

        acts[act]()

        assert watched(scene).operator_at == scene.at

    def test_who_opens_the_account_is_there(self) -> None:
        scene = a_scene()

        assert watched(scene).operator_at == scene.at


class TestValued:
    def test_a_loss_between_signals_stops_entries(self) -> None:
        scene = holding()
        cash = scene.desk.state.book.cash
        scene.at += TWO_MINUTES

        answer = scene.tell(AccountValued(scene.at, money(97_000) - cash, 0))

        assert answer.alarms == ["DAILY_LOSS"]
        assert scene.desk.state.equity == money(97_000)

    def test_a_short_that_got_dearer_is_a_loss(self) -> None:
        scene = holding()
        cash = scene.desk.state.book.cash
        scene.at += TWO_MINUTES

        scene.tell(AccountValued(scene.at, money(200_000) - cash, money(100_000)))

        assert scene.desk.state.equity == money(100_000)

    def test_where_the_broker_reports_its_own_word_counts(self) -> None:
        scene = holding()
        scene.tell(AccountReported(scene.at, money(100_000)))
        scene.at += TWO_MINUTES

        answer = scene.tell(AccountValued(scene.at, 0, 0))

        assert answer.alarms == []


class TestDayTrades:
    def test_executions_are_counted_in_their_session(self) -> None:
        scene = holding()
        scene.tell(SessionOpened(scene.at, scene.at + TWO_MINUTES, DAY))
        scene.signal("FLAT")
        scene.trade("trend/sig-2")

        trades = watched(scene).trades.sessions
        assert list(trades) == [DAY]
        assert trades[DAY]["AAPL"].changes == 0  # what it held was there before the session

    def test_without_sessions_the_weekday_counts(self) -> None:
        scene = holding()
        scene.signal("FLAT")
        scene.trade("trend/sig-2")

        trades = watched(scene).trades.sessions
        assert trades[weekday_number(scene.at)]["AAPL"].changes == 1

    def test_a_strangers_fill_counts_too(self) -> None:
        scene = holding()

        scene.fill("external/1", 10, side="SELL")

        assert watched(scene).trades.sessions[weekday_number(scene.at)]["AAPL"].changes == 1

    def test_orders_that_open_are_known_while_they_work(self) -> None:
        scene = holding()
        any_signal(scene)
        assert watched(scene).opening == {"AAPL": 1}
        scene.refuse("trend/sig-2")

        scene.signal("FLAT")

        assert watched(scene).opening == {}


def test_a_breaker_stops_what_it_names() -> None:
    scene = a_scene()
    repeat(scene, 21)

    (latch,) = list(scene.desk.state.latches)
    assert (latch.scope, latch.target, latch.by) == (Scope.STRATEGY, "trend", "breaker")
    assert latch.exits
