"""Whoever offers something is let through by the first turn that has taken it."""

import asyncio

import pytest

from fillpath.core.errors import JournalError
from fillpath.service.turnstile import Turnstile


async def test_nobody_passes_before_the_turn_has_ended() -> None:
    turnstile = Turnstile()
    waiter = turnstile.next_turn()

    assert not waiter.done()
    turnstile.turned()
    assert waiter.done()


async def test_who_comes_after_the_turn_waits_for_the_next() -> None:
    turnstile = Turnstile()
    turnstile.turned()

    assert not turnstile.next_turn().done()


async def test_a_broken_turn_tells_everyone_who_waits() -> None:
    turnstile = Turnstile()
    waiters = [turnstile.next_turn(), turnstile.next_turn()]

    turnstile.broken(JournalError("the disk is gone"))

    for waiter in waiters:
        with pytest.raises(JournalError, match="the disk is gone"):
            await waiter


async def test_who_comes_too_late_is_told_at_once() -> None:
    turnstile = Turnstile()
    turnstile.broken(JournalError("the disk is gone"))

    with pytest.raises(JournalError, match="the disk is gone"):
        await turnstile.next_turn()


@pytest.mark.parametrize("broken", [False, True])
async def test_who_has_gone_away_is_no_trouble(*, broken: bool) -> None:
    turnstile = Turnstile()
    gone, there = turnstile.next_turn(), turnstile.next_turn()
    gone.cancel()
    await asyncio.sleep(0)

    if broken:
        turnstile.broken(JournalError("the disk is gone"))
    else:
        turnstile.turned()

    assert there.done()
    assert there.exception() is None or broken
