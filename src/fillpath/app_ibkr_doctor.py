"""Examine the way to Interactive Brokers, from the library to a quote, and name each remedy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from importlib import metadata
from typing import Final

from msgspec import Struct

from fillpath.app_ibkr import LineMaker, session_of
from fillpath.app_parts import account_folder
from fillpath.core.errors import ConfigError, FillpathError, Refused, Unavailable
from fillpath.core.units import moment
from fillpath.ibkr.contracts import choose, form_of, question
from fillpath.ibkr.data_codes import COMPETING, PERMISSION
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import BarShown, ContractFound, DataKind, Greeted, Said, ServerTime, Ticked
from fillpath.ibkr.history import DAILY, average_volume, days_of
from fillpath.ibkr.talking import Talk
from fillpath.ibkr.ticking import LIVE
from fillpath.ibkr.verifying import PORTS, Objection, chosen_account, clock_objection
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import new_york_date
from fillpath.service.control import ask
from fillpath.service.finding import Finding
from fillpath.service.hours import exchange_is_open
from fillpath.settings import Settings, masked

LIBRARY: Final = "ib_async"
OWN_ID: Final = 7
"""Added to the client id for the examination itself; the engine and the watchdog never use it."""
ROLES: Final = ((0, "broker"), (1, "data"), (2, "feed"), (9, "watchdog"))
SOCKET_SECONDS: Final = 3.0
QUOTE_SECONDS: Final = 8.0
READ_ONLY: Final = "read-only"
PROGRAMS: Final = {
    4001: "the live gateway",
    4002: "the paper gateway",
    7496: "the live workstation",
    7497: "the paper workstation",
}
_BID_AND_ASK: Final = frozenset({1, 2})
_CONTRACT: Final = 1
_QUOTES: Final = 2
_BARS: Final = 3
"""Numbers of the questions."""


class Examination(Struct, frozen=True):
    """What is examined.

    Args:
        settings: of the engine.
        symbol: whose contract, quotes and volume are asked for.
        make_line: makes a line to the gateway with a client id.
        is_open: whether the exchange trades at a moment.
    """

    settings: Settings
    symbol: str
    make_line: LineMaker = session_of
    is_open: Callable[[int], bool] = exchange_is_open


def _good(name: str, detail: str) -> Finding:
    return Finding(name, healthy=True, detail=detail)


def _bad(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, healthy=False, detail=detail, remedy=remedy)


async def examine_ibkr(examination: Examination) -> AsyncIterator[Finding]:
    """Yield what is found, in the order in which a new user meets it; nothing is ordered.

    What stands on something that is not there is not looked at.
    """
    settings = examination.settings
    for look in (_provider, _library):
        finding = look(settings)
        yield finding
        if not finding.healthy:
            return
    finding = await socket_finding(settings)
    yield finding
    if not finding.healthy:
        return
    talk = _talk(examination, OWN_ID)
    try:
        async with talk:
            yield _handshake(talk)
            async for finding in _conversation(examination, talk):
                yield finding
    except Unavailable as error:
        yield _no_handshake(talk, str(error))
        return
    yield await _client_ids(examination)
    yield _restart(settings)


def _talk(examination: Examination, beside: int) -> Talk:
    ibkr = examination.settings.broker.ibkr
    line = examination.make_line(examination.settings, ibkr.client_id + beside)
    return Talk(line, float(ibkr.connect_seconds))


def _provider(settings: Settings) -> Finding:
    try:
        settings.check_start()
    except ConfigError as error:
        return _bad(
            "settings", str(error), "correct that setting; docs/how-to/ibkr.md has them all"
        )
    if settings.broker.provider != "ibkr":
        return _bad(
            "settings",
            f"broker.provider is {settings.broker.provider}",
            "set broker.provider: ibkr",
        )
    kind = "real money" if settings.broker.real_money else "paper trading"
    return _good("settings", f"broker.provider is ibkr, for {kind}")


def _library(_settings: Settings) -> Finding:
    try:
        version = metadata.version(LIBRARY)
    except metadata.PackageNotFoundError:
        return _bad("library", f"{LIBRARY} is not installed", "pip install 'fillpath[ibkr]'")
    if not version.startswith("2.1."):
        return _bad("library", f"{LIBRARY} is {version}", "pip install 'ib_async>=2.1,<2.2'")
    return _good("library", f"{LIBRARY} {version}")


async def _answers(host: str, port: int) -> bool:
    """Return whether something listens there."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(SOCKET_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return True
    return False


async def socket_finding(settings: Settings) -> Finding:
    """Return whether something listens where the settings say, and what listens elsewhere."""
    host, port = settings.broker.ibkr.host, settings.broker.ibkr.port
    if await _answers(host, port):
        return _good(
            "socket", f"{host}:{port} is open ({PROGRAMS.get(port, 'a port of your own')})"
        )
    others = [other for other in PORTS if other != port and await _answers(host, other)]
    if others:
        names = ", ".join(f"{other} ({PROGRAMS[other]})" for other in others)
        remedy = (
            f"{names} answers instead: set broker.ibkr.port to it, with broker.paper_trading: true "
            "for a paper one and false for a live one"
        )
    else:
        remedy = (
            "start the gateway and log in; Configure > Settings > API > Settings: Socket port "
            f"{port}, and in the workstation also Enable ActiveX and Socket Clients"
        )
    return _bad("socket", f"nothing listens at {host}:{port}", remedy)


def _handshake(talk: Talk) -> Finding:
    (greeted, *_) = talk.every(Greeted)
    return _good("handshake", f"protocol {greeted.server_version}")


def _no_handshake(talk: Talk, problem: str) -> Finding:
    if talk.is_in_use:
        return _bad("handshake", problem, "end the other fillpath doctor, then ask again")
    return _bad(
        "handshake",
        problem,
        "look at the gateway's window: it may ask to accept the connection; Configure > Settings > "
        "API: add this machine to Trusted IPs, or untick Allow connections from localhost only",
    )


async def _conversation(examination: Examination, talk: Talk) -> AsyncIterator[Finding]:
    settings = examination.settings
    yield _account(settings, talk)
    talk.seconds = float(settings.broker.ibkr.answer_seconds)
    yield await _read_only(talk)
    yield await _clock(settings, talk)
    finding, contract = await _contract(examination, talk)
    yield finding
    if contract is not None:
        yield await _market_data(examination, talk, contract)
        yield await _volume(examination, talk, contract)


def _account(settings: Settings, talk: Talk) -> Finding:
    (greeted, *_) = talk.every(Greeted)
    ibkr, paper = settings.broker.ibkr, settings.broker.paper_trading
    chosen = chosen_account(greeted.accounts, ibkr.account_id, paper_trading=paper)
    if isinstance(chosen, Objection):
        return _bad(
            "account",
            chosen.text,
            "log in with the other kind of account, or correct broker.ibkr.account_id, "
            "broker.ibkr.port and broker.paper_trading together",
        )
    return _good("account", f"{masked(chosen)}, {'paper' if paper else 'LIVE, real money'}")


async def _read_only(talk: Talk) -> Finding:
    """Ask for the open orders: a gateway that is set to read-only refuses even that."""
    answered = await talk.answer(talk.line.ask_open_orders, "open_orders")
    refused = [said for said in talk.said() if READ_ONLY in said.text.lower()]
    if refused:
        return _bad(
            "orders",
            f"{refused[0].code}: {refused[0].text}",
            "Configure > Settings > API > Settings: untick Read-Only API",
        )
    if not answered:
        return _bad(
            "orders", "the open orders were not told", "restart the gateway, then ask again"
        )
    return _good("orders", "the open orders are told; the API is not read-only")


async def _clock(settings: Settings, talk: Talk) -> Finding:
    clock = SteadyClock()
    asked = clock.nanoseconds()
    talk.line.ask_time()
    if not await talk.until(lambda: bool(talk.every(ServerTime))):
        return _bad("clock", "the gateway does not say its time", "restart the gateway")
    (time, *_) = talk.every(ServerTime)
    limit = float(settings.broker.ibkr.max_clock_drift_seconds)
    wrong = clock_objection(time.at, asked, clock.nanoseconds(), limit)
    if wrong is not None:
        return _bad("clock", wrong.text, "run a time service on both machines")
    return _good("clock", f"the gateway says {moment(time.at):%Y-%m-%d %H:%M:%S} UTC")


async def _contract(examination: Examination, talk: Talk) -> tuple[Finding, ContractForm | None]:
    symbol = examination.symbol
    await talk.answer(
        lambda: talk.line.ask_contract(_CONTRACT, question(symbol)), "contract", _CONTRACT
    )
    try:
        found = choose(symbol, talk.every(ContractFound))
    except Refused as error:
        remedy = "ask for another one with --symbol; a class of shares is written like BRK.B"
        return _bad("contract", str(error), remedy), None
    row = f"{symbol},{found.con_id},liquid,{found.currency},{found.primary_exchange}"
    detail = f"{found.long_name or symbol}; its row in instruments.csv: {row}"
    return _good("contract", detail), form_of(found)


async def _market_data(examination: Examination, talk: Talk, contract: ContractForm) -> Finding:
    line = talk.line
    line.data_kind(LIVE)
    line.stream(_QUOTES, contract)
    await talk.until(lambda: _is_quoted(talk) or bool(_data_refusals(talk)), QUOTE_SECONDS)
    line.stop_stream(_QUOTES)
    kinds = {kind.kind for kind in talk.every(DataKind) if kind.request == _QUOTES}
    for said in _data_refusals(talk):
        return _bad("market data", f"{said.code}: {said.text}", _data_remedy(said))
    if kinds - {LIVE}:
        return _bad("market data", "only delayed data comes", _SUBSCRIBE)
    if _is_quoted(talk):
        return _good("market data", f"live quotes of {examination.symbol}")
    if not examination.is_open(SteadyClock().nanoseconds()):
        return _good("market data", "no objection, and no quote: the exchange is closed")
    return _bad("market data", f"no quote of {examination.symbol} came", _SUBSCRIBE)


_SUBSCRIBE: Final = (
    "Client Portal > Settings > Market Data Subscriptions: subscribe to the exchange; for a paper "
    "account also Settings > Paper Trading Account: share real-time market data"
)


def _is_quoted(talk: Talk) -> bool:
    ticks = [tick for tick in talk.every(Ticked) if tick.request == _QUOTES]
    return {tick.kind for tick in ticks if tick.price and tick.price > 0} >= _BID_AND_ASK


def _data_refusals(talk: Talk) -> list[Said]:
    return [said for said in talk.said() if said.code in PERMISSION | COMPETING]


def _data_remedy(said: Said) -> str:
    if said.code in COMPETING:
        return "log out wherever else this user is logged in; only one place gets live data"
    return _SUBSCRIBE


async def _volume(examination: Examination, talk: Talk, contract: ContractForm) -> Finding:
    symbol = examination.symbol
    await talk.answer(
        lambda: talk.line.ask_bars(_BARS, contract, end="", duration="40 D", size=DAILY),
        "bars",
        _BARS,
    )
    today = new_york_date(SteadyClock().nanoseconds())
    try:
        average = average_volume(symbol, days_of(talk.every(BarShown), today))
    except FillpathError as error:
        said = "; ".join(f"{one.code}: {one.text}" for one in talk.said(_BARS))
        remedy = "without an average volume no order leaves; see market data above"
        return _bad("volume", said or str(error), remedy)
    return _good("volume", f"{average:,.0f} shares of {symbol} trade on an average day")


async def _client_ids(examination: Examination) -> Finding:
    """Take each client id of the engine for a moment; what is used cannot be taken."""
    settings = examination.settings
    if await _engine_runs(settings):
        return _good("client ids", "the engine runs and has them")
    first, taken = settings.broker.ibkr.client_id, []
    for beside, role in ROLES:
        talk = _talk(examination, beside)
        try:
            async with talk:
                pass
        except Unavailable:
            taken.append(f"{first + beside} ({role})")
    if taken:
        remedy = (
            "end the program that has it (another engine?), or set broker.ibkr.client_id 10 away"
        )
        return _bad("client ids", f"cannot be had: {', '.join(taken)}", remedy)
    return _good("client ids", f"{', '.join(str(first + beside) for beside, _ in ROLES)} are free")


async def _engine_runs(settings: Settings) -> bool:
    try:
        await ask(account_folder(settings), {"do": "status"})
    except FillpathError:
        return False
    return True


def _restart(settings: Settings) -> Finding:
    ibkr = settings.broker.ibkr
    if not ibkr.restart_at:
        return _good("daily restart", "none is expected: each one will wake a person")
    minutes = timedelta(minutes=ibkr.restart_minutes)
    return _good(
        "daily restart",
        f"expected at {ibkr.restart_at} {ibkr.restart_zone}, within {minutes}; compare with "
        "Configure > Settings > Lock and Exit > Auto restart; each Sunday somebody must log in",
    )


__all__ = ["Examination", "examine_ibkr", "socket_finding"]
