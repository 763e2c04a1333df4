"""Orders that wait for a person: asked once, answered once, judged again, never left behind."""

from dataclasses import replace
from typing import Any, Final

import pytest

from fillpath.core.events import ApprovalDeclined, ApprovalGiven, PositionAdjusted, TimerFired
from fillpath.core.models import Signal
from fillpath.core.units import moment
from fillpath.execution.desk.queueing import MOST_ANSWERED, MOST_WAITING
from fillpath.execution.policy import DeskPolicy, RouterPolicy
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from fillpath.testing.builders import a_signal
from tests.unit.execution.desk.scene import Answer, Scene, a_holding, seconds, shares

ORDER: Final = "trend/sig-1"
QUARTER_HOUR: Final = 15 * 60


def a_policy(mode: Autonomy = Autonomy.MANUAL_APPROVAL, **knobs: Any) -> DeskPolicy:
    limits = RiskLimits(autonomy=AutonomyLimits(mode=mode, **knobs))
    return DeskPolicy(risk=limits, router=RouterPolicy(protect_market=False))


class Desk(Scene):
    """A desk whose every entry needs a person."""

    def __init__(self, policy: DeskPolicy | None = None, **more: Any) -> None:
        super().__init__(policy or a_policy(), **more)

    @property
    def waiting(self) -> list[str]:
        return list(self.desk.state.approvals)

    def approve(self, order_id: str = ORDER, by: str = "ann") -> Answer:
        return self.tell(ApprovalGiven(self.at, order_id, by, self.view()))

    def decline(self, order_id: str = ORDER, by: str = "ann") -> Answer:
        return self.tell(ApprovalDeclined(self.at, order_id, by, "not today"))


def asked(policy: DeskPolicy | None = None, **signal: Any) -> Desk:
    """Return a desk that has asked for 100 shares, a minute ago."""
    scene = Desk(policy)
    scene.signal(quantity=100, **signal)
    scene.wait(60)
    return scene


# Asking.


@pytest.mark.control("C-51", "refuses")
def test_an_entry_waits_for_a_person() -> None:
    scene = Desk()

    answer = scene.signal(quantity=100)

    assert answer.placed == []
    assert answer.outcomes == ["WAITING HUMAN_APPROVAL"]
    assert answer.alarms == ["APPROVAL_REQUIRED"]
    assert answer.decision.risk == "REQUIRE_HUMAN_APPROVAL"
    assert answer.decision.quantity == shares(100)
    assert scene.waiting == [ORDER]
    assert scene.timers[f"approval:{ORDER}"].due == scene.at + seconds(QUARTER_HOUR)


def test_the_question_carries_every_finding() -> None:
    """Sizing has cut the order to the cap of 5 %, which the person sees."""
    scene = Desk(cash=100_000)

    scene.signal(quantity=40)

    (waiting,) = scene.desk.state.approvals.values()
    assert waiting.quantity == shares(33)
    assert [text.partition(":")[0] for text in waiting.findings] == ["HUMAN_APPROVAL"]


def test_what_waits_reserves_nothing() -> None:
    scene = asked()

    book = scene.desk.state.book
    assert (book.reserved, book.buying) == (0, {})


@pytest.mark.control("C-51", "passes")
def test_an_exit_never_needs_a_person() -> None:
    scene = Desk(positions=(a_holding(100),))

    answer = scene.signal("FLAT")

    assert [ticket.quantity for ticket in answer.placed] == [shares(100)]


def test_an_order_that_is_refused_anyway_is_not_asked_for() -> None:
    scene = Desk()
    scene.show("2.99", "3.01")

    assert scene.signal(quantity=100).outcomes == ["REFUSED PRICE_FLOOR"]


def test_no_more_are_asked_for_than_a_person_reads() -> None:
    scene = Desk()
    for _ in range(MOST_WAITING):
        scene.signal(quantity=1)

    answer = scene.signal(quantity=1)

    assert answer.outcomes == ["REFUSED HUMAN_APPROVAL"]
    assert answer.alarms == []
    assert len(scene.waiting) == MOST_WAITING


@pytest.mark.parametrize("mode", [Autonomy.PAPER_ONLY, Autonomy.FULL_AUTONOMOUS])
@pytest.mark.control("C-51", "passes")
def test_a_mode_that_asks_nobody_sends_at_once(mode: Autonomy) -> None:
    assert len(Desk(a_policy(mode)).signal(quantity=100).placed) == 1


@pytest.mark.control("C-51", "refuses")
def test_an_order_beyond_the_bound_waits_and_one_at_the_bound_does_not() -> None:
    policy = a_policy(Autonomy.BOUNDED_AUTONOMOUS, bounded_notional_pct="1.5001")
    scene = Desk(policy, cash=100_000)

    within = scene.signal(quantity=10)  # 1,500.10 at the ask
    beyond = scene.signal(quantity=11, symbol="AAPL")

    assert within.outcomes == ["ORDERED"]
    assert beyond.outcomes == ["WAITING HUMAN_APPROVAL"]


# Yes.


@pytest.mark.control("C-51", "passes")
def test_an_allowed_order_leaves_at_once_in_the_size_that_was_shown() -> None:
    scene = asked()

    answer = scene.approve()

    assert [(t.order_id, t.quantity) for t in answer.placed] == [(ORDER, shares(100))]
    assert answer.outcomes == ["APPROVED", "ORDERED"]
    assert answer.decisions[0].text == "ann allowed it 60.0 s after the question"
    assert [(d.stage, d.signal_id) for d in answer.decisions] == [
        ("APPROVAL", "sig-1"),
        ("SIGNAL", "sig-1"),
    ]
    assert scene.waiting == []
    assert set(scene.timers) == {"resting:AAPL"}


@pytest.mark.fault("F-111")
@pytest.mark.control("C-51", "refuses")
def test_of_two_operators_one_wins_and_the_other_is_told() -> None:
    scene = asked()
    scene.approve(by="ann")

    second = scene.approve(by="bob")

    assert second.placed == []
    assert second.alarms == ["APPROVAL_REFUSED"]
    assert "ann allowed it: ORDERED" in second[0].text  # type: ignore[union-attr]


@pytest.mark.fault("F-111")
@pytest.mark.control("C-51", "refuses")
@pytest.mark.parametrize(
    ("bid", "ask", "outcome"),
    [
        pytest.param("157.49", "157.51", ["APPROVED", "REFUSED APPROVAL_REFUSED"], id="5 % up"),
        pytest.param("142.49", "142.51", ["APPROVED", "REFUSED APPROVAL_REFUSED"], id="5 % down"),
        pytest.param("157.48", "157.50", ["APPROVED", "ORDERED"], id="just less"),
        pytest.param("142.50", "142.52", ["APPROVED", "ORDERED"], id="just less, down"),
    ],
)
def test_a_price_that_has_moved_by_the_bound_makes_the_answer_void(
    bid: str, ask: str, outcome: list[str]
) -> None:
    scene = asked()
    scene.show(bid, ask)

    assert scene.approve().outcomes == outcome
    assert scene.waiting == []


@pytest.mark.control("C-51", "refuses")
def test_every_control_is_asked_again() -> None:
    """Meanwhile the account has reached its limit of symbols."""
    scene = Desk(DeskPolicy(risk=replace(a_policy().risk, max_positions=1)))
    scene.signal(quantity=100)
    scene.tell(PositionAdjusted(scene.at, "MSFT", shares(1), 0, "ann", "found"))

    answer = scene.approve()

    assert answer.outcomes == ["APPROVED", "REFUSED MAX_POSITIONS"]
    assert answer.placed == []


@pytest.mark.control("C-51", "refuses")
def test_less_is_sent_where_less_fits_now() -> None:
    scene = Desk(cash=100_000)
    scene.signal(quantity=33)
    scene.show("154.99", "155.01")

    answer = scene.approve()

    assert answer.outcomes == ["APPROVED", "ORDERED"]
    assert [ticket.quantity for ticket in answer.placed] == [shares(32)]


def test_more_than_was_shown_is_never_sent() -> None:
    """The price fell, so the same money buys more; the person allowed 33."""
    scene = Desk(cash=100_000)
    statistics = {"win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": 1, "n_trades": 100}
    scene.signal(metadata=statistics)
    scene.show("144.99", "145.01")

    answer = scene.approve()

    assert [ticket.quantity for ticket in answer.placed] == [shares(33)]
    assert "APPROVED_SIZE" in answer.decisions[1].flags


def test_an_allowed_order_may_be_sliced() -> None:
    scene = Desk(cash=100_000_000)
    scene.signal(quantity=10_500)

    answer = scene.approve()

    assert [ticket.slice_number for ticket in answer.placed] == [1]
    assert scene.desk.state.parents[ORDER].allowed_by == "ann"


def test_an_answer_that_would_now_trade_the_other_side_is_void() -> None:
    """A yes to a short sale does not cover buying back."""
    scene = Desk(a_policy())
    scene.signal("SHORT", 100)
    signal = scene.desk.state.approvals[ORDER]
    scene.desk.state.approvals[ORDER] = type(signal)(
        signal.event,
        signal.at,
        signal.due,
        signal.side.opposite,
        signal.quantity,
        signal.price,
        signal.worst,
        signal.findings,
    )

    assert scene.approve().outcomes == ["APPROVED", "REFUSED APPROVAL_REFUSED"]


def test_a_yes_while_nothing_can_leave_keeps_the_question_open() -> None:
    scene = asked()
    scene.hold()

    answer = scene.approve()

    assert answer.outcomes == ["WAITING TRADING_HELD"]
    assert scene.waiting == [ORDER]
    scene.release()
    assert scene.approve().outcomes == ["APPROVED", "ORDERED"]


def test_a_yes_without_a_usable_quote_keeps_the_question_open() -> None:
    scene = asked()
    scene.show("149.99", None)

    assert scene.approve().outcomes == ["WAITING PRICE_UNAVAILABLE"]
    assert scene.waiting == [ORDER]
    assert scene.desk.state.held == {}


def test_a_yes_in_a_quarantined_symbol_is_refused() -> None:
    scene = asked()
    scene.quarantine()

    assert scene.approve().outcomes == ["APPROVED", "REFUSED SYMBOL_QUARANTINED"]


def test_a_name_that_nobody_asked_about_changes_nothing() -> None:
    scene = asked()

    answer = scene.approve("trend/sig-9")

    assert answer.alarms == ["APPROVAL_REFUSED"]
    assert scene.waiting == [ORDER]


# No, and the ways a question ends by itself.


@pytest.mark.control("C-51", "refuses")
def test_a_declined_order_is_not_sent() -> None:
    scene = asked()

    answer = scene.decline()

    assert answer.outcomes == ["DECLINED APPROVAL_REFUSED", "REFUSED APPROVAL_REFUSED"]
    assert answer.decisions[1].text == "ann declined it: not today"
    assert scene.waiting == []
    assert scene.approve().placed == []


def test_declining_what_does_not_wait_changes_nothing() -> None:
    assert Desk().decline().alarms == ["APPROVAL_REFUSED"]


@pytest.mark.control("C-51", "refuses")
def test_a_question_that_nobody_answers_expires() -> None:
    scene = Desk()
    scene.signal(quantity=100)

    early = scene.wait(QUARTER_HOUR - 1)
    late = scene.wait(1)

    assert early == []
    assert late.outcomes == ["EXPIRED HUMAN_APPROVAL"]
    assert late.decision.text == "nobody answered within 15 minutes"
    assert scene.approve().placed == []


def test_a_yes_after_the_end_is_too_late_even_before_the_timer_was_heard() -> None:
    scene = Desk()
    scene.signal(quantity=100)
    scene.sleep(QUARTER_HOUR)

    answer = scene.approve()

    assert answer.outcomes == ["EXPIRED HUMAN_APPROVAL"]
    assert scene.fire() == []


@pytest.mark.control("C-51", "refuses")
def test_a_kill_ends_every_question() -> None:
    scene = asked()

    assert "REFUSED KILL_SWITCH" in scene.kill().outcomes
    assert scene.waiting == []
    scene.clear()
    assert scene.approve().placed == []


def test_the_close_ends_every_question() -> None:
    scene = asked()

    assert scene.close().outcomes == ["EXPIRED EXPIRED_SIGNAL"]
    assert scene.waiting == []


def test_a_newer_signal_takes_the_place_of_the_older_question() -> None:
    scene = asked()

    answer = scene.signal(quantity=50)

    assert answer.outcomes == ["WAITING HUMAN_APPROVAL", "REFUSED SUPERSEDED"]
    assert scene.waiting == ["trend/sig-2"]


def test_the_newer_signal_of_another_symbol_does_not() -> None:
    scene = asked()

    scene.hear(other_symbol(scene))

    assert scene.waiting == [ORDER]


def other_symbol(scene: Scene) -> Signal:
    return a_signal(symbol="MSFT", direction="FLAT", signal_id="m", timestamp=moment(scene.at))


# Memory.


def test_a_journal_brings_every_question_back() -> None:
    scene = asked()

    assert scene.fingerprint_of_replay() == scene.desk.fingerprint()


def test_the_answers_that_are_remembered_are_bounded() -> None:
    scene = Desk()
    for _ in range(MOST_ANSWERED + 1):
        scene.signal(quantity=1)
        scene.decline(scene.waiting[0])

    answered = scene.desk.state.answered
    assert len(answered) == MOST_ANSWERED
    assert ORDER not in answered


def test_the_timer_of_a_question_that_is_gone_says_nothing() -> None:
    scene = Desk()

    assert scene.tell(TimerFired(scene.at, f"approval:{ORDER}", scene.at, "", scene.view())) == []
