"""Limits only tighten while an account trades; a start that loosens them says why, or ends."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.events import PolicyAdopted
from fillpath.data.journal import MemoryJournal
from fillpath.execution.policy import DeskPolicy, SizingPolicy
from fillpath.execution.rules import rules_hash, rules_read
from fillpath.risk.limits import RiskLimits
from fillpath.service.limits import LimitActs
from fillpath.service.opening import open_account
from tests.unit.service.account_room import Room

WHY = {"by": "ann", "reason": "a wild morning"}


async def opened(folder: Path) -> Room:
    room = Room(folder)
    await open_account(room.live)
    return room


async def asked(room: Room, acts: LimitActs, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask, and let the engine take its turn."""
    answer: tuple[Mapping[str, Any], None] = await asyncio.gather(
        acts.tighten(request), room.live.turn()
    )
    return answer[0]


def restarted(before: Room, policy: DeskPolicy, accepted: str | None = None) -> Room:
    assert isinstance(before.journal, MemoryJournal)
    room = Room(before.folder, journal=MemoryJournal(before.journal.content), policy=policy)
    changes = {} if accepted is None else {"accepted": accepted}
    room.live.parts = room.live.parts.__replace__(
        policy_hash=rules_hash(policy), operator="bob", **changes
    )
    return room


def limited(**changes: Any) -> DeskPolicy:
    return DeskPolicy(risk=RiskLimits(**changes))


@pytest.mark.control("C-52", "passes")
async def test_a_tightened_limit_holds_at_once_and_is_in_the_journal(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    changes = {"risk.max_position_pct": "3", "risk.size.basket_pct": "10"}

    answer = await asked(room, LimitActs(room.live), {"changes": changes, **WHY})

    policy, fact = room.live.desk.policy, room.records[-1]
    assert policy.risk.max_position_pct == policy.sizing.max_position_pct == 3
    assert policy.cascade.limits is policy.risk
    assert isinstance(fact, PolicyAdopted)
    assert rules_read(fact.rules) == policy
    assert (fact.by, fact.reason, fact.policy_hash) == ("ann", "a wild morning", answer["hash"])
    assert answer["changes"] == [
        "risk.max_position_pct 5 -> 3",
        "risk.size.basket_pct 100 -> 10",
    ]


async def test_a_person_is_told_of_it(tmp_path: Path) -> None:
    room = await opened(tmp_path)

    await asked(room, LimitActs(room.live), {"changes": {"risk.max_positions": "3"}, **WHY})

    (alarm,) = room.paged
    assert (alarm.code, alarm.text) == (
        "RULES_CHANGED",
        "risk.max_positions 20 -> 3 (by ann: a wild morning)",
    )


async def test_sizing_that_has_a_limit_of_its_own_keeps_it(tmp_path: Path) -> None:
    room = Room(tmp_path, policy=DeskPolicy(sizing=SizingPolicy(max_position_pct=2)))
    await open_account(room.live)

    await asked(room, LimitActs(room.live), {"changes": {"risk.max_position_pct": "3"}, **WHY})

    policy = room.live.desk.policy
    assert (policy.risk.max_position_pct, policy.sizing.max_position_pct) == (3, 2)


@pytest.mark.control("C-52", "refuses")
@pytest.mark.fault("F-108")
@pytest.mark.parametrize(
    ("request_", "error", "text"),
    [
        (
            {"changes": {"risk.max_position_pct": "6"}, **WHY},
            ModelError,
            "only a restart may loosen limits: risk.max_position_pct 5 -> 6",
        ),
        ({"changes": {"risk.max": "6"}, **WHY}, ModelError, "risk.max is no limit"),
        ({"changes": ["risk.max_positions"], **WHY}, ModelError, "changes must name limits"),
        ({**WHY}, ModelError, "changes must name limits and their values, got None"),
        ({"changes": {"risk.max_positions": "3"}, "by": "ann"}, ConfigError, "reason must say"),
        ({"changes": {"risk.max_positions": "3"}, "reason": "x"}, ConfigError, "by must say"),
    ],
)
async def test_a_change_that_may_not_be_changes_nothing(
    tmp_path: Path, request_: dict[str, Any], error: type[Exception], text: str
) -> None:
    room = await opened(tmp_path)
    before = room.words

    with pytest.raises(error, match=text):
        await LimitActs(room.live).tighten(request_)

    await room.live.turn()
    assert (room.words, room.live.desk.policy) == (before, DeskPolicy())


async def test_two_changes_at_once_are_not_made_of_the_same_limits(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    acts = LimitActs(room.live)
    one = acts.tighten({"changes": {"risk.max_positions": "3"}, **WHY})
    other = acts.tighten({"changes": {"risk.max_position_pct": "3"}, **WHY})

    first, second, _ = await asyncio.gather(one, other, room.live.turn(), return_exceptions=True)

    assert not isinstance(first, BaseException)
    assert isinstance(second, ConfigError)
    assert "under way" in str(second)
    again = await asked(room, acts, {"changes": {"risk.max_position_pct": "3"}, **WHY})
    assert again["changes"] == ["risk.max_position_pct 5 -> 3"]
    assert room.live.desk.policy.risk.max_positions == 3


async def test_the_limits_in_force_are_told_with_their_history(tmp_path: Path) -> None:
    room = await opened(tmp_path)
    acts = LimitActs(room.live)
    before = await acts.tell({})

    await asked(room, acts, {"changes": {"risk.allow_short": "false"}, **WHY})
    after = await acts.tell({})

    assert (before["by"], before["limits"]["risk.allow_short"]) == ("", "true")
    assert (after["by"], after["reason"]) == ("ann", "a wild morning")
    assert after["limits"]["risk.allow_short"] == "false"
    assert after["limits"]["risk.permissions"] == "everyone"
    assert after["hash"] == room.live.desk.state.rules
    assert after["since"] == "2026-03-02T14:30:00Z"
    assert after["account"] == "SIM"


async def test_limits_of_no_open_account_are_in_force_since_never(tmp_path: Path) -> None:
    answer = await LimitActs(Room(tmp_path).live).tell({})

    assert (answer["since"], answer["hash"]) == ("", "")


@pytest.mark.control("C-52", "refuses")
@pytest.mark.fault("F-43")
async def test_a_start_with_looser_limits_and_a_real_broker_ends_and_names_them(
    tmp_path: Path,
) -> None:
    before = await opened(tmp_path)
    after = restarted(before, limited(max_position_pct=6, max_positions=10), accepted="")

    with pytest.raises(ConfigError) as refused:
        await open_account(after.live)

    assert str(refused.value) == (
        "limits would be looser than before: risk.max_position_pct 5 -> 6; put them back, or start "
        'with --accept-looser-limits "why"'
    )
    assert after.records == before.records


@pytest.mark.control("C-52", "refuses")
async def test_what_was_tightened_while_it_ran_is_not_loosened_by_a_restart(
    tmp_path: Path,
) -> None:
    before = await opened(tmp_path)
    changes = {"risk.max_position_pct": "3"}
    await asked(before, LimitActs(before.live), {"changes": changes, **WHY})
    after = restarted(before, DeskPolicy(), accepted="")

    with pytest.raises(ConfigError, match=r"risk\.max_position_pct 3 -> 5"):
        await open_account(after.live)


@pytest.mark.control("C-52", "passes")
async def test_who_accepts_looser_limits_is_journaled_and_told(tmp_path: Path) -> None:
    before = await opened(tmp_path)
    after = restarted(before, limited(max_position_pct=6), accepted="a larger account")

    await open_account(after.live)

    fact = after.records[-1]
    assert isinstance(fact, PolicyAdopted)
    assert (fact.by, fact.reason) == ("bob", "a larger account")
    assert [(alarm.code, alarm.text) for alarm in after.paged] == [
        ("RULES_CHANGED", "risk.max_position_pct 5 -> 6 (by bob: a larger account)"),
        ("RULES_LOOSENED", "risk.max_position_pct 5 -> 6 (by bob: a larger account)"),
    ]


@pytest.mark.control("C-52", "passes")
async def test_tighter_limits_need_no_leave(tmp_path: Path) -> None:
    before = await opened(tmp_path)
    after = restarted(before, limited(max_position_pct=4), accepted="")

    await open_account(after.live)

    assert after.live.desk.policy.risk.max_position_pct == 4
    assert [(alarm.code, alarm.text) for alarm in after.paged] == [
        ("RULES_CHANGED", "risk.max_position_pct 5 -> 4 (by bob)")
    ]


async def test_where_nothing_is_real_looser_limits_are_told_and_taken(tmp_path: Path) -> None:
    before = await opened(tmp_path)
    after = restarted(before, limited(max_position_pct=6))

    await open_account(after.live)

    assert after.live.desk.policy.risk.max_position_pct == 6
    assert [alarm.code for alarm in after.paged] == ["RULES_CHANGED", "RULES_LOOSENED"]
