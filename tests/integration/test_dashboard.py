"""The dashboard beside a real engine: what is asked is answered, what is done is done."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client

from tests.integration.dashboard_scene import Scene, signal, the_settings

API = "/api/v1"
WAIT_SECONDS = 15.0


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Scene(the_settings(tmp_path_factory.mktemp("desk"))) as scene:
        yield scene


@pytest.fixture
def asking(scene: Scene) -> Iterator[Client]:
    with Client(base_url=f"{scene.address}{API}", timeout=WAIT_SECONDS) as client:
        yield client


def until(client: Client, path: str, holds: Callable[[Any], bool]) -> Any:
    """Ask until an answer is as it should be; the tables follow the journal a moment later."""
    pause = threading.Event()
    for _ in range(300):
        response = client.get(path)
        answer = response.json()
        if response.is_success and holds(answer):
            return answer
        pause.wait(0.02)
    pytest.fail(f"{path} never came to be so: {answer}")


def traded(client: Client, **changes: Any) -> str:
    """Trade by hand and return the order, once the tables have its fill."""
    answer = client.post("/trades/signals", json=signal(**changes)).json()
    assert answer["outcome"] in {"ORDERED", "REDUCED"}, answer
    order_id: str = answer["order_id"]
    until(client, f"/trades/fills?order_id={order_id}", lambda page: page["rows"])
    return order_id


def test_an_order_is_told_with_its_whole_life(asking: Client) -> None:
    order_id = traded(asking)

    told = until(asking, f"/trades/order?order_id={order_id}", lambda told: told.get("quality"))

    assert told["order"]["status"] == "FILLED"
    assert told["signal"]["order_id"] == order_id
    assert [event["kind"] for event in told["events"]][:2] == ["SIGNAL", "DECISION"]
    assert {"SENT", "FILL", "END", "MEASURED"} <= {event["kind"] for event in told["events"]}
    assert told["decisions"][0]["market"]["bid"] is not None
    assert isinstance(told["fills"][0]["price"], str)


def test_a_list_is_paged_and_its_file_has_the_same_rows(asking: Client) -> None:
    for number in range(3):
        traded(asking, symbol=("MSFT", "GOOG", "IBM")[number])
    listed: list[str] = []
    after = ""
    while True:
        page = asking.get("/trades/orders", params={"limit": 2, "after": after}).json()
        listed += [row["order_id"] for row in page["rows"]]
        after = page["after"]
        if not after:
            break

    file = asking.get("/trades/orders.csv")

    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [row["order_id"] for row in rows] == listed
    assert file.headers["content-disposition"].endswith('orders.csv"')
    assert len(set(listed)) == len(listed)


def test_orders_are_found_by_what_they_are(asking: Client) -> None:
    order_id = traded(asking, symbol="SPY", strategy_name="index")

    found = {
        query: [
            row["order_id"]
            for row in asking.get(f"/trades/orders?parents_only=true&side=BUY&{query}").json()[
                "rows"
            ]
        ]
        for query in ("symbol=SPY", "strategy_name=index", "q=INDEX", "symbol=NONE")
    }

    assert found["symbol=SPY"] == found["strategy_name=index"] == found["q=INDEX"] == [order_id]
    assert found["symbol=NONE"] == []


def test_the_head_of_the_page_is_told(asking: Client) -> None:
    told = asking.get("/system/status").json()

    assert told["reachable"] is True
    assert told["status"]["mode"] == "SIMULATED"
    assert told["tables"]["tier"].startswith("sqlite")
    assert asking.get("/accounts").json()["rows"] == [
        {"name": "SIM", "mode": "SIMULATED", "state": "TRADING", "reachable": True}
    ]


def test_what_is_held_is_told_against_the_engine(asking: Client) -> None:
    traded(asking, symbol="AAPL", signal_id="held-1", strategy_name="holder")

    told = until(
        asking,
        "/portfolio",
        lambda told: any(
            one["position"]["symbol"] == "AAPL" and not one["differs"] for one in told["positions"]
        ),
    )

    assert told["snapshot"]["equity"] is not None
    assert told["currency"] == "USD"
    assert asking.get("/portfolio/equity").json()["rows"]


def test_the_tax_file_is_one_of_closed_lots(asking: Client) -> None:
    file = asking.get("/portfolio/lots.csv", params={"since": "2026-01-01T05:00:00Z"})

    assert file.headers["content-disposition"].endswith('lots.csv"')
    first, titles, *_ = file.text.splitlines()
    assert first == "# Wash sales are not computed: every loss is shown whole."
    assert titles.startswith("symbol,quantity,acquired,sold,proceeds,cost,gain,term")


def test_what_some_orders_cost_is_told(asking: Client) -> None:
    order_id = traded(asking, symbol="IBM", strategy_name="measured")

    told = until(
        asking,
        f"/trades/quality/costs?order_id={order_id}&order_id=none",
        lambda told: told["rows"],
    )

    assert [row["order_id"] for row in told["rows"]] == [order_id]


def test_every_read_is_answered(asking: Client) -> None:
    paths = [
        "/trades/signals", "/trades/decisions", "/trades/quality", "/trades/quality/summary",
        "/trades/quality/latency", "/trades/approvals", "/risk/limits", "/risk/breakers",
        "/risk/refusals", "/risk/controls", "/risk/day-trades", "/risk/kill", "/risk/unanswered",
        "/portfolio/pnl", "/portfolio/lots", "/system/health", "/system/version",
        "/system/settings", "/system/reconciliation", "/system/alerts", "/system/jobs",
    ]  # fmt: skip

    assert {path: asking.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_limits_are_told_with_their_use(asking: Client) -> None:
    rows = asking.get("/risk/limits").json()["rows"]

    used = {row["name"]: row for row in rows}
    assert used["risk.max_positions"]["used"] is not None
    assert used["risk.max_positions"]["unit"] == "symbols"


def test_a_kill_stops_and_a_resume_lets_go(asking: Client) -> None:
    killed = asking.post("/risk/kill", json={"reason": "a test", "word": "KILL"}).json()
    refused = asking.post("/trades/signals", json=signal(signal_id="while-killed")).json()
    state = asking.get("/risk/kill").json()
    health = asking.get("/system/health")
    wrong = asking.post("/risk/resume", json={"word": "no"})
    resumed = asking.post("/risk/resume", json={"word": "SIM"})

    assert (killed["first"], killed["reachable"]) == (True, True)
    assert refused["reason"] == "KILL_SWITCH"
    assert state["killed"] == "a test"
    assert health.status_code == 503
    assert wrong.status_code == 409
    assert resumed.status_code == 200
    assert asking.get("/system/health").status_code == 200


def test_a_kill_needs_its_word(asking: Client) -> None:
    answer = asking.post("/risk/kill", json={"reason": "a test", "word": "kill it"})

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "word"
    assert asking.get("/risk/kill").json()["killed"] == ""


def test_a_strategy_is_killed_alone(asking: Client) -> None:
    body = {"scope": "strategy", "target": "rogue", "reason": "a test", "word": "KILL"}
    asking.post("/risk/kill", json=body)
    refused = asking.post(
        "/trades/signals", json=signal(strategy_name="rogue", symbol="IBM")
    ).json()
    rows = asking.get("/risk/breakers").json()["rows"]
    asking.post("/risk/resume", json={"scope": "strategy", "target": "rogue", "word": "SIM"})

    assert refused["reason"] == "KILL_SWITCH"
    assert [(row["scope"], row["target"]) for row in rows if row["kind"] == "LATCH"] == [
        ("strategy", "rogue")
    ]
    assert asking.get("/risk/breakers").json()["rows"] == []


def test_a_drill_is_timed_and_kept(asking: Client) -> None:
    answer = asking.post("/risk/drill", json={"wait_seconds": 1})
    asking.post("/risk/resume", json={"word": "SIM"})

    assert answer.status_code == 200
    assert answer.json()["drill"]["latch_ms"] >= 0
    assert len(asking.get("/risk/kill").json()["drills"]) == 1


def test_what_has_ended_cannot_be_cancelled(asking: Client) -> None:
    order_id = traded(asking, symbol="MSFT", strategy_name="late", signal_id="late-1")

    answer = asking.post("/trades/orders/cancel", json={"order_id": order_id, "reason": "no"})

    assert answer.status_code == 409
    assert "has ended" in answer.json()["error"]["message"]


def test_limits_only_tighten(asking: Client) -> None:
    looser = {"changes": {"risk.max_positions": "50"}, "reason": "a test"}
    tighter = {"changes": {"risk.max_positions": "19"}, "reason": "a test"}

    refused = asking.post("/risk/limits/tighten", json=looser)
    done = asking.post("/risk/limits/tighten", json=tighter)

    assert refused.status_code in {409, 422}
    assert done.json()["changes"] == ["risk.max_positions 20 -> 19"]
    assert asking.get("/risk/limits").json()["by"] == "rita"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/trades/order?order_id=nobody/knows", 404),
        ("/trades/orders?account=OTHER", 404),
        ("/trades/orders?after=nonsense", 422),
        ("/trades/orders?since=yesterday", 422),
    ],
)
def test_what_cannot_be_answered_says_why(asking: Client, path: str, status: int) -> None:
    answer = asking.get(path)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_while_no_engine_runs_reads_answer_and_say_so(tmp_path: Path) -> None:
    settings = the_settings(tmp_path)
    with Scene(settings) as first, Client(base_url=f"{first.address}{API}") as asking:
        order_id = traded(asking)
    with (
        Scene(settings, engine=False) as scene,
        Client(base_url=f"{scene.address}{API}") as asking,
    ):
        orders = asking.get("/trades/orders?side=BUY").json()["rows"]
        status = asking.get("/system/status").json()
        health = asking.get("/system/health")
        limits = asking.get("/risk/limits").json()
        act = asking.post("/trades/signals", json=signal())
        kill = asking.post("/risk/kill", json={"reason": "a test", "word": "KILL"})

    assert [row["order_id"] for row in orders] == [order_id]
    assert (status["reachable"], status["severity"]) == (False, "CRITICAL")
    assert status["status"]["state"] == "STOPPED"
    assert health.status_code == 503
    assert (limits["reachable"], limits["rows"][0]["used"]) == (False, None)
    assert act.status_code == 503
    assert str(tmp_path) not in act.text
    assert kill.json()["reachable"] is False
    assert "will start killed" in kill.json()["text"]


def test_before_any_engine_ran_everything_says_so(tmp_path: Path) -> None:
    with (
        Scene(the_settings(tmp_path), engine=False) as scene,
        Client(base_url=f"{scene.address}{API}") as asking,
    ):
        orders = asking.get("/trades/orders")
        status = asking.get("/system/status").json()

    assert orders.status_code == 503
    assert "there are no tables yet" in orders.json()["error"]["message"]
    assert status["status"] is None
    assert not (tmp_path / "SIM" / "store.sqlite").exists()
