"""The start of an engine whose broker is outside: reach it, stand in for it, or halt.

What is decided here is decided once. A connection that is lost later is waited for, and nothing
ever takes its place.
"""

# ruff: noqa: PLC0415  # what a set-up does not use is never imported

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from fillpath import __version__, app_live
from fillpath.app_alerts import telling
from fillpath.app_parts import (
    ACCOUNTS,
    Begun,
    Page,
    Venue,
    account_folder,
    account_name,
    mode_of,
)
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, FillpathError, Unavailable
from fillpath.risk.binding import BROKER_UNAVAILABLE
from fillpath.runtime.steady import SteadyClock
from fillpath.service.account import AccountService
from fillpath.service.unavailable import leave_word
from fillpath.settings import Settings

STUB: Final = "paper_stub"

Reach = Callable[[Settings, SteadyClock, Page], Awaitable[Venue]]


class Halted(FillpathError):
    """The broker is not there, or is not the one that was meant, and nothing may stand in for it."""


async def reach_ibkr(settings: Settings, clock: SteadyClock, page: Page) -> Venue:
    """Connect to Interactive Brokers.

    Raises:
        Unavailable: nobody answers in time.
        BrokerRefused: it answers, and must not be traded at.
    """
    from fillpath.app_ibkr_venue import open_venue

    return await open_venue(settings, clock, page)


async def begin(settings: Settings, page: Page, reach: Reach = reach_ibkr) -> Begun:
    """Return what the engine is built for; a broker outside is connected first.

    Raises:
        ConfigError: the settings contradict themselves.
        Halted: the broker cannot be traded at, and nothing may stand in for it.
    """
    settings.check_start()
    if settings.broker.provider != "ibkr":
        return Begun(settings)
    account_name(settings)
    clock = SteadyClock()
    try:
        return Begun(settings, await reach(settings, clock, page))
    except BrokerRefused as error:
        # Somebody answers who must not be traded at: that is no failed connection.
        page(RaiseAlarm(clock.nanoseconds(), error.code, error.text))
        raise await _halted(settings, clock, error.text) from error
    except Unavailable as error:
        if not settings.broker.stub_may_stand_in:
            page(RaiseAlarm(clock.nanoseconds(), BROKER_UNAVAILABLE, str(error)))
            raise await _halted(settings, clock, str(error)) from error
        return _stood_in(settings, clock, page, str(error))


async def _halted(settings: Settings, clock: SteadyClock, why: str) -> Halted:
    """Leave word for whoever asks how the account is, and return the end of the start."""
    name = account_name(settings)
    folder = account_folder(settings)
    await leave_word(folder, name, mode_of(settings), why, clock.now(), __version__)
    return Halted(f"UNAVAILABLE: {why}; nothing trades, and nothing stands in for the broker")


def _stood_in(settings: Settings, clock: SteadyClock, page: Page, why: str) -> Begun:
    name = ACCOUNTS[STUB]
    notice = (
        f"the paper stub stands in for ibkr since this start, every fill of account {name} is "
        f"invented: {why}"
    )
    page(RaiseAlarm(clock.nanoseconds(), BROKER_UNAVAILABLE, notice))
    return Begun(on_the_stub(settings), None, notice)


def on_the_stub(settings: Settings) -> Settings:
    """Return the settings with the paper stub, its own account, and no feed of the lost broker."""
    feed = "auto" if settings.engine.feed == "ibkr" else settings.engine.feed
    engine = settings.engine.model_copy(update={"account": ACCOUNTS[STUB], "feed": feed})
    broker = settings.broker.model_copy(update={"provider": STUB})
    return settings.model_copy(update={"engine": engine, "broker": broker})


async def run(
    settings: Settings,
    page: Page,
    started: Callable[[AccountService], None],
    accepted: str = "",
    reach: Reach = reach_ibkr,
) -> None:
    """Start the engine of one account and serve it until it is told to stop.

    Raises:
        Halted: the broker cannot be traded at, and nothing may stand in for it.
        FillpathError: the engine cannot start, or must not go on.
    """
    with telling(settings, account_name(settings), page) as post:

        def trades(service: AccountService) -> None:
            post.begun()
            started(service)

        begun = replace(await begin(settings, post.page, reach), post=post)
        try:
            built = app_live.build(begun.settings, post.page, accepted=accepted, begun=begun)
            await app_live.run(built, trades)
        finally:
            if begun.venue is not None:
                await begun.venue.close()


__all__ = ["Halted", "Reach", "begin", "on_the_stub", "reach_ibkr", "run"]
