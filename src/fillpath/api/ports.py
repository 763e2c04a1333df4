"""Doors of the API: what it expects of whoever puts it together, and of nobody else.

It holds no state of an engine and no journal. It reads tables, and asks an engine at its own door.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from fillpath.api.answers import AuditRow, ControlShown, SettingShown
from fillpath.core.drills import Drill
from fillpath.core.listings import (
    AlertShown,
    Changes,
    EquityPoint,
    LatencyStage,
    LotRow,
    Mark,
    MarkoutSummary,
    OrderCosts,
    OrderStory,
    Page,
    ProfitRow,
    QualitySummary,
    QuotePoint,
    Wanted,
)
from fillpath.core.rows import PositionRow, SnapshotRow
from fillpath.core.status import Status

R = TypeVar("R", bound=Struct)


class Tables(Protocol):
    """The projections of an account; every call raises ``Unavailable`` when they are away."""

    async def applied(self, account: str) -> int:
        """Return the last journal record whose rows are all here, -1 for none."""
        ...

    async def page(
        self, kind: type[R], account: str, wanted: Wanted, *, limit: int, after: str
    ) -> Page[R]:
        """Return rows of one kind, newest first; ``ModelError`` for what the table has not."""
        ...

    async def order(self, account: str, order_id: str) -> OrderStory | None:
        """Return everything known of an order, None when nothing is."""
        ...

    async def positions(self, account: str) -> list[PositionRow]:
        """Return every position that was ever held, by symbol."""
        ...

    async def latest_snapshot(self, account: str) -> SnapshotRow | None:
        """Return the account as it was last, None when nothing is known of it."""
        ...

    async def equity(
        self, account: str, since: datetime | None, until: datetime | None, points: int
    ) -> list[EquityPoint]:
        """Return the equity curve, oldest first, with at most that many points."""
        ...

    async def tier(self) -> str:
        """Return what they stand on."""
        ...


class Measures(Protocol):
    """What is computed from rows; every call raises ``Unavailable`` when they are away."""

    async def summary(
        self, account: str, by: str, wanted: Wanted, measure: str
    ) -> list[QualitySummary]:
        """Return the cost against a benchmark and the time of orders by what they share."""
        ...

    async def markouts(self, account: str, wanted: Wanted) -> list[MarkoutSummary]:
        """Return where prices went after the fills, by the time that had passed."""
        ...

    async def latency(self, account: str, wanted: Wanted) -> list[LatencyStage]:
        """Return how long each stage between signal and fill took."""
        ...

    async def costs(self, account: str, order_id: str) -> OrderCosts | None:
        """Return what an order cost and where, None while that is not known."""
        ...

    async def quotes(self, symbol: str, since: datetime, until: datetime) -> list[QuotePoint]:
        """Return the best prices of a time, oldest first; none where nobody kept them."""
        ...

    async def marks(self, symbols: Iterable[str]) -> Mapping[str, Mark]:
        """Return the newest mid of each symbol; none where nobody kept its prices."""
        ...

    async def profit(self, account: str, by: str) -> list[ProfitRow]:
        """Return realised and unrealised profit by strategy or symbol."""
        ...

    async def lots(self, account: str) -> list[LotRow]:
        """Return every lot, first in first out, newest closing first, open ones before."""
        ...

    def tax_file(self, closed: Iterable[LotRow]) -> str:
        """Return closed lots as the CSV file of a tax return."""
        ...


class Engine(Protocol):
    """The engine of an account, at its own door."""

    async def ask(self, request: Mapping[str, Any], wait_seconds: float = 10.0) -> Any:
        """Return its answer.

        Raises:
            Unavailable: no engine answers.
            ConfigError: it refuses, and says why.
        """
        ...

    def last_word(self) -> Status | None:
        """Return the status that was written last, None when none ever was."""
        ...

    def kill(self, request: Mapping[str, Any]) -> bool:
        """Set the latch on disk, which stops an engine that does not answer.

        Raises:
            Unavailable: the disk does not take it; nothing is stopped by it.
        """
        ...

    def drills(self) -> Sequence[Drill]:
        """Return every practised kill, oldest first."""
        ...

    def rules(self) -> Mapping[str, Any]:
        """Return the limits that the settings say, as the act ``limits`` answers."""
        ...


class ChangesOf(Protocol):
    """What becomes new in the tables of an account."""

    async def since(self, account: str, sequence: int) -> Changes:
        """Return every row of records after that one, as it stands.

        Raises:
            Unavailable: the tables are away.
        """
        ...


class Alerts(Protocol):
    """The alerts of an account, and who knows of them."""

    async def page(
        self, account: str, wanted: Wanted, *, unacknowledged: bool, limit: int, after: str
    ) -> Page[AlertShown]:
        """Return alerts, newest first."""
        ...

    async def acknowledge(self, account: str, alert_id: str, by: str) -> bool:
        """Note that somebody knows; return False when there is no such alert."""
        ...


class Audit(Protocol):
    """The log of who did what."""

    async def page(self, *, limit: int, after: str) -> Page[AuditRow]:
        """Return entries, newest first."""
        ...


class Clock(Protocol):
    """Who knows what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class AccountParts(Struct, frozen=True, kw_only=True):
    """One account that is shown.

    Args:
        name: of the account.
        tables: its projections.
        measures: what is computed from them.
        changes: what becomes new in them.
        engine: its engine.
        alerts: its alerts.
    """

    name: str
    tables: Tables
    measures: Measures
    changes: ChangesOf
    engine: Engine
    alerts: Alerts


class Parts(Struct, frozen=True, kw_only=True):
    """What the server is put together of.

    Args:
        accounts: every account that is shown, by name.
        clock: knows what time it is.
        version: of fillpath.
        read_only: whether nothing can be changed here; then no such route is there at all.
        settings: every setting in force, masked.
        controls: every control.
        audit: who did what; None without a log.
    """

    accounts: Mapping[str, AccountParts]
    clock: Clock
    version: str
    read_only: bool = False
    settings: tuple[SettingShown, ...] = ()
    controls: tuple[ControlShown, ...] = ()
    audit: Audit | None = None


__all__ = [
    "AccountParts",
    "Alerts",
    "Audit",
    "ChangesOf",
    "Clock",
    "Engine",
    "Measures",
    "Parts",
    "Tables",
]
