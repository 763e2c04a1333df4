"""The probe put together: a paper account confirms or refutes what is believed about the broker."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from fillpath.app_ibkr import LineMaker, session_of
from fillpath.app_parts import account_folder, account_name
from fillpath.core.errors import BrokerRefused, ConfigError, FillpathError, Unavailable
from fillpath.core.units import iso, moment
from fillpath.ibkr.contracts import choose, form_of, question
from fillpath.ibkr.forms import ContractForm
from fillpath.ibkr.heard import BarShown, ContractFound, Greeted, Ticked
from fillpath.ibkr.history import DAILY, days_of
from fillpath.ibkr.probing import CHECKS, Check, Scene, Seen, Verdict, price_of
from fillpath.ibkr.talking import Talk
from fillpath.ibkr.verifying import Objection, chosen_account
from fillpath.runtime.disk import replace_file
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import new_york_date
from fillpath.service.control import ask
from fillpath.service.hours import exchange_is_open
from fillpath.settings import Settings, masked

PLACES: Final = 8
WATCHES: Final = 7
"""Added to the client id: one connection places the orders, the other one looks on."""
PRICE_SECONDS: Final = 8.0
DELAYED: Final = 3
_QUOTES: Final = 80
_BARS: Final = 81
_CONTRACT: Final = 82


class Result(Struct, frozen=True):
    """What came of one check."""

    name: str
    belief: str
    verdict: Verdict
    seen: str


class Report(Struct, frozen=True, kw_only=True):
    """What a probe has seen.

    Args:
        at: when it began, ISO 8601, UTC.
        account: with only its last characters readable.
        server_version: of the protocol that was spoken.
        symbol: what was ordered.
        is_open: whether the exchange traded.
        results: of each check, in order.
        left: orders whose end was not told, and a share that was not sold; end them by hand.
    """

    at: str
    account: str
    server_version: int
    symbol: str
    is_open: bool
    results: tuple[Result, ...]
    left: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Return where and when it was looked, in one sentence."""
        state = "open" if self.is_open else "closed"
        return (
            f"Account {self.account}, {self.symbol}, {self.at}, protocol {self.server_version}, "
            f"exchange {state}."
        )

    def as_markdown(self) -> str:
        """Return it as a page."""
        lines = [
            "# What Interactive Brokers was seen to do",
            "",
            self.where,
            "",
            "| check | what is believed | verdict | what was seen |",
            "|---|---|---|---|",
            *(
                f"| {one.name} | {one.belief} | {one.verdict} | {one.seen.replace('|', '/')} |"
                for one in self.results
            ),
            "",
            *(f"* Left, end it by hand: {name}" for name in self.left),
        ]
        return "\n".join(lines).rstrip() + "\n"


class Request(Struct, frozen=True, kw_only=True):
    """What to probe.

    Args:
        settings: of the account.
        symbol: what to order.
        confirm: asks the user whether to send, after saying what; False ends it.
        say: tells the user how far it is.
        make_line: makes a line to the gateway with a client id.
        checks: what to look at.
        price: about what a share costs, dollars; None asks the gateway.
        is_open: whether the exchange trades at a moment.
    """

    settings: Settings
    symbol: str
    confirm: Callable[[str], bool]
    say: Callable[[str], None]
    make_line: LineMaker = session_of
    checks: tuple[Check, ...] = CHECKS
    price: Decimal | None = None
    is_open: Callable[[int], bool] = exchange_is_open


async def probe(request: Request) -> Report | None:
    """Return what a paper account showed; None when the user did not want it.

    Raises:
        ConfigError: the settings are for a live account, or an engine runs on it.
        BrokerRefused: the login shows a live account, or the symbol means no one contract.
        Unavailable: the gateway does not answer.
    """
    settings = request.settings
    if not settings.broker.paper_trading:
        raise ConfigError("broker.paper_trading must be true: the probe never touches real money")
    if await _engine_runs(settings):
        raise ConfigError(f"stop the engine of account {account_name(settings)} first")
    async with AsyncExitStack() as stack:
        talk = await stack.enter_async_context(_talk(request, PLACES))
        other = await stack.enter_async_context(_talk(request, WATCHES))
        scene = await _scene(request, talk, other)
        if not request.confirm(_plan(request, scene)):
            return None
        return await _looked(request, scene)


def _talk(request: Request, beside: int) -> Talk:
    ibkr = request.settings.broker.ibkr
    line = request.make_line(request.settings, ibkr.client_id + beside)
    return Talk(line, float(ibkr.answer_seconds))


async def _engine_runs(settings: Settings) -> bool:
    try:
        await ask(account_folder(settings), {"do": "status"})
    except (FillpathError, OSError):
        return False
    return True


async def _scene(request: Request, talk: Talk, other: Talk) -> Scene:
    (greeted, *_) = talk.every(Greeted)
    wanted = request.settings.broker.ibkr.account_id
    account = chosen_account(greeted.accounts, wanted, paper_trading=True)
    if isinstance(account, Objection):
        raise BrokerRefused(account.code, account.text)
    await talk.answer(
        lambda: talk.line.ask_contract(_CONTRACT, question(request.symbol)), "contract", _CONTRACT
    )
    contract = form_of(choose(request.symbol, talk.every(ContractFound)))
    clock = SteadyClock()
    now = clock.nanoseconds()
    return Scene(
        talk=talk,
        other=other,
        account=account,
        contract=contract,
        price=request.price or await _price(talk, contract, now),
        is_open=request.is_open(now),
        prefix=f"probe-{now // 1_000_000_000}",
        next_id=greeted.next_order_id,
        now=clock.nanoseconds,
    )


async def _price(talk: Talk, contract: ContractForm, now: int) -> Decimal:
    """Return about what a share costs, from quotes of any kind, else from the last sessions."""
    talk.line.data_kind(DELAYED)
    talk.line.stream(_QUOTES, contract)
    await talk.until(lambda: _quoted(talk) is not None, PRICE_SECONDS)
    talk.line.stop_stream(_QUOTES)
    quoted = _quoted(talk)
    if quoted is not None:
        return quoted
    await talk.answer(
        lambda: talk.line.ask_bars(_BARS, contract, end="", duration="10 D", size=DAILY),
        "bars",
        _BARS,
    )
    days = days_of(talk.every(BarShown), new_york_date(now))
    if not days:
        raise Unavailable(f"nobody says what {contract.symbol} costs; say it with --price")
    return days[-1].close


def _quoted(talk: Talk) -> Decimal | None:
    return price_of([tick for tick in talk.every(Ticked) if tick.request == _QUOTES])


def _plan(request: Request, scene: Scene) -> str:
    trades = any(check.trades for check in request.checks) and scene.is_open
    share = (
        "one share is bought near the market and sold again"
        if trades
        else "nothing is bought: the exchange is closed"
    )
    return (
        f"paper account {masked(scene.account)}: about {len(request.checks)} bids for one share of "
        f"{request.symbol} at {scene.far} (the market is near {scene.price}), each cancelled at "
        f"once; {share}"
    )


async def _looked(request: Request, scene: Scene) -> Report:
    results = []
    left: list[int] = []
    try:
        for check in request.checks:
            seen = await _look(check, scene)
            left = await scene.clear()
            results.append(Result(check.name, check.belief, seen.verdict, seen.text))
            request.say(f"{seen.verdict:<9} {check.name}: {seen.text}")
    finally:
        left = await scene.clear()
    (greeted, *_) = scene.talk.every(Greeted)
    return Report(
        at=iso(moment(scene.now())),
        account=masked(scene.account),
        server_version=greeted.server_version,
        symbol=request.symbol,
        is_open=scene.is_open,
        results=tuple(results),
        left=(*(scene.sent[one].order_ref for one in left), *_share_left(scene, results)),
    )


def _share_left(scene: Scene, results: list[Result]) -> list[str]:
    """Return the share that was bought and not sold, as something left."""
    sold = any(one.name == "flat" and one.verdict is Verdict.CONFIRMED for one in results)
    return [] if scene.bought is None or sold else [f"one share of {scene.contract.symbol}"]


async def _look(check: Check, scene: Scene) -> Seen:
    if check.trades and not scene.is_open:
        return Seen(Verdict.UNKNOWN, "the exchange is closed")
    try:
        return await check.look(scene)
    except FillpathError as error:
        return Seen(Verdict.UNKNOWN, str(error))


def write_report(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write a report as JSON and as Markdown, and return where.

    Raises:
        ConfigError: the folder cannot be written.
    """
    data, page = folder / "ibkr-probe.json", folder / "ibkr-probe.md"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(data, msgspec.json.format(msgspec.json.encode(report), indent=2))
        replace_file(page, report.as_markdown().encode())
    except OSError as error:
        raise ConfigError(f"cannot write the report to {folder}: {error.strerror}") from error
    return data, page


__all__ = ["Report", "Request", "Result", "probe", "write_report"]
