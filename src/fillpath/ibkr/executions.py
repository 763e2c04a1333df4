"""What was filled, from executions alone, whatever their order, number and shape.

The gateway names an execution ``a.b.c.01``; its corrections share all but the last part, which
counts up. All of them are one family, and the highest one is true. What an execution cost comes by
itself: before it, after it, more than once, or never. The book turns all of this into facts, each
told once, such that every order of arrival ends in the same fills.

A book begins empty with every process, and the journal knows what was told before: names are the
same in every life, so a fact that is told again changes nothing, and a correction is told as one
even where this life never saw what it corrects.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.events import CommissionReported, FillCorrected, OrderFilled
from fillpath.core.models import ZERO, Fill
from fillpath.core.units import (
    PRICE_SCALE,
    moment,
    money_decimal,
    money_units,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.ibkr.heard import Charged, Executed
from fillpath.ibkr.sides import SIDES
from fillpath.ibkr.symbols import our_symbol

UNSAID: Final = Decimal(-1)
"""A commission that the vendor writes when it does not know it yet."""

LARGEST: Final = Decimal(10) ** 9
"""Above it a number of shares, a price or a commission is no such thing, shares or dollars."""

_FINEST_PRICE: Final = Decimal(1) / PRICE_SCALE
_FINEST_MONEY: Final = Decimal(1).scaleb(-14)
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Unreadable(Struct, frozen=True):
    """An execution or a commission that cannot be booked; a person and a look-up are needed.

    Args:
        order_id: our order; empty when it is about a commission of no known order.
        exec_id: as the gateway named it.
        reason: the field, its value and what is allowed.
        again: whether asking for the executions again may bring a better answer.
    """

    order_id: str
    exec_id: str
    reason: str
    again: bool = True


Told = OrderFilled | FillCorrected | CommissionReported | Unreadable


def family(exec_id: str) -> tuple[str, int]:
    """Return what an execution and its corrections have in common, and the number of this one.

    The number is 0 as first reported and counts up with the last part of the name. A name without
    such a part is a family of its own.
    """
    root, dot, last = exec_id.rpartition(".")
    if not dot or not root or not (last.isascii() and last.isdigit()):
        return exec_id, 0
    return root, max(int(last) - 1, 0)


class _Version(Struct, frozen=True):
    """One execution as it was reported, in the desk's exact integers; 0 shares undo it."""

    quantity: int
    price: int


class _Family:
    """An execution with its corrections and what they cost."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.order_id = ""
        self.parent_id = ""
        self.trades: dict[int, Executed] = {}
        self.versions: dict[int, _Version] = {}
        self.charges: dict[int, int] = {}
        self.traded_at = 0
        self.told: tuple[int, int] | None = None

    @property
    def top(self) -> int:
        """Return the number of the highest revision."""
        return max(self.versions)

    @property
    def now(self) -> _Version:
        """Return the execution as its highest revision has it."""
        return self.versions[self.top]

    @property
    def peak(self) -> int:
        """Return the most shares that any revision had, quantity units."""
        return max(version.quantity for version in self.versions.values())

    @property
    def commission(self) -> int | None:
        """Return what it cost by its highest revision that was charged, money units.

        What was undone costs only what its own revision says.
        """
        top = self.top
        if not self.now.quantity:
            return self.charges.get(top, 0)
        charged = [number for number in self.charges if number <= top]
        return self.charges[max(charged)] if charged else None

    def add(self, number: int, heard: Executed, version: _Version, at: int) -> None:
        """Take a revision; the lowest one says when it was traded."""
        if number < min(self.versions, default=number + 1):
            self.traded_at = at if heard.traded_at is None else heard.traded_at
        self.versions[number] = version
        self.trades[number] = heard


class Book:
    """The executions of an account.

    Args:
        currency: of the account; commissions in another one stay pending.
    """

    def __init__(self, currency: str = "USD") -> None:
        self._currency = currency
        self._families: dict[str, _Family] = {}
        self._by_order: dict[str, list[_Family]] = {}
        self._claimed: dict[str, Decimal] = {}

    def executed(self, heard: Executed, order_id: str, at: int, parent_id: str = "") -> list[Told]:
        """Return what an execution tells that was not told yet; nothing for a repeat.

        Args:
            heard: as the gateway told it, of this account.
            order_id: our order, or ``external:`` and more for one of others; what an execution was
                booked under first stays.
            at: nanoseconds UTC when it was heard.
            parent_id: the parent, on slices.
        """
        name, number = family(heard.exec_id)
        try:
            version = _version(heard, number)
        except ModelError as error:
            return [Unreadable(order_id, heard.exec_id, str(error))]
        member = self._family(name)
        if not member.versions:
            member.order_id, member.parent_id = order_id, parent_id
            self._by_order.setdefault(order_id, []).append(member)
        elif problem := _contradicted(member, number, heard, version):
            return [Unreadable(member.order_id, heard.exec_id, problem)]
        if number in member.versions:
            return []
        member.add(number, heard, version, at)
        self._note_claim(member.order_id, heard.cumulative)
        return _told(member, at)

    def charged(self, heard: Charged, at: int) -> list[Told]:
        """Return what a commission tells that was not told yet.

        One that is missing, -1 or impossible leaves the execution as it is and its own cost
        pending; so does one in another currency, which a person has to look at.
        """
        amount = heard.commission
        if amount is None or not amount.is_finite() or amount == UNSAID or abs(amount) > LARGEST:
            return []
        name, number = family(heard.exec_id)
        member = self._family(name)
        if heard.currency != self._currency:
            reason = (
                f"currency of the commission of {heard.exec_id} must be {self._currency}, got "
                f"{heard.currency!r} with {amount}"
            )
            return [Unreadable(member.order_id, heard.exec_id, reason, again=False)]
        member.charges[number] = money_units(amount.quantize(_FINEST_MONEY, context=_EXACT))
        return _told(member, at) if member.versions else []

    def filled(self, order_id: str) -> Decimal:
        """Return how many shares of an order were executed, corrections applied."""
        return quantity_decimal(sum(member.now.quantity for member in self._of(order_id)))

    def average_price(self, order_id: str) -> Decimal | None:
        """Return the average price of what was executed of an order, None before anything was."""
        versions = [member.now for member in self._of(order_id)]
        shares = sum(version.quantity for version in versions)
        if not shares:
            return None
        value = sum(version.quantity * version.price for version in versions)
        price = _EXACT.divide(Decimal(value), Decimal(shares) * PRICE_SCALE)
        return price.quantize(_FINEST_PRICE, context=_EXACT).normalize(_EXACT)

    def corrected(self, order_id: str) -> bool:
        """Return whether an execution of an order was corrected or undone."""
        return any(member.top for member in self._of(order_id))

    def behind(self, order_id: str) -> bool:
        """Return whether the gateway counts more shares of an order than it told executions of.

        Its count is a hint to ask for the executions, never a fill. Older counts hold what
        corrections took away since, so the largest revision of each execution is compared.
        """
        told = quantity_decimal(sum(member.peak for member in self._of(order_id)))
        return self._claimed.get(order_id, ZERO) > told

    def order_of(self, exec_id: str) -> str:
        """Return the order that an execution was booked under, empty for one not known."""
        member = self._families.get(family(exec_id)[0])
        return "" if member is None else member.order_id

    def uncharged(self) -> list[str]:
        """Return the names of the fills whose commission is not known yet, oldest first."""
        return [member.name for member in self._traded() if member.commission is None]

    def fills(self) -> list[Fill]:
        """Return every execution, oldest first, at its latest revision, without what was undone."""
        return [_fill(member) for member in self._traded() if member.now.quantity]

    def _family(self, name: str) -> _Family:
        return self._families.setdefault(name, _Family(name))

    def _of(self, order_id: str) -> list[_Family]:
        return self._by_order.get(order_id, [])

    def _traded(self) -> Iterable[_Family]:
        known = [member for member in self._families.values() if member.versions]
        return sorted(known, key=lambda member: (member.traded_at, member.name))

    def _note_claim(self, order_id: str, cumulative: Decimal | None) -> None:
        if cumulative is not None and cumulative.is_finite():
            self._claimed[order_id] = max(cumulative, self._claimed.get(order_id, ZERO))


def _version(heard: Executed, number: int) -> _Version:
    """Return an execution in exact integers; only a correction may be of no shares.

    Raises:
        ModelError: side, symbol, shares or price are not what they must be.
    """
    if heard.side not in SIDES:
        raise ModelError(f"side must be one of {', '.join(SIDES)}, got {heard.side!r}")
    if our_symbol(heard.symbol) is None:
        raise ModelError(f"symbol must be a ticker of A-Z 0-9 . - or a space, got {heard.symbol!r}")
    shares, price = heard.shares, heard.price
    if shares is None or not shares.is_finite() or not 0 <= shares <= LARGEST:
        raise ModelError(f"shares must be from 0 to {LARGEST:f}, got {shares}")
    if not shares and number:
        return _Version(0, 0)
    if not shares:
        raise ModelError(
            f"shares must be above 0 in {heard.exec_id}, which corrects nothing, got 0"
        )
    if price is None or not price.is_finite() or not _FINEST_PRICE <= price <= LARGEST:
        raise ModelError(f"price must be from {_FINEST_PRICE:f} to {LARGEST:f}, got {price}")
    return _Version(
        quantity_units(shares), price_units(price.quantize(_FINEST_PRICE, context=_EXACT))
    )


def _contradicted(member: _Family, number: int, heard: Executed, version: _Version) -> str:
    """Return what does not fit to what was told before, empty where all does."""
    before = member.trades.get(number)
    if before is not None and member.versions[number] != version:
        return (
            f"{heard.exec_id} must stay what it was, {before.shares} at {before.price}, got "
            f"{heard.shares} at {heard.price}"
        )
    first = next(iter(member.trades.values()))
    was, now = (first.symbol, SIDES[first.side]), (heard.symbol, SIDES[heard.side])
    if was != now:
        return f"{heard.exec_id} must be of {was[0]} {was[1]}, got {now[0]} {now[1]}"
    return ""


def _told(member: _Family, at: int) -> list[Told]:
    """Return what has to be told of a family, and remember that it was."""
    top, commission = member.top, member.commission or 0
    before, member.told = member.told, (top, commission)
    if before is None:
        told: list[Told] = [_filled(member, at, commission)] if member.now.quantity else []
        # In an earlier life it may have been another one.
        return [*told, _corrected(member, at, commission)] if top else told
    if before[0] != top:
        return [_corrected(member, at, commission)]
    if before[1] != commission:
        return [CommissionReported(at, member.order_id, member.name, commission, top)]
    return []


def _filled(member: _Family, at: int, commission: int) -> OrderFilled:
    heard = member.trades[member.top]
    symbol = our_symbol(heard.symbol)
    assert symbol is not None, "it was read"
    return OrderFilled(
        at,
        member.order_id,
        member.name,
        symbol,
        SIDES[heard.side],
        member.now.quantity,
        member.now.price,
        member.traded_at,
        commission,
        member.parent_id,
    )


def _corrected(member: _Family, at: int, commission: int) -> FillCorrected:
    now, heard = member.now, member.trades[member.top]
    reason = f"corrected by {heard.exec_id}" if now.quantity else f"undone by {heard.exec_id}"
    return FillCorrected(
        at,
        member.order_id,
        member.name,
        member.top,
        now.quantity,
        now.price,
        commission,
        reason,
    )


def _fill(member: _Family) -> Fill:
    filled = _filled(member, member.traded_at, member.commission or 0)
    return Fill(
        fill_id=filled.fill_id,
        order_id=filled.order_id,
        symbol=filled.symbol,
        side=filled.side,
        quantity=quantity_decimal(filled.quantity),
        price=price_decimal(filled.price),
        ts=moment(filled.traded_at),
        commission=money_decimal(filled.commission),
        parent_order_id=filled.parent_id or None,
        revision=member.top,
    )


__all__ = ["LARGEST", "UNSAID", "Book", "Told", "Unreadable", "family"]
