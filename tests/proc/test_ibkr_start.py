"""The start at Interactive Brokers as a process: reached, replaced once on paper, or not at all."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fillpath.service.status import State, Status, read_status
from fillpath.testing.gateway import Setup
from tests.proc.gateway_stage import ACCOUNT, GatewayStage
from tests.proc.stage import Process, until

HALTED = 4
HEALTH = {"SA_ENGINE__HEALTH_PORT": "0", "SA_BROKER__IBKR__START_SECONDS": "5"}


@asynccontextmanager
async def without_gateway(
    folder: Path, *, on_failure: str, paper: bool = True
) -> AsyncIterator[GatewayStage]:
    """Yield a stage whose gateway has gone, with settings that still name its port."""
    account = ACCOUNT if paper else "U1"
    stage = GatewayStage(folder, on_failure=on_failure, paper=paper, account=account)
    async with stage:
        await stage.gateway.stop()
        yield stage


async def ended(engine: Process) -> int:
    """Start an engine and wait for its end."""
    await engine.spawn()
    return await asyncio.wait_for(engine.process.wait(), 60)


def left(stage: GatewayStage) -> Status:
    """Return the word that an engine left."""
    return read_status((stage.account / "status.json").read_bytes())


def names(folder: Path) -> list[str]:
    """Return what is in a folder, the alerts of every account left out."""
    found = (path.name for path in folder.iterdir())
    return sorted(name for name in found if not name.startswith("alerts."))


@pytest.mark.fault("F-57")
@pytest.mark.control("C-42", "refuses")
@pytest.mark.parametrize(
    ("on_failure", "paper"),
    [("halt", True), ("halt", False), ("paper_stub", False)],
    ids=["paper, halt", "live, halt", "live, whatever the settings say"],
)
async def test_without_a_gateway_the_start_halts_and_no_fill_is_ever_made_up(
    tmp_path: Path, on_failure: str, *, paper: bool
) -> None:
    mode = {"SA_RISK__AUTONOMY__MODE": "PAPER_ONLY" if paper else "FULL_AUTONOMOUS"}
    async with without_gateway(tmp_path, on_failure=on_failure, paper=paper) as stage:
        code = await ended(stage.engine(HEALTH | mode))
        said = stage.log()
        word = left(stage)

        asked = stage.command("status", "--settings", str(stage.settings))
        asked_code = await ended(asked)

    assert code == HALTED
    assert "ALERT " in said
    assert "BROKER_UNAVAILABLE: " in said
    assert "fillpath: UNAVAILABLE: " in said
    assert (word.state, word.degraded) == (State.UNAVAILABLE, True)
    assert word.mode == ("PAPER" if paper else "LIVE")
    assert asked_code == 3
    assert names(stage.data) == [stage.account.name]
    assert names(stage.account) == ["status.json"]  # no journal was opened: nothing can have traded


@pytest.mark.fault("F-57")
async def test_on_paper_the_stub_stands_in_and_everybody_is_told(tmp_path: Path) -> None:
    async with without_gateway(tmp_path, on_failure="paper_stub") as stage:
        stage.account = stage.data / "STUB"
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
        engine = stage.engine(HEALTH | {"SA_ENGINE__HEALTH_PORT": str(port)})
        await engine.spawn()
        await until(lambda: "account STUB (STUB)" in stage.log(), "it trades on the stub")

        answer = await stage.signal("one", direction="FLAT", metadata={})  # of what it makes up
        status = await stage.status()
        health = await _health(port)
        await until(lambda: stage.rows("fills"), f"the fill is in the tables: {answer}")
        fills = stage.rows("fills")
        code = await engine.stop()

    assert answer["outcome"] == "ORDERED"
    assert (status.account, status.mode, status.state) == ("STUB", "STUB", State.TRADING)
    assert status.degraded
    assert "every fill of account STUB is invented" in status.notice
    assert (health["account"], health["degraded"]) == ("STUB", True)
    assert {row["simulated"] for row in fills} == {1}
    assert "BROKER_UNAVAILABLE" in stage.log()
    assert "DEGRADED: the paper stub stands in for ibkr" in stage.log()
    assert names(stage.data) == ["STUB"]
    assert code == 0


async def _health(port: int) -> Any:
    """Return what ``/health`` says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health HTTP/1.1\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.mark.fault("F-58")
@pytest.mark.control("C-41", "refuses")
@pytest.mark.parametrize("on_failure", ["halt", "paper_stub"])
@pytest.mark.parametrize(
    ("accounts", "code"),
    [(("U1",), "WRONG_ACCOUNT"), ((ACCOUNT, "U1"), "WRONG_MODE"), (("DU2",), "WRONG_ACCOUNT")],
    ids=["a live one", "a live one beside ours", "another one"],
)
async def test_a_login_that_was_not_meant_is_refused_and_never_replaced(
    tmp_path: Path, on_failure: str, accounts: tuple[str, ...], code: str
) -> None:
    stage = GatewayStage(tmp_path, on_failure=on_failure, setup=Setup(accounts=accounts))
    async with stage:
        exit_code = await ended(stage.engine())

        assert exit_code == HALTED
        assert f" {code}: " in stage.log()
        assert stage.gateway.log.count("placeOrder") == 0
        assert left(stage).state is State.UNAVAILABLE
        assert names(stage.data) == [ACCOUNT]


@pytest.mark.fault("F-53")
async def test_a_second_engine_with_the_same_client_id_stays_down(tmp_path: Path) -> None:
    async with GatewayStage(tmp_path) as stage:
        first = await stage.trading()

        code = await ended(stage.engine({"SA_ENGINE__FOLDER": str(tmp_path / "e")}))
        status = await stage.status()

        assert code == HALTED
        assert "CLIENT_ID_IN_USE: " in stage.log()
        assert (status.state, status.pid) == (State.TRADING, first.process.pid)


@pytest.mark.control("A-11", "refuses")
@pytest.mark.fault("F-19", "F-59")
async def test_the_watchdog_cancels_every_order_of_the_account(tmp_path: Path) -> None:
    watches = {
        "SA_RISK__WATCHDOG__SECONDS": "2",
        "SA_BROKER__IBKR__WATCHDOG_CANCELS_EVERYTHING": "true",
    }
    async with GatewayStage(tmp_path) as stage:
        engine = await stage.trading()
        await stage.signal("one")
        await until(lambda: len(stage.working()) == 1, "the stop works at the gateway")
        watchdog = stage.command("watchdog", "--settings", str(stage.settings), variables=watches)
        await watchdog.spawn()
        await until(lambda: 10 in stage.gateway.clients, "the watchdog is connected")
        await engine.pause()

        code = await asyncio.wait_for(watchdog.process.wait(), 60)

        assert code == 3
        assert stage.working() == []
        assert (stage.account / "kill.json").exists()
        assert "cancelled at the broker: trend/one#p1" in stage.log()
