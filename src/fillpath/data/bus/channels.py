"""The names of everything on the bus; the same on every bus."""

import re
from typing import Final

from fillpath.core.checking import check_symbol
from fillpath.core.errors import ConfigError

SIGNALS: Final = "execution:signals"
FILLS: Final = "execution:fills"
ORDERS: Final = "execution:orders"
ALERTS: Final = "execution:alerts"
STRATEGIES: Final = "execution:strategies"
DEAD_LETTERS: Final = "execution:signals:dead"
QUOTES: Final = "market:quotes:"
VOLUMES: Final = "market:adv:"

ATTEMPTS: Final = 3
"""How often a signal is handed over before it is taken for poison and set aside."""

_ACCOUNT: Final = re.compile(r"[A-Za-z0-9._\-]{1,64}")


def signal_stream(account: str = "") -> str:
    """Return where the signals of an account wait; the plain name for the only account there is.

    Raises:
        ConfigError: the account's name cannot be part of a stream's name.
    """
    if not account:
        return SIGNALS
    name = f"{SIGNALS}:{account}"
    if _ACCOUNT.fullmatch(account) is None or name == DEAD_LETTERS:
        raise ConfigError(
            f"an account on the bus must be 1 to 64 characters of A-Z a-z 0-9 . _ - and not 'dead',"
            f" got {account!r}"
        )
    return name


def quote_channel(symbol: str) -> str:
    """Return the channel, and the key of the last value, of a symbol's quotes."""
    return QUOTES + check_symbol(symbol)


def volume_channel(symbol: str) -> str:
    """Return the channel, and the key of the last value, of a symbol's average daily volume."""
    return VOLUMES + check_symbol(symbol)
