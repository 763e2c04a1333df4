"""A feeder carries every record in order, whatever becomes of the place it carries them to."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from fillpath.core.commands import Intent
from fillpath.core.errors import DataError, Unavailable
from fillpath.core.events import Event, OrderAccepted
from fillpath.core.rows import Projected
from fillpath.data.store.feeding import (
    LONGEST_WAIT_SECONDS,
    BusDestination,
    Feeder,
    FilePlace,
    Lag,
    Project,
)
from fillpath.runtime.clock import ManualClock
from fillpath.testing.builders import START, START_NS
from fillpath.testing.rows import an_alert_row, made_by

Record = tuple[int, Event | Intent]


def records(count: int) -> list[Record]:
    return [(n, OrderAccepted(START_NS + n, f"order-{n}", "")) for n in range(count)]


class ListTail:
    """Follow a list that the test adds to."""

    def __init__(self, journal: list[Record]) -> None:
        self.journal = journal
        self.read_so_far = 0

    def read(self, limit: int) -> list[Record]:
        found = self.journal[self.read_so_far : self.read_so_far + limit]
        self.read_so_far += len(found)
        return found


class StrictDestination:
    """Take rows once and in order; be away, or take them and die before saying so."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.at = -1
        self.away = False
        self.silent = False
        self.largest = 0

    async def position(self) -> int:
        if self.away:
            raise Unavailable("away")
        return self.at

    async def deliver(self, rows: Sequence[Projected], through: int) -> None:
        if self.away:
            raise Unavailable("away")
        assert all(self.at < row.sequence <= through for row in rows)
        self.taken += [row.sequence for row in rows]
        self.at = through
        self.largest = max(self.largest, len(rows))
        if self.silent:
            self.silent = False
            raise Unavailable("no answer")


def in_order() -> Project:
    """Return a fold that gives each record one row and takes them in order, from the first."""
    following = iter(range(10**6))

    def project(sequence: int, record: Event | Intent) -> list[Projected]:
        del record
        assert sequence == next(following)
        return made_by(sequence, an_alert_row())

    return project


class Bench:
    """A journal, a destination and the feeder between them."""

    def __init__(self, count: int, batch: int = 10) -> None:
        self.journal = records(count)
        self.there = StrictDestination()
        self.clock = ManualClock(START + timedelta(seconds=1))
        self.batch = batch
        self.feeder = self.restarted()

    def restarted(self) -> Feeder:
        self.feeder = Feeder(
            self.there,
            lambda: ListTail(self.journal),
            in_order,
            self.clock,
            durable=lambda: len(self.journal),
            batch=self.batch,
        )
        return self.feeder

    async def carry_all(self) -> None:
        while await self.feeder.step():
            pass


async def test_everything_arrives_once_and_in_order() -> None:
    bench = Bench(95)

    await bench.carry_all()

    assert bench.there.taken == list(range(95))
    assert bench.there.at == 94


async def test_one_step_carries_one_batch() -> None:
    bench = Bench(95)

    assert await bench.feeder.step()

    assert bench.there.taken == list(range(10))
    assert bench.feeder.wait_seconds == 0


async def test_a_step_with_nothing_new_waits_a_little() -> None:
    bench = Bench(5)
    await bench.feeder.step()

    assert not await bench.feeder.step()

    assert 0 < bench.feeder.wait_seconds <= 0.1


async def test_a_restart_goes_on_where_the_destination_is() -> None:
    bench = Bench(95)
    await bench.feeder.step()
    bench.restarted()

    await bench.carry_all()

    assert bench.there.taken == list(range(95))


@pytest.mark.fault("F-30", "F-31")
async def test_a_destination_that_was_away_catches_up_in_order_exactly_once() -> None:
    bench = Bench(25)
    await bench.feeder.step()
    bench.there.away = True
    for _ in range(100):
        bench.journal += [(len(bench.journal), records(1)[0][1])]
        bench.clock.advance(60)
        assert not await bench.feeder.step()
    bench.there.away = False
    bench.clock.advance(60)

    await bench.carry_all()

    assert bench.there.taken == list(range(125))


@pytest.mark.fault("F-30")
async def test_memory_holds_one_batch_while_a_destination_is_away() -> None:
    bench = Bench(10_000)
    bench.there.away = True
    for _ in range(50):
        bench.clock.advance(60)
        await bench.feeder.step()

    bench.there.away = False
    bench.clock.advance(60)
    await bench.carry_all()

    assert bench.there.largest == 10


@pytest.mark.fault("F-31")
async def test_an_answer_that_was_lost_repeats_nothing() -> None:
    bench = Bench(25)
    bench.there.silent = True
    await bench.feeder.step()
    bench.clock.advance(1)

    await bench.carry_all()

    assert bench.there.taken == list(range(25))


async def test_a_destination_that_went_back_is_fed_again_from_the_first_record() -> None:
    bench = Bench(25)
    await bench.carry_all()
    bench.there.taken, bench.there.at, bench.there.silent = [], -1, True
    bench.journal += [(25, records(1)[0][1])]
    bench.there.away = True
    await bench.feeder.step()
    bench.there.away = bench.there.silent = False
    bench.clock.advance(1)

    await bench.carry_all()

    assert bench.there.taken == list(range(26))


async def test_the_pauses_grow_and_end_with_the_trouble() -> None:
    bench = Bench(5)
    bench.there.away = True
    pauses = []
    for _ in range(12):
        await bench.feeder.step()
        pauses.append(bench.feeder.wait_seconds)
        bench.clock.advance(pauses[-1])

    bench.there.away = False
    assert await bench.feeder.step()

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.1, LONGEST_WAIT_SECONDS)
    assert bench.feeder.lag.problem == ""


async def test_nothing_is_tried_during_a_pause() -> None:
    bench = Bench(5)
    bench.there.away = True
    await bench.feeder.step()
    bench.there.away = False

    assert not await bench.feeder.step()
    assert bench.there.taken == []


async def test_lag_tells_records_seconds_and_the_problem() -> None:
    bench = Bench(25)
    bench.there.away = True
    await bench.feeder.step()
    bench.clock.advance(9)

    assert bench.feeder.lag == Lag(position=-1, records=25, seconds=10.0, problem="away")


async def test_lag_is_nothing_when_everything_arrived() -> None:
    bench = Bench(25)
    await bench.carry_all()
    bench.clock.advance(3600)

    assert bench.feeder.lag == Lag(position=24, records=0, seconds=0.0)


async def test_carrying_all_raises_when_the_destination_is_away() -> None:
    bench = Bench(5)
    bench.there.away = True

    with pytest.raises(Unavailable, match="away"):
        await bench.feeder.carry_all()


async def test_draining_carries_what_it_can() -> None:
    bench = Bench(25)
    await bench.feeder.drain()
    bench.journal += [(25, records(1)[0][1])]
    bench.there.away = True

    await bench.feeder.drain()

    assert bench.there.taken == list(range(25))


class TestBus:
    def destination(self, folder: Path, told: list[str]) -> BusDestination:
        async def publish(rows: Sequence[Projected]) -> None:
            told.extend(row.event_id("SIM") for row in rows)
            if len(told) == 2:
                raise Unavailable("the connection broke after the bytes had left")

        return BusDestination(publish, FilePlace(folder / "told"))

    @pytest.mark.fault("F-10")
    async def test_what_may_not_have_been_heard_is_told_again_under_the_same_name(
        self, tmp_path: Path
    ) -> None:
        told: list[str] = []
        destination = self.destination(tmp_path, told)
        journal = records(2)
        clock = ManualClock(START)
        before = Feeder(destination, lambda: ListTail(journal), in_order, clock)
        await before.step()
        after = Feeder(destination, lambda: ListTail(journal), in_order, clock)

        await after.drain()

        assert told == ["SIM:0:0", "SIM:1:0", "SIM:0:0", "SIM:1:0"]
        assert await destination.position() == 1

    async def test_records_without_rows_are_remembered_untold(self, tmp_path: Path) -> None:
        told: list[str] = []
        destination = self.destination(tmp_path, told)

        await destination.deliver([], 7)

        assert (told, await destination.position()) == ([], 7)

    def test_a_place_that_is_no_number_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "told").write_text("seven")

        with pytest.raises(DataError, match="delete it to publish everything again"):
            FilePlace(tmp_path / "told").load()

    @pytest.mark.fault("F-33")
    def test_a_full_disk_keeps_the_old_place(self, tmp_path: Path) -> None:
        place = FilePlace(tmp_path / "told")
        place.save(7)
        (tmp_path / "told.new").mkdir()

        place.save(8)

        assert place.load() == 7


@pytest.mark.fault("F-36")
async def test_a_destination_that_another_journal_has_fed_gets_nothing_and_says_so() -> None:
    bench = Bench(25)
    bench.there.at = 30
    await bench.feeder.step()
    bench.journal += records(60)[25:]
    bench.clock.advance(60)

    await bench.carry_all()

    assert bench.there.taken == []
    assert bench.feeder.lag.problem == (
        "it was fed up to record 30, and the journal ends at 24: another journal was here. Stop the "
        "engine, then fillpath tables rebuild"
    )
