"""Which broker and which account an engine belongs to: settled at the start, never changed after.

A connection that shows another account, or none, is no account to trade on. A broker that is lost
is waited for: nothing stands in for it later, because a fill that was made up would hide a position.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

ACCOUNT_BINDING: Final = "ACCOUNT_BINDING"
BROKER_UNAVAILABLE: Final = "BROKER_UNAVAILABLE"
PAPER_PREFIX: Final = "D"
"""What the numbers of paper accounts begin with at Interactive Brokers."""
PAPER_PORTS: Final = frozenset({4002, 7497})
LIVE_PORTS: Final = frozenset({4001, 7496})


class WithoutBroker(StrEnum):
    """What an engine does without the broker that it was meant to trade at."""

    STUB = "STUB"
    HALT = "HALT"
    WAIT = "WAIT"


class Binding(Struct, frozen=True, kw_only=True):
    """What an engine was started for.

    Args:
        paper: a paper account, not real money.
        port: of the gateway or workstation.
        account: number of the account; empty takes the only one of the login.
        stub_at_start: a connection that fails at the start may be replaced by the stub.
    """

    paper: bool
    port: int
    account: str = ""
    stub_at_start: bool = False


def port_problem(binding: Binding) -> str:
    """Return why the port does not belong to the mode, empty when it does or may."""
    if binding.port not in (LIVE_PORTS if binding.paper else PAPER_PORTS):
        return ""
    return f"port {binding.port} is one of {_kind(paper=not binding.paper)} trading"


def account_problem(binding: Binding, connected: Sequence[str]) -> str:
    """Return why an engine may not trade on a connection, empty when it may.

    Args:
        binding: what it was started for.
        connected: numbers of the accounts that the login shows.
    """
    if binding.account:
        if binding.account not in connected:
            return "the login does not show the account of the settings"
        chosen = binding.account
    elif len(connected) == 1:
        chosen = connected[0]
    else:
        return f"the login shows {len(connected)} accounts; name one of them"
    if not chosen or chosen.startswith(PAPER_PREFIX) != binding.paper:
        return f"the account is none for {_kind(paper=binding.paper)} trading"
    return port_problem(binding)


def without_broker(binding: Binding, *, started: bool) -> WithoutBroker:
    """Return what to do when the broker cannot be reached.

    Args:
        binding: what the engine was started for.
        started: whether it was reached before in this process.
    """
    if started:
        return WithoutBroker.WAIT
    if binding.paper and binding.stub_at_start:
        return WithoutBroker.STUB
    return WithoutBroker.HALT


def _kind(*, paper: bool) -> str:
    return "paper" if paper else "live"


__all__ = [
    "ACCOUNT_BINDING",
    "BROKER_UNAVAILABLE",
    "LIVE_PORTS",
    "PAPER_PORTS",
    "PAPER_PREFIX",
    "Binding",
    "WithoutBroker",
    "account_problem",
    "port_problem",
    "without_broker",
]
