"""What a day must know of a symbol is looked up once, within the vendor's limits."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import BrokerRefused, ModelError, Refused, Unavailable
from fillpath.core.markets import ReferenceSeen
from fillpath.core.units import price_units
from fillpath.data.ibkr_data import DataPolicy, IBKRDataAdapter
from fillpath.ibkr.heard import BarShown
from fillpath.testing.builders import START_NS
from tests.unit.data.ibkr.quiet_connection import Listener, QuietConnection, Told, contract

TODAY = date(2026, 3, 2)
FRIDAY = date(2026, 2, 27)


def bar(stamp: str, **changes: Any) -> BarShown:
    fields: dict[str, Any] = {
        "request": 1,
        "stamp": stamp,
        "open": Decimal(100),
        "high": Decimal(102),
        "low": Decimal(99),
        "close": Decimal(101),
        "volume": Decimal(1_000),
    }
    return BarShown(**(fields | changes))


def sessions(count: int = 20, last: date = FRIDAY, **of_the_last: Any) -> tuple[BarShown, ...]:
    """Return so many daily bars up to a day, the last of them changed."""
    days = [last - timedelta(days=back) for back in range(count - 1, -1, -1)]
    shown = [bar(f"{day:%Y%m%d}") for day in days]
    return (*shown[:-1], bar(f"{last:%Y%m%d}", **of_the_last))


class Volumes:
    """A feed that remembers what it is told."""

    def __init__(self, *symbols: str) -> None:
        self.followed = set(symbols)
        self.volumes: dict[str, Decimal] = {}
        self.restricted: set[str] = set()

    def set_adv(self, symbol: str, shares: Decimal) -> None:
        """Take a volume."""
        self.volumes[symbol] = shares

    def restrict(self, symbols: Any) -> None:
        """Take the restricted symbols."""
        self.restricted = set(symbols)


class Scene:
    """An adapter, its connection, and who it serves."""

    def __init__(self, folder: Path, *symbols: str, **policy: Any) -> None:
        self.connection = QuietConnection()
        self.connection.answers = [sessions()]
        self.clock = self.connection.clock
        self.told = Told()
        self.engine = Listener([], set())
        self.feed = Volumes(*symbols)
        self.slept: list[float] = []
        self.policy = DataPolicy(folder=folder, **policy)
        self.adapter = self.another()

    def another(self) -> IBKRDataAdapter:
        """Return an adapter on the same folder, as after a restart."""
        adapter = IBKRDataAdapter(
            self.connection,
            self.clock,
            self.policy,
            self.feed,
            tell=self.told.hear,
            sleep=self.sleep,
        )
        adapter.attach(self.engine)
        return adapter

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)


class TestDailyBars:
    async def test_twenty_sessions_make_an_average_volume(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)

        assert await scene.adapter.get_adv("AAPL") == Decimal(1_000)
        form, end, duration, size = scene.connection.asked_bars[0]
        assert (form.con_id, end, duration, size) == (265598, "", "60 D", "1 day")

    async def test_a_restart_asks_for_nothing_again(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        first = await scene.adapter.daily_bars("AAPL")

        assert await scene.another().daily_bars("AAPL") == first
        assert len(scene.connection.asked_bars) == 1

    async def test_the_next_day_asks_again(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        await scene.adapter.daily_bars("AAPL")
        scene.clock.advance(86_400)
        await scene.adapter.daily_bars("AAPL")

        assert len(scene.connection.asked_bars) == 2

    @pytest.mark.parametrize("content", [b"", b"{", b'{"symbol": "AAPL"}', b"\xff"])
    async def test_a_broken_file_counts_as_never_asked(
        self, content: bytes, tmp_path: Path
    ) -> None:
        scene = Scene(tmp_path)
        (tmp_path / "daily-AAPL.json").write_bytes(content)

        assert len(await scene.adapter.daily_bars("AAPL")) == 20

    async def test_a_file_of_another_contract_counts_as_never_asked(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        await scene.adapter.daily_bars("AAPL")
        scene.connection.contracts["AAPL"] = (contract("AAPL", 77),)
        await scene.another().daily_bars("AAPL")

        assert len(scene.connection.asked_bars) == 2

    async def test_a_folder_that_takes_no_file_costs_no_answer(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        scene = Scene(tmp_path / "file" / "folder")

        assert len(await scene.adapter.daily_bars("AAPL")) == 20

    @pytest.mark.fault("F-83")
    async def test_nineteen_sessions_are_refused(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [sessions(19)]

        with pytest.raises(Refused, match="AAPL has 19 daily bars"):
            await scene.adapter.get_adv("AAPL")

    @pytest.mark.fault("F-83")
    async def test_an_average_that_ended_long_ago_is_refused(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [sessions(last=date(2026, 2, 1))]

        with pytest.raises(Refused, match="the last daily bar of AAPL is of 2026-02-01"):
            await scene.adapter.get_adv("AAPL")

    async def test_the_day_that_runs_is_in_no_average(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [(*sessions(), bar(f"{TODAY:%Y%m%d}", volume=Decimal(10**9)))]

        assert await scene.adapter.get_adv("AAPL") == Decimal(1_000)


class TestMinuteBars:
    async def test_the_minutes_of_a_day_come_oldest_first(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [
            (bar("20260226 15:59:00 US/Eastern"), bar("20260227 09:30:00 US/Eastern"))
        ]

        minutes = await scene.adapter.minute_bars("AAPL", FRIDAY)

        assert [one.at for one in minutes] == [datetime(2026, 2, 27, 14, 30, tzinfo=UTC)]
        assert scene.connection.asked_bars[0][1:] == ("20260228-05:00:00", "1 D", "1 min")

    async def test_a_day_that_is_over_is_asked_for_once(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [(bar("20260227 09:30:00 US/Eastern"),)]
        first = await scene.adapter.minute_bars("AAPL", FRIDAY)

        assert await scene.another().minute_bars("AAPL", FRIDAY) == first
        assert len(scene.connection.asked_bars) == 1

    async def test_a_day_that_runs_is_asked_for_again(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [(bar("20260302 09:30:00 US/Eastern"),)]
        await scene.adapter.minute_bars("AAPL", TODAY)
        await scene.adapter.minute_bars("AAPL", TODAY)

        assert len(scene.connection.asked_bars) == 2
        assert scene.slept == [16.0]

    async def test_a_day_that_lies_ahead_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="day must not be after 2026-03-02, got 2026-03-03"):
            await Scene(tmp_path).adapter.minute_bars("AAPL", date(2026, 3, 3))


class TestReference:
    async def test_a_symbol_is_its_contract_and_its_last_close(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)

        assert await scene.adapter.reference("AAPL") == ReferenceSeen(
            START_NS,
            "AAPL",
            265598,
            "",
            "USD",
            "NASDAQ",
            price_units(Decimal("0.01")),
            price_units(Decimal(101)),
        )

    async def test_a_close_of_another_session_is_left_out(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, previous=lambda _: FRIDAY)
        scene.connection.answers = [sessions(last=FRIDAY - timedelta(days=1)), sessions()]

        before = await scene.adapter.reference("AAPL")
        scene.clock.advance(16)
        after = await scene.adapter.reference("AAPL")

        assert before.prior_close == 0
        assert after.prior_close == price_units(Decimal(101))

    async def test_a_contract_without_bars_is_known_all_the_same(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        scene.connection.answers = [BrokerRefused("162", "HMDS query returned no data")]
        scene.connection.contracts["AAPL"] = (contract("AAPL", 265598, min_tick=None),)

        reference = await scene.adapter.reference("AAPL")

        assert (reference.con_id, reference.tick, reference.prior_close) == (265598, 0, 0)

    async def test_a_reviewed_number_decides_between_contracts(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, con_ids={"AAPL": 2})
        scene.connection.contracts["AAPL"] = (contract("AAPL", 1), contract("AAPL", 2))

        assert (await scene.adapter.contract("AAPL")).con_id == 2

    async def test_a_contract_is_looked_up_once_a_day(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path)
        await scene.adapter.contract("AAPL")
        await scene.adapter.contract("AAPL")
        scene.clock.advance(86_400)
        await scene.adapter.contract("AAPL")

        assert len(scene.connection.written("contract")) == 2


class TestLooking:
    async def test_every_symbol_in_use_is_looked_up_once(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL", "MSFT")
        await scene.adapter.look()
        await scene.adapter.look()

        assert scene.feed.volumes == {"AAPL": Decimal(1_000), "MSFT": Decimal(1_000)}
        assert len(scene.engine.facts) == 2
        assert scene.told.codes == []

    async def test_what_is_missing_is_told_once_and_asked_again_later(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")
        scene.connection.answers = [sessions(19), sessions(19), sessions(19), sessions()]
        for _ in range(4):
            await scene.adapter.look()
            scene.clock.advance(601)

        assert scene.told.codes == ["ADV_MISSING"]
        assert scene.feed.volumes == {"AAPL": Decimal(1_000)}

    async def test_one_symbol_that_is_unknown_keeps_back_no_other(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "ZZZZ")
        await scene.adapter.look()
        scene.feed.followed = {"ZZZZ", "AAPL"}
        await scene.adapter.look()

        assert scene.told.codes == ["200"]
        assert set(scene.feed.volumes) == {"AAPL"}

    async def test_a_gateway_without_an_answer_is_told(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")
        scene.connection.answers = [Unavailable("no answer")]
        await scene.adapter.look()

        assert scene.told.codes == ["REFERENCE_MISSING"]

    async def test_a_close_that_has_not_come_yet_is_asked_for_again(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL", previous=lambda _: FRIDAY)
        early = sessions(last=FRIDAY - timedelta(days=1))
        scene.connection.answers = [early, early, sessions()]
        await scene.adapter.look()
        scene.clock.advance(601)
        await scene.adapter.look()

        fact = scene.engine.facts[-1]
        assert scene.told.codes == ["REFERENCE_MISSING"]
        assert isinstance(fact, ReferenceSeen)
        assert fact.prior_close == price_units(Decimal(101))

    @pytest.mark.fault("F-86")
    async def test_a_fall_by_a_tenth_restricts_the_session_after(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")
        scene.connection.answers = [sessions(low=Decimal("90.9"))]
        await scene.adapter.look()
        fallen = set(scene.feed.restricted)
        scene.connection.answers = [sessions(last=TODAY)]
        scene.clock.advance(86_400)
        await scene.adapter.look()

        assert fallen == {"AAPL"}
        assert scene.feed.restricted == set()

    async def test_one_session_alone_says_nothing_about_a_fall(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")
        scene.connection.answers = [sessions(1, low=Decimal(1))]
        await scene.adapter.look()

        assert scene.feed.restricted == set()

    async def test_without_an_engine_the_volume_is_found_out(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")
        alone = IBKRDataAdapter(scene.connection, scene.clock, scene.policy, scene.feed)
        await alone.look()

        assert scene.engine.facts == []
        assert scene.feed.volumes == {"AAPL": Decimal(1_000)}


class TestRunning:
    async def run_until(self, scene: Scene, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            task = group.create_task(scene.adapter.run())
            while not holds():  # noqa: ASYNC110  # the loop gets on in between
                await asyncio.sleep(0)
            task.cancel()

    async def test_it_connects_and_looks(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")

        await self.run_until(scene, lambda: "AAPL" in scene.feed.volumes)

        assert scene.connection.stopped == 1

    async def test_a_gateway_that_is_away_is_told(self, tmp_path: Path) -> None:
        scene = Scene(tmp_path, "AAPL")
        scene.connection.refused_at_start = "nobody answers"

        await self.run_until(scene, lambda: len(scene.slept) > 1)

        assert scene.told.codes == ["DATA_LOST"]
        assert scene.feed.volumes == {}
