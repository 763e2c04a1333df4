"""What people ask goes to the engine under their names, and what it says comes back in one shape."""

import json
from typing import Any

import pytest
from httpx2 import Response

from fillpath.api.ports import AccountParts, Parts
from fillpath.api.principal import Principal
from fillpath.api.roles import Role
from fillpath.core.errors import ConfigError, Unavailable
from tests.unit.api.fakes import RISK, FakeEngine, client, parts

API = "/api/v1"
JOB = {
    "name": "report",
    "meaning": "write the report",
    "schedule": "each day",
    "running": False,
    "last_started_at": "2026-01-02T00:00:00Z",
    "last_ended_at": "2026-01-02T00:00:01Z",
    "succeeded": True,
    "result": "written",
    "next_due": "2026-01-03T00:00:00Z",
    "runs": 1,
    "failures": 0,
}
DRILL = {
    "at": "2026-01-01T00:00:00Z",
    "by": "rita",
    "where": "trading",
    "mode": "SIMULATED",
    "orders": 0,
    "latch_ms": 1.5,
    "gate_ms": None,
    "cancel_ms": None,
    "confirmed_ms": None,
    "unconfirmed": [],
}


def over(*engines: FakeEngine, **changes: Any) -> Parts:
    """Return a server's parts over engines: SIM, and OTHER where there are two."""
    nothing: dict[str, Any] = dict.fromkeys(("tables", "measures", "changes", "alerts"))
    names = ("SIM", "OTHER")[: len(engines)]
    accounts = {
        name: AccountParts(name=name, engine=engine, **nothing)
        for name, engine in zip(names, engines, strict=True)
    }
    return parts(accounts=accounts, **changes)


async def post(given: Parts, path: str, body: dict[str, Any], who: Principal = RISK) -> Response:
    async with client(given, who) as asking:
        return await asking.post(f"{API}{path}", json=body)


async def get(given: Parts, path: str, who: Principal = RISK) -> Response:
    async with client(given, who) as asking:
        return await asking.get(f"{API}{path}")


ACTS = [
    pytest.param(
        "/trades/approvals/approve",
        {"order_id": "a/b", "seen": "x", "word": "a/b"},
        {"do": "approve", "by": "rita", "order_id": "a/b", "seen": "x", "word": "a/b"},
        id="approve",
    ),
    pytest.param(
        "/trades/approvals/reject",
        {"order_id": "a/b", "reason": "no"},
        {"do": "decline", "by": "rita", "order_id": "a/b", "reason": "no"},
        id="reject",
    ),
    pytest.param(
        "/trades/orders/cancel",
        {"order_id": "a/b", "reason": "no"},
        {"do": "cancel", "by": "rita", "order_id": "a/b", "reason": "no"},
        id="cancel",
    ),
]


@pytest.mark.parametrize(("path", "body", "asked"), ACTS)
async def test_an_act_goes_to_the_engine_under_the_name_of_who_asks(
    path: str, body: dict[str, Any], asked: dict[str, Any]
) -> None:
    engine = FakeEngine({str(asked["do"]): {"order_id": "a/b", "outcome": "DONE", "text": "ok"}})

    answer = await post(over(engine), path, body)

    assert engine.asked == [asked]
    assert answer.json() == {
        "order_id": "a/b",
        "outcome": "DONE",
        "reason": "",
        "text": "ok",
        "quantity": None,
    }


@pytest.mark.parametrize(("path", "body", "asked"), ACTS)
async def test_what_the_engine_refuses_is_refused_with_its_words(
    path: str, body: dict[str, Any], asked: dict[str, Any]
) -> None:
    engine = FakeEngine({str(asked["do"]): ConfigError("look at the findings first")})

    answer = await post(over(engine), path, body)

    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == "look at the findings first"


async def test_a_signal_is_what_the_bus_would_have_brought() -> None:
    engine = FakeEngine({"signal": {"outcome": "ORDERED", "order_id": "manual/one"}})
    body = {
        "symbol": "AAPL",
        "direction": "LONG",
        "strength": "0.5",
        "quantity": "10",
        "signal_price": "101.5",
        "signal_id": "one",
    }

    await post(over(engine), "/trades/signals", body)

    (asked,) = engine.asked
    assert json.loads(asked["signal"]) == {
        "v": 1,
        "symbol": "AAPL",
        "direction": "LONG",
        "strength": "0.5",
        "strategy_name": "manual",
        "signal_id": "one",
        "metadata": {"quantity": "10", "signal_price": "101.5"},
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"strength": "1.1"},
        {"strength": 0.5},
        {"quantity": "-1"},
        {"symbol": "<b>"},
        {"direction": "UP"},
        {"colour": "red"},
        {"signal_id": "a\nb"},
    ],
)
async def test_a_signal_that_cannot_be_goes_nowhere(changes: dict[str, Any]) -> None:
    engine = FakeEngine({})
    body = {"symbol": "AAPL", "direction": "LONG", "strength": "0.5"}

    answer = await post(over(engine), "/trades/signals", body | changes)

    assert (answer.status_code, engine.asked) == (422, [])


KILL = {"reason": "storm", "word": "KILL"}


async def test_a_kill_sets_the_latch_before_it_asks_the_engine() -> None:
    engine = FakeEngine({"kill": {"first": False, "open_orders": 2}})

    answer = await post(over(engine), "/risk/kill", KILL)

    assert engine.latched == [{"scope": "account", "target": "", "by": "rita", "reason": "storm"}]
    assert answer.json()["open_orders"] == 2
    assert (answer.json()["first"], answer.json()["reachable"]) == (True, True)


async def test_a_kill_with_a_full_disk_goes_to_the_engine_all_the_same() -> None:
    engine = FakeEngine({"kill": {"first": True, "open_orders": 0}})
    engine.disk_full = True

    answer = await post(over(engine), "/risk/kill", KILL)

    assert answer.status_code == 200
    assert "journal alone" in answer.json()["text"]


async def test_a_kill_that_nobody_took_says_so_loudly() -> None:
    engine = FakeEngine(None)
    engine.disk_full = True

    answer = await post(over(engine), "/risk/kill", KILL)

    assert answer.status_code == 503
    assert answer.json()["error"]["message"].startswith("NOTHING IS STOPPED")


async def test_a_kill_may_give_up_the_positions_too() -> None:
    engine = FakeEngine({"kill": {"first": True, "open_orders": 0}, "flatten": {"positions": 1}})

    await post(over(engine), "/risk/kill", {**KILL, "flatten": True})

    assert [asked["do"] for asked in engine.asked] == ["kill", "flatten"]


async def test_a_kill_of_everything_reaches_every_engine() -> None:
    engines = [FakeEngine({"kill": {"first": True, "open_orders": 1}}) for _ in range(2)]

    answer = await post(over(*engines), "/risk/kill", {**KILL, "scope": "all"})

    assert [len(engine.asked) for engine in engines] == [1, 1]
    assert answer.json()["open_orders"] == 2


async def test_who_sees_one_account_stops_no_other() -> None:
    engines = [FakeEngine({"kill": {"first": True, "open_orders": 1}}) for _ in range(2)]
    who = Principal(name="tom", role=Role.TRADER, accounts=frozenset({"SIM"}))

    everything = await post(over(*engines), "/risk/kill", {**KILL, "scope": "all"}, who)
    other = await post(over(*engines), "/risk/kill?account=OTHER", KILL, who)
    own = await post(over(*engines), "/risk/kill", KILL, who)

    assert (everything.status_code, other.status_code, own.status_code) == (403, 404, 200)
    assert engines[1].asked == engines[1].latched == []


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "storm"},
        {"reason": "storm", "word": "kill"},
        {"reason": "", "word": "KILL"},
        {**KILL, "scope": "strategy"},
        {**KILL, "target": "AAPL"},
        {**KILL, "scope": "everything"},
    ],
)
async def test_a_kill_that_was_not_meant_stops_nothing(body: dict[str, Any]) -> None:
    engine = FakeEngine({})

    answer = await post(over(engine), "/risk/kill", body)

    assert (answer.status_code, engine.asked, engine.latched) == (422, [], [])


async def test_a_resume_says_what_still_stands() -> None:
    said = {"resumed_at": "2026-01-02T00:00:00Z", "still": ["symbol AAPL is off: odd"]}
    engine = FakeEngine({"resume": said})

    answer = await post(over(engine), "/risk/resume", {"word": "SIM"})

    assert answer.json() == said
    assert engine.asked[0]["by"] == "rita"


async def test_a_drill_is_told_with_its_times() -> None:
    engine = FakeEngine({"drill": {"drill": DRILL, "kept": True}})

    answer = await post(over(engine), "/risk/drill", {"wait_seconds": 3})

    assert answer.json()["drill"]["at"] == "2026-01-01T00:00:00Z"
    assert engine.asked[0]["reason"] == "drill: practice"


async def test_limits_of_an_engine_that_is_away_are_those_of_the_settings() -> None:
    answer = (await get(over(FakeEngine(None)), "/risk/limits")).json()

    assert answer["reachable"] is False
    assert [(row["name"], row["used"]) for row in answer["rows"]] == [("risk.max_positions", None)]


async def test_day_trades_of_an_engine_that_is_away_are_not_known() -> None:
    answer = (await get(over(FakeEngine(None)), "/risk/day-trades")).json()

    assert (answer["reachable"], answer["left"]) == (False, None)


async def test_day_trades_are_told_as_the_engine_counts_them() -> None:
    counted = {
        "regime": "broker",
        "used": 1,
        "most": 3,
        "left": 2,
        "window_sessions": 5,
        "text": "counted here",
    }
    engine = FakeEngine({"limits": {"day_trades": counted}})

    assert (await get(over(engine), "/risk/day-trades")).json() == {**counted, "reachable": True}


async def test_limits_are_tightened_under_a_name_and_a_reason() -> None:
    engine = FakeEngine({"tighten": {"hash": "abc", "changes": ["risk.x 2 -> 1"]}})
    body = {"changes": {"risk.x": "1"}, "reason": "calm"}

    answer = await post(over(engine), "/risk/limits/tighten", body)

    assert answer.json() == {"hash": "abc", "changes": ["risk.x 2 -> 1"]}
    assert engine.asked == [{"do": "tighten", "by": "rita", **body}]


async def test_what_stands_is_answered() -> None:
    engine = FakeEngine(
        {
            "unanswered": {"answered": [], "waiting": {"hold CLOCK": "drifts"}},
            "answer": {"answered": ["hold CLOCK"], "waiting": {}},
        }
    )

    waiting = (await get(over(engine), "/risk/unanswered")).json()
    done = (await post(over(engine), "/risk/answer", {"name": "hold CLOCK"})).json()

    assert waiting["waiting"] == {"hold CLOCK": "drifts"}
    assert done["answered"] == ["hold CLOCK"]


async def test_jobs_are_told_as_the_engine_runs_them() -> None:
    engine = FakeEngine({"jobs": {"jobs": [JOB]}})

    (row,) = (await get(over(engine), "/system/jobs")).json()["rows"]

    assert (row["name"], row["last_result"], row["last_text"]) == ("report", "OK", "written")


async def test_an_engine_without_jobs_has_none_to_tell() -> None:
    engine = FakeEngine({"jobs": ConfigError("the request must be one of status")})

    assert (await get(over(engine), "/system/jobs")).json()["rows"] == []


async def test_a_job_that_takes_long_is_not_waited_for() -> None:
    running = {**JOB, "running": True, "succeeded": None}
    engine = FakeEngine({"jobs": {"jobs": [JOB]}, "run_job": {"job": running}})

    answer = (await post(over(engine), "/system/jobs/report/run", {})).json()

    assert answer == {"name": "report", "result": "STARTED", "text": ""}
    assert engine.asked[-1]["wait"] is False


async def test_a_job_that_there_is_not_is_not_run() -> None:
    engine = FakeEngine({"jobs": {"jobs": [JOB]}})

    answer = await post(over(engine), "/system/jobs/format-the-disk/run", {})

    assert answer.status_code == 404
    assert [asked["do"] for asked in engine.asked] == ["jobs"]


async def test_an_engine_that_goes_away_between_two_questions_is_said_to_be_away() -> None:
    engine = FakeEngine({"approvals": Unavailable("gone")})

    answer = await get(over(engine), "/trades/approvals")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


async def test_the_contract_is_shown_to_who_may_read() -> None:
    answer = await get(over(FakeEngine({})), "/system/version")

    assert answer.json() == {"version": "0.0.0", "api": "v1", "read_only": False}
