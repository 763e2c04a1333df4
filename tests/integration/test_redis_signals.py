"""What becomes of signals on a real Redis: claimed, set aside, let go, never lost."""

import asyncio
import tracemalloc

import pytest
import redis

from fillpath.core.ports import Delivery, Outgoing
from fillpath.data.bus.origin import sign
from fillpath.data.bus.redis_streams import LONGEST_SIGNATURE, RedisBus
from tests.integration.redis_scene import a_payload, a_policy, received
from tests.servers import RedisServer
from tests.stalls import LongestStall

HUNDRED_MB = 100 * 1024 * 1024


async def test_a_slow_consumer_is_relieved_and_both_name_the_signal_alike(
    redis_server: RedisServer,
) -> None:
    slow = RedisBus(a_policy(redis_server.url, consumer="slow"))
    await slow.start()
    await slow.send(a_payload())
    (first,) = await received(slow, 1)
    other = RedisBus(a_policy(redis_server.url, consumer="other"))
    await other.start()

    (second,) = await received(other, 1)

    assert (second.message_id, second.payload) == (first.message_id, first.payload)
    assert (first.deliveries, second.deliveries) == (1, 2)
    await slow.acknowledge([first.message_id])
    assert await other.receive(1, 0) == []
    await slow.close()
    await other.close()


async def test_a_consumer_that_is_only_busy_keeps_what_it_has(redis_server: RedisServer) -> None:
    busy = RedisBus(a_policy(redis_server.url, consumer="busy", claim_seconds=60))
    await busy.start()
    await busy.send(a_payload())
    await received(busy, 1)
    other = RedisBus(a_policy(redis_server.url, consumer="other", claim_seconds=60))
    await other.start()

    assert await other.receive(1, 0) == []
    await busy.close()
    await other.close()


async def test_what_a_caller_forgot_comes_again(redis_server: RedisServer) -> None:
    bus = RedisBus(a_policy(redis_server.url, claim_seconds=0.05, again_seconds=0.2))
    await bus.start()
    message_id = await bus.send(a_payload())
    await received(bus, 1)

    (again,) = await received(bus, 1)

    assert again == Delivery(message_id, a_payload(), 2)
    await bus.close()


@pytest.mark.fault("F-27")
async def test_an_entry_without_a_message_is_set_aside_and_the_group_moves_on(
    redis_server: RedisServer,
) -> None:
    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    odd = redis_server.do("XADD", "execution:signals", "*", "symbol", "AAPL")
    await bus.send(a_payload())

    taken = await received(bus, 1)

    assert [delivery.payload for delivery in taken] == [a_payload()]
    ((_, letter),) = redis_server.entries("execution:signals:dead")
    assert letter[b"message_id"] == odd
    assert letter[b"reason"].startswith(b"the entry must have a field named data")
    assert redis_server.pending() == 1
    await bus.close()


@pytest.mark.fault("F-99")
async def test_a_message_of_100_megabytes_is_set_aside_without_being_held(
    redis_server: RedisServer,
) -> None:
    bus = RedisBus(a_policy(redis_server.url, answer_seconds=5.0))
    await bus.start()
    redis_server.do("XADD", "execution:signals", "*", "data", bytes(HUNDRED_MB))
    await bus.send(a_payload())
    tracemalloc.start()
    try:
        async with LongestStall() as stall:
            taken = await received(bus, 1)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [delivery.payload for delivery in taken] == [a_payload()]
    ((_, letter),) = redis_server.entries("execution:signals:dead")
    assert b"at most 16,384 bytes long, got 104,857,600" in letter[b"reason"]
    assert letter[b"data"] == b""
    assert most < 4_000_000
    assert stall.seconds < 0.4  # who waits for an answer here stalls for longer
    await bus.close()


async def test_a_dead_letter_keeps_no_more_than_a_message_may_be(redis_server: RedisServer) -> None:
    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    await bus.send(b"x" * 200_000)
    (delivery,) = await received(bus, 1)

    await bus.reject(delivery, "the message must be at most 16,384 bytes long")

    ((_, letter),) = redis_server.entries("execution:signals:dead")
    assert len(letter[b"data"]) == 16_384
    assert letter[b"stream"] == b"execution:signals"
    await bus.close()


async def test_a_backlog_of_10_000_signals_is_taken_in_order(redis_server: RedisServer) -> None:
    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    words = [f"XADD execution:signals * data {number}" for number in range(10_000)]
    redis_server.pipe(words)
    taken: list[bytes] = []

    async with LongestStall() as stall:
        while len(taken) < 10_000:
            batch = await bus.receive(256, 1.0)
            taken += [delivery.payload for delivery in batch]
            await bus.acknowledge([delivery.message_id for delivery in batch])

    assert taken == [str(number).encode() for number in range(10_000)]
    assert (await bus.health()).backlog in {0, None}
    assert stall.seconds < 0.4  # who waits for an answer here stalls for longer
    await bus.close()


async def test_a_restart_with_many_open_signals_gets_all_of_them_again_in_order(
    redis_server: RedisServer,
) -> None:
    before = RedisBus(a_policy(redis_server.url))
    await before.start()
    redis_server.pipe([f"XADD execution:signals * data {number}" for number in range(1_500)])
    await received(before, 1_200)
    await before.close()

    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    taken = await received(bus, 1_500)

    assert [delivery.payload for delivery in taken] == [str(n).encode() for n in range(1_500)]
    assert [delivery.deliveries for delivery in taken] == [2] * 1_200 + [1] * 300
    await bus.close()


async def test_acknowledged_signals_are_let_go_after_their_time_and_open_ones_never(
    redis_server: RedisServer,
) -> None:
    bus = RedisBus(a_policy(redis_server.url, kept_seconds=60, claim_seconds=60))
    await bus.start()
    hour = 3_600_000
    redis_server.pipe([f"XADD execution:signals {hour}-{n} data old" for n in range(5_000)])
    redis_server.pipe([f"XADD execution:signals {2 * hour}-{n} data new" for n in range(5_000)])
    taken = await received(bus, 10_000)
    kept = taken[4_000].message_id

    await bus.acknowledge(
        [delivery.message_id for delivery in taken if delivery.message_id != kept]
    )

    entries = [name for name, _ in redis_server.entries("execution:signals")]
    assert kept in entries
    assert 5_000 <= len(entries) < 6_200
    await bus.close()


async def test_two_accounts_share_a_server_and_nothing_else(redis_server: RedisServer) -> None:
    ours = RedisBus(a_policy(redis_server.url, account="ours"))
    theirs = RedisBus(a_policy(redis_server.url, account="theirs"))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ours.start())
        tasks.create_task(theirs.start())

    await theirs.send(a_payload())

    assert await ours.receive(1, 0) == []
    assert [d.payload for d in await received(theirs, 1)] == [a_payload()]
    assert redis_server.do("EXISTS", "execution:signals:theirs") == 1
    await ours.close()
    await theirs.close()


@pytest.mark.fault("F-27")
async def test_a_message_that_nobody_survives_is_set_aside_after_three_times(
    redis_server: RedisServer,
) -> None:
    counts: list[int] = []
    for _ in range(3):
        bus = RedisBus(a_policy(redis_server.url))
        await bus.start()
        if not counts:
            await bus.send(a_payload(1))
            await bus.send(a_payload(2))
        (killer,) = await received(bus, 1)
        counts.append(killer.deliveries)
        await bus.close()

    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    taken = await received(bus, 1)

    assert counts == [1, 2, 3]
    assert [delivery.payload for delivery in taken] == [a_payload(2)]
    ((_, letter),) = redis_server.entries("execution:signals:dead")
    assert letter[b"data"] == a_payload(1)
    assert letter[b"reason"] == b"it was handed over 3 times and never acknowledged"
    await bus.close()


async def test_what_is_published_is_in_the_stream_and_on_the_channel(
    redis_server: RedisServer,
) -> None:
    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    with redis.Redis(host="127.0.0.1", port=redis_server.port, protocol=2) as client:
        simple = client.pubsub(ignore_subscribe_messages=True)
        simple.subscribe("execution:fills")
        simple.get_message(timeout=5)

        await bus.publish([Outgoing("execution:fills", "paper:1:0", b"{}")])

        heard = simple.get_message(timeout=5)
        simple.close()
    assert heard
    assert heard["data"] == b"{}"
    ((_, kept),) = redis_server.entries("execution:fills")
    assert kept == {b"data": b"{}", b"event_id": b"paper:1:0"}
    await bus.close()


async def test_an_origin_that_nobody_knows_is_that_of_the_stream(redis_server: RedisServer) -> None:
    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    redis_server.do("XADD", "execution:signals", "*", "data", a_payload(), "origin", "x" * 9_999)

    (delivery,) = await received(bus, 1)

    assert delivery.origin == "stream"
    await bus.close()


@pytest.mark.control("C-02", "passes")
async def test_a_signature_comes_beside_its_message(redis_server: RedisServer) -> None:
    bus = RedisBus(a_policy(redis_server.url))
    await bus.start()
    signature = sign("execution:signals", a_payload(), b"k" * 32)
    await bus.send(a_payload(), signature=signature)
    await bus.send(a_payload(), signature="f" * 5_000)
    await bus.send(a_payload())

    signed, oversized, bare = await received(bus, 3)

    assert signed.signature == signature
    assert len(oversized.signature) == LONGEST_SIGNATURE
    assert bare.signature == ""
    await bus.close()
