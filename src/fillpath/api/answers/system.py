"""How the desk itself is, as the routes answer."""

from datetime import datetime

from msgspec import Struct

from fillpath.core.status import Part, Status


class AccountShown(Struct, frozen=True, kw_only=True):
    """An account that the desk shows.

    Args:
        name: as every route takes it.
        mode: LIVE, PAPER, STUB, SIMULATED or REPLAY; empty while no engine has said so.
        state: what its engine is doing; empty while none has ever run.
        reachable: whether its engine answers.
    """

    name: str
    mode: str
    state: str
    reachable: bool


class Accounts(Struct, frozen=True):
    """Every account that the caller may see."""

    rows: list[AccountShown]


class Version(Struct, frozen=True, kw_only=True):
    """What answers here.

    Args:
        version: of fillpath.
        api: of this contract.
        read_only: whether nothing can be changed here.
    """

    version: str
    api: str
    read_only: bool


class FeedShown(Struct, frozen=True, kw_only=True):
    """How fresh the prices are.

    Args:
        kind: what it is.
        healthy: whether it gives quotes.
        age_ms: age of the newest quote; None when there is none, or nobody knows.
        detail: one sentence for a person.
    """

    kind: str
    healthy: bool
    age_ms: int | None = None
    detail: str = ""


class TablesShown(Struct, frozen=True, kw_only=True):
    """How the tables are that everything here is read from.

    Args:
        tier: what they stand on, such as ``sqlite 3.46``.
        healthy: whether they answer.
        through: the last journal record whose rows are all in them, -1 for none.
        lag: journal records that they have not yet; None while the engine cannot be asked.
        detail: one sentence for a person.
    """

    tier: str
    healthy: bool
    through: int
    lag: int | None = None
    detail: str = ""


class SystemStatus(Struct, frozen=True, kw_only=True):
    """How an account is, as far as anybody can say.

    Args:
        reachable: whether its engine answers; what is said of it is old while it does not.
        status: what the engine says of itself; None when none has ever run.
        tables: how the tables are.
        feed: how fresh the prices are; None where there is no feed.
        banner: what everybody must see first; empty when all is well.
        severity: of the banner: INFO, WARNING or CRITICAL; empty without one.
        read_only: whether nothing can be changed here.
        at: when this was asked.
    """

    reachable: bool
    status: Status | None
    tables: TablesShown
    feed: FeedShown | None
    banner: str
    severity: str
    read_only: bool
    at: datetime


class Health(Struct, frozen=True, kw_only=True):
    """Whether an account trades, and what stands in its way.

    Args:
        trading: whether orders leave; the answer is 200 then, and 503 otherwise.
        state: what the engine is doing.
        why: why it does not trade; empty while it does.
        parts: what it stands on.
    """

    trading: bool
    state: str
    why: str
    parts: list[Part]


class SettingShown(Struct, frozen=True, kw_only=True):
    """A setting in force; a secret or an account number is masked.

    Args:
        name: as in the settings, such as ``engine.folder``.
        value: as it would be written.
        unit: of the value; empty for none.
        meaning: what it does.
        changed: whether it differs from the default.
    """

    name: str
    value: str
    unit: str
    meaning: str
    changed: bool


class Settings(Struct, frozen=True):
    """Every setting in force."""

    rows: list[SettingShown]


class Difference(Struct, frozen=True, kw_only=True):
    """Something that the broker and the journal do not agree on.

    Args:
        what: difference, hold, quarantine or doubt.
        name: the code, symbol or order that it is about.
        text: one sentence for a person.
    """

    what: str
    name: str
    text: str


class Reconciliation(Struct, frozen=True, kw_only=True):
    """Whether the journal and the broker agree.

    Args:
        agreed: whether nothing is open.
        reachable: whether the engine answers; None of this is known while it does not.
        compared_at: when they were last compared; None with a broker that lives in the engine.
        open: what they do not agree on.
    """

    agreed: bool
    reachable: bool
    compared_at: datetime | None
    open: list[Difference]


class Acknowledged(Struct, frozen=True, kw_only=True):
    """What was acknowledged.

    Args:
        id: of the alert.
        by: who said that they know.
    """

    id: str
    by: str


class JobAnswer(Struct, frozen=True, kw_only=True):
    """A job that was run by hand.

    Args:
        name: of the job.
        result: STARTED while it goes on, else OK or FAILED.
        text: what it said, one sentence; empty while it goes on.
    """

    name: str
    result: str
    text: str


class AuditRow(Struct, frozen=True, kw_only=True):
    """One entry of the audit log.

    Args:
        number: place in the log, from 0.
        at: when.
        who: who did it.
        role: as what.
        source: from where.
        act: what was done, or tried.
        outcome: DONE, REFUSED or FAILED.
        account: whose account it was about; empty for none.
        target: what it was about.
        before: what was before, where that is known.
        after: what is since, where that is known.
        reason: why, as they said.
    """

    number: int
    at: datetime
    who: str
    role: str
    source: str
    act: str
    outcome: str
    account: str = ""
    target: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
