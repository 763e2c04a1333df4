"""The recorder: every quote of the feed is kept, and a hole in the file says so."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from fillpath.core.units import nanoseconds
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.files.recording import HEADER, RecordedQuotes, read_recording
from fillpath.service import recording
from fillpath.service.recording import QuoteRecorder
from fillpath.testing.builders import START, SYMBOL, a_quote
from tests.unit.service.account_room import HandClock


class Scene:
    """A feed that is recorded.

    Args:
        folder: of the account.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = HandClock(START)
        self.feed = MemoryFeed()
        self.recorder = QuoteRecorder(self.feed, self.clock, folder)

    def quote(self, seconds: float = 1.0) -> None:
        """Let time pass, and a quote come."""
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))
        self.feed.set_quote(a_quote(ts=START))

    @property
    def recorded(self) -> list[RecordedQuotes]:
        """What the files hold."""
        return read_recording((self.folder / "quotes").iterdir())


async def test_a_quote_is_kept_with_the_moment_at_which_it_came(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.quote()

    await scene.recorder.write()

    (found,) = scene.recorded
    assert found.began == nanoseconds(START)
    assert found.tapes[SYMBOL].ts.tolist() == [nanoseconds(START) + 10**9]
    assert found.made[SYMBOL].tolist() == [nanoseconds(START)]
    assert scene.recorder.part().detail == "2 rows kept, 0 left out"


async def test_each_day_has_a_file_and_a_restart_goes_on_in_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.quote()
    scene.quote(86_400)
    await scene.recorder.write()
    path = tmp_path / "quotes" / "2026-03-03.csv"
    path.write_text(path.read_text()[:-5])  # the crash

    scene.recorder = QuoteRecorder(scene.feed, scene.clock, tmp_path)
    scene.quote()
    await scene.recorder.write()

    days = sorted(one.name for one in (tmp_path / "quotes").iterdir())
    assert days == ["2026-03-02.csv", "2026-03-03.csv"]
    before, after = scene.recorded
    assert len(before.tapes[SYMBOL]) == 1
    assert len(after.tapes[SYMBOL]) == 1
    assert path.read_text().count(HEADER) == 1


async def test_what_the_disk_does_not_take_is_told_and_is_a_hole(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    (tmp_path / "quotes").write_text("in the way")
    scene.quote()
    await scene.recorder.write()
    unwell = scene.recorder.part()
    (tmp_path / "quotes").unlink()

    scene.quote()
    await scene.recorder.write()

    assert not unwell.healthy
    assert "exists" in unwell.detail
    assert scene.recorder.part().healthy
    assert scene.recorder.part().detail == "2 rows kept, 2 left out"
    (found,) = scene.recorded
    assert found.began == nanoseconds(START) + 10**9
    assert len(found.tapes[SYMBOL]) == 1


async def test_more_than_it_can_hold_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_WAITING", 3)
    scene = Scene(tmp_path)
    for _ in range(4):
        scene.quote()

    await scene.recorder.write()

    assert scene.recorder.dropped == 3
    assert len(scene.recorded[-1].tapes[SYMBOL]) == 2


async def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.recorder.write()
    kept = scene.recorder.kept

    await scene.recorder.write()

    assert scene.recorder.kept == kept == 1


async def test_at_its_end_it_writes_what_is_left(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    task = asyncio.get_running_loop().create_task(scene.recorder.run())
    await asyncio.sleep(0)
    scene.quote()

    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert len(scene.recorded[0].tapes[SYMBOL]) == 1
