"""The tables come behind the engine, and are opened when they can be reached."""

from datetime import UTC, datetime

import pytest

from fillpath.core.errors import Unavailable
from fillpath.service.tables import KeptStore, LateStore, Tables
from tests.unit.service.store_of_words import WordStore


async def test_the_tables_are_brought_up_to_date_once_before_the_first_question() -> None:
    store = WordStore()
    tables = Tables(store, "SIM")

    assert [await tables.position(), await tables.position()] == [7, 7]
    assert store.said == ["start", "applied SIM", "applied SIM"]


async def test_tables_that_were_started_are_not_started_again() -> None:
    store = WordStore()
    tables = Tables(store, "SIM")
    await tables.start()

    assert await tables.position() == 7
    assert store.said == ["start", "applied SIM"]


async def test_tables_that_are_away_are_started_again_later() -> None:
    store = WordStore()
    store.away = True
    tables = Tables(store, "SIM")
    with pytest.raises(Unavailable):
        await tables.position()

    store.away = False
    await tables.position()

    assert store.said == ["start", "start", "applied SIM"]


async def test_late_tables_are_made_when_they_are_started_and_only_once() -> None:
    made: list[WordStore] = []

    def make() -> KeptStore:
        made.append(WordStore())
        return made[-1]

    late = LateStore(make)
    before = len(made)
    await late.start()
    await late.start()

    await late.apply("SIM", [], 3)
    found = await late.applied("SIM"), await late.tier()
    await late.clear("SIM")
    await late.upkeep(datetime(2026, 11, 22, tzinfo=UTC))
    await late.close()

    assert (before, len(made)) == (0, 1)
    assert found == (7, "words")
    assert made[0].said == [
        *("start", "start", "apply SIM 3", "applied SIM", "tier", "clear SIM"),
        *("upkeep 2026", "close"),
    ]


async def test_late_tables_that_were_never_made_have_nothing_to_say() -> None:
    late = LateStore(WordStore)

    with pytest.raises(Unavailable, match="not open yet"):
        await late.applied("SIM")

    await late.close()
