"""What a strategy has really earned in an account, read from its tables and never written to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct

from fillpath.app_parts import STORE, account_folder, account_name, store_url
from fillpath.core.errors import ConfigError, ModelError
from fillpath.execution.shrinking import shrinkage
from fillpath.execution.sizing import kelly
from fillpath.settings import Settings
from fillpath.strategy.measured import Record, wilson_lower
from fillpath.strategy.own_trades import OwnTrades

_STEP: Final = Decimal("0.0001")
_HALF: Final = Decimal("0.5")


class Earned(Struct, frozen=True, kw_only=True):
    """The statistics of a strategy's own closed trades, and what Kelly makes of them.

    Args:
        account: where it traded.
        strategy_name: the strategy.
        closed: trades that are closed, those that earned exactly nothing among them.
        held: what it holds now, by symbol.
        record: win rate and averages.
        needed: trades below which nothing is sized by them.
        win_rate_low: what 95 % of such win rates stay above (Wilson); None without a trade.
        kelly: the whole fraction; None where it cannot be computed.
        half_kelly: half of it, which is what entries are sized with.
        shrunk_kelly: what so few trades deserve (Baker and McHale), which is never more than half.
        why_not: why nothing is sized by them, one sentence; empty when it is.
    """

    account: str
    strategy_name: str
    closed: int
    held: dict[str, Decimal]
    record: Record
    needed: int
    win_rate_low: Decimal | None = None
    kelly: Decimal | None = None
    half_kelly: Decimal | None = None
    shrunk_kelly: Decimal | None = None
    why_not: str = ""


async def earned_by(name: str, settings: Settings, account: str = "") -> Earned:
    """Return what a strategy has earned in an account.

    Args:
        name: what its orders carry.
        settings: say where the tables are, and how many trades are needed.
        account: empty for that of the settings.

    Raises:
        ConfigError: no engine has run for the account here.
        Unavailable: the tables cannot be reached.
    """
    where = account or account_name(settings)
    async with reading(settings, where) as reader:
        own = await own_trades(reader, where, name)
    return judged(where, own, settings.execution.min_trades)


@asynccontextmanager
async def reading(settings: Settings, account: str) -> AsyncIterator[Any]:
    """Open the tables of an account to read them.

    Raises:
        ConfigError: there are none yet.
    """
    folder = account_folder(settings, account)
    if not has_tables(settings, account):
        raise ConfigError(f"{folder} must hold the tables of an account, and has none yet")
    from fillpath.data.store.reader import SqlReader  # noqa: PLC0415  # only where there are tables

    reader = SqlReader(store_url(settings, folder))
    try:
        yield reader
    finally:
        await reader.close()


def has_tables(settings: Settings, account: str) -> bool:
    """Return whether there are tables to read here."""
    return bool(settings.database.url) or (account_folder(settings, account) / STORE).is_file()


async def own_trades(reader: Any, account: str, name: str) -> OwnTrades:
    """Return the executions of a strategy, as they are now.

    Raises:
        Unavailable: the tables cannot be reached.
    """
    own = OwnTrades(name)
    fills, changes = await reader.lot_inputs(account)
    for fill in fills:
        own.take(fill)
    for change in changes:
        own.change(change)
    return own


def judged(account: str, own: OwnTrades, needed: int) -> Earned:
    """Return what can be said of executions."""
    record = own.record()
    fraction = _kelly(record)
    return Earned(
        account=account,
        strategy_name=own.name,
        closed=len(own.closed()),
        held=own.positions(),
        record=record,
        needed=needed,
        win_rate_low=_low(record),
        kelly=fraction,
        half_kelly=None if fraction is None else _rounded(max(fraction, Decimal(0)) * _HALF),
        shrunk_kelly=None if fraction is None else _shrunk(record, fraction),
        why_not=_why_not(record, fraction, needed),
    )


def _low(record: Record) -> Decimal | None:
    if record.win_rate is None:
        return None
    wins = int((record.win_rate * record.trades).to_integral_value())
    return _rounded(wilson_lower(wins, record.trades))


def _kelly(record: Record) -> Decimal | None:
    try:
        fraction = kelly(record.win_rate, record.avg_win_pct, record.avg_loss_pct)
    except ModelError:
        return None
    return _rounded(fraction)


def _shrunk(record: Record, fraction: Decimal) -> Decimal:
    """Return the fraction times what it deserves, or times a half where that is less."""
    if fraction <= 0 or record.avg_win_pct is None or record.avg_loss_pct is None:
        return Decimal(0)
    assert record.win_rate is not None, "there is a fraction only where it is known"
    payoff = Fraction(record.avg_win_pct) / Fraction(record.avg_loss_pct)
    deserved = shrinkage(Fraction(record.win_rate), payoff, record.trades)
    share = min(Decimal(deserved.numerator) / Decimal(deserved.denominator), _HALF)
    return _rounded(fraction * share)


def _why_not(record: Record, fraction: Decimal | None, needed: int) -> str:
    if record.trades < needed:
        return f"not enough trades: {record.trades} of {needed}"
    if fraction is None:
        return "there must be winners and losers, and all trades are of one kind"
    return "" if fraction > 0 else f"there is no edge: the Kelly fraction is {fraction}"


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_STEP)


__all__ = ["Earned", "earned_by", "has_tables", "judged", "own_trades", "reading"]
