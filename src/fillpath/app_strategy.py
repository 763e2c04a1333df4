"""A strategy's runner put together: settings become the way to Redis, the key, the tables to read."""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from fillpath.app_own_trades import has_tables, reading
from fillpath.app_parts import account_name
from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.listings import Wanted
from fillpath.core.models import Bar, check_symbol
from fillpath.core.rows import HoldingChangeRow, OrderRow
from fillpath.data.bus.notices import Notice
from fillpath.runner.process import StrategyProcess
from fillpath.runner.running import BEAT_SECONDS, Parts, Runner, RunPlan
from fillpath.runtime.clock import SystemClock
from fillpath.settings import Settings

_NEWEST: Final = 1_000
_SILENT_AFTER: Final = 3 * BEAT_SECONDS


class Asked(Struct, frozen=True, kw_only=True):
    """What a person asked to run.

    Args:
        reference: ``module:Class``, or the short name of a built-in strategy.
        symbols: what it is shown.
        parameters: what it is given.
        history: files of bars from before.
        session: ``rth`` or ``all``.
        account: whose fills count; empty for the one that tells.
        answer_seconds: how long an answer may take.
        folder: where its module is looked for first.
        dry_run: takes each message instead of the engine; None sends them.
    """

    reference: str
    symbols: tuple[str, ...]
    parameters: Mapping[str, Any]
    history: tuple[Path, ...] = ()
    session: str = "rth"
    account: str = ""
    answer_seconds: float = 10.0
    folder: Path = Path()
    dry_run: Callable[[str], None] | None = None


async def run_strategy(asked: Asked, settings: Settings, tell: Callable[[str], None]) -> Runner:
    """Run a strategy until SIGTERM or Ctrl-C, and return what it did.

    Raises:
        ConfigError: it cannot be run like this.
        StrategyStopped: it raised, hung, died or said what it may not say.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner, close = built(asked, settings, tell)
    try:
        await runner.run(stop)
    finally:
        await close()
    return runner


def built(
    asked: Asked, settings: Settings, tell: Callable[[str], None]
) -> tuple[Runner, Callable[[], Awaitable[None]]]:
    """Return a runner, and what lets go of what it stands on; nothing is opened yet.

    Raises:
        ConfigError: a setting or an option asks for what cannot be.
    """
    url = settings.redis.url
    if not url:
        raise ConfigError("redis.url must be the address of the engine's Redis, got an empty text")
    from fillpath.data.bus.channels import signal_stream
    from fillpath.data.bus.strategy_line import StrategyLine
    from fillpath.data.feeds.redis_feed import RedisFeed

    symbols = _symbols(asked.symbols)
    account = asked.account or (account_name(settings) if settings.redis.per_account else "")
    clock = SystemClock()
    line = StrategyLine(url, signal_stream(account if settings.redis.per_account else ""))
    plan = RunPlan(
        reference=asked.reference,
        parameters=dict(asked.parameters),
        symbols=symbols,
        session=asked.session,
        account=account,
        max_age=timedelta(seconds=float(settings.execution.max_signal_age_seconds)),
        key=lambda name: _key(settings, name),
        dry_run=asked.dry_run,
    )

    def hear(notice: Notice) -> None:
        runner.hear(notice)

    feed = RedisFeed(url, clock, symbols, tell=hear)
    parts = Parts(
        process=StrategyProcess(asked.folder, asked.answer_seconds),
        line=line,
        quotes=feed,
        clock=clock,
        history=lambda ready: _history(asked, ready, clock.now(), tell),
        refresh=_refresher(settings, asked.account or account_name(settings)),
        tell=tell,
    )
    runner = Runner(plan, parts)
    return runner, line.close


def _symbols(given: Sequence[str]) -> tuple[str, ...]:
    found = dict.fromkeys(word for text in given for word in text.split(",") if word)
    if not found:
        raise ConfigError("--symbols must name at least one symbol")
    try:
        return tuple(check_symbol(symbol) for symbol in found)
    except ModelError as error:
        raise ConfigError(f"--symbols: {error}") from None


def _key(settings: Settings, name: str) -> bytes | None:
    """Return the key of a strategy, None where nothing is signed.

    Raises:
        ConfigError: signals are signed, and there is no key of this strategy.
    """
    if not settings.redis.strategy_keys:
        return None
    from fillpath.data.bus.keys import read_keys

    folder = Path(settings.redis.strategy_keys)
    key = read_keys(folder).get(name)
    if key is None:
        raise ConfigError(f"redis.strategy_keys: there is no file {name}.key in {folder}")
    return key


def _refresher(settings: Settings, account: str) -> Callable[[Any], Awaitable[None]]:
    """Return what reads the tables of an account, all of them once and then what is new."""
    seen: list[str] = []

    async def refresh(known: Any) -> None:
        if not has_tables(settings, account):
            return
        own = Wanted(strategy_name=known.trades.name)
        async with reading(settings, account) as reader:
            if not seen:
                known.read(*await reader.lot_inputs(account))
                orders = await reader.page(OrderRow, account, own, limit=_NEWEST)
                known.read_orders(orders.rows)
            else:
                changes = await reader.page(HoldingChangeRow, account)
                known.read(await reader.fills(account, own), changes.rows)
            known.value(await reader.latest_snapshot(account))
        seen.append(account)

    return refresh


def _history(asked: Asked, ready: Any, now: datetime, tell: Callable[[str], None]) -> Sequence[Bar]:
    """Return the bars of the files that are over, oldest first, and say where there are too few."""
    bars = [bar for bar in _bars(asked) if bar.symbol in asked.symbols and bar.ts_end <= now]
    for symbol in _symbols(asked.symbols):
        count = sum(ready.needs.takes(bar) for bar in bars if bar.symbol == symbol)
        if count < ready.needs.history:
            tell(
                f"{symbol}: {count} bars of history, {ready.name} says nothing before it has seen "
                f"{ready.needs.history}"
            )
    return bars


def _bars(asked: Asked) -> list[Bar]:
    if not asked.history:
        return []
    from fillpath.backtest.engine import columns_of
    from fillpath.backtest.plain_days import load_days
    from fillpath.data.files.bars import load_bars
    from fillpath.data.files.faults import BadRowReport
    from fillpath.scheduling.calendar import ExchangeCalendar

    calendar, report = ExchangeCalendar(), BadRowReport(skip=False)
    days = [path for path in asked.history if "ts" not in columns_of(path)]
    timed = [path for path in asked.history if path not in days]
    loaded = [load_days(days, report=report, calendar=calendar)] if days else []
    if timed:
        regular = asked.session == "rth"
        loaded.append(load_bars(timed, report=report, regular_hours=regular, calendar=calendar))
    tapes = [tape for one in loaded for tape in one.tapes.values()]
    bars = [tape.bar(row) for tape in tapes for row in range(len(tape))]
    return sorted(bars, key=lambda bar: (bar.ts_end, bar.symbol))


class Running(Struct, frozen=True, kw_only=True):
    """A strategy that was heard of.

    Args:
        strategy_name: its name.
        host: the machine.
        pid: its process.
        started_at: since when it runs.
        heard_at: its last sign of life.
        silent: whether that is too long ago.
        symbols: what it is shown.
        quotes: taken so far.
        bars: shown so far.
        signals: sent so far.
        waiting: what it has not been shown yet.
    """

    strategy_name: str
    host: str
    pid: int
    started_at: datetime
    heard_at: datetime
    silent: bool
    symbols: list[str]
    quotes: int
    bars: int
    signals: int
    waiting: int


class _Beat(Struct, frozen=True, kw_only=True):
    strategy_name: str
    host: str
    pid: int
    started_at: datetime
    timestamp: datetime
    symbols: list[str]
    quotes: int
    bars: int
    signals: int
    waiting: int


async def running(settings: Settings) -> list[Running]:
    """Return the strategies that were heard of lately, each process once, by name.

    Raises:
        ConfigError: there is no address.
        Unavailable: Redis cannot be reached.
    """
    from fillpath.data.bus.channels import SIGNALS
    from fillpath.data.bus.strategy_line import StrategyLine

    if not settings.redis.url:
        raise ConfigError("redis.url must be the address of the engine's Redis, got an empty text")
    line = StrategyLine(settings.redis.url, SIGNALS)
    try:
        told = await line.beats()
    finally:
        await line.close()
    now = SystemClock().now()
    newest: dict[tuple[str, str, int], _Beat] = {}
    for payload in told:
        try:
            beat = msgspec.json.decode(payload, type=_Beat)
        except msgspec.DecodeError:
            continue  # whatever it is, it is no sign of life
        newest[beat.strategy_name, beat.host, beat.pid] = beat
    return [_seen(newest[key], now) for key in sorted(newest)]


def _seen(beat: _Beat, now: datetime) -> Running:
    return Running(
        strategy_name=beat.strategy_name,
        host=beat.host,
        pid=beat.pid,
        started_at=beat.started_at,
        heard_at=beat.timestamp,
        silent=(now - beat.timestamp).total_seconds() > _SILENT_AFTER,
        symbols=beat.symbols,
        quotes=beat.quotes,
        bars=beat.bars,
        signals=beat.signals,
        waiting=beat.waiting,
    )


__all__ = ["Asked", "Running", "built", "run_strategy", "running"]
