"""Damage drawn at random: whatever the bytes, no fill is lost, doubled or invented (F-52)."""

from collections.abc import Callable
from decimal import Decimal
from random import Random  # noqa: TID251  # each test seeds its own

import pytest

from fillpath.core.events import OrderFilled
from fillpath.core.models import Order
from fillpath.ibkr.states import State
from fillpath.testing.gateway import Gateway, faults
from tests.integration.ibkr.outage import Scene, trading

NUMBERS = (1, 2, 3, 19, 20, 21, 22)
"""Fields of an execution that have to be numbers."""
NO_NUMBERS = ("x", "", "NaN", "inf", "1e999", "-", "0x10", "\x01", "9" * 400, "1.5.2")
KINDS = ("execDetails", "openOrder", "orderStatus", "commissionReport")
FILLS = 6


def noise(chance: Random) -> faults.Fault:
    """Return bytes of any kind before a message."""
    data = chance.randbytes(chance.randint(1, 40))
    return faults.Garbage(chance.choice(KINDS), data=data)


def nonsense(chance: Random) -> faults.Fault:
    """Return a frame of the right form, with any number of any texts, before a message."""
    texts = [chance.choice((*NO_NUMBERS, "1", "7", "AAPL")) for _ in range(chance.randint(0, 30))]
    body = "".join(f"{text}\0" for text in [str(chance.randint(0, 110)), *texts]).encode()
    frame = len(body).to_bytes(4) + body
    return faults.Garbage(chance.choice(KINDS), data=frame)


def distortion(chance: Random) -> faults.Fault:
    """Return an execution in which a number is none."""
    place, text = chance.choice(NUMBERS), chance.choice(NO_NUMBERS)
    return faults.Rewrite("execDetails", fields={place: text})


def breakage(chance: Random) -> faults.Fault:
    """Return a message that comes in pieces, in one go with others, or not to its end."""
    kind = chance.choice(KINDS)
    return chance.choice([faults.Crumbs(kind), faults.Merge(kind), faults.CutInside(kind)])


DAMAGES: list[Callable[[Random], faults.Fault]] = [noise, nonsense, distortion, breakage]


async def filled(engine: Scene, order: Order, shares: int) -> None:
    """Wait until so many shares of an order were told as filled."""
    await engine.until(lambda: engine.filled(order) == shares)


@pytest.mark.fault("F-52")
@pytest.mark.parametrize("seed", range(24))
async def test_random_damage_costs_no_fill(seed: int) -> None:
    chance = Random(seed)  # noqa: S311  # a test, no secret
    async with Gateway() as gateway, trading(gateway, answer_seconds=2) as engine:
        order, there = await engine.rest(quantity=FILLS)
        for count in range(1, FILLS + 1):
            damage = chance.choice(DAMAGES)(chance)
            gateway.misbehave(damage)
            gateway.fill(there, 1, "140")
            await filled(engine, order, count)
            gateway.behave()
            await engine.until(lambda: engine.connection.state is State.TRADING)

    fills = [event.fill for event in engine.all(OrderFilled)]
    assert len(fills) == len({fill.fill_id for fill in fills}) == FILLS
    assert {(fill.quantity, fill.price) for fill in fills} == {(Decimal(1), Decimal(140))}
    assert gateway.log.count("placeOrder") == 1
