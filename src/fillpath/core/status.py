"""What an engine says of itself: for ``fillpath status``, for ``/health``, for whoever watches it."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct, field


class State(StrEnum):
    """What the engine is doing; only TRADING sends orders."""

    STARTING = "STARTING"
    RECONCILING = "RECONCILING"
    TRADING = "TRADING"
    HELD = "HELD"
    KILLED = "KILLED"
    HALTED = "HALTED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    UNAVAILABLE = "UNAVAILABLE"


class OpenOrder(Struct, frozen=True, kw_only=True):
    """An order that may still fill."""

    order_id: str
    symbol: str
    side: str
    quantity: str
    filled: str
    status: str
    certainty: str
    cancel_requested: bool
    strategy: str = ""


class Part(Struct, frozen=True, kw_only=True):
    """One thing that the engine stands on.

    Args:
        name: broker, bus, store or feed.
        kind: what it is, such as ``simulated`` or ``redis``.
        healthy: whether it answers.
        detail: one sentence for a person.
        lag: journal records that it has not been told yet; None where that means nothing.
        age_ms: how old the newest word of it is; None where that means nothing.
    """

    name: str
    kind: str
    healthy: bool
    detail: str = ""
    lag: int | None = None
    age_ms: int | None = None


class Latched(Struct, frozen=True, kw_only=True):
    """Who stopped something that only a person ends, and since when.

    Args:
        by: who or what set it.
        since: when; None when nobody says.
        until: when it ends by itself; None when only a person ends it.
        exits: whether orders that only reduce a position leave all the same.
    """

    by: str
    since: datetime | None = None
    until: datetime | None = None
    exits: bool = False


class Status(Struct, frozen=True, kw_only=True):
    """An engine at a moment.

    Args:
        mode: LIVE, PAPER, STUB, SIMULATED or REPLAY.
        why: why it does not trade; empty while it does.
        degraded: whether something that it stands on is not as it should be.
        notice: what whoever looks must know first, such as that every fill is invented.
        holds: each reason that keeps it from trading, by code.
        latches: why something is stopped until a person says otherwise, by code and scope.
        latched: who did that and since when, by the same names.
        stop_keeper: who keeps the protective stops: broker, engine or none.
        unprotected: why a position is without a stop, by symbol and strategy.
        broker_positions: shares that the broker said last, by symbol; empty before it said any.
        differences: what broker and journal did not agree on in the last round.
        reconciled_at: when they were last compared; None before they were.
        approvals: orders that wait for a person.
        armed_until: when live trading ends; None when it is not armed.
    """

    account: str
    mode: str
    state: State
    version: str
    at: datetime
    started_at: datetime
    pid: int
    epoch: int = 0
    why: str = ""
    degraded: bool = False
    notice: str = ""
    holds: dict[str, str] = field(default_factory=dict)
    killed: str = ""
    latches: dict[str, str] = field(default_factory=dict)
    latched: dict[str, Latched] = field(default_factory=dict)
    records: int = 0
    cash: str = "0"
    equity: str = "0"
    positions: dict[str, str] = field(default_factory=dict)
    broker_positions: dict[str, str] = field(default_factory=dict)
    differences: tuple[str, ...] = ()
    reconciled_at: datetime | None = None
    open_orders: tuple[OpenOrder, ...] = ()
    quarantined: dict[str, str] = field(default_factory=dict)
    stop_keeper: str = "none"
    unprotected: dict[str, str] = field(default_factory=dict)
    signals: dict[str, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    approvals: int = 0
    armed_until: datetime | None = None

    def as_json(self) -> bytes:
        """Return it as JSON; money and shares are strings."""
        return msgspec.json.encode(self)


def read_status(content: bytes) -> Status:
    """Return a status from its JSON.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return msgspec.json.decode(content, type=Status)
