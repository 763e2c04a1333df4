"""One signal through the engine at Interactive Brokers: which controls judged it, and on what data."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import pytest

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


@pytest.mark.control("P-06", "passes")
async def test_every_control_judges_an_entry_or_says_why_it_did_not(tmp_path: Path) -> None:
    async with GatewayStage(tmp_path) as stage:
        await stage.trading()
        await stage.signal("one")
        await until(stage.working, "the stop works at the gateway")

        told = await explained(stage, "trend/one")

    found = by_verdict(told["judgements"][0])
    before_a_trade = {name for name in CONTROLS if name.startswith("C-")}
    print("ran:", *sorted(found["passed"]))
    print(
        "did not run:", *(f"{name}: {why}" for name, why in found["did not run"].items()), sep="\n"
    )
    assert found["objected"] == {}
    assert set(found["passed"]) >= RAN | WITH_ITS_DATA
    assert set(found["passed"]) | set(found["did not run"]) == before_a_trade
    assert [name for name, why in found["did not run"].items() if not why] == []
