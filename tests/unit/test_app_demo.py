"""The demo as a desk: the live engine on a recording that is played."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath import app_demo, app_live
from fillpath.app_demo import DemoPlan, Player, Recording
from fillpath.backtest.replay import SessionTimes
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError
from fillpath.core.units import NANOSECONDS
from fillpath.data.files.split import Split
from fillpath.monitoring.book import AlertBook
from fillpath.runtime.paced import FASTEST
from fillpath.service.account import AccountService
from fillpath.service.status import Status
from fillpath.settings import load_settings
from fillpath.testing.builders import START_NS
from tests.unit.backtest.recordings import a_recording
from tests.unit.backtest.tapes import SESSION

SETTINGS = load_settings(None, {})


def recording(folder: Path, *, speed: int = FASTEST, **changes: Any) -> Recording:
    """Return the modelled recording of the demo, ready to be played."""
    pytest.importorskip("bokeh_sampledata", reason="the demo's daily prices are not installed")
    return app_demo.prepare(DemoPlan(folder=folder, speed=speed, **changes), SETTINGS)


async def played(
    ready: Recording, enough: Callable[[AccountService], bool], *, to_the_end: bool = False
) -> AccountService:
    """Play until it is enough, and return the service as it stands then."""
    stop, ended = asyncio.Event(), asyncio.Event()
    alarms: list[Any] = []
    built = app_demo.build(Player(ready, ended.set), alarms.append)
    live = built.service.live

    async def watch() -> None:
        if to_the_end:
            await ended.wait()
        while not enough(built.service):
            await live.turnstile.next_turn()
        stop.set()

    async with asyncio.TaskGroup() as group, asyncio.timeout(60):
        group.create_task(watch())
        await app_live.serve(built, stop, lambda: None)
    return built.service


def outcomes(service: AccountService) -> dict[str, int]:
    """Return how often each thing became of a signal."""
    return service.live.tally.outcomes


async def test_the_desk_trades_and_says_that_it_is_a_replay(tmp_path: Path) -> None:
    told: list[Status] = []

    def there(service: AccountService) -> bool:
        told.append(service.status())
        tables_are_there = not told[-1].degraded
        return tables_are_there and outcomes(service).get("ORDERED", 0) > 4

    await played(recording(tmp_path), there)

    status = told[-1]
    assert (status.account, status.mode) == ("DEMO", "REPLAY")
    assert status.at.year == 2013
    assert (tmp_path / "DEMO" / "journal.fillpath").exists()
    assert "modelled" in {part.name: part.detail for part in status.parts}["recording"]


async def test_within_the_first_quarter_of_an_hour_there_is_something_for_every_page(
    tmp_path: Path,
) -> None:
    def there(service: AccountService) -> bool:
        return (
            service.live.desk.state.book.holdings.keys() >= {"GOOG", "IBM"}
            and {
                "ORDERED",
                "HUMAN_APPROVAL",
                "SIGNAL_PRICE_OFF_MARKET",
                "CANCELLING_OPPOSITE",
            }
            <= outcomes(service).keys()
        )

    service = await played(recording(tmp_path, speed=600), there)

    minutes = (service.live.parts.clock.now() - service.status().started_at).total_seconds() / 60
    assert minutes < 30


async def test_after_the_recording_the_desk_is_closed_and_still_answers(tmp_path: Path) -> None:
    ready = recording(tmp_path)
    last = ready.loaded.inputs.sessions[:1]
    inputs = replace(ready.loaded.inputs, sessions=last)
    short = replace(ready, loaded=replace(ready.loaded, inputs=inputs))

    service = await played(short, lambda s: s.live.desk.state.closed, to_the_end=True)

    details = [part.detail for part in service.status().parts if part.name == "recording"]
    assert details[0].startswith("the recording has ended")
    assert service.live.parts.clock.nanoseconds() >= last[0].close_at


def test_the_other_commands_find_the_demo_by_the_settings_in_its_folder(tmp_path: Path) -> None:
    ready = recording(tmp_path)

    settings = load_settings(ready.file, {})

    assert settings.desk_policy() == ready.settings.desk_policy()
    assert settings.engine.folder == str(tmp_path)


def test_limits_of_a_settings_file_are_kept(tmp_path: Path) -> None:
    ready = recording(tmp_path, own_limits=True)

    assert ready.settings.risk == SETTINGS.risk
    assert ready.settings.broker.provider == "simulated"


def test_a_folder_that_holds_a_demo_is_not_played_over(tmp_path: Path) -> None:
    (tmp_path / "DEMO").mkdir()

    with pytest.raises(ConfigError, match="holds a demo already"):
        recording(tmp_path)


def test_without_a_folder_each_demo_gets_a_new_one() -> None:
    first, second = (app_demo.fresh(None) for _ in range(2))

    assert first != second
    for folder in (first, second):
        folder.rmdir()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ConfigError, match="--out"):
        app_demo.fresh(tmp_path / "file" / "below")


def test_an_alarm_is_kept_for_whoever_looks_later(tmp_path: Path) -> None:
    keep = app_demo.Alarms(tmp_path / "alarms.log")

    keep(RaiseAlarm(START_NS, "KILLED", "somebody pressed it"))
    keep(RaiseAlarm(START_NS, "LATENCY", "too slow", "order-1"))

    assert (tmp_path / "alarms.log").read_text(encoding="utf-8").splitlines() == [
        "2026-03-02T14:30:00Z KILLED: somebody pressed it",
        "2026-03-02T14:30:00Z LATENCY: too slow order-1",
    ]


class Engine:
    """Takes the place of a live engine between two turns."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.woken = 0
        self.timers = self
        self.engine = self

    def next_due(self) -> None:
        """Have no timer."""

    def offer(self, news: Any) -> None:
        """Hear of something."""
        self.heard.append(news)

    def wake(self) -> None:
        """Count it."""
        self.woken += 1


def test_a_split_reaches_the_desk_and_its_broker(tmp_path: Path) -> None:
    tomorrow = SESSION.day + timedelta(days=1)
    later = SessionTimes(tomorrow, SESSION.open_at + 86_400 * NANOSECONDS, 1 << 61)
    inputs = replace(
        a_recording().inputs,
        sessions=(SESSION, later),
        splits=(Split("AAPL", tomorrow, 7, 1),),
    )
    plan = DemoPlan(folder=tmp_path)
    settings = app_demo.demo_settings(SETTINGS, tmp_path, Decimal(1_000), plan)
    player = Player(Recording(settings, replace(a_recording(), inputs=inputs), 60))
    engine: Any = Engine()
    player.attach(engine)
    player.clock.jump(later.open_at)

    engine.ahead()

    (split,) = engine.heard
    assert (split.symbol, split.new_shares, split.old_shares) == ("AAPL", 7, 1)


async def test_what_runs_beside_ends_with_the_engine(tmp_path: Path) -> None:
    ended: list[bool] = []

    async def beside() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    built = app_demo.build(Player(recording(tmp_path)), lambda _: None, (beside,))
    stop = asyncio.Event()

    await app_live.serve(built, stop, stop.set)

    assert ended == [True]


async def test_alarms_of_a_recording_are_kept_by_its_own_time(tmp_path: Path) -> None:
    player = Player(recording(tmp_path, speed=600))
    post = app_demo.post_of(player)
    built = app_demo.build(player, post.page, post=post)
    stop = asyncio.Event()

    async def watch() -> None:
        while "HUMAN_APPROVAL" not in built.service.live.tally.outcomes:
            await built.service.live.turnstile.next_turn()
        stop.set()

    async with asyncio.TaskGroup() as group, asyncio.timeout(60):
        group.create_task(watch())
        await app_live.serve(built, stop, lambda: None)
    assert post.close()

    with AlertBook(tmp_path) as book:
        kept = {alert.code: alert for alert in book.listed()}
    assert "APPROVAL_REQUIRED" in kept
