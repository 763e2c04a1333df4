"""The faults that fillpath must survive, by id: what happens, in a few words, and whose work it is.

Tests say which of them they show with ``@pytest.mark.fault("F-05")``; ``tools/make_faults.py`` makes
the table in the docs from that.
"""

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One fault.

    Args:
        section: letter of its family.
        title: what happens.
        elsewhere: the part of the project that it waits for; empty when it is survived now.
    """

    section: str
    title: str
    elsewhere: str = ""


IBKR: Final = "Interactive Brokers adapter"
RISK: Final = "risk and protection"

SECTIONS: Final = {
    "A": "A crash at any step of the order path",
    "B": "Redis and messages",
    "C": "Storage, machine and clock",
    "D": "The broker's connection",
    "E": "What orders and fills may mean",
    "F": "Market and reference data",
    "G": "Schedules",
    "H": "Signals that are wrong, hostile or old",
    "I": "Rules, people, operations",
}

_A: Final = (
    "killed after reading a signal, before journaling it",
    "killed after journaling a signal, before acknowledging it",
    "killed between sizing and the risk decision",
    "killed between the risk decision and the order's intent",
    "killed after the intent is durable, before a byte is sent",
    "killed after sending, before any answer",
    "killed with half a message written",
    "killed after the answer, before journaling it",
    "killed between a fill's arrival and its journaling",
    "killed after journaling a fill, before publishing it",
    "killed between a fill and its commission",
    "killed while a cancel is asked for, sent or unconfirmed",
    "killed while an order is replaced",
    "killed between the legs of a bracket",
    "killed inside a human approval",
    "killed again and again",
    "killed during recovery",
    "power lost: what was not synced is gone",
    "frozen, then woken",
)
_B: Final = (
    "Redis is down at the start",
    "Redis dies during the session",
    "Redis comes back empty",
    "Redis may throw messages away",
    "a message is delivered twice",
    "two signals arrive in the wrong order",
    "a pub/sub producer loses messages",
    "a message that nobody can read",
    "Redis is slow",
    "thousands of stale signals after an outage",
    "tables or subscribers are away for a day",
)
_C: Final = (
    "the database of the tables dies",
    "the database of the journal dies while committing",
    "the journal's disk is full",
    "the journal's disk cannot sync",
    "the journal's end is torn or damaged",
    "the journal is gone, another one, or an older backup",
    "the machine's clock jumps",
    "the clock drifts from the broker's",
    "the calendar changes",
    "two engines at once",
    "two engines that both believe to own the account",
    "files, threads or memory run out",
    "another version or other settings after a restart",
    "settings missing, malformed or in the wrong unit",
)
_D: Final = (
    "the link is cut while an order is being sent",
    "the link is lost during a burst of fills",
    "fills and cancels while the link is down",
    "the link was lost, with or without its data",
    "answers that never come",
    "an empty answer while orders exist",
    "a half-open connection",
    "damaged or split messages",
    "the client id is in use",
    "daily restart and weekly token",
    "order ids that go backwards",
    "a kill amid the broker's pacing",
    "a login that never works",
    "the wrong account or a live port",
    "a manual or foreign order",
    "a change that makes a second order",
    "account values missing, zero or stale",
)
_E: Final = (
    "an execution reported again",
    "an execution corrected",
    "an execution busted",
    "fills out of order",
    "a fill before the acknowledgement",
    "a fill after the cancel was confirmed",
    "a fill while the cancel is pending",
    "more filled than ordered",
    "partly filled, then refused",
    "inactive, then filled",
    "a broker's warning on a live order",
    "an order that waits for the open",
    "an order that waits for a locate",
    "commissions missing, late, doubled",
    "refused for a tick or size that we had passed",
    "the broker's position is not the sum of its fills",
    "a fractional position",
)
_F: Final = (
    "NaN, infinite, negative or missing prices",
    "crossed and locked quotes",
    "a frozen quote",
    "a price a hundred times off",
    "missing or absurd average volume",
    "a split overnight",
    "a halt",
    "short-sale restriction between approval and sending",
    "a market-wide halt or early close",
    "delayed data delivered as live",
)
_G: Final = (
    "restarted in the middle of a schedule",
    "the close in the middle of a schedule",
    "a kill in the middle of a schedule",
    "a slice refused",
    "a slice unfilled when the next is due",
    "a slice fills after its cancel",
    "quantities that do not divide",
    "an opposite signal during a schedule",
    "a stalled loop",
    "impossible schedules in the settings",
)
_H: Final = (
    "malformed, huge or nested payloads",
    "injection through names and reasons",
    "yesterday's signals again, or a reused id",
    "impossible statistics",
    "a storm of signals",
    "strategies that contradict each other",
    "a price that has nothing to do with the market",
    "a signal that sets what is not its own",
)
_I: Final = (
    "day-trade rules",
    "limits loosened while running",
    "a kill pressed twice, early or with a full disk",
    "a kill cleared by the wrong person",
    "two people approve at once",
    "flatten pressed twice",
    "a backup runs beside its original",
    "a channel of alerts is down",
)
_ELSEWHERE: Final = {
    "F-07": IBKR,
    "F-13": RISK,
    "F-14": RISK,
    "F-15": RISK,
    "F-107": RISK,
    "F-108": RISK,
    "F-111": RISK,
    "F-72": IBKR,
    "F-74": IBKR,
    "F-76": IBKR,
}


def _numbered() -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    number = 0
    for section, titles in zip(SECTIONS, (_A, _B, _C, _D, _E, _F, _G, _H, _I), strict=True):
        default = {"D": IBKR, "F": RISK}.get(section, "")
        for title in titles:
            number += 1
            name = f"F-{number:02}"
            found[name] = Fault(section, title, _ELSEWHERE.get(name, default))
    return found


FAULTS: Final = _numbered()
