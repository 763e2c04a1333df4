"""The words of people who allow orders, and who let a live account trade."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from tests.unit.service.account_room import Room
from tests.unit.test_cli_service import BUY, Capture, Engine, said
from tests.unit.test_cli_service import settings as settings  # noqa: PLC0414  # a fixture

ORDER = "manual/one"


def serving(settings: Path, policy: DeskPolicy) -> Iterator[Engine]:
    engine = Engine(settings.parent / "data")
    engine.room = Room(engine.folder, policy=policy)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def asking(settings: Path) -> Iterator[Engine]:
    """Return an engine that asks a person for every entry."""
    autonomy = AutonomyLimits(mode=Autonomy.MANUAL_APPROVAL)
    yield from serving(settings, DeskPolicy(risk=RiskLimits(autonomy=autonomy)))


@pytest.fixture
def live(settings: Path) -> Iterator[Engine]:
    """Return an engine that takes its account for a live one."""
    autonomy = AutonomyLimits(mode=Autonomy.FULL_AUTONOMOUS)
    yield from serving(settings, DeskPolicy(risk=RiskLimits(autonomy=autonomy, real_money=True)))


def types(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{line}\n"))


def test_a_signal_that_waits_is_no_failure(asking: Engine, settings: Path, capsys: Capture) -> None:
    code = said(settings, *BUY)

    assert code == 0
    assert capsys.readouterr().out.splitlines()[0] == "WAITING HUMAN_APPROVAL manual/one"
    assert "PlaceOrder" not in asking.room.words


def test_what_waits_is_shown_whole(asking: Engine, settings: Path, capsys: Capture) -> None:
    said(settings, *BUY)
    capsys.readouterr()

    code = said(settings, "approvals")
    shown = capsys.readouterr().out
    said(settings, "approvals", "--json")

    assert code == 0
    assert shown.splitlines()[0] == ORDER
    assert "  BUY 10 AAPL, at worst " in shown
    assert "  finding 1: HUMAN_APPROVAL: BUY 10 AAPL for at most " in shown
    (one,) = json.loads(capsys.readouterr().out)
    assert one["order_id"] == ORDER
    assert asking.room.live.desk.state.approvals


def test_where_nothing_waits_that_is_said(asking: Engine, settings: Path, capsys: Capture) -> None:
    assert said(settings, "approvals") == 0
    assert capsys.readouterr().out == "no order waits for a person\n"
    assert not asking.room.live.desk.state.approvals


def test_the_findings_come_before_the_typed_answer(
    asking: Engine, settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(settings, *BUY)
    capsys.readouterr()
    types(monkeypatch, ORDER)

    code = said(settings, "approve", ORDER)

    told = capsys.readouterr()
    assert code == 0
    assert "finding 1" in told.out
    assert "type the order's id to allow it: " in told.err
    assert told.out.splitlines()[-1] == f"ORDERED {ORDER}"
    assert asking.room.words.count("PlaceOrder") == 1


def test_another_word_allows_nothing(
    asking: Engine, settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(settings, *BUY)
    types(monkeypatch, "yes")

    code = said(settings, "approve", ORDER)

    assert code == 2
    assert f"type the order's id, {ORDER}, to allow it" in capsys.readouterr().err
    assert "PlaceOrder" not in asking.room.words


def test_a_second_yes_says_what_became_of_the_first(
    asking: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, *BUY)
    said(settings, "approve", ORDER, "--confirm", ORDER)
    capsys.readouterr()

    code = said(settings, "approve", ORDER, "--confirm", ORDER)

    assert code == 2
    assert f"{ORDER} cannot be answered: " in capsys.readouterr().err
    assert asking.room.words.count("PlaceOrder") == 1


def test_a_declined_order_is_told_with_the_reason(
    asking: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, *BUY)
    capsys.readouterr()

    code = said(settings, "decline", ORDER, "--reason", "too dear", "--by", "the desk")

    out = capsys.readouterr().out
    assert code == 0
    assert out.splitlines()[0] == f"REFUSED APPROVAL_REFUSED {ORDER}"
    assert "for the desk declined it: too dear" in out
    assert not asking.room.live.desk.state.approvals


def test_a_no_needs_a_reason(settings: Path, capsys: Capture) -> None:
    assert said(settings, "decline", ORDER, "--reason", " ") == 2
    assert "--reason must say why the order is declined" in capsys.readouterr().err


def test_a_live_account_is_armed_by_saying_it_twice(
    live: Engine, settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    types(monkeypatch, "SIM")
    first = said(settings, "arm")
    asked = capsys.readouterr()
    live.does(lambda: live.room.clock.advance(600))
    second = said(settings, "arm", "--confirm", "SIM")
    armed = capsys.readouterr().out
    said(settings, "status")
    status = capsys.readouterr().out
    disarmed = said(settings, "disarm", "--reason", "lunch")
    again = said(settings, "disarm")

    assert (first, second, disarmed, again) == (3, 0, 0, 0)
    assert "real money: type the account's name to arm it: " in asked.err
    assert asked.out.startswith("asked; it takes a second person")
    assert armed.startswith("armed until ")
    assert "armed until " in status
    assert capsys.readouterr().out == "disarmed\nit was not armed\n"


def test_what_stands_is_shown_until_a_person_says_that_they_know(
    asking: Engine, settings: Path, capsys: Capture
) -> None:
    del asking
    said(settings, "kill", "--reason", "losing", "--strategy", "trend")
    capsys.readouterr()
    while "latch" not in (shown := _answers(settings, capsys)):
        pass

    answered = _answers(settings, capsys, "all")

    assert shown == (
        "waits     latch KILL_SWITCH strategy trend\n          strategy trend is off: losing\n"
    )
    assert answered == "answered  latch KILL_SWITCH strategy trend\n"
    assert _answers(settings, capsys) == "nothing waits for an answer\n"


def _answers(settings: Path, capsys: Capture, *name: str) -> str:
    assert said(settings, "answer", *name) == 0
    return capsys.readouterr().out
