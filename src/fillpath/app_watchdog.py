"""The watchdog put together: settings become the files it watches and a broker connection of its own."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Final

from fillpath.app_live import Page, account_folder, account_name, make_folder
from fillpath.core.commands import RaiseAlarm
from fillpath.runtime.steady import SteadyClock
from fillpath.service.latch import KillLatch
from fillpath.service.watchdog import Barked, EmergencyBroker, NoOrdersOutside, Watchdog
from fillpath.settings import Settings

WATCHDOG: Final = "WATCHDOG"
CANCELS: Final = "every order of the account is cancelled at the broker"
CANCELS_NOTHING: Final = "nothing is cancelled: this broker has no orders outside its engine"

MakeEmergency = Callable[[Settings, Page], EmergencyBroker]


def emergency_of(settings: Settings, page: Page) -> EmergencyBroker:
    """Return how everything is cancelled at the broker of the settings.

    Raises:
        ConfigError: it was not allowed to cancel what it would have to.
    """
    if settings.broker.provider == "ibkr":
        from fillpath.app_ibkr_watchdog import GlobalCancel  # noqa: PLC0415

        return GlobalCancel(settings, page)
    return NoOrdersOutside()


async def run(
    settings: Settings,
    page: Page,
    *,
    say: Callable[[str], object] = lambda _sentence: None,
    account: str = "",
    make_broker: MakeEmergency = emergency_of,
) -> Barked | None:
    """Watch an account until its engine goes silent, and say what was done; None when told to end.

    Raises:
        ConfigError: a setting asks for what cannot be.
    """
    name = account or account_name(settings)
    folder = account_folder(settings, name)
    make_folder(folder)
    latch = KillLatch(folder, Path(settings.engine.folder))
    patience = float(settings.desk_policy().risk.watchdog.seconds)
    broker = make_broker(settings, page)
    say(
        f"watching account {name}; after {patience:g} s of silence it is killed and "
        f"{CANCELS if settings.broker.provider == 'ibkr' else CANCELS_NOTHING}"
    )
    async with broker if isinstance(broker, AbstractAsyncContextManager) else nullcontext():
        return await _watch(Watchdog(folder, latch, broker, patience), name, page)


async def _watch(watchdog: Watchdog, name: str, page: Page) -> Barked | None:
    watching = asyncio.current_task()
    assert watching is not None, "it runs in a task"
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, watching.cancel)
    try:
        await watchdog.watch()
    except asyncio.CancelledError:
        watching.uncancel()
        return None
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    clock = SteadyClock()
    barked = await watchdog.bark(clock.nanoseconds())
    page(RaiseAlarm(clock.nanoseconds(), WATCHDOG, f"{name}: {barked.text}"))
    return barked
