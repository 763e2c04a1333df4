"""The words in which the meaning of a gateway's message is told, and what each kind of message means."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Stage(StrEnum):
    """Where the order is that a message is about."""

    NEW = "NEW"
    """Sent, and the gateway has not shown it yet."""
    WORKING = "WORKING"
    """Shown by the gateway, and no request about it waits for an answer."""
    CHANGING = "CHANGING"
    """Shown, and a change of it was sent."""
    CANCELLING = "CANCELLING"
    """A cancel of it was sent, whether or not it was ever shown."""


class Verdict(StrEnum):
    """What a message means for the order that it is about."""

    STANDS = "STANDS"
    """Nothing: the order is what it was."""
    HELD = "HELD"
    """The broker has it and holds it back; it may fill later."""
    IN_DOUBT = "IN_DOUBT"
    """Nobody knows until the orders and executions were looked up."""
    REFUSED = "REFUSED"
    """The broker does not take it."""
    REFUSED_IF_GONE = "REFUSED_IF_GONE"
    """In doubt; where a look-up finds it neither open nor executed, this was the refusal of what
    was asked last. An order that is still open works on as it was."""
    CHANGE_REFUSED = "CHANGE_REFUSED"
    """The change was not made; the order works on as it was."""
    CANCEL_REFUSED = "CANCEL_REFUSED"
    """The cancel was not made; the order may work, or be filled."""
    CANCELLED = "CANCELLED"
    """It ended with what was filled; a late fill is still possible."""


class Duty(StrEnum):
    """What else has to be done, whoever's turn it is."""

    BLOCK_DATA = "BLOCK_DATA"
    """Take the quotes that it is about for dead until a fresh one comes."""
    CHECK_HOURS = "CHECK_HOURS"
    """Call a person if the order was meant to trade outside regular hours."""
    CHECK_PRICE = "CHECK_PRICE"
    """The broker moved the worst price: call a person."""
    DEGRADE = "DEGRADE"
    """Send nothing but cancels, and go on hearing everything."""
    LOOK_UP = "LOOK_UP"
    """Ask for open orders, completed orders and executions."""
    NOTE = "NOTE"
    """Keep the words with the order."""
    PAGE = "PAGE"
    """Call a person."""
    PAUSE = "PAUSE"
    """Send nothing for a second."""
    PULL_EXECUTIONS = "PULL_EXECUTIONS"
    """Ask for the executions."""
    QUARANTINE = "QUARANTINE"
    """Stop the symbol until a person has looked."""
    RECONCILE = "RECONCILE"
    """Trust nothing until everything was compared."""
    RECONNECT = "RECONNECT"
    """Close the socket and begin again."""
    REFUSE_START = "REFUSE_START"
    """No order can be sent with this gateway."""
    RESEED = "RESEED"
    """Take the next order id above every one that was ever seen."""
    RESUBSCRIBE = "RESUBSCRIBE"
    """Ask for every stream of data again."""
    STAND_DOWN = "STAND_DOWN"
    """Stay away: another engine may be in our place."""


class Kind(StrEnum):
    """What sort of message a code is."""

    AMBIGUOUS = "AMBIGUOUS"
    CANCEL_ACK = "CANCEL_ACK"
    CANCEL_NAK = "CANCEL_NAK"
    CONNECTION = "CONNECTION"
    CONTRACT = "CONTRACT"
    DATA = "DATA"
    DEGRADED = "DEGRADED"
    FATAL = "FATAL"
    FENCE = "FENCE"
    HELD = "HELD"
    IDENTITY = "IDENTITY"
    INFO = "INFO"
    MODIFY_NAK = "MODIFY_NAK"
    PACING = "PACING"
    PROTOCOL = "PROTOCOL"
    REJECT = "REJECT"
    REJECT_CANDIDATE = "REJECT_CANDIDATE"
    RESTORED = "RESTORED"


_V: Final = Verdict
_D: Final = Duty
_K: Final = Kind

_STANDS: Final = (_V.STANDS, _V.STANDS, _V.STANDS, _V.STANDS)
_DOUBT: Final = (_V.IN_DOUBT, _V.IN_DOUBT, _V.IN_DOUBT, _V.IN_DOUBT)
_ASKED: Final = (_V.IN_DOUBT, _V.STANDS, _V.IN_DOUBT, _V.IN_DOUBT)
"""What was asked and not answered is in doubt; what works is not."""

_Answers = tuple[Verdict, Verdict, Verdict, Verdict]

KINDS: Final[Mapping[Kind, tuple[_Answers, frozenset[Duty]]]] = MappingProxyType(
    {
        _K.AMBIGUOUS: (_DOUBT, frozenset({_D.LOOK_UP, _D.PAGE})),
        _K.CANCEL_ACK: ((_V.CANCELLED,) * 4, frozenset({_D.PULL_EXECUTIONS})),
        _K.CANCEL_NAK: (
            (_V.IN_DOUBT, _V.STANDS, _V.STANDS, _V.CANCEL_REFUSED),
            frozenset({_D.LOOK_UP}),
        ),
        _K.CONNECTION: (_ASKED, frozenset({_D.RECONNECT})),
        _K.CONTRACT: (
            (_V.REFUSED, _V.REFUSED_IF_GONE, _V.CHANGE_REFUSED, _V.REFUSED_IF_GONE),
            frozenset({_D.QUARANTINE, _D.LOOK_UP}),
        ),
        _K.DATA: (_STANDS, frozenset({_D.BLOCK_DATA})),
        _K.DEGRADED: (_STANDS, frozenset({_D.DEGRADE})),
        _K.FATAL: (_ASKED, frozenset({_D.REFUSE_START, _D.PAGE})),
        _K.FENCE: (_ASKED, frozenset({_D.STAND_DOWN, _D.PAGE})),
        _K.HELD: ((_V.HELD, _V.HELD, _V.HELD, _V.STANDS), frozenset({_D.NOTE})),
        _K.IDENTITY: (_ASKED, frozenset({_D.RESEED, _D.LOOK_UP})),
        _K.INFO: (_STANDS, frozenset({_D.NOTE})),
        _K.MODIFY_NAK: (
            (_V.IN_DOUBT, _V.STANDS, _V.CHANGE_REFUSED, _V.STANDS),
            frozenset({_D.LOOK_UP}),
        ),
        _K.PACING: (_ASKED, frozenset({_D.PAUSE, _D.LOOK_UP, _D.PAGE})),
        _K.PROTOCOL: (_ASKED, frozenset({_D.RECONNECT, _D.RECONCILE})),
        _K.REJECT: (
            (_V.REFUSED, _V.REFUSED_IF_GONE, _V.REFUSED_IF_GONE, _V.REFUSED_IF_GONE),
            frozenset({_D.LOOK_UP}),
        ),
        _K.REJECT_CANDIDATE: (
            (_V.REFUSED_IF_GONE, _V.REFUSED_IF_GONE, _V.CHANGE_REFUSED, _V.REFUSED_IF_GONE),
            frozenset({_D.LOOK_UP}),
        ),
        _K.RESTORED: (_STANDS, frozenset({_D.RECONCILE})),
    }
)
"""For each kind the answers (new, working, changing, cancelling) and the duties."""

__all__ = ["KINDS", "Duty", "Kind", "Stage", "Verdict"]
