"""Feed the line to Interactive Brokers with damaged streams, for as long as wanted.

python3 dev.py python tools/fuzz_line.py                       a minute
python3 dev.py python tools/fuzz_line.py --seconds 3600 --seed 7

Every stream is a true one, cut into pieces of any size, with bytes turned, lost, doubled or swapped.
What must hold: nothing is raised, the line ends with one drop, nothing is heard after it, and every
number that was heard is finite. The first stream that breaks a promise is printed, with its seed.
"""  # noqa: INP001  # a program, not a package

import argparse
import asyncio
import logging
import sys
from collections import Counter
from decimal import Decimal
from random import Random  # noqa: TID251  # seeded, and the seed is printed
from typing import Final

import msgspec

from fillpath.core.errors import Unavailable
from fillpath.ibkr.frames import framed
from fillpath.ibkr.heard import Dropped, Greeted, Heard
from fillpath.ibkr.session import Session
from fillpath.testing.gateway import Gateway, answers

GREETING: Final = framed(b"178\x0020260602 15:00:00 US/Eastern\x00")
READY: Final = framed(b"15\x001\x00DU1234567\x00") + framed(b"9\x001\x001\x00")
PATIENCE: Final = 20.0


async def true_messages() -> list[bytes]:
    """Return one of every message that the fake gateway says in a busy minute."""
    async with Gateway() as gateway:
        gateway.quote("AAPL", "150.00", "150.02", last="150.01", volume=1000)
        gateway.external("AAPL", "BUY", 100, "150.05")
        gateway.external("AAPL", "SELL", 40, "155")
        line = Session("127.0.0.1", gateway.port, 1)
        await line.connect(PATIENCE)
        line.ask_open_orders()
        line.ask_completed_orders()
        line.ask_executions(1_000)
        line.ask_positions()
        line.ask_account("DU1234567")
        line.ask_rule(26)
        line.ask_time()
        await gateway.received("reqCurrentTime")
        contract = gateway.contracts.named("AAPL")
        more = answers.contract_details(5, contract, "SMART")
        line.disconnect()
        return [each.message.frame() for each in gateway.log.sent] + [more.frame()]


def damaged(stream: bytearray, chance: Random) -> bytes:
    """Return a stream with something wrong in it, most of the time."""
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at = chance.randrange(len(stream) + 1)
        end = min(len(stream), at + chance.randint(1, 40))
        match chance.randrange(5):
            case 0:
                stream[at:end] = bytes(each ^ 1 << chance.randrange(8) for each in stream[at:end])
            case 1:
                del stream[at:end]
            case 2:
                stream[at:at] = stream[at:end]
            case 3:
                stream[at:end] = chance.randbytes(end - at)
            case _:
                stream[at:end] = b"\0" * (end - at)
    return bytes(stream)


async def heard_of(stream: bytes, chance: Random) -> list[Heard]:
    """Return what a line hears of a stream that comes in pieces."""
    news: list[Heard] = []
    gone = asyncio.Event()

    def listen(one: Heard) -> None:
        news.append(one)
        if isinstance(one, Dropped):
            gone.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        writer.write(GREETING + READY)
        at = 0
        while at < len(stream):
            size = chance.choice((1, 3, 50, 1000, len(stream)))
            writer.write(stream[at : at + size])
            await asyncio.sleep(0)
            at += size
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    line = Session("127.0.0.1", server.sockets[0].getsockname()[1], 10)
    line.listen(listen)
    async with asyncio.timeout(PATIENCE):
        try:
            await line.connect(PATIENCE)
            await gone.wait()
        except Unavailable:
            pass
    server.close()
    return news


def promises_broken(news: list[Heard]) -> str:
    """Return what is wrong with what was heard, empty for nothing."""
    drops = [at for at, one in enumerate(news) if isinstance(one, Dropped)]
    greeted = any(isinstance(one, Greeted) for one in news)
    if len(drops) != greeted or (drops and drops[0] != len(news) - 1):
        return f"{len(drops)} drops among {len(news)} words, greeted: {greeted}"
    for one in news:
        for value in msgspec.structs.astuple(one):
            if isinstance(value, Decimal) and not value.is_finite():
                return f"a number that is none: {one}"
    return ""


async def fuzz(seconds: float, seed: int) -> int:
    """Feed streams until the time is over; return 1 when a promise was broken."""
    raised: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: raised.append(str(context)))
    true = await true_messages()
    words: Counter[str] = Counter()
    rounds, end = 0, loop.time() + seconds
    while loop.time() < end:
        rounds += 1
        chance = Random(f"{seed}/{rounds}")  # noqa: S311  # nothing secret
        chosen = chance.choices(true, k=chance.randint(1, 12))
        stream = damaged(bytearray(b"".join(chosen)), chance)
        news = await heard_of(stream, chance)
        words.update(type(one).__name__ for one in news)
        broken = promises_broken(news) or "; ".join(raised)
        if broken:
            sys.stdout.write(f"seed {seed}, stream {rounds}: {broken}\n{stream!r}\n")
            return 1
    told = f"{rounds} streams, {words.total()} words, none broke a promise: {dict(words)}"
    sys.stdout.write(told + "\n")
    return 0


def main() -> int:
    """Read the arguments and feed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logging.disable()
    return asyncio.run(fuzz(chosen.seconds, chosen.seed))


if __name__ == "__main__":
    raise SystemExit(main())
