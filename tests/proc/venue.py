"""A venue in a process of its own: it outlives every engine and remembers what really happened.

    python -m tests.proc.venue FOLDER --seed N

It is the simulated broker behind a socket, with a market that moves by itself, an account of its
own, and a ledger on disk of every order that it was ever sent. It can be told to stall, to lose
questions and answers, to say things twice, to report commissions late, and to stop at a point of
the order path until it is told to go on. It ends when its standard input does.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused
from fillpath.core.events import BrokerEvent, CommissionReported, OrderFilled
from fillpath.core.models import Order
from fillpath.core.units import nanoseconds
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.feeds.modelled import ADV, ModelledMarket
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.runtime.steady import SteadyClock
from tests.proc.wire import LIMIT, Call, Said, line_of, raw, read_call

SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT", "SPY")
CASH = 10_000_000
TICK_SECONDS = 0.05
REPEATS = 20
"""How many of the last events come again when an engine comes back on a new connection."""


@dataclass
class Mischief:
    """How the venue misbehaves; shares are from 0 to 1.

    Args:
        stall: longest wait before a request is read, and again before it is answered, seconds.
        lose_call: share of submits that never arrive.
        lose_answer: share of requests that are done and not answered.
        repeat: share of events that are said a second time.
        late_fee: seconds by which commissions come after their fills; 0 with them.
    """

    stall: float = 0.0
    lose_call: float = 0.0
    lose_answer: float = 0.0
    repeat: float = 0.0
    late_fee: float = 0.0


class Line:
    """One connection to an engine, or to whoever directs the venue."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.follows = False

    def say(self, message: Said) -> None:
        """Send a line, unless nobody is there any more."""
        if not self._writer.is_closing():
            self._writer.write(line_of(message))


class Venue:
    """The venue itself.

    Args:
        folder: where the ledger is.
        seed: of everything random.
        policy: how it fills; what is shown in the quotes, as quoted, when left out.
    """

    def __init__(self, folder: Path, seed: int = 0, policy: SimulationPolicy | None = None) -> None:
        self.mischief = Mischief()
        self.feed = MemoryFeed()
        self.clock = SteadyClock()
        self.broker = SimulatedBroker(
            self.feed,
            self.clock,
            policy or SimulationPolicy(profile=FillProfile.QUOTES, displayed_size=True, cash=CASH),
        )
        self.events: list[BrokerEvent] = []
        self.lines: set[Line] = set()
        self._chance = random.Random(seed)  # noqa: S311  # a test's chance
        self._market_chance = random.Random(seed)  # noqa: S311  # the same
        self._ledger = (folder / "ledger.jsonl").open("a", encoding="utf-8")
        self._point = ""
        self._go = asyncio.Event()
        self._drops = False
        self.frozen = False
        self.broker.subscribe(self._heard)
        self.feed.subscribe(self.broker.on_market)
        self.feed.subscribe(self._quoted)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, each call in its own time."""
        line = Line(writer)
        self.lines.add(line)
        try:
            async with asyncio.TaskGroup() as group:
                while text := await _line(reader):
                    group.create_task(self._answer(line, read_call(text)))
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self.lines.discard(line)

    async def move(self) -> None:
        """Move the market until it is frozen."""
        market = ModelledMarket(self.feed, SYMBOLS, self.clock, self._market_chance)
        while not self.frozen:
            market.step()
            await asyncio.sleep(TICK_SECONDS)

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    async def _answer(self, line: Line, call: Call) -> None:
        direct = _DIRECTIONS.get(call.act)
        if direct is not None:
            line.say(Said(call.number, raw(direct(self, line, call))))
            return
        submits, cancels = call.act == "submit", call.act == "cancel"
        await self._stall()
        if submits and self._chance.random() < self.mischief.lose_call:
            self._note(lost=call.order.order_id if call.order else "")
            return
        if submits or cancels:
            await self._wait_at(f"{call.act}-received")
            if self._drops:
                self._drops = False
                return
        said = await self._done(call)
        if submits or cancels:
            await self._wait_at(f"{call.act}-done")
        await self._stall()
        if self._chance.random() >= self.mischief.lose_answer:
            line.say(said)

    async def _done(self, call: Call) -> Said:
        broker = self.broker
        try:
            match call.act:
                case "submit":
                    assert call.order is not None, "a submit has an order"
                    return Said(call.number, raw(await self._submit(call.order)))
                case "cancel":
                    self._note(cancel=call.name)
                    return Said(call.number, raw(await broker.cancel_order(call.name)))
                case "status":
                    return Said(call.number, raw(await broker.get_order_status(call.name)))
                case _:
                    return Said(call.number, raw(await getattr(broker, f"get_{call.act}")()))
        except BrokerRefused as error:
            return Said(call.number, refused=(error.code, error.text))

    async def _submit(self, order: Order) -> Order:
        self._note(submit=order.order_id, signal=order.metadata.get("signal_id"))
        return await self.broker.submit_order(order)

    async def _stall(self) -> None:
        if self.mischief.stall:
            await asyncio.sleep(self._chance.random() * self.mischief.stall)

    async def _wait_at(self, point: str) -> None:
        """Tell whoever directs that this point is reached, and wait to be told to go on."""
        if point != self._point:
            return
        self._point = ""
        self._go.clear()
        for line in self.lines:
            line.say(Said(reached=point))
        await self._go.wait()

    def _heard(self, event: BrokerEvent) -> None:
        fee = 0
        if isinstance(event, OrderFilled) and self.mischief.late_fee:
            fee, event = event.commission, replace(event, commission=0)
        self._tell(event)
        if fee:
            late = CommissionReported(event.at, event.order_id, _fill_id(event), fee)
            asyncio.get_running_loop().call_later(self.mischief.late_fee, self._tell, late)

    def _tell(self, event: BrokerEvent) -> None:
        self.events.append(event)
        self._push(len(self.events), event)
        if self._chance.random() < self.mischief.repeat:
            again = self._chance.randrange(max(len(self.events) - REPEATS, 0), len(self.events))
            self._push(again + 1, self.events[again])

    def _push(self, sequence: int, event: BrokerEvent) -> None:
        for line in self.lines:
            if line.follows:
                line.say(Said(sequence=sequence, event=event))

    def _quoted(self, symbol: str) -> None:
        quote = self.feed.last_quote(symbol)
        for line in self.lines:
            if line.follows:
                line.say(Said(quote=quote, volume=int(ADV)))

    def _note(self, **words: Any) -> None:
        words["at"] = nanoseconds(self.clock.now())
        self._ledger.write(json.dumps(words) + "\n")
        self._ledger.flush()

    def follow(self, line: Line, call: Call) -> int:
        """Send this line what happens, and again the last that it may have missed."""
        line.follows = True
        if call.since >= 0:
            first = max(call.since - REPEATS, 0)
            for sequence, event in enumerate(self.events[first:], first + 1):
                line.say(Said(sequence=sequence, event=event))
        for symbol in SYMBOLS:
            quote = self.feed.last_quote(symbol)
            if quote is not None:
                line.say(Said(quote=quote, volume=int(ADV)))
        return len(self.events)

    def misbehave(self, _line: Line, call: Call) -> int:
        """Take how to misbehave from now on."""
        self.mischief = Mischief(**call.knobs)
        return 0

    def stop_at(self, _line: Line, call: Call) -> int:
        """Stop at the next call that reaches this point."""
        self._point = call.name
        return 0

    def go_on(self, _line: Line, call: Call) -> int:
        """Go on from the point; the word ``drop`` forgets the call as if it had never come."""
        self._drops = call.name == "drop"
        self._point = ""
        self._go.set()
        return 0

    def freeze(self, _line: Line, _call: Call) -> int:
        """Let the market stand still from now on."""
        self.frozen = True
        return 0

    def ping(self, _line: Line, _call: Call) -> int:
        """Answer after everything that was said before."""
        return len(self.events)


_DIRECTIONS: dict[str, Callable[[Venue, Line, Call], int]] = {
    "follow": Venue.follow,
    "misbehave": Venue.misbehave,
    "stop_at": Venue.stop_at,
    "go_on": Venue.go_on,
    "freeze": Venue.freeze,
    "ping": Venue.ping,
}


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Return the next whole line; none when the engine was killed, also in the middle of one."""
    try:
        text = await reader.readline()
    except ConnectionError:
        return b""
    return text if text.endswith(b"\n") else b""


def _fill_id(event: BrokerEvent) -> str:
    assert isinstance(event, OrderFilled), "only a fill has a commission"
    return event.fill_id


async def listen(venue: Venue) -> None:
    """Serve until standard input ends; say the port first."""
    server = await asyncio.start_server(venue.serve, "127.0.0.1", 0, limit=LIMIT)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(venue.move())
        await asyncio.to_thread(sys.stdin.buffer.read)
        venue.frozen = True
    server.close()


def main() -> None:
    """Run the venue."""
    parser = argparse.ArgumentParser(description="a venue that outlives engines")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    asyncio.run(listen(Venue(chosen.folder, chosen.seed)))


if __name__ == "__main__":
    main()
