"""The memory of one connection about orders: everything that is heard is folded into it.

It tells what the engine has to know (``BrokerEvent``), what a person has to know (``RaiseAlarm``)
and what has to be asked (``Need``). Whatever the order in which a gateway says things, and however
often, the engine hears of each execution once, of an acceptance before anything else, and of an end
when it is proved. What stood in answers before an order was known here is not told as news: the
engine compares that itself.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import FillCorrected, OrderRefused
from fillpath.core.models import Order, OrderStatus
from fillpath.ibkr.changing import amended, shown_terms
from fillpath.ibkr.codes import CODES, Meaning, meaning
from fillpath.ibkr.executions import Book, Told, Unreadable
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import Charged, Dropped, Executed, Heard, OrderShown, Said, StatusShown
from fillpath.ibkr.judging import (
    Out,
    accepted,
    claim_of,
    heard_word,
    incarnated,
    judged,
    looked_up,
    said,
    want,
)
from fillpath.ibkr.register import Register
from fillpath.ibkr.sides import SIDES
from fillpath.ibkr.statuses import Claim
from fillpath.ibkr.tracked import (
    FILLED,
    Change,
    Doubt,
    Need,
    Tracked,
    claimed,
    ended_in_full,
    external_id,
    found,
    instrument,
    picture,
)

NOT_SENT: Final = "NOT_SENT"
_OPEN_NO_MORE: Final = frozenset({Claim.ENDED, Claim.FILLED})


class Tracker:
    """Follow the orders of one client id in one account.

    Args:
        client_id: ours.
        currency: of the account.
        codes: what the gateway's numbers mean.

    ``account`` is the one that is followed; what is heard of others is left out. While it is empty
    nothing is.
    """

    def __init__(
        self, client_id: int, *, currency: str = "USD", codes: Mapping[int, Meaning] = CODES
    ) -> None:
        self.account = ""
        self.register = Register(client_id)
        self.book = Book(currency)
        self._client_id = client_id
        self._codes = codes
        self._asked_at = 0
        self._looked_at = 0
        self._told: set[str] = set()
        self._unreadable: set[str] = set()
        self._folds: dict[type, Callable[[Any, int], list[Out]]] = {
            Executed: self._executed,
            Charged: self._charged,
            OrderShown: self._shown,
            StatusShown: self._status,
            Said: self._said,
            Dropped: self._dropped,
        }

    # What we do.

    def placed(self, form: OrderForm, order: Order, at: int) -> None:
        """Follow an order that is about to be written."""
        tracked = Tracked(order=order, mine=True, since=at, form=form, number=form.order_id)
        self.register.add(tracked)

    def refused(self, order: Order, code: str, reason: str, at: int) -> list[Out]:
        """Remember that an order was not sent, of which no byte was written."""
        tracked = self.register.get(order.order_id)
        if tracked is None:
            tracked = Tracked(order=order, mine=True, since=at)
            self.register.add(tracked)
        tracked.ended, tracked.reason = OrderStatus.REJECTED, reason
        tracked.doubt = tracked.wants = None
        return [OrderRefused(at, order.order_id, code, reason)]

    def silent(self, order_id: str, text: str, at: int) -> list[Out]:
        """Doubt an order that the gateway does not answer, or that nobody can ask for any more."""
        tracked = self.register.get(order_id)
        if tracked is None or tracked.accepted or tracked.ended or tracked.doubt:
            return []
        tracked.doubt = Doubt(0, text, at)
        return want(tracked, Need.LOOK_UP)

    def cancelling(self, tracked: Tracked, at: int) -> None:
        """Remember that a cancel is about to be written; 0 takes that back."""
        tracked.cancel_at = at
        tracked.cancel_asked = tracked.cancel_asked or bool(at)

    def changing(self, tracked: Tracked, quantity: Decimal, stop: Decimal | None, at: int) -> None:
        """Remember that a change is about to be written; 0 takes that back."""
        stop = stop if tracked.triggered else None
        tracked.change = Change(quantity, stop, at) if at else None

    def unchanged(self, tracked: Tracked, at: int) -> list[Out]:
        """Tell that an order works as it was asked for, because it did already."""
        return [amended(tracked, at)]

    # What is heard.

    def hear(self, heard: Heard, at: int) -> list[Out]:
        """Fold one word of the gateway in, and return what follows."""
        fold = self._folds.get(type(heard))
        return [] if fold is None else fold(heard, at)

    def asking(self, at: int) -> None:
        """Say that executions are about to be asked for: what is new since then is no news."""
        self._asked_at = at

    def looked_up(self, asked_at: int, at: int) -> list[Out]:
        """Judge by a look-up that was answered whole.

        Args:
            asked_at: nanoseconds before its first question.
            at: nanoseconds UTC.
        """
        self._looked_at = asked_at
        return [
            out
            for tracked in self.register
            if tracked.since < asked_at
            for out in looked_up(tracked, self.book, asked_at, at)
        ]

    @property
    def needs(self) -> bool:
        """Return whether anything waits for a look-up."""
        return any(tracked.wants is not None for tracked in self.register)

    def _charged(self, heard: Charged, at: int) -> list[Out]:
        return self._booked(self.book.charged(heard, at), at, speaks=False)

    def _dropped(self, heard: Dropped, at: int) -> list[Out]:
        text = f"the connection was lost before the gateway answered: {heard.reason}"
        for tracked in self.register:
            if tracked.doubt is not None:
                tracked.doubt.absent_at = 0  # answers of two connections are not two in a row
        new = [tracked.order_id for tracked in self.register if not tracked.accepted]
        return [out for order_id in new for out in self.silent(order_id, text, at)]

    def _executed(self, heard: Executed, at: int) -> list[Out]:
        if heard.account != self.account:
            return []
        self.register.owned(heard.perm_id, heard.client_id)
        names = (heard.client_id, heard.perm_id, heard.order_id, heard.order_ref)
        tracked = self.register.find(*names)
        speaks = heard.request < 0
        named = replace(heard, symbol=instrument(heard.symbol, heard.sec_type, heard.con_id))
        if tracked is None:
            order_id = external_id(heard.perm_id)
            if self.register.is_ours(heard.client_id, heard.perm_id, heard.order_ref):
                order_id = heard.order_ref
            return self._booked(self.book.executed(named, order_id, at), at, speaks=speaks)
        out = self._sighted(tracked, heard.perm_id, at)
        out.extend(self._accept(tracked, at))
        tracked.doubt = None
        parent = tracked.order.parent_order_id or ""
        told = self.book.executed(named, tracked.order_id, at, parent)
        # What this process placed has no fills from before, whichever question this answers.
        speaks = speaks or tracked.form is not None or tracked.since < self._asked_at
        out.extend(self._booked(told, at, speaks=speaks))
        if heard.request < 0 and self.book.behind(tracked.order_id):
            out.extend(want(tracked, Need.LOOK_UP))
        return [*out, *self._judged(tracked, at)]

    def _accept(self, tracked: Tracked, at: int) -> list[Out]:
        """An execution accepts an order; what is known of others is theirs to tell."""
        return accepted(tracked, at) if tracked.mine else []

    def _booked(self, told: Iterable[Told], at: int, *, speaks: bool) -> list[Out]:
        """Return what the book tells that is news: everything, or only what goes on from news."""
        out: list[Out] = []
        for one in told:
            if isinstance(one, Unreadable):
                out.extend(self._unread(one, at))
            elif speaks or one.fill_id in self._told or _undone(one):
                self._told.add(one.fill_id)
                out.append(one)
        return out

    def _unread(self, one: Unreadable, at: int) -> list[Out]:
        if one.reason in self._unreadable:
            return []
        self._unreadable.add(one.reason)
        alarm = RaiseAlarm(at, "EXECUTION_UNREADABLE", one.reason, one.order_id)
        return [alarm, Need.EXECUTIONS, Need.COMPARE] if one.again else [alarm]

    def _shown(self, shown: OrderShown, at: int) -> list[Out]:
        if shown.account != self.account:
            return []
        client = None if shown.completed else shown.client_id
        if client is not None:
            self.register.owned(shown.perm_id, client)
        number = 0 if shown.completed else shown.order_id
        tracked = self.register.find(client, shown.perm_id, number, shown.order_ref)
        if tracked is None:
            return self._adopted(shown, client, at)
        out = self._sighted(tracked, shown.perm_id, at)
        if shown.completed:
            return [*out, *self._completed(tracked, shown, at)]
        tracked.shown, tracked.open_at = shown, at
        self.register.number(tracked, number)
        if tracked.ended is not None:
            return [*out, *_back(tracked, shown)]
        out.extend(heard_word(tracked, shown.status, None, tracked.why_held, at))
        if tracked.mine:
            out.extend(shown_terms(tracked, shown, at))
        return [*out, *self._judged(tracked, at)]

    def _sighted(self, tracked: Tracked, perm: int, at: int) -> list[Out]:
        tracked.sighted_at = at
        named = bool(tracked.name)
        if self.register.give_perm(tracked, perm) and named and tracked.mine:
            return incarnated(tracked, perm, at)
        return []

    def _adopted(self, shown: OrderShown, client: int | None, at: int) -> list[Out]:
        """Follow an order that the gateway showed first; the engine has to compare."""
        ours = self.register.is_ours(client, shown.perm_id, shown.order_ref)
        if not shown.perm_id or shown.action not in SIDES:
            text = f"an order without id or side was shown: {shown.action!r} {shown.symbol!r}"
            return [RaiseAlarm(at, "ORDER_UNREADABLE", text, shown.order_ref), Need.COMPARE]
        order_id = shown.order_ref if ours else external_id(shown.perm_id)
        tracked = Tracked(order=found(shown, order_id), mine=ours, since=at)
        tracked.name, tracked.sighted_at = str(shown.perm_id), at
        self.register.add(tracked)
        self.register.give_perm(tracked, shown.perm_id)
        if shown.completed:
            tracked.reported = shown.filled
            self._end_quietly(tracked, shown)
            return []
        tracked.shown, tracked.open_at = shown, at
        tracked.word, tracked.word_at = shown.status, at
        self.register.number(tracked, shown.order_id)
        return [Need.COMPARE]

    def _end_quietly(self, tracked: Tracked, shown: OrderShown) -> None:
        """An order that had ended before it was known here."""
        tracked.word = shown.status
        tracked.reason = shown.completed_status or shown.warning
        if claim_of(shown.status) is Claim.INACTIVE and not shown.filled:
            tracked.ended = OrderStatus.REJECTED
        elif claim_of(shown.status) is not Claim.FILLED:
            tracked.ended = OrderStatus.CANCELLED

    def _completed(self, tracked: Tracked, shown: OrderShown, at: int) -> list[Out]:
        """The gateway counts an order as ended; one that has two ids has when both have."""
        tracked.gone.add(shown.perm_id)
        if tracked.ended is not None or not tracked.gone.issuperset(tracked.perms):
            return []
        word = shown.status
        tracked.reason = tracked.reason or shown.completed_status or shown.warning
        if claim_of(word) is not Claim.FILLED:
            if claim_of(word) is Claim.INACTIVE:
                tracked.refused = tracked.refused or -1
            word = "Cancelled"
        out = heard_word(tracked, word, shown.filled, "", at)
        return [*out, *self._judged(tracked, at)]

    def _status(self, shown: StatusShown, at: int) -> list[Out]:
        tracked = self.register.find(shown.client_id, shown.perm_id, shown.order_id, "")
        if tracked is None:
            return [Need.LOOK_UP] if shown.client_id == self._client_id else []
        out = self._sighted(tracked, shown.perm_id, at)
        if tracked.ended is not None:
            return out
        out.extend(heard_word(tracked, shown.status, shown.filled, shown.why_held, at))
        return [*out, *self._judged(tracked, at)]

    def _judged(self, tracked: Tracked, at: int) -> list[Out]:
        if tracked.mine:
            return judged(tracked, self.book, at, self._looked_at)
        if claim_of(tracked.word) in _OPEN_NO_MORE:
            tracked.ended = OrderStatus.CANCELLED
        return []

    def _said(self, heard: Said, at: int) -> list[Out]:
        tracked = self.register.numbered(heard.about)
        if tracked is None:
            return []
        row = meaning(heard.code, self._codes)
        out = said(tracked, row, heard.text, at)
        return [*out, *self._judged(tracked, at)]

    # How it stands.

    def stands(self, order_id: str) -> Order | None:
        """Return one of our orders as it stands."""
        tracked = self.register.get(order_id)
        return None if tracked is None else picture(tracked, self.book)

    def status(self, broker_order_id: str) -> OrderStatus | None:
        """Return the status of an order by the broker's name for it."""
        tracked = self.register.named(broker_order_id)
        return None if tracked is None else picture(tracked, self.book).status

    def group_ended(self, group: str) -> bool:
        """Return whether a group was filled and nothing of it works: whoever joins it is too late."""
        members = [one for one in self.register if group and one.order.oca_group == group]
        filled = any(self.book.filled(one.order_id) for one in members)
        return filled and all(picture(one, self.book).status.is_terminal for one in members)

    def open_orders(self, shown: Iterable[OrderShown]) -> list[Order]:
        """Return the orders of an answer that work, ours in the order of submission, then others'.

        An order with two account-wide ids is two orders, as the broker has it.
        """
        works = [one for one in shown if claim_of(one.status) not in _OPEN_NO_MORE]
        pairs = [(self._found(one), one) for one in works]
        known = [(tracked, one) for tracked, one in pairs if tracked is not None]
        known.sort(key=lambda pair: (not pair[0].mine, pair[0].number or pair[1].perm_id))
        return [self._open(tracked, one) for tracked, one in known if _still(tracked)]

    def _found(self, shown: OrderShown) -> Tracked | None:
        return self.register.find(shown.client_id, shown.perm_id, shown.order_id, shown.order_ref)

    def _open(self, tracked: Tracked, shown: OrderShown) -> Order:
        name = str(shown.perm_id) if shown.perm_id else None
        order = picture(tracked, self.book).changed(broker_order_id=name)
        if not order.status.is_terminal:
            return order
        filled = bool(order.filled_quantity)
        status = OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.SUBMITTED
        return order.changed(status=status)

    def completed_orders(self) -> list[Order]:
        """Return the orders that have ended, in the order of submission."""
        ended: list[Order] = []
        for tracked in self.register:
            order = picture(tracked, self.book)
            if order.status.is_terminal:
                ended.append(order)
            elif tracked.word == FILLED:
                ended.append(self._called_filled(tracked, order))
        return ended

    def _called_filled(self, tracked: Tracked, order: Order) -> Order:
        """Return an order that the gateway calls filled, and the executions do not."""
        if not ended_in_full(tracked, self.book):
            return order.changed(status=OrderStatus.CANCELLED)
        # The gateway says so; that executions are missing is the engine's to find.
        filled = max(order.filled_quantity, claimed(tracked, self.book))
        return order.changed(status=OrderStatus.FILLED, filled_quantity=filled)


def _undone(one: Told) -> bool:
    """Return whether an execution was undone: the engine may hold it, and no question shows it."""
    return isinstance(one, FillCorrected) and not one.quantity


def _still(tracked: Tracked) -> bool:
    """Return whether an order that is shown as open may work: not where it was refused."""
    refused = tracked.ended is OrderStatus.REJECTED and claim_of(tracked.word) is Claim.INACTIVE
    return not refused


def _back(tracked: Tracked, shown: OrderShown) -> list[Out]:
    """An order that had ended works: the engine has to look."""
    before, tracked.word = tracked.word, shown.status
    works = claim_of(shown.status) in (Claim.HELD, Claim.WORKING)
    return [Need.COMPARE] if works and before != shown.status else []


__all__ = ["NOT_SENT", "Tracker"]
