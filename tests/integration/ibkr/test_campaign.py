"""Schedules of outages by chance lose nothing and double nothing; the whole campaign is a command."""

import asyncio

import pytest

from tests.integration.ibkr.campaign import Outcome, Tally, play, play_all

SCHEDULES = 12


@pytest.mark.fault("F-45", "F-46", "F-47", "F-52", "F-62")
async def test_schedules_of_outages_lose_no_fill_and_double_none() -> None:
    outcomes = await play_all(range(1, SCHEDULES + 1), beside=SCHEDULES, steps=80)

    assert [(one.seed, one.problems) for one in outcomes if one.problems] == []
    tally = Tally.of(outcomes)
    assert tally.executions > SCHEDULES
    assert tally.connections > SCHEDULES * 2


async def test_a_schedule_without_orders_is_quiet_at_once() -> None:
    async with asyncio.timeout(60):
        assert await play(1, steps=0) == Outcome(1, connections=1)
