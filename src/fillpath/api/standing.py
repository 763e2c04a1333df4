"""How an account stands, from what its engine says and what the tables hold; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct, structs

from fillpath.api.answers import (
    AccountShown,
    Breaker,
    Breakers,
    DayTrades,
    Difference,
    FeedShown,
    Health,
    HeldPosition,
    KillState,
    Portfolio,
    Reconciliation,
    SettingShown,
    SystemStatus,
    TablesShown,
)
from fillpath.api.schemas import ClosedLotFilter, LotFilter
from fillpath.core.drills import Drill
from fillpath.core.listings import LotRow, Mark
from fillpath.core.rows import PositionRow, SnapshotRow
from fillpath.core.status import Part, State, Status
from fillpath.core.units import ACCOUNT_CURRENCY

CRITICAL: Final = "CRITICAL"
WARNING: Final = "WARNING"
NOT_THERE: Final = "no engine runs"
_STOPPED: Final = frozenset({State.KILLED, State.HALTED, State.UNAVAILABLE})
_NAMES_ACCOUNTS: Final = frozenset({"engine.account", "engine.accounts"})
_PERSONAL_HOLDS: Final = frozenset({"SAFE_HOLD", "JOURNAL_BEHIND_BROKER"})


class Heard(Struct, frozen=True, kw_only=True):
    """What is known of an engine.

    Args:
        status: what it says of itself, or said last; None when none has ever run.
        reachable: whether it answers.
        why: why it does not.
    """

    status: Status | None
    reachable: bool
    why: str = ""


def account(name: str, heard: Heard) -> AccountShown:
    """Return an account as it is listed."""
    status = heard.status
    return AccountShown(
        name=name,
        mode="" if status is None else status.mode,
        state="" if status is None else status.state,
        reachable=heard.reachable,
    )


def health(heard: Heard) -> Health:
    """Return whether an account trades."""
    status = heard.status
    if not heard.reachable or status is None:
        state = State.STOPPED if status is None else status.state
        return Health(trading=False, state=state, why=heard.why or NOT_THERE, parts=[])
    trading = status.state is State.TRADING
    return Health(trading=trading, state=status.state, why=status.why, parts=list(status.parts))


def system_status(
    heard: Heard, tables: TablesShown, *, now: datetime, read_only: bool
) -> SystemStatus:
    """Return everything that the head of a page shows."""
    banner, severity = banner_of(heard, tables)
    return SystemStatus(
        reachable=heard.reachable,
        status=heard.status,
        tables=tables,
        feed=feed_of(heard.status),
        banner=banner,
        severity=severity,
        read_only=read_only,
        at=now,
    )


def banner_of(heard: Heard, tables: TablesShown) -> tuple[str, str]:
    """Return what everybody must see first, and how grave it is."""
    status = heard.status
    if not heard.reachable or status is None:
        last = "" if status is None or not status.why else f" ({status.why})"
        return f"The engine does not answer: what is shown is what it said last{last}", CRITICAL
    grave = {
        f"{status.state}: {status.why}": status.state in _STOPPED,
        status.notice: bool(status.notice),
        f"The tables cannot be read: {tables.detail}": not tables.healthy,
    }
    first = next((text for text, holds in grave.items() if holds), "")
    return (first, CRITICAL) if first else _warning(status)


def _warning(status: Status) -> tuple[str, str]:
    if status.state is not State.TRADING:
        return f"{status.state}: {status.why or 'no order leaves'}", WARNING
    down = [part for part in status.parts if not part.healthy]
    if not down:
        return "", ""
    return f"Degraded: {'; '.join(f'{part.name} {part.detail}'.strip() for part in down)}", WARNING


def feed_of(status: Status | None) -> FeedShown | None:
    """Return how fresh the prices are, where the engine says so."""
    found = None if status is None else _part(status, "feed")
    if found is None:
        return None
    return FeedShown(
        kind=found.kind, healthy=found.healthy, age_ms=found.age_ms, detail=found.detail
    )


def _part(status: Status, name: str) -> Part | None:
    return next((part for part in status.parts if part.name == name), None)


def lag(heard: Heard, through: int) -> int | None:
    """Return how many journal records the tables have not yet."""
    if not heard.reachable or heard.status is None:
        return None
    return max(heard.status.records - 1 - through, 0)


def breakers(heard: Heard) -> Breakers:
    """Return everything that keeps orders from leaving."""
    return Breakers(reachable=heard.reachable, rows=_breakers(heard.status))


def _breakers(status: Status | None) -> list[Breaker]:
    if status is None:
        return []
    rows = latches(status)
    rows += [
        Breaker(
            code=code,
            kind="HOLD",
            scope="account",
            target="",
            text=text or code,
            resumable=code in _PERSONAL_HOLDS,
        )
        for code, text in status.holds.items()
    ]
    rows += [
        Breaker(code="QUARANTINED", kind="QUARANTINE", scope="symbol", target=symbol, text=text)
        for symbol, text in status.quarantined.items()
    ]
    return rows + [
        Breaker(code="UNPROTECTED", kind="UNPROTECTED", scope="symbol", target=place, text=text)
        for place, text in status.unprotected.items()
    ]


def latches(status: Status) -> list[Breaker]:
    """Return what only a person ends."""
    found = []
    for name, reason in status.latches.items():
        code, _, where = name.partition(" ")
        scope, _, target = where.partition(" ")
        wide = {"trading": "account", "all": "all"}
        known = status.latched.get(name)
        found.append(
            Breaker(
                by="" if known is None else known.by,
                since=None if known is None else known.since,
                until=None if known is None else known.until,
                exits=known is not None and known.exits,
                code=code,
                kind="LATCH",
                scope=wide.get(scope, scope),
                target="" if scope in wide else target,
                text=reason,
                resumable=True,
            )
        )
    return found


def kill_state(heard: Heard, name: str, drills: Sequence[Drill]) -> KillState:
    """Return whether trading is killed."""
    status = heard.status
    return KillState(
        reachable=heard.reachable,
        killed="" if status is None else status.killed,
        latches=[] if status is None else latches(status),
        resume_word=name,
        drills=list(reversed(drills)),
    )


def killed_text(*, latched: bool, everyone: bool, why: str) -> str:
    """Return what a person should know after a kill."""
    if everyone and latched:
        return "trading is stopped, and stays stopped over restarts"
    if everyone:
        return f"trading is stopped by the journal alone: {why}"
    return (
        "the latch is set, but no engine answers: it will start killed, and orders that it left at "
        "the broker must be cancelled there"
    )


def no_day_trades(why: str) -> DayTrades:
    """Return that nobody knows how many day trades are left."""
    return DayTrades(
        reachable=False,
        regime="",
        used=None,
        most=None,
        left=None,
        window_sessions=None,
        text=f"not known: {why}",
    )


def reconciliation(heard: Heard) -> Reconciliation:
    """Return whether the journal and the broker agree."""
    status = heard.status
    if not heard.reachable or status is None:
        return Reconciliation(agreed=False, reachable=False, compared_at=None, open=[])
    found = [
        Difference(what="difference", name=text.partition(" ")[0], text=text)
        for text in status.differences
    ]
    found += [
        Difference(what="hold", name=code, text=text or code)
        for code, text in status.holds.items()
        if code in {"RECONCILING", "JOURNAL_BEHIND_BROKER"}
    ]
    found += [
        Difference(what="quarantine", name=symbol, text=text)
        for symbol, text in status.quarantined.items()
    ]
    found += [
        Difference(
            what="doubt",
            name=order.order_id,
            text=f"nobody knows what became of {order.order_id} in {order.symbol}",
        )
        for order in status.open_orders
        if order.certainty != "CONFIRMED"
    ]
    return Reconciliation(
        agreed=not found, reachable=True, compared_at=status.reconciled_at, open=found
    )


def settings_for(rows: Iterable[SettingShown], sees: Callable[[str], bool]) -> list[SettingShown]:
    """Return settings without the accounts that somebody does not see."""
    return [_but_others(row, sees) if row.name in _NAMES_ACCOUNTS else row for row in rows]


def _but_others(row: SettingShown, sees: Callable[[str], bool]) -> SettingShown:
    names = [name.strip() for name in row.value.split(",") if name.strip()]
    seen = [name for name in names if sees(name)]
    return row if seen == names else structs.replace(row, value=", ".join(seen))


def marked(row: PositionRow, mark: Mark | None) -> PositionRow:
    """Return a position at the newest price; without one it stays as it is."""
    if mark is None or row.market_price is not None or row.average_price is None:
        return row
    return structs.replace(
        row,
        market_price=mark.price,
        market_value=mark.price * row.quantity,
        unrealized_pnl=(mark.price - row.average_price) * row.quantity,
    )


def portfolio(
    heard: Heard,
    rows: Sequence[PositionRow],
    marks: Mapping[str, Mark],
    snapshot: SnapshotRow | None,
    through: int,
) -> Portfolio:
    """Return what is held at the newest prices, and whether everybody says the same."""
    held = [held_position(row, heard, marks.get(row.symbol)) for row in rows]
    return Portfolio(
        currency=ACCOUNT_CURRENCY,
        snapshot=snapshot,
        positions=[one for one in held if one.differs or one.position.quantity],
        stop_keeper="none" if heard.status is None else heard.status.stop_keeper,
        reachable=heard.reachable,
        through=through,
    )


def held_position(row: PositionRow, heard: Heard, mark: Mark | None = None) -> HeldPosition:
    """Return one position beside what the engine and the broker say of it."""
    status = heard.status if heard.reachable else None
    ours = None if status is None else status.positions.get(row.symbol, "0")
    theirs = None if status is None else _theirs(status, row.symbol)
    said = {text for text in (ours, theirs, f"{row.quantity:f}") if text is not None}
    uncovered = {} if status is None else status.unprotected
    own = row.market_price is not None
    return HeldPosition(
        position=marked(row, mark),
        marked_at=None if own or mark is None else mark.at,
        engine_quantity=ours,
        broker_quantity=theirs,
        differs=len({Decimal(text) for text in said}) > 1,
        unprotected="; ".join(
            text for place, text in uncovered.items() if place.split(" of ")[0] == row.symbol
        ),
        quarantined="" if status is None else status.quarantined.get(row.symbol, ""),
    )


def _theirs(status: Status, symbol: str) -> str | None:
    """Return what the broker said of a symbol; one that it left out it does not hold."""
    if status.reconciled_at is None:
        return None
    return status.broker_positions.get(symbol, "0")


def is_wanted(lot: LotRow, asked: LotFilter) -> bool:
    """Return whether a lot was asked for."""
    if lot.sold_at is None:
        return asked.open and asked.symbol in {None, lot.symbol}
    return is_closed(lot, asked)


def is_closed(lot: LotRow, asked: ClosedLotFilter) -> bool:
    """Return whether a lot was closed, and asked for."""
    if lot.sold_at is None or asked.symbol not in {None, lot.symbol}:
        return False
    if asked.since is not None and lot.sold_at < asked.since:
        return False
    return asked.until is None or lot.sold_at < asked.until
