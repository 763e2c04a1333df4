"""A Redis that dies, forgets, evicts or stalls costs nothing that was promised."""

import asyncio
import re
from collections.abc import Callable

import pytest

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.ports import Delivery, Outgoing
from fillpath.data.bus.redis_streams import RedisBus
from tests.house.project import ROOT
from tests.integration.redis_scene import BOUND, Told, a_payload, a_policy, received, succeeded
from tests.proxy import Proxy
from tests.servers import RedisServer, free_port
from tests.stalls import LongestStall

Start = Callable[..., RedisServer]
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
FILL = Outgoing("execution:fills", "paper:1:0", b"{}")


async def waited_for(server: RedisServer) -> None:
    """Return once somebody waits at the server for what comes next."""
    async with asyncio.timeout(10):
        while not server.do("INFO", "clients")["blocked_clients"]:  # noqa: ASYNC110  # it rings no bell
            await asyncio.sleep(0.01)


async def test_a_server_that_is_down_at_the_start_is_said_at_once() -> None:
    bus = RedisBus(a_policy(f"redis://secret:word@127.0.0.1:{free_port()}/0"))

    with pytest.raises(Unavailable, match=r"Redis at 127\.0\.0\.1:\d+ cannot be reached") as caught:
        await bus.start()

    assert "word" not in str(caught.value)
    assert "word" not in (await bus.health()).detail
    await bus.close()


async def test_a_start_works_as_soon_as_the_server_is_there(private_redis: Start) -> None:
    server = private_redis(*DURABLE)
    server.kill()
    bus = RedisBus(a_policy(server.url))
    with pytest.raises(Unavailable):
        await bus.start()

    server.start()
    await succeeded(bus.start)

    assert (await bus.health()).reachable
    await bus.close()


async def test_a_server_that_dies_loses_nothing_that_it_had_on_disk(private_redis: Start) -> None:
    server = private_redis(*DURABLE)
    told = Told()
    bus = RedisBus(a_policy(server.url), told.hear)
    await bus.start()
    for number in range(3):
        await bus.send(a_payload(number))
    done, *_ = await received(bus, 2)
    await bus.acknowledge([done.message_id])

    server.kill()
    with pytest.raises(Unavailable):
        await bus.receive(1, 0.1)
    with pytest.raises(Unavailable):
        await bus.publish([FILL])
    server.start()

    (rest,) = await received(bus, 1)
    await succeeded(lambda: bus.publish([FILL]))
    assert rest.payload == a_payload(2)
    assert [fields[b"event_id"] for _, fields in server.entries("execution:fills")] == [
        b"paper:1:0"
    ]
    assert told == []
    await bus.close()


async def test_an_acknowledgement_that_could_not_be_said_is_said_later(
    private_redis: Start,
) -> None:
    server = private_redis(*DURABLE)
    bus = RedisBus(a_policy(server.url))
    await bus.start()
    await bus.send(a_payload())
    (delivery,) = await received(bus, 1)
    server.kill()
    with pytest.raises(Unavailable):
        await bus.acknowledge([delivery.message_id])

    server.start()

    assert await succeeded(lambda: bus.receive(1, 0)) == []
    assert server.pending() == 0
    await bus.close()


@pytest.mark.fault("F-22")
async def test_a_server_that_forgot_everything_is_a_gap_with_its_ids(
    redis_server: RedisServer,
) -> None:
    told = Told()
    bus = RedisBus(a_policy(redis_server.url), told.hear)
    await bus.start()
    known = await bus.send(a_payload(1))
    (delivery,) = await received(bus, 1)
    await bus.acknowledge([delivery.message_id])

    redis_server.do("FLUSHALL")
    resent = await bus.send(a_payload(1))
    (again,) = await received(bus, 1)

    assert again == Delivery(resent, a_payload(1))
    assert told.codes == ["BUS_GAP"]
    assert f"signals after {known} and before {resent} may be lost" in told[0].text
    await bus.close()


@pytest.mark.fault("F-22")
async def test_a_server_that_forgets_while_it_is_waited_for_is_found_out(
    redis_server: RedisServer,
) -> None:
    told = Told()
    bus = RedisBus(a_policy(redis_server.url), told.hear)
    await bus.start()
    await bus.send(a_payload(1))
    (known,) = await received(bus, 1)
    await bus.acknowledge([known.message_id])

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(received(bus, 1, 5.0))
        await waited_for(redis_server)
        redis_server.do("FLUSHALL")
        gap = await told.wait_for("BUS_GAP")
        sent = await bus.send(a_payload(2))

    assert [delivery.message_id for delivery in waiting.result()] == [sent]
    assert f"after {known.message_id} and before whatever is sent next" in gap.text
    await bus.close()


@pytest.mark.fault("F-22")
async def test_a_server_that_restarts_empty_is_a_gap(private_redis: Start) -> None:
    server = private_redis()
    told = Told()
    bus = RedisBus(a_policy(server.url), told.hear)
    await bus.start()
    known = await bus.send(a_payload(1))
    await received(bus, 1)

    server.restart()
    sent = await succeeded(lambda: bus.send(a_payload(2)))
    (delivery,) = await received(bus, 1)

    assert delivery == Delivery(sent, a_payload(2))
    assert told.codes == ["BUS_GAP"]
    assert f"signals after {known} and before {sent}" in told[0].text
    await bus.close()


@pytest.mark.fault("F-22")
async def test_a_new_process_knows_from_the_journal_where_it_was(redis_server: RedisServer) -> None:
    told = Told()
    before = RedisBus(a_policy(redis_server.url))
    await before.start()
    known = await before.send(a_payload(1))
    await received(before, 1)
    await before.close()
    redis_server.do("FLUSHALL")

    bus = RedisBus(a_policy(redis_server.url, resume_after=known), told.hear)
    await bus.start()

    assert told.codes == ["BUS_GAP"]
    assert f"after {known} and before whatever is sent next" in told[0].text
    await bus.close()


@pytest.mark.fault("F-22")
async def test_a_group_that_is_gone_goes_on_where_the_journal_was(
    redis_server: RedisServer,
) -> None:
    told = Told()
    bus = RedisBus(a_policy(redis_server.url), told.hear)
    await bus.start()
    await bus.send(a_payload(1))
    (first,) = await received(bus, 1)
    await bus.acknowledge([first.message_id])
    redis_server.do("XGROUP", "DESTROY", "execution:signals", "fillpath")
    second = await bus.send(a_payload(2))

    taken = await received(bus, 1)

    assert [delivery.message_id for delivery in taken] == [second]
    assert told.codes == ["BUS_GROUP_MADE"]
    assert first.message_id in told[0].text
    await bus.close()


async def test_signals_that_were_deleted_before_they_were_handled_are_a_gap(
    redis_server: RedisServer,
) -> None:
    told = Told()
    before = RedisBus(a_policy(redis_server.url))
    await before.start()
    gone = await before.send(a_payload(1))
    await before.send(a_payload(2))
    await received(before, 2)
    await before.close()
    redis_server.do("XDEL", "execution:signals", gone)

    bus = RedisBus(a_policy(redis_server.url), told.hear)
    await bus.start()
    taken = await received(bus, 1)

    assert [delivery.payload for delivery in taken] == [a_payload(2)]
    assert told.codes == ["BUS_GAP"]
    assert gone in told[0].text
    await bus.close()


@pytest.mark.fault("F-23")
@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random", "volatile-ttl"])
async def test_a_server_that_may_evict_is_refused(redis_server: RedisServer, policy: str) -> None:
    redis_server.do("CONFIG", "SET", "maxmemory-policy", policy)
    bus = RedisBus(a_policy(redis_server.url))

    with pytest.raises(ConfigError, match=f"maxmemory-policy must be noeviction, got {policy}"):
        await bus.start()

    redis_server.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
    await bus.start()
    await bus.close()


@pytest.mark.fault("F-23")
async def test_a_server_that_begins_to_evict_is_as_good_as_none_until_it_is_put_right(
    redis_server: RedisServer,
) -> None:
    told = Told()
    bus = RedisBus(a_policy(redis_server.url), told.hear)
    await bus.start()
    redis_server.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")

    first, second = await bus.health(), await bus.health()
    with pytest.raises(Unavailable, match="may throw messages away"):
        await bus.receive(1, 0)
    redis_server.do("CONFIG", "SET", "maxmemory-policy", "noeviction")

    assert not first.reachable
    assert "maxmemory-policy must be noeviction, got allkeys-lru" in second.detail
    assert told.codes == ["BUS_UNSAFE"]
    assert (await bus.health()).reachable
    assert await bus.receive(1, 0) == []
    await bus.close()


async def test_a_full_server_takes_nothing_and_says_so(private_redis: Start) -> None:
    server = private_redis("--maxmemory", "2mb", "--maxmemory-policy", "noeviction")
    bus = RedisBus(a_policy(server.url))
    await bus.start()
    server.do("CONFIG", "SET", "maxmemory", "1")

    with pytest.raises(Unavailable, match=r"refuses: .*maxmemory"):
        await bus.publish([FILL])

    server.do("CONFIG", "SET", "maxmemory", "0")
    await bus.publish([FILL])
    await bus.close()


async def test_a_wrong_password_is_a_matter_of_settings(private_redis: Start) -> None:
    server = private_redis("--requirepass", "right")
    bus = RedisBus(a_policy(server.url.replace("//", "//:wrong@")))

    with pytest.raises(ConfigError, match="Redis at") as caught:
        await bus.start()

    assert "wrong@" not in str(caught.value)
    await bus.close()
    server.kill()


async def test_a_name_that_holds_something_else_is_a_matter_of_settings(
    redis_server: RedisServer,
) -> None:
    redis_server.do("LPUSH", "execution:signals", "not a stream")
    bus = RedisBus(a_policy(redis_server.url))

    with pytest.raises(ConfigError, match="WRONGTYPE"):
        await bus.start()

    await bus.close()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"redis\.url must be a Redis address"):
        RedisBus(a_policy("http://127.0.0.1"))


@pytest.mark.fault("F-28")
async def test_a_server_that_stands_still_never_holds_up_anything_else(
    redis_server: RedisServer,
) -> None:
    bus = RedisBus(a_policy(redis_server.url, answer_seconds=BOUND))
    await bus.start()
    await bus.send(a_payload())
    loop = asyncio.get_running_loop()
    redis_server.do("CLIENT", "PAUSE", "4000", "ALL")

    async with LongestStall() as stall:
        begun = loop.time()
        with pytest.raises(Unavailable, match="cannot be reached"):
            await bus.receive(1, 0.1)
        with pytest.raises(Unavailable):
            await bus.publish([FILL])
        health = await bus.health()
        spent = loop.time() - begun

    assert stall.seconds < 0.4  # who waits for an answer here stalls for longer
    assert spent < 3 * BOUND + 5.0
    assert not health.reachable
    assert [delivery.payload for delivery in await received(bus, 1)] == [a_payload()]
    await bus.close()


@pytest.mark.fault("F-28")
@pytest.mark.parametrize("delay_seconds", [0.02, 5.0])
async def test_a_slow_line_is_borne_or_given_up_within_its_bounds(
    redis_server: RedisServer, delay_seconds: float
) -> None:
    async with Proxy(redis_server.port) as proxy:
        bus = RedisBus(a_policy(proxy.url, answer_seconds=BOUND))
        await bus.start()
        proxy.delay_seconds = delay_seconds
        loop = asyncio.get_running_loop()

        async with LongestStall() as stall:
            begun = loop.time()
            answered = (await bus.health()).reachable
            spent = loop.time() - begun

        assert stall.seconds < 0.4  # who waits for an answer here stalls for longer
        assert answered == (delay_seconds < BOUND / 2)
        assert spent < 3 * BOUND + 5.0
        await bus.close()


@pytest.mark.fault("F-28")
async def test_a_line_without_an_end_is_given_up_and_loses_nothing(
    redis_server: RedisServer,
) -> None:
    async with Proxy(redis_server.port) as proxy:
        bus = RedisBus(a_policy(proxy.url, answer_seconds=BOUND))
        await bus.start()
        proxy.turn_deaf()
        with pytest.raises(Unavailable):
            await bus.receive(1, 0.1)
        proxy.cut()
        proxy.hear()

        sent = await succeeded(lambda: bus.send(a_payload()))

        assert [delivery.message_id for delivery in await received(bus, 1)] == [sent]
        await bus.close()


@pytest.mark.parametrize("count", [1, 30, 70])
async def test_an_answer_that_is_cut_short_is_no_answer_and_comes_again(
    redis_server: RedisServer, count: int
) -> None:
    async with Proxy(redis_server.port) as proxy:
        bus = RedisBus(a_policy(proxy.url))
        await bus.start()
        await bus.receive(1, 0)
        for number in range(3):
            redis_server.do("XADD", "execution:signals", "*", "data", a_payload(number))
        proxy.cut_after(count)

        with pytest.raises(Unavailable):
            await bus.receive(3, 0)
        taken = await received(bus, 3)

        assert [delivery.payload for delivery in taken] == [a_payload(n) for n in range(3)]
        assert {delivery.deliveries for delivery in taken} == {2}
        await bus.close()


async def test_a_server_that_is_gone_is_asked_less_and_less_often(
    redis_server: RedisServer,
) -> None:
    async with Proxy(redis_server.port) as proxy:
        bus = RedisBus(a_policy(proxy.url))
        await bus.start()
        proxy.refuse()
        proxy.connections = 0
        loop = asyncio.get_running_loop()
        begun = loop.time()
        failures = 0

        while loop.time() - begun < 1.0:
            with pytest.raises(Unavailable):
                await bus.receive(1, 0.05)
            failures += 1

        assert proxy.connections <= 6
        assert failures <= 30
        proxy.accept()
        assert await succeeded(lambda: bus.send(a_payload()))
        await bus.close()


async def test_a_server_that_may_only_be_read_is_as_good_as_none(private_redis: Start) -> None:
    server, master = private_redis(), private_redis()
    bus = RedisBus(a_policy(server.url))
    await bus.start()
    server.do("REPLICAOF", "127.0.0.1", str(master.port))

    with pytest.raises(Unavailable, match=r"refuses: .*read only replica"):
        await bus.publish([FILL])

    server.do("REPLICAOF", "NO", "ONE")
    await bus.publish([FILL])
    await bus.close()


async def test_the_acl_that_the_how_to_shows_is_enough(private_redis: Start) -> None:
    server = private_redis()
    page = (ROOT / "docs" / "how-to" / "redis.md").read_text(encoding="utf-8")
    for name in ("trend", "engine"):
        (rule,) = re.findall(rf"^user {name} (.*)$", page, re.MULTILINE)
        server.do("ACL", "SETUSER", name, *rule.split())
    producer = RedisBus(a_policy(server.url.replace("//", "//trend:secret@")))
    engine = RedisBus(a_policy(server.url.replace("//", "//engine:other@")))

    await engine.start()
    await producer.send(a_payload())
    (delivery,) = await received(engine, 1)
    await engine.reject(delivery, "enough")
    await engine.publish([FILL])

    assert (await engine.health()).reachable
    with pytest.raises(Unavailable, match="permissions"):
        await producer.publish([FILL])
    await producer.close()
    await engine.close()
