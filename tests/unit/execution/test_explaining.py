"""An order can be explained from the journal alone: what judged it, and what did not and why."""

from dataclasses import replace
from decimal import Decimal

import pytest

from fillpath.core.commands import Intent
from fillpath.core.events import (
    AccountOpened,
    Event,
    KillSwitchSet,
    OpeningPosition,
    SessionOpened,
    SignalReceived,
    TimerFired,
)
from fillpath.core.models import Signal
from fillpath.core.units import MONEY_SCALE, NANOSECONDS, PRICE_SCALE, QUANTITY_SCALE
from fillpath.execution.desk import Desk
from fillpath.execution.explaining import (
    DID_NOT_RUN,
    OBJECTED,
    PASSED,
    Explanation,
    Judgement,
    Record,
    Said,
    explain,
)
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.cascade import ROWS, Cascade, Row
from fillpath.risk.limits import RiskLimits
from fillpath.testing.builders import START_NS, a_signal, a_view

POLICY = DeskPolicy()


def recorded(*events: Event, policy: DeskPolicy = POLICY) -> list[Record]:
    """Return the journal that an engine would have written."""
    desk = Desk(policy)
    opened: tuple[Event, ...] = (
        AccountOpened(START_NS, "paper", 100_000 * MONEY_SCALE),
        SessionOpened(START_NS),
    )
    records: list[Record] = []
    for event in (*opened, *events):
        records.append(event)
        commands = desk.step(event)
        records += [one for one in commands if isinstance(one, Intent)]
    return records


def told(
    records: list[Record], name: str = "trend/sig-1", policy: DeskPolicy = POLICY
) -> Explanation:
    found = explain(records, policy, name)
    assert found is not None
    return found


def signalled(signal: Signal | None = None) -> SignalReceived:
    return SignalReceived(START_NS, a_signal() if signal is None else signal, a_view())


def said(judgement: Judgement, control: str) -> Said:
    return next(one for one in judgement.controls if one.id == control)


def test_an_order_that_was_sent_passed_each_check_that_ran() -> None:
    found = told(recorded(signalled()))

    (judgement,) = found.judgements
    assert (found.symbol, found.strategy_name, found.signal_id) == ("AAPL", "trend", "sig-1")
    assert (judgement.stage, judgement.outcome, judgement.risk) == ("SIGNAL", "ORDERED", "APPROVE")
    assert said(judgement, "C-17").verdict == PASSED
    assert said(judgement, "C-17").limits == {
        "risk.max_position_pct": "5",
        "risk.max_positions": "20",
    }
    assert said(judgement, "C-17").text == ""


def test_a_control_that_is_decided_elsewhere_did_not_run_and_says_where() -> None:
    (judgement,) = told(recorded(signalled())).judgements

    assert said(judgement, "C-47").verdict == DID_NOT_RUN
    assert said(judgement, "C-47").text == ("it is asked elsewhere, by execution.engine")
    assert said(judgement, "C-52").text == "it is asked when the engine starts"


def test_a_control_that_is_asked_when_the_order_leaves_says_so() -> None:
    (judgement,) = told(recorded(signalled())).judgements

    assert "the broker is asked" in said(judgement, "C-53").text


def test_controls_of_the_work_and_of_the_day_after_are_no_part_of_it() -> None:
    (judgement,) = told(recorded(signalled())).judgements

    assert {one.id[0] for one in judgement.controls} == {"C"}


def test_an_objection_is_told_with_its_numbers() -> None:
    limits = RiskLimits(max_position_pct=Decimal("0.1"))
    policy = replace(POLICY, risk=limits)
    records = recorded(signalled(), policy=policy)

    (judgement,) = told(records, policy=policy).judgements

    assert said(judgement, "C-17").verdict == OBJECTED
    assert said(judgement, "C-17").code == "POSITION_CAP"
    assert "the cap of 0.1 % of equity" in said(judgement, "C-17").text
    assert said(judgement, "C-17").limits["risk.max_position_pct"] == "0.1"


def test_a_signal_that_never_came_before_the_checks_says_what_ended_it() -> None:
    killed = KillSwitchSet(START_NS, "drill", "ann")

    (judgement,) = told(recorded(killed, signalled())).judgements

    assert judgement.reason == "KILL_SWITCH"
    assert said(judgement, "C-44").verdict == OBJECTED
    assert said(judgement, "C-44").text == "trading is off: drill"
    assert said(judgement, "C-17").verdict == DID_NOT_RUN
    assert said(judgement, "C-17").text == "the decision ended before it, with KILL_SWITCH"


def test_a_signal_is_found_by_its_own_id_where_no_order_came_of_it() -> None:
    late = SignalReceived(START_NS + 60 * NANOSECONDS, a_signal(), a_view())

    found = told(recorded(late), name="sig-1")

    assert [one.reason for one in found.judgements] == ["STALE_SIGNAL"]


def test_a_check_that_is_switched_off_says_why() -> None:
    row = ROWS[0]
    off = Row(row.control, row.code, row.check, row.at, lambda _limits: "nobody wants it")
    policy = replace(POLICY)
    object.__setattr__(policy, "cascade", Cascade(policy.risk, (off, *ROWS[1:])))

    (judgement,) = told(recorded(signalled(), policy=policy), policy=policy).judgements

    assert said(judgement, "C-44").verdict == DID_NOT_RUN
    assert said(judgement, "C-44").text == "nobody wants it"


def sliced() -> list[Record]:
    large = a_signal(metadata={**a_signal().metadata, "quantity": "200"})
    thin = a_view(adv=1_000 * QUANTITY_SCALE)
    first = SignalReceived(START_NS, large, thin)
    later = START_NS + 60 * NANOSECONDS
    due = TimerFired(later, "slice:trend/sig-1", later, "AAPL", a_view(adv=1_000 * QUANTITY_SCALE))
    return recorded(first, due)


@pytest.mark.parametrize("name", ["trend/sig-1", "trend/sig-1#1", "sig-1"])
def test_a_slice_is_explained_with_its_parent_and_a_parent_with_its_slices(name: str) -> None:
    found = told(sliced(), name)

    stages = [(one.stage, one.order_id) for one in found.judgements]
    assert ("SIGNAL", "trend/sig-1") in stages
    assert ("SLICE", "trend/sig-1#1") in stages


def test_an_exit_says_which_controls_only_entries_answer_to() -> None:
    held = OpeningPosition("AAPL", 10 * QUANTITY_SCALE, 150 * PRICE_SCALE)
    opened = AccountOpened(START_NS, "paper", 100_000 * MONEY_SCALE, (held,))
    flat = a_signal(direction="FLAT")
    records: list[Record] = [opened, SessionOpened(START_NS), signalled(flat)]

    (judgement,) = told(records).judgements

    assert judgement.outcome == "ORDERED"
    assert said(judgement, "C-17").verdict == DID_NOT_RUN
    assert said(judgement, "C-17").text == (
        "the order takes risk off, and exits do not answer to it"
    )
    assert said(judgement, "C-08").verdict == PASSED


def test_a_parent_says_what_its_slices_are_asked() -> None:
    parent = told(sliced()).judgements[0]

    assert said(parent, "C-13").text == "it is asked of each slice, when that is released"


def test_a_name_that_the_journal_does_not_know_is_explained_by_nothing() -> None:
    assert explain(recorded(signalled()), POLICY, "trend/sig-2") is None
