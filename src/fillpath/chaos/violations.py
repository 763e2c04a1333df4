"""What a violated invariant looks like, and the table of all of them."""

from typing import Final, NamedTuple


class Violation(NamedTuple):
    """One broken promise.

    Args:
        number: of the invariant.
        text: what was found, with its numbers.
        at: virtual seconds.
    """

    number: int
    text: str
    at: float


class Invariant(NamedTuple):
    """One promise.

    Args:
        number: as the specification of faults counts them.
        text: what must hold.
        checked: where the simulation checks it; empty when it does not.
        why_not: why it does not.
    """

    number: int
    text: str
    checked: str
    why_not: str = ""


_STEP: Final = "every durable record"
_SEND: Final = "every order that leaves"
_COMMIT: Final = "every commit"
_END: Final = "after healing"
_NO_LEASE: Final = "one process at a time; `tests/integration` runs two"
_SCALE: Final = "the first order of a journal told at ten times the price"
_JOURNAL: Final = "the journals of some runs, told otherwise"

INVARIANTS: Final[tuple[Invariant, ...]] = (
    Invariant(0, "no fault ends the engine in an error of its own", "every end of a process"),
    Invariant(1, "no order fills beyond its size without the overfill alarm", _STEP),
    Invariant(2, "slices never exceed their parent, and their fills are its fills", _COMMIT),
    Invariant(3, "positions are what the journaled executions add up to, exactly", _COMMIT),
    Invariant(4, "so is the cash, exactly", _COMMIT),
    Invariant(5, "engine and venue hold the same, and the same orders are open", _END),
    Invariant(6, "exposure with all that works is within the cap; reserves are exact", _COMMIT),
    Invariant(7, "an intent is synced before its bytes leave; no order leaves twice", _SEND),
    Invariant(8, "one plan for each signal", _STEP),
    Invariant(9, "no order meets one of its own strategy", _SEND),
    Invariant(10, "no exit beyond what is held, no short where none is allowed", _STEP),
    Invariant(11, "every order has an approval that covers it, at most 5 s old", _SEND),
    Invariant(12, "no order leaves after the kill is journaled", _SEND),
    Invariant(13, "no order leaves after the close, or while trading is held", _SEND),
    Invariant(14, "only a person clears the kill", _STEP),
    Invariant(15, "every refusal has a reason", _STEP),
    Invariant(16, "paper never reaches a live account", "", "there is no live broker yet"),
    Invariant(17, "orders move along the table, and backwards only by evidence", _STEP),
    Invariant(18, "what has ended here is not open at the venue", _END),
    Invariant(
        19, "no gap, a sound chain, and the replay of the journal is the live state", _COMMIT
    ),
    Invariant(20, "every acknowledged signal is journaled, with exactly one outcome", _END),
    Invariant(21, "every execution of the venue is applied once, and no other", _STEP),
    Invariant(22, "the tables are the fold of the journal", _END),
    Invariant(23, "signal, decision, order and fill follow each other", _STEP),
    Invariant(24, "amounts are whole numbers above zero, here and on the wire", _SEND),
    Invariant(25, "costs have the sign of the side", "every measured order"),
    Invariant(26, "one writer for each epoch", "", _NO_LEASE),
    Invariant(27, "a slice leaves within its own interval, never bunched", _STEP),
    Invariant(28, "doubt ends only on evidence of the broker", _STEP),
    Invariant(29, "pacing", "", "a property of the IBKR adapter"),
    Invariant(30, "no secret is written", "tests/sim, with canaries in the settings"),
    Invariant(31, "no order stays in doubt", _END),
    Invariant(32, "no cancel stays without an answer", _END),
    Invariant(33, "the engine trades again", _END),
    Invariant(34, "no order leaves more than 1 s after a kill", _SEND),
    Invariant(35, "alerts come within 5 s", "every alarm in a healed world"),
    Invariant(36, "no signal waits longer than 2 s", "every signal in a healed world"),
    Invariant(37, "the bus is drained", _END),
    Invariant(38, "what is remembered belongs to what lives", _COMMIT),
    Invariant(39, "the same seed gives the same hash", "tests/sim, in fresh processes"),
    Invariant(40, "the order of independent reports does not matter", _JOURNAL),
    Invariant(41, "a restart finds every timer and every watch of the running engine", _JOURNAL),
    Invariant(42, "mirrored sides mirror the books", _JOURNAL),
    Invariant(43, "scaled prices keep the decisions", _SCALE),
    Invariant(44, "a tighter limit never allows more", "some signals, decided again"),
    Invariant(45, "the dumb ledger of the venue's truth agrees with the engine", _END),
    Invariant(46, "no entry beyond a limit on one order, a parent, a basket or a day", _STEP),
    Invariant(47, "what is filled is under a live stop at its level, or an alarm is up", _STEP),
    Invariant(
        48, "a breaker that tripped stops every entry until a person clears it, no exit", _STEP
    ),
    Invariant(49, "what a person cancels is cancelled and comes no more; a stop stays", _STEP),
)
