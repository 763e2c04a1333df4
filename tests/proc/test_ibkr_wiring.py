"""One signal through the engine at Interactive Brokers: which controls judged it, and on what data."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from fillpath import cli
from fillpath.app_parts import JOURNAL
from fillpath.risk.controls import CONTROLS
from tests.proc.gateway_stage import GatewayStage
from tests.proc.stage import until
from tests.proc.test_wiring import RAN, by_verdict

JUDGED_SECONDS: Final = 60.0
WITH_ITS_DATA: Final = frozenset({"C-06", "C-11", "C-29", "C-34", "C-37"})
"""What waits for a broker's data elsewhere, or is off where nothing real is traded."""


async def explained(stage: GatewayStage, name: str) -> dict[str, Any]:
    """Ask the command in a process of its own, while the engine goes on."""
    words = ("risk", "explain", name, "--json", "--settings", str(stage.settings))
    process = stage.command(*words)
    await process.spawn()
    assert process.process.stdout is not None
    told = await asyncio.wait_for(process.process.stdout.read(), JUDGED_SECONDS)
    assert await process.process.wait() == 0, stage.log()
    found: dict[str, Any] = json.loads(told)
    return found


class Session(NamedTuple):
    """What an engine left that bought and sold at the gateway.

    Args:
        told: what it said of the judgement of its entry.
        account: the account's folder.
        settings: the settings file.
    """

    told: dict[str, Any]
    account: Path
    settings: Path


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Let the engine buy, protect and sell at the gateway, and record what it sees."""
    return asyncio.run(_session(tmp_path_factory.mktemp("s")))


async def _session(folder: Path) -> Session:
    async with GatewayStage(folder, "  record_quotes: true") as stage:
        engine = await stage.trading()
        await stage.signal("one")
        await until(stage.working, "the stop works at the gateway")
        told = await explained(stage, "trend/one")
        await stage.signal("two", direction="FLAT")
        await until(lambda: not stage.shares() and not stage.working(), "all of it is sold")
        assert await engine.stop() == 0, stage.log()
        return Session(told, stage.account, stage.settings)


@pytest.mark.control("P-06", "passes")
def test_every_control_judges_an_entry_or_says_why_it_did_not(session: Session) -> None:
    found = by_verdict(session.told["judgements"][0])

    before_a_trade = {name for name in CONTROLS if name.startswith("C-")}
    print("ran:", *sorted(found["passed"]))
    print(
        "did not run:", *(f"{name}: {why}" for name, why in found["did not run"].items()), sep="\n"
    )
    assert found["objected"] == {}
    assert set(found["passed"]) >= RAN | WITH_ITS_DATA
    assert set(found["passed"]) | set(found["did not run"]) == before_a_trade
    assert [name for name, why in found["did not run"].items() if not why] == []


def test_the_recorded_session_decided_once_more_gives_its_very_orders(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, settings = session.account / JOURNAL, session.settings
    quotes = sorted((session.account / "quotes").iterdir())
    words = ["journal", "replay", journal, "--quotes", *quotes, "--settings", settings, "--json"]

    code = cli.main([str(word) for word in words])

    told = json.loads(capsys.readouterr().out)["quotes"]
    print(told)
    assert code == 0
    assert told["difference"] is told["first_market"] is None
    assert told["signals"] == 2
    assert told["decisions"] >= 2
    assert told["orders"] >= 3  # the entry, its stop and the exit
    assert told["markets"] >= 2
