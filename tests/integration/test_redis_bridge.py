"""Producers that only publish are heard, and what they lose is said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from fillpath.data.bus.redis_bridge import Numbers, RedisBridge
from fillpath.data.bus.redis_streams import RedisBus, RedisPolicy
from tests.integration.redis_scene import Told, a_payload, a_policy, received
from tests.proxy import Proxy
from tests.servers import RedisServer


@asynccontextmanager
async def bridged(policy: RedisPolicy, told: Told) -> AsyncIterator[RedisBridge]:
    """Run a bridge while the body runs."""
    bridge = RedisBridge(policy, told.hear)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bridge.run())
        async with asyncio.timeout(10):
            await bridge.listening.wait()
        yield bridge
        running.cancel()


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110  # nobody tells of it
            await asyncio.sleep(0.01)


def listeners(server: RedisServer, channel: str = "execution:signals") -> int:
    """Return how many subscribers the server knows of."""
    _, count = server.do("PUBSUB", "NUMSUB", channel)
    return int(count)


def publish(server: RedisServer, payload: bytes, channel: str = "execution:signals") -> int:
    """Publish as the simplest client does; return how many heard it."""
    heard: int = server.do("PUBLISH", channel, payload)
    return heard


async def test_a_signal_that_was_only_published_is_received_and_marked(
    redis_server: RedisServer,
) -> None:
    policy = a_policy(redis_server.url, bridged=True)
    bus = RedisBus(policy)
    await bus.start()
    async with bridged(policy, Told()) as bridge:
        assert publish(redis_server, a_payload()) == 1

        (delivery,) = await received(bus, 1)

        assert delivery.payload == a_payload()
        assert delivery.origin == "pubsub"
        assert bridge.lost == 0
    await bus.close()


async def test_once_heard_a_published_signal_survives_a_crash_like_any_other(
    redis_server: RedisServer,
) -> None:
    policy = a_policy(redis_server.url, bridged=True)
    before = RedisBus(policy)
    await before.start()
    async with bridged(policy, Told()):
        publish(redis_server, a_payload())
        await received(before, 1)
    await before.close()

    bus = RedisBus(policy)
    await bus.start()
    (again,) = await received(bus, 1)

    assert (again.payload, again.deliveries, again.origin) == (a_payload(), 2, "pubsub")
    await bus.close()


async def test_a_signal_that_comes_both_ways_is_handed_over_once(redis_server: RedisServer) -> None:
    policy = a_policy(redis_server.url, bridged=True)
    bus = RedisBus(policy)
    await bus.start()
    async with bridged(policy, Told()):
        await bus.send(a_payload(1))
        publish(redis_server, a_payload(1))
        publish(redis_server, a_payload(2))

        taken = await received(bus, 2)

        assert sorted(delivery.payload for delivery in taken) == [a_payload(1), a_payload(2)]
        assert await bus.receive(1, 0.05) == []
        assert redis_server.pending() == 2
    await bus.close()


@pytest.mark.fault("F-26")
async def test_numbers_that_never_came_are_named(redis_server: RedisServer) -> None:
    policy, told = a_policy(redis_server.url, bridged=True), Told()
    async with bridged(policy, told):
        for sequence in (4, 5, 9):
            payload = a_payload(sequence, sequence=sequence, strategy_name="trend")
            publish(redis_server, payload)

        gap = await told.wait_for("BRIDGE_GAP")

    assert gap.text == "messages 6 to 8 of trend never came over execution:signals"


@pytest.mark.fault("F-26")
async def test_a_bridge_that_was_cut_off_says_so_and_goes_on(redis_server: RedisServer) -> None:
    async with Proxy(redis_server.port) as proxy:
        policy, told = a_policy(proxy.url, bridged=True), Told()
        bus = RedisBus(a_policy(redis_server.url, bridged=True))
        await bus.start()
        async with bridged(policy, told) as bridge:
            publish(redis_server, a_payload(1, sequence=1))
            await received(bus, 1)
            await until(lambda: bridge.taken == 1)  # it knows that the stream has it
            proxy.refuse()
            await until(lambda: listeners(redis_server) == 0)
            assert publish(redis_server, a_payload(2, sequence=2)) == 0
            proxy.accept()
            gap = await told.wait_for("BRIDGE_GAP")
            await bridge.listening.wait()
            publish(redis_server, a_payload(3, sequence=3))

            (third,) = await received(bus, 1)

        assert third.payload == a_payload(3, sequence=3)
        assert "nobody listened on execution:signals for" in gap.text
        assert "messages 2 to 2 of no strategy never came" in told[-1].text
        await bus.close()


async def test_what_is_no_signal_is_carried_to_whoever_sets_it_aside(
    redis_server: RedisServer,
) -> None:
    policy = a_policy(redis_server.url, bridged=True)
    bus = RedisBus(policy)
    await bus.start()
    async with bridged(policy, Told()):
        publish(redis_server, b"not JSON")

        (delivery,) = await received(bus, 1)

    assert (delivery.payload, delivery.origin) == (b"not JSON", "pubsub")
    await bus.close()


async def test_what_is_too_long_to_be_a_signal_is_dropped_and_said(
    redis_server: RedisServer,
) -> None:
    policy, told = a_policy(redis_server.url, bridged=True), Told()
    async with bridged(policy, told) as bridge:
        publish(redis_server, bytes(1_000_000))
        publish(redis_server, a_payload())

        gap = await told.wait_for("BRIDGE_GAP")

        assert "a message of 1,000,000 bytes on execution:signals was dropped" in gap.text
        assert bridge.lost == 1


def test_numbers_of_each_strategy_are_their_own() -> None:
    numbers = Numbers()

    found = [
        numbers.missing_before(name, sequence)
        for name, sequence in (("a", 7), ("b", 1), ("a", 8), ("b", 4), ("a", 8), ("a", 1), ("a", 2))
    ]

    assert found == [None, None, None, (2, 3), None, None, None]


def test_only_so_many_strategies_are_remembered() -> None:
    numbers = Numbers(remembered=2)
    for name in ("a", "b", "c"):
        numbers.missing_before(name, 1)

    assert numbers.missing_before("a", 9) is None
    assert numbers.missing_before("c", 9) == (2, 8)
