"""The venue of Interactive Brokers: broker, quotes, bars and account, each on a client id of its own."""

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, NoReturn, Protocol

from fillpath.app_ibkr import (
    BROKER,
    DATA,
    FEED,
    LineMaker,
    Warnings,
    connection_of,
    policy_of,
    reach,
    session_of,
    tell_of,
)
from fillpath.app_parts import Job, Page, Venue, account_folder, feed_of
from fillpath.data.feeds.ibkr_feed import IBKRMarketFeed, Publisher
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.data.ibkr_account import IBKRAccountReports
from fillpath.data.ibkr_data import DataPolicy, IBKRDataAdapter
from fillpath.execution.broker.ibkr_broker import IBKRBrokerAdapter, IBKRPolicy
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.states import State
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.service.live import Live
from fillpath.service.status import Part
from fillpath.settings import Settings

BARS: Final = "bars"
GATEWAY: Final = "Interactive Brokers"


class Followed:
    """What the data adapter looks up where another feed brings the quotes: what the engine uses.

    Args:
        feed: takes the average volumes.
        symbols: of the settings.
    """

    def __init__(self, feed: MemoryFeed, symbols: Collection[str]) -> None:
        self._feed = feed
        self._symbols = frozenset(symbols)
        self._live: Live | None = None

    def attach(self, live: Live) -> None:
        """Also look up what this engine uses."""
        self._live = live

    @property
    def followed(self) -> Collection[str]:
        """Return the symbols in use."""
        return self._symbols if self._live is None else self._symbols | self._live.in_use()

    def set_adv(self, symbol: str, shares: Decimal) -> None:
        """Take an average daily volume in shares."""
        self._feed.set_adv(symbol, shares)

    def restrict(self, symbols: Collection[str]) -> None:
        """Leave it: the other feed has no status of a symbol."""


class RunningPublisher(Publisher, Protocol):
    """What takes quotes for others, and runs beside the engine."""

    async def run(self) -> NoReturn:
        """Send until cancelled."""
        ...


class Quotes(NamedTuple):
    """Where the quotes come from.

    Args:
        feed: keeps them.
        jobs: what runs beside it.
        attach: tells it which engine it serves.
        connection: its own; None where it is another feed.
    """

    feed: MemoryFeed
    jobs: tuple[Job, ...]
    attach: Callable[[Live], None]
    connection: Connection | None


async def open_venue(
    settings: Settings, clock: SteadyClock, page: Page, make_line: LineMaker = session_of
) -> Venue:
    """Connect, and return the venue once orders may be sent.

    Raises:
        ConfigError: the vendor's library is not installed, or a setting cannot be.
        Unavailable: nobody answers in time.
        BrokerRefused: the gateway answers, and must not be traded at.
    """
    warnings = Warnings(clock, page)
    connection = tell_of(connection_of(settings, clock, BROKER, make_line), warnings)
    policy = IBKRPolicy(
        client_id=policy_of(settings, BROKER).client_id,
        primary=_primary(settings),
        con_ids=_numbers(settings),
    )
    broker = IBKRBrokerAdapter(connection, policy, clock, page)
    quotes = _quotes(settings, clock, page, make_line)
    data = tell_of(
        connection_of(settings, clock, DATA, make_line), Warnings(clock, page, "the data adapter")
    )
    await reach(broker, connection, warnings, float(settings.broker.ibkr.start_seconds))
    followed = Followed(quotes.feed, symbols_of(settings))
    adapter = IBKRDataAdapter(
        data,
        clock,
        DataPolicy(
            folder=account_folder(settings) / BARS,
            con_ids=_numbers(settings),
            previous=lambda day: ExchangeCalendar().previous_session(day).date,
        ),
        quotes.feed if isinstance(quotes.feed, IBKRMarketFeed) else followed,
        tell=Warnings(clock, page).notice,
    )
    reports = IBKRAccountReports(data, clock, tell=Warnings(clock, page).notice)

    def attach(live: Live) -> None:
        for serve in (quotes.attach, followed.attach, adapter.attach, reports.attach):
            serve(live)

    return Venue(
        broker=broker,
        market=quotes.feed,
        clock=clock,
        jobs=(*quotes.jobs, adapter.run, reports.run),
        parts=lambda: _parts(connection, data, quotes),
        attach=attach,
        close=broker.stop,
    )


def symbols_of(settings: Settings) -> list[str]:
    """Return the symbols that are followed from the start."""
    return [word.strip() for word in settings.engine.symbols.split(",") if word.strip()]


def _primary(settings: Settings) -> dict[str, str]:
    known = settings.desk_policy().risk.instruments.by_symbol
    return {symbol: one.primary_exchange for symbol, one in known.items()}


def _numbers(settings: Settings) -> dict[str, int]:
    known = settings.desk_policy().risk.instruments.by_symbol
    return {symbol: one.con_id for symbol, one in known.items()}


def _quotes(settings: Settings, clock: SteadyClock, page: Page, make_line: LineMaker) -> Quotes:
    if settings.engine.feed not in {"auto", "ibkr"}:
        feed, jobs = feed_of(settings, clock, page)
        return Quotes(feed, jobs, lambda _: None, None)
    warnings = Warnings(clock, page, "the feed")
    connection = tell_of(connection_of(settings, clock, FEED, make_line), warnings)
    publisher = _publisher(settings, warnings)
    ours = IBKRMarketFeed(
        connection,
        clock,
        con_ids=_numbers(settings),
        publisher=publisher,
        tell=Warnings(clock, page).notice,
    )
    for symbol in symbols_of(settings):
        ours.follow(symbol)
    publishing = () if publisher is None else (publisher.run,)
    return Quotes(ours, (ours.run, *publishing), ours.attach, connection)


def _publisher(settings: Settings, warnings: Warnings) -> RunningPublisher | None:
    """Return what takes every quote for others; None where nobody else listens."""
    if not settings.redis.url:
        return None
    from fillpath.data.feeds.quote_publisher import QuotePublisher  # noqa: PLC0415  # redis is heavy

    return QuotePublisher(settings.redis.url, tell=warnings.notice)


def _parts(broker: Connection, data: Connection, quotes: Quotes) -> Sequence[Part]:
    parts = [_part("gateway", broker), _part("data", data)]
    if quotes.connection is not None and isinstance(quotes.feed, IBKRMarketFeed):
        health = quotes.feed.health()
        told = f"{health.quoted} of {health.symbols} symbols have a quote"
        refused = "; ".join(f"{symbol} {why}" for symbol, why in sorted(health.refused.items()))
        detail = f"{told}; {refused}" if refused else told
        healthy = quotes.connection.state is State.TRADING and not refused
        parts.append(Part(name="quotes", kind=GATEWAY, healthy=healthy, detail=detail))
    return parts


def _part(name: str, connection: Connection) -> Part:
    """Return how a connection stands."""
    state, reason = connection.state, connection.reason
    healthy = state is State.TRADING
    return Part(
        name=name,
        kind=GATEWAY,
        healthy=healthy,
        detail=str(state) if healthy else f"{state}: {reason}",
    )


__all__ = ["Followed", "open_venue", "symbols_of"]
