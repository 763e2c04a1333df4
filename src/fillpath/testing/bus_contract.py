"""What every bus promises; subclass ``BusContract`` and fill in the hooks."""

# A suite of tests: the names are the promises.
# ruff: noqa: D102

import asyncio

from fillpath.core.errors import Unavailable
from fillpath.core.ports import Bus, Delivery, Outgoing
from fillpath.testing.scenarios import played, raised

FILLS = "execution:fills"
WAIT = 5.0


class BusContract:
    """The suite; each test runs in a fresh world with one account."""

    async def make_bus(self) -> Bus:
        """Return a bus in an empty world, not started."""
        raise NotImplementedError

    async def successor(self, bus: Bus) -> Bus:
        """Return another bus on the same world for the same account, not started.

        ``bus`` died: it was not closed, and is never used again.
        """
        raise NotImplementedError

    async def send(self, bus: Bus, payload: bytes) -> str:
        """Send a signal to the account of ``bus``, as a strategy would; return the message's id."""
        raise NotImplementedError

    async def published(self, bus: Bus, channel: str) -> list[tuple[str, bytes]]:
        """Return (event id, payload) of everything published on a channel, oldest first."""
        raise NotImplementedError

    async def dead_letters(self, bus: Bus) -> list[tuple[str, bytes, str]]:
        """Return (message id, payload, reason) of everything set aside, oldest first."""
        raise NotImplementedError

    async def started(self) -> Bus:
        """Return a bus in an empty world, started."""
        bus = await self.make_bus()
        await bus.start()
        return bus

    async def restarted(self, bus: Bus) -> Bus:
        """Return the started successor of a bus that died."""
        after = await self.successor(bus)
        await after.start()
        return after

    async def taken(self, bus: Bus, count: int) -> list[Delivery]:
        """Receive until ``count`` signals are there."""
        found: list[Delivery] = []
        async with asyncio.timeout(2 * WAIT):
            while len(found) < count:
                found += await bus.receive(count - len(found), WAIT)
        return found

    @played
    async def test_nothing_waits_on_a_new_bus(self) -> None:
        bus = await self.started()

        assert await bus.receive(10, 0) == []
        assert await bus.receive(10, 0.01) == []
        await bus.close()

    @played
    async def test_a_signal_arrives_as_it_was_sent(self) -> None:
        bus, payload = await self.started(), b'\x00\xff{"any": bytes}\r\n'
        message_id = await self.send(bus, payload)

        (delivery,) = await self.taken(bus, 1)

        assert delivery == Delivery(message_id, payload, 1)
        await bus.close()

    @played
    async def test_signals_sent_before_the_start_are_not_lost(self) -> None:
        bus = await self.make_bus()
        await self.send(bus, b"early")

        await bus.start()

        assert [d.payload for d in await self.taken(bus, 1)] == [b"early"]
        await bus.close()

    @played
    async def test_signals_arrive_in_the_order_in_which_they_were_sent(self) -> None:
        bus = await self.started()
        sent = [await self.send(bus, str(number).encode()) for number in range(20)]

        taken = await self.taken(bus, 20)

        assert [delivery.message_id for delivery in taken] == sent
        assert [delivery.payload for delivery in taken] == [str(n).encode() for n in range(20)]
        await bus.close()

    @played
    async def test_no_more_than_the_limit_is_handed_over(self) -> None:
        bus = await self.started()
        for number in range(5):
            await self.send(bus, str(number).encode())

        first = await bus.receive(3, WAIT)
        rest = await bus.receive(3, WAIT)

        assert [delivery.payload for delivery in first] == [b"0", b"1", b"2"]
        assert [delivery.payload for delivery in rest] == [b"3", b"4"]
        await bus.close()

    @played
    async def test_a_signal_ends_the_wait(self) -> None:
        bus = await self.started()
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(bus.receive(1, WAIT))
            await asyncio.sleep(0)
            tasks.create_task(self.send(bus, b"now"))

        assert [delivery.payload for delivery in waiting.result()] == [b"now"]
        await bus.close()

    @played
    async def test_what_was_handed_over_does_not_come_twice_to_the_same_consumer(self) -> None:
        bus = await self.started()
        await self.send(bus, b"once")
        await self.taken(bus, 1)

        assert await bus.receive(10, 0.01) == []
        await bus.close()

    @played
    async def test_what_was_never_acknowledged_comes_again_after_a_crash(self) -> None:
        bus = await self.started()
        message_id = await self.send(bus, b"pending")
        await self.taken(bus, 1)

        after = await self.restarted(bus)

        assert await self.taken(after, 1) == [Delivery(message_id, b"pending", 2)]
        await after.close()

    @played
    async def test_what_was_acknowledged_never_comes_again(self) -> None:
        bus = await self.started()
        await self.send(bus, b"done")
        await self.send(bus, b"open")
        done, _ = await self.taken(bus, 2)
        await bus.acknowledge([done.message_id])

        after = await self.restarted(bus)

        assert [delivery.payload for delivery in await self.taken(after, 1)] == [b"open"]
        assert await after.receive(10, 0.01) == []
        await after.close()

    @played
    async def test_what_comes_again_comes_before_what_is_new(self) -> None:
        bus = await self.started()
        for payload in (b"1", b"2"):
            await self.send(bus, payload)
        await self.taken(bus, 2)
        await self.send(bus, b"3")

        after = await self.restarted(bus)

        assert [delivery.payload for delivery in await self.taken(after, 3)] == [b"1", b"2", b"3"]
        await after.close()

    @played
    async def test_acknowledging_twice_or_nothing_or_the_unknown_is_harmless(self) -> None:
        bus = await self.started()
        await self.send(bus, b"once")
        (delivery,) = await self.taken(bus, 1)

        for ids in ([delivery.message_id], [delivery.message_id], [], ["1-1"]):
            await bus.acknowledge(ids)

        assert (await bus.health()).backlog in {0, None}
        await bus.close()

    @played
    async def test_a_rejected_message_is_set_aside_with_the_reason_and_never_comes_again(
        self,
    ) -> None:
        bus = await self.started()
        message_id = await self.send(bus, b"poison")
        await self.send(bus, b"good")
        poison, _ = await self.taken(bus, 2)

        await bus.reject(poison, "strength must be from 0 to 1, got 7")

        letters = await self.dead_letters(bus)
        assert letters == [(message_id, b"poison", "strength must be from 0 to 1, got 7")]
        after = await self.restarted(bus)
        assert [delivery.payload for delivery in await self.taken(after, 1)] == [b"good"]
        await after.close()

    @played
    async def test_a_message_that_kills_its_consumer_three_times_is_set_aside(self) -> None:
        bus = await self.started()
        message_id = await self.send(bus, b"killer")
        await self.send(bus, b"good")
        for deliveries in (1, 2, 3):
            killer, *_ = await self.taken(bus, 1)
            assert killer == Delivery(message_id, b"killer", deliveries)
            bus = await self.restarted(bus)

        taken = await self.taken(bus, 1)

        assert [delivery.payload for delivery in taken] == [b"good"]
        ((dead, payload, reason),) = await self.dead_letters(bus)
        assert (dead, payload) == (message_id, b"killer")
        assert "3 times" in reason
        await bus.close()

    @played
    async def test_messages_are_published_in_order_under_their_names(self) -> None:
        bus = await self.started()
        messages = [Outgoing(FILLS, f"paper:{n}:0", str(n).encode()) for n in range(50)]
        messages.append(Outgoing("execution:alerts", "paper:50:0", b"alert"))

        await bus.publish(messages)

        fills = await self.published(bus, FILLS)
        assert fills == [(message.event_id, message.payload) for message in messages[:-1]]
        assert await self.published(bus, "execution:alerts") == [("paper:50:0", b"alert")]
        await bus.close()

    @played
    async def test_publishing_nothing_is_harmless(self) -> None:
        bus = await self.started()

        await bus.publish([])

        assert await self.published(bus, FILLS) == []
        await bus.close()

    @played
    async def test_health_says_whether_it_answers_and_what_waits(self) -> None:
        bus = await self.started()
        for payload in (b"1", b"2", b"3"):
            await self.send(bus, payload)
        await self.taken(bus, 1)

        health = await bus.health()

        assert health.reachable
        assert health.kind
        assert health.backlog in {3, None}
        await bus.close()

    @played
    async def test_a_closed_bus_hands_nothing_over(self) -> None:
        bus = await self.started()
        await bus.close()

        await bus.close()

        assert not (await bus.health()).reachable
        with raised(Unavailable):
            await bus.receive(1, 0)
        with raised(Unavailable):
            await bus.publish([Outgoing(FILLS, "paper:0:0", b"")])
        with raised(Unavailable):
            await bus.acknowledge(["1-1"])
        with raised(Unavailable):
            await bus.reject(Delivery("1-1", b""), "no reason")


__all__ = ["BusContract"]
