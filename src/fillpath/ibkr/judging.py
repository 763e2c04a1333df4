"""What follows for one order from what was heard of it: it is accepted, in doubt, or has ended.

Nothing ends without evidence. A status that claims an end counts when the executions agree with the
size that came with it, or after executions, open and completed orders were all asked for since. An
order that nobody shows is gone when two look-ups in a row did not find it, the second one asked for
at least three seconds after the first. What a fill is, executions alone say.
"""

from decimal import Decimal
from typing import Final

from fillpath.core.commands import RaiseAlarm
from fillpath.core.events import (
    AmendFailed,
    BrokerEvent,
    CancelFailed,
    OrderAccepted,
    OrderCancelled,
    OrderHeld,
    OrderRefused,
    SymbolQuarantined,
)
from fillpath.core.models import Order, OrderStatus
from fillpath.core.units import NANOSECONDS, iso, moment
from fillpath.ibkr.algos import NOT_TAKEN, algorithm_refused
from fillpath.ibkr.codes import Meaning, placed_at, waits_for_open
from fillpath.ibkr.executions import Book
from fillpath.ibkr.statuses import STATUSES, Claim, Known, standing
from fillpath.ibkr.tracked import Doubt, Need, Tracked, ended_in_full
from fillpath.ibkr.verdicts import Duty, Kind, Verdict

Out = BrokerEvent | RaiseAlarm | Need

NEVER_REACHED: Final = "NEVER_REACHED_BROKER"
CONTROL_GAP: Final = "CONTROL_GAP"
PRICE_MOVED: Final = "PRICE_MOVED_BY_BROKER"
HOURS_IGNORED: Final = "OUTSIDE_HOURS_IGNORED"
APART_NS: Final = 3 * NANOSECONDS
"""Between the questions of two look-ups that have to agree."""
CANCEL_NS: Final = 2 * NANOSECONDS
"""Time that a cancel gets before an order that still works says that it failed."""
_SEEN: Final = frozenset({Claim.HELD, Claim.WORKING, Claim.CANCELLING, Claim.FILLED})
UNKNOWN_CONTRACT: Final = "UNKNOWN_CONTRACT"
_NO_CONTRACT: Final = frozenset({"200", "NO_CONTRACT", "AMBIGUOUS_CONTRACT", "OTHER_CONTRACT"})
"""Codes of refusals that say that nobody knows what a symbol means."""
_REFUSALS: Final = frozenset({Kind.REJECT, Kind.REJECT_CANDIDATE, Kind.CONTRACT})
_REFUSING: Final = frozenset({Verdict.REFUSED, Verdict.REFUSED_IF_GONE})

NOTES: Final = 20
"""Remarks that are kept of one order, the newest; a gateway may repeat itself for days."""


def claim_of(word: str) -> Claim:
    """Return what a status claims."""
    row = STATUSES.get(word)
    return Claim.UNKNOWN if row is None else row.claim


def want(tracked: Tracked, need: Need) -> list[Out]:
    """Ask for more evidence about an order."""
    tracked.wants = need
    return [need]


def accepted(tracked: Tracked, at: int) -> list[Out]:
    """Name an order by its account-wide id, once; a second id is told as a second name."""
    if tracked.name or not tracked.perms:
        return []
    tracked.name = str(tracked.perms[0])
    tracked.doubt = None
    return [OrderAccepted(at, tracked.order_id, str(perm)) for perm in tracked.perms]


def incarnated(tracked: Tracked, perm: int, at: int) -> list[Out]:
    """Tell of a further account-wide id of an order that has a name; the engine ends both."""
    return [OrderAccepted(at, tracked.order_id, str(perm))] if tracked.name else []


def heard_word(
    tracked: Tracked, word: str, reported: Decimal | None, why_held: str, at: int
) -> list[Out]:
    """Take a status, and the filled size that came with it where one did."""
    if word != tracked.word or (reported is not None and reported != tracked.reported):
        tracked.word_at, tracked.reported = at, reported
    tracked.word, tracked.why_held = word, why_held
    claim = claim_of(word)
    if claim is Claim.WORKING and not why_held:
        tracked.remark = ""
    if claim in _SEEN or (claim is Claim.INACTIVE and not tracked.refused):
        return accepted(tracked, at)
    return []


def judged(tracked: Tracked, book: Book, at: int, looked_at: int) -> list[Out]:
    """Return what the last status of an order means beside its executions.

    Args:
        tracked: the order.
        book: its executions.
        at: nanoseconds UTC.
        looked_at: nanoseconds at which the last whole look-up was asked for.
    """
    filled = book.filled(tracked.order_id)
    if tracked.ended is not None or not tracked.word:
        return []
    if filled >= tracked.order.quantity:
        tracked.doubt = tracked.wants = tracked.change = None
        tracked.cancel_at = 0
        return []
    claim, looked = claim_of(tracked.word), looked_at > tracked.word_at
    agrees = claim is Claim.ENDED and tracked.reported == filled
    known = Known(
        quantity=tracked.order.quantity,
        executed=filled,
        accepted=tracked.accepted,
        cancel_asked=tracked.cancel_asked,
        refused=bool(tracked.refused),
        looked_up=looked or agrees,
    )
    stands = standing(tracked.word, known, tracked.reported, tracked.why_held)
    tracked.held = stands.held
    out: list[Out] = []
    if stands.page and not looked:
        text = f"{tracked.word!r} is no status that we know"
        out.append(RaiseAlarm(at, "UNKNOWN_STATUS", text, tracked.order_id))
    if stands.look_up and not looked:
        out.extend(want(tracked, Need.LOOK_UP))
    if stands.status is OrderStatus.REJECTED or stands.status is OrderStatus.CANCELLED:
        out.extend(end(tracked, stands.status, at))
    elif claim is Claim.FILLED and looked and not ended_in_full(tracked, book):
        tracked.reason = tracked.reason or "the broker took back a part of it"
        out.extend(end(tracked, OrderStatus.CANCELLED, at))
    return out


def end(tracked: Tracked, status: OrderStatus, at: int) -> list[Out]:
    """End an order: REJECTED, or CANCELLED with what was filled of it."""
    out: list[Out] = []
    if status is OrderStatus.CANCELLED:
        out.extend(accepted(tracked, at))
    tracked.ended = status
    tracked.doubt = tracked.change = tracked.wants = None
    tracked.cancel_at = 0
    if status is OrderStatus.CANCELLED:
        reason = tracked.reason or f"the gateway says {tracked.word}"
        return [*out, OrderCancelled(at, tracked.order_id, reason)]
    tracked.reason = tracked.reason or f"the gateway says {tracked.word}"
    return [OrderRefused(at, tracked.order_id, refusal_code(tracked), tracked.reason)]


def refusal_code(tracked: Tracked) -> str:
    """Return the code of a refusal: the gateway's number, or that the order got nowhere.

    One that is about the order's algorithm has a code of its own: the order may be worked otherwise.
    """
    if tracked.form is not None and algorithm_refused(tracked.form, tracked.refused):
        return NOT_TAKEN
    if tracked.refused:
        return f"IBKR_{tracked.refused}"
    return "IBKR_REFUSED" if tracked.word else NEVER_REACHED


def unknown_contract(order: Order, code: str, words: str, at: int) -> list[Out]:
    """Stop a symbol whose contract the gateway does not know, or not as the one that was meant.

    Args:
        order: that was refused, or the change of it.
        code: of the refusal; any other one says nothing about the contract.
        words: the gateway's, or ours.
        at: nanoseconds UTC.
    """
    if code not in _NO_CONTRACT:
        return []
    text = (
        f"{UNKNOWN_CONTRACT}: {words}; look the contract up at the broker, correct its row in "
        f"instruments.csv, then `fillpath release {order.symbol}`"
    )
    return [SymbolQuarantined(at, order.symbol, text, order.order_id)]


def said(tracked: Tracked, row: Meaning, text: str, at: int) -> list[Out]:
    """Return what a message about an order means for it."""
    out = _paged(tracked, row, text, at)
    if Duty.QUARANTINE in row.duties and tracked.mine:
        words = f"{row.first} {text}"
        out.extend(unknown_contract(tracked.order, str(row.first), words, at))
    if tracked.ended is not None:
        return [*out, *_duties(tracked, row)]
    verdict = row.about(tracked.stage)
    words = f"{row.first} {text}"
    if verdict in _REFUSING:
        tracked.refused, tracked.reason = row.first, words
    if verdict is Verdict.REFUSED:
        return [*out, *end(tracked, OrderStatus.REJECTED, at)]
    if verdict is Verdict.CHANGE_REFUSED:
        tracked.change = None
        out.append(AmendFailed(at, tracked.order_id, words))
    elif verdict is Verdict.CANCEL_REFUSED:
        tracked.cancel_at = 0
        out.append(CancelFailed(at, tracked.order_id, words))
    elif waits_for_open(words):
        out.extend(_postponed(tracked, words, at))
    else:
        _note(tracked, verdict, (row.first, words), at)
    return [*out, *_duties(tracked, row)]


def _postponed(tracked: Tracked, words: str, at: int) -> list[Out]:
    """Tell once that an order reaches its exchange only later, and from when on."""
    if tracked.remark == words:
        return []
    tracked.remark = words
    return [OrderHeld(at, tracked.order_id, words, placed_at(words))] if tracked.mine else []


def _note(tracked: Tracked, verdict: Verdict, what: tuple[int, str], at: int) -> None:
    """Keep what a message means until there is evidence."""
    code, words = what
    if verdict is Verdict.HELD:
        tracked.remark = words
    elif verdict is Verdict.STANDS:
        tracked.notes = [*tracked.notes[1 - NOTES :], words]
    elif verdict is Verdict.CANCELLED:
        tracked.reason = words
        tracked.word, tracked.word_at, tracked.reported = "Cancelled", at, None
    else:
        tracked.doubt = Doubt(code, words, at)


def _duties(tracked: Tracked, row: Meaning) -> list[Out]:
    if Duty.LOOK_UP in row.duties:
        return want(tracked, Need.LOOK_UP)
    if Duty.PULL_EXECUTIONS in row.duties:
        return want(tracked, Need.LOOK_UP if tracked.ended is None else Need.EXECUTIONS)
    return []


def _paged(tracked: Tracked, row: Meaning, text: str, at: int) -> list[Out]:
    """Call a person where the code says so, or where the order is not any more what was judged."""
    code = f"IBKR_{row.first}"
    if Duty.PAGE in row.duties and row.kind in _REFUSALS:
        code = CONTROL_GAP  # a refusal that our own checks should have made
    elif Duty.CHECK_PRICE in row.duties:
        code = PRICE_MOVED
    elif Duty.CHECK_HOURS in row.duties and tracked.form is not None and tracked.form.outside_rth:
        code = HOURS_IGNORED
    elif Duty.PAGE not in row.duties:
        return []
    return [RaiseAlarm(at, code, f"{row.words}: {text}", tracked.order_id)]


def looked_up(tracked: Tracked, book: Book, asked_at: int, at: int) -> list[Out]:
    """Return what a whole look-up says of an order, by whether it was shown in it.

    Args:
        tracked: the order, after everything that was shown was heard.
        book: its executions.
        asked_at: nanoseconds before the first question.
        at: nanoseconds UTC.
    """
    out: list[Out] = []
    if tracked.ended is None and tracked.open_at >= asked_at:
        out.extend(_works(tracked, asked_at, at))
    tracked.wants = None
    out.extend(judged(tracked, book, at, asked_at))
    if tracked.doubt is not None and tracked.sighted_at < asked_at:
        out.extend(_absent(tracked, tracked.doubt, book, asked_at, at))
    return out


def _works(tracked: Tracked, asked_at: int, at: int) -> list[Out]:
    """The gateway works it: what was asked and not answered before the look-up was not done."""
    out = accepted(tracked, at)
    if tracked.doubt is not None and tracked.doubt.since < asked_at:
        tracked.doubt, tracked.refused = None, 0
    if tracked.change is not None and tracked.change.at < asked_at:
        tracked.change = None
        reason = tracked.reason or "the gateway works it as it was"
        out.append(AmendFailed(at, tracked.order_id, reason))
    late = tracked.cancel_at and asked_at - tracked.cancel_at >= CANCEL_NS
    if late and claim_of(tracked.word) is not Claim.CANCELLING:
        tracked.cancel_at = 0
        out.append(CancelFailed(at, tracked.order_id, "the gateway works it still"))
    return out


def _absent(tracked: Tracked, doubt: Doubt, book: Book, asked_at: int, at: int) -> list[Out]:
    """Nobody shows it: gone, when that was so before and long enough ago."""
    if asked_at <= doubt.since:
        return want(tracked, Need.LOOK_UP)
    if not doubt.absent_at:
        doubt.absent_at = asked_at
        return want(tracked, Need.LOOK_UP)
    if asked_at - doubt.absent_at < APART_NS:
        return want(tracked, Need.LOOK_UP)
    proof = f"in no execution, open or completed order at {iso(moment(at))} and before"
    tracked.reason = f"{doubt.text}; {proof}"
    gone = tracked.accepted and not tracked.refused
    cancelled = bool(book.filled(tracked.order_id)) or gone
    tracked.refused = tracked.refused or doubt.code
    return end(tracked, OrderStatus.CANCELLED if cancelled else OrderStatus.REJECTED, at)


__all__ = [
    "APART_NS",
    "CANCEL_NS",
    "CONTROL_GAP",
    "HOURS_IGNORED",
    "NEVER_REACHED",
    "PRICE_MOVED",
    "UNKNOWN_CONTRACT",
    "Out",
    "accepted",
    "claim_of",
    "end",
    "heard_word",
    "incarnated",
    "judged",
    "looked_up",
    "refusal_code",
    "said",
    "unknown_contract",
    "want",
]
