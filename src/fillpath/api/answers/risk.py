"""Limits, what keeps orders from leaving, and what became of acts, as the routes answer."""

from datetime import datetime

from msgspec import Struct

from fillpath.core.drills import Drill
from fillpath.core.listings import LimitUse


class Limits(Struct, frozen=True, kw_only=True):
    """Every limit in force, and how much of it is used.

    Args:
        hash: of the rules.
        since: since when they hold; empty when since the start of the journal.
        by: who put them in force.
        reason: why, as they said.
        reachable: whether the engine answers; limits come from the settings while it does not,
            and their use is not known.
        rows: the limits.
    """

    hash: str
    since: str
    by: str
    reason: str
    reachable: bool
    rows: list[LimitUse]


class Breaker(Struct, frozen=True, kw_only=True):
    """Something that keeps orders from leaving.

    Args:
        code: machine-readable word for it.
        kind: LATCH (a person ends it), HOLD (ends with its cause), QUARANTINE or UNPROTECTED.
        scope: account, all, strategy or symbol.
        target: the strategy or symbol; empty for account and all.
        text: why, one sentence.
        by: who or what set it; empty when nobody says.
        since: since when; None when nobody says.
        until: when it ends by itself; None when it does not.
        exits: whether orders that only reduce a position leave all the same.
        resumable: whether a person can end it here.
    """

    code: str
    kind: str
    scope: str
    target: str
    text: str
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    exits: bool = False
    resumable: bool = False


class Breakers(Struct, frozen=True, kw_only=True):
    """Everything that keeps orders from leaving.

    Args:
        reachable: whether the engine answers; the rows are its last word while it does not.
        rows: the breakers.
    """

    reachable: bool
    rows: list[Breaker]


class ControlShown(Struct, frozen=True, kw_only=True):
    """A control that judges orders, or what came of them.

    Args:
        id: of the control.
        title: what it does, a few words.
        when: at which stage it judges.
        codes: the reasons that it refuses with.
        limits: the limits that it reads, with their values in force.
        rationale: why it is there.
    """

    id: str
    title: str
    when: str
    codes: list[str]
    limits: dict[str, str]
    rationale: str


class Controls(Struct, frozen=True):
    """Every control."""

    rows: list[ControlShown]


class DayTrades(Struct, frozen=True, kw_only=True):
    """How many day trades are left, and under which rule.

    Args:
        reachable: whether the engine answers; None of this is known while it does not.
        regime: the rule in force.
        used: day trades in the window.
        most: how many it allows; None when it does not limit them.
        left: how many are left; None likewise.
        window_sessions: sessions that the window spans.
        text: one sentence for a person.
    """

    reachable: bool
    regime: str
    used: int | None
    most: int | None
    left: int | None
    window_sessions: int | None
    text: str


class KillState(Struct, frozen=True, kw_only=True):
    """Whether trading is killed, and what the drills say.

    Args:
        reachable: whether the engine answers; the latch on disk is read while it does not.
        killed: why the account is killed; empty while it is not.
        latches: everything that a person has to end.
        resume_word: what to type to let the account trade again.
        drills: practised kills, newest first.
    """

    reachable: bool
    killed: str
    latches: list[Breaker]
    resume_word: str
    drills: list[Drill]


class KillAnswer(Struct, frozen=True, kw_only=True):
    """What a kill came to.

    Args:
        first: whether this was the one that stopped it.
        reachable: whether an engine took it; the latch on disk stops the next one if not.
        open_orders: orders in its scope that still work at the broker; None when nobody says.
        text: one sentence for a person.
    """

    first: bool
    reachable: bool
    open_orders: int | None
    text: str


class ResumeAnswer(Struct, frozen=True, kw_only=True):
    """What a resume came to.

    Args:
        resumed_at: when.
        still: what keeps orders from leaving all the same.
    """

    resumed_at: datetime
    still: list[str]


class DrillAnswer(Struct, frozen=True, kw_only=True):
    """A drill that was just practised.

    Args:
        drill: how long each step took.
        kept: whether it could be written into the log of drills.
    """

    drill: Drill
    kept: bool


class TightenAnswer(Struct, frozen=True, kw_only=True):
    """Limits that were tightened.

    Args:
        hash: of the rules in force now.
        changes: each limit with its old and its new value.
    """

    hash: str
    changes: list[str]


class Answered(Struct, frozen=True, kw_only=True):
    """What people know of, and what still waits for somebody.

    Args:
        answered: names that were answered now.
        waiting: texts of what still waits, by name.
    """

    answered: list[str]
    waiting: dict[str, str]
