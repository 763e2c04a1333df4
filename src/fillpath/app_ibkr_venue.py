"""The venue of Interactive Brokers: broker, quotes, bars and account, each on a client id of its own."""

from fillpath.app_parts import Page, Venue
from fillpath.core.errors import ConfigError
from fillpath.runtime.steady import SteadyClock
from fillpath.settings import Settings


async def open_venue(settings: Settings, clock: SteadyClock, page: Page) -> Venue:
    """Connect, and return the venue once orders may be sent.

    Raises:
        ConfigError: it is not built yet.
    """
    del settings, clock, page
    raise ConfigError("broker.provider ibkr is not built yet; take simulated or paper_stub")


__all__ = ["open_venue"]
