"""Answers over the engine's own door: who gives them, what they must show, and that one counts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError
from fillpath.core.events import ApprovalDeclined, ApprovalGiven
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.limits import Autonomy, AutonomyLimits, RiskLimits
from fillpath.service.account import AccountService
from fillpath.service.approvals import LONGEST
from fillpath.service.control import ask
from fillpath.service.peers import Peer
from tests.unit.service.account_room import Room
from tests.unit.service.test_account import by_hand, serving, status_of

ASKING = DeskPolicy(risk=RiskLimits(autonomy=AutonomyLimits(mode=Autonomy.MANUAL_APPROVAL)))
ORDER = "manual/one"
ANN = Peer(1001, "ann")
BOB = Peer(1002, "bob")


def a_room(folder: Path) -> Room:
    return Room(folder, policy=ASKING)


async def asked(service: AccountService, folder: Path) -> dict[str, Any]:
    """Let a signal come that needs a person, and return what that person is shown."""
    answer = await ask(folder, by_hand())
    assert answer["outcome"] == "WAITING"
    (shown,) = (await ask(folder, {"do": "approvals"}))["approvals"]
    assert isinstance(shown, dict)
    del service
    return shown


def yes(shown: dict[str, Any], **changes: Any) -> dict[str, Any]:
    order_id = shown["order_id"]
    given = {"do": "approve", "order_id": order_id, "word": order_id, "seen": shown["seen"]}
    return given | changes


@pytest.mark.security("S-18")
async def test_what_waits_is_shown_with_every_finding(tmp_path: Path) -> None:
    service = a_room(tmp_path).service()
    async with serving(service):
        shown = await asked(service, tmp_path)
        status = await status_of(tmp_path)

    assert shown["order_id"] == ORDER
    assert (shown["side"], shown["quantity"], shown["symbol"]) == ("BUY", "10", "AAPL")
    assert (shown["price"], shown["bid"], shown["ask"]) == ("150", "149.99", "150.01")
    assert shown["findings"] == [
        "HUMAN_APPROVAL: BUY 10 AAPL for at most 1501.6: every entry needs a person"
    ]
    assert shown["expires_at"] > shown["asked_at"]
    assert status.approvals == 1


@pytest.mark.control("C-51", "passes")
async def test_an_allowed_order_is_sent_and_the_user_is_on_record(tmp_path: Path) -> None:
    room = a_room(tmp_path)
    service = room.service()
    async with serving(service):
        shown = await asked(service, tmp_path)

        answer = await ask(tmp_path, yes(shown, by="the desk"))

    (given,) = [r for r in room.records if isinstance(r, ApprovalGiven)]
    assert (answer["outcome"], answer["quantity"]) == ("ORDERED", "10")
    assert room.words.count("PlaceOrder") == 1
    assert given.by.endswith(" for the desk")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"word": None}, "type the order's id, manual/one, to allow it"),
        ({"word": "yes"}, "type the order's id, manual/one, to allow it"),
        ({"seen": None}, "look at the findings of manual/one before it is allowed"),
        ({"seen": "0" * 16}, "look at the findings of manual/one before it is allowed"),
        ({"by": "a\nb"}, "by must be a printable text of at most 200 characters"),
        ({"by": "x" * (LONGEST + 1)}, "by must be a printable text of at most 200 characters"),
        (
            {"order_id": "no/such"},
            "no/such cannot be answered: no such order waits for a person",
        ),
    ],
)
@pytest.mark.control("C-51", "refuses")
@pytest.mark.security("S-18")
async def test_a_yes_without_looking_is_none(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    service = a_room(tmp_path).service()
    async with serving(service):
        shown = await asked(service, tmp_path)

        with pytest.raises(ConfigError) as refused:
            await ask(tmp_path, yes(shown, **changes))

    assert str(refused.value) == sentence
    assert list(service.live.desk.state.approvals) == [ORDER]


@pytest.mark.fault("F-111")
@pytest.mark.control("C-51", "refuses")
@pytest.mark.security("S-18", "S-27")
async def test_of_two_operators_at_once_one_is_told_that_the_other_answers(tmp_path: Path) -> None:
    room = a_room(tmp_path)
    service = room.service()
    async with serving(service):
        shown = await asked(service, tmp_path)
        act = service.approvals.acts()["approve"]

        answers = await asyncio.gather(
            act(yes(shown), ANN), act(yes(shown), BOB), return_exceptions=True
        )
        with pytest.raises(ConfigError, match="ann allowed it: ORDERED"):
            await act(yes(shown), BOB)

    won, lost = answers
    assert isinstance(won, dict)
    assert won["outcome"] == "ORDERED"
    assert str(lost) == "manual/one cannot be answered: ann is answering it"
    assert room.words.count("PlaceOrder") == 1


async def test_a_declined_order_says_why(tmp_path: Path) -> None:
    room = a_room(tmp_path)
    service = room.service()
    async with serving(service):
        await asked(service, tmp_path)

        answer = await ask(tmp_path, {"do": "decline", "order_id": ORDER, "reason": "too dear"})

    (declined,) = [r for r in room.records if isinstance(r, ApprovalDeclined)]
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "APPROVAL_REFUSED")
    assert answer["text"].endswith("declined it: too dear")
    assert declined.reason == "too dear"


async def test_without_a_reason_the_record_says_so(tmp_path: Path) -> None:
    service = a_room(tmp_path).service()
    async with serving(service):
        await asked(service, tmp_path)

        answer = await ask(tmp_path, {"do": "decline", "order_id": ORDER})

    assert answer["text"].endswith("declined it: no reason given")
