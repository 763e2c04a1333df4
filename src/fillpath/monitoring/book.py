"""The book of alerts: one small SQLite file in ``engine.folder`` that outlives every process.

Engine, watchdog and commands write facts into it, couriers read what is due, people acknowledge.
How far each account's journal was taken, and how far each channel is with each alert, stands in the
same file and changes in the same transaction, so that a crash at any moment loses nothing.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.monitoring.alerts import Alert, Fact
from fillpath.monitoring.asking import ChannelState, Chosen
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.timing import Rules, Told, is_due, settled
from fillpath.runtime.write_ahead import write_ahead

FILE: Final = "alerts.sqlite"
MOST_APART: Final = 200
"""Alerts of one code and account that stand at once; further facts are counted on the newest."""
MOST_KEPT: Final = 10_000
BUSY_SECONDS: Final = 5.0
EVERYTHING: Final = "all"
_ALERT: Final = (
    "number, alert_id, account, code, severity, subject, text, order_id, raised_at, last_at, "
    "count, acknowledged_by, acknowledged_at, ended_at"
)
_NAMES: Final = tuple(_ALERT.split(", "))
_TABLES: Final = """
create table if not exists alerts (
    number integer primary key autoincrement, alert_id text not null unique,
    account text not null, code text not null, severity text not null, subject text not null,
    text text not null, order_id text not null, raised_at integer not null,
    last_at integer not null, count integer not null default 1,
    acknowledged_by text not null default '', acknowledged_at integer not null default 0,
    ended_at integer not null default 0
) strict;
create index if not exists standing on alerts (account, code, subject);
create table if not exists channels (
    name text primary key, least integer not null, failing_since integer not null default 0,
    announced integer not null default 0, delivered_at integer not null default 0,
    problem text not null default ''
) strict;
create table if not exists told (
    channel text not null, number integer not null, times integer not null default 0,
    told_at integer not null default 0, failures integer not null default 0,
    tried_at integer not null default 0, settled integer not null default 0,
    primary key (channel, number)
) strict, without rowid;
create index if not exists waiting on told (channel, settled, number);
create table if not exists positions (account text primary key, record integer not null) strict;
"""


class AlertBook:
    """Keep alerts; opened and used in one thread.

    Args:
        folder: where the file is; it is made.
        rules: how alerts are gathered and repeated.

    Raises:
        Unavailable: the file cannot be opened or written; every method raises it too.
    """

    def __init__(self, folder: Path, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        path = folder / FILE
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._file = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(f"{path} cannot be opened: {error}") from error
        try:
            with _translated():
                write_ahead(self._file.execute)
                self._file.execute("pragma synchronous = full")
                self._file.executescript(_TABLES)
        except Unavailable:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        """Return the book."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Close the book."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def register(self, channels: Mapping[str, Severity]) -> None:
        """Say which channels there are; a new one is told of what comes from now on.

        Args:
            channels: by name the least severe alerts that each is for.
        """
        with self._change():
            known = {row[0] for row in self._file.execute("select name from channels")}
            for name in known.difference(channels):
                self._file.execute("delete from channels where name = ?", (name,))
                self._file.execute("delete from told where channel = ?", (name,))
            for name, least in channels.items():
                self._file.execute(
                    "insert into channels (name, least) values (?, ?) "
                    "on conflict (name) do update set least = excluded.least",
                    (name, least.rank),
                )
                lower = [str(one) for one in Severity if one.rank < least.rank]
                self._file.executemany(
                    "update told set settled = 1, times = max(times, 1) where channel = ? and "
                    "number in (select number from alerts where severity = ?)",
                    [(name, severity) for severity in lower],
                )

    def position(self, account: str) -> int | None:
        """Return the last journal record whose alarms are here, None for an unknown account."""
        with _translated():
            row = self._file.execute(
                "select record from positions where account = ?", (account,)
            ).fetchone()
        return None if row is None else int(row[0])

    def move(self, account: str, record: int) -> None:
        """Say up to which record the alarms of an account's journal are here."""
        with self._change():
            self._moved(account, record)

    def take(self, facts: Sequence[Fact], *, through: Mapping[str, int] | None = None) -> None:
        """Keep facts; those that are here already change nothing.

        Args:
            facts: oldest first.
            through: how far the journals of accounts are taken with them.
        """
        with self._change():
            for fact in facts:
                self._take(fact)
            for account, record in (through or {}).items():
                self._moved(account, record)

    def due(self, channel: str, now: int, limit: int) -> list[tuple[Alert, Told]]:
        """Return what a channel has to be told now, oldest first.

        Args:
            channel: its name.
            now: nanoseconds UTC.
            limit: the most that are returned.
        """
        found: list[tuple[Alert, Told]] = []
        with _translated():
            rows = self._file.execute(
                f"select {', '.join('a.' + name for name in _NAMES)}, t.times, t.told_at, "  # noqa: S608
                "t.failures, t.tried_at from told t join alerts a using (number) "
                "where t.channel = ? and t.settled = 0 order by number",
                (channel,),
            )
            for row in rows:
                alert = _alert(row)
                times, told_at, failures, tried_at = row[len(_NAMES) :]
                told = Told(times=times, told_at=told_at, failures=failures, tried_at=tried_at)
                if is_due(alert, told, self.rules, now):
                    found.append((alert, told))
                    if len(found) == limit:
                        break
        return found

    def told(self, channel: str, alerts: Sequence[Alert], now: int) -> bool:
        """Note that a channel took a message; return whether people were told that it fails."""
        with self._change():
            for alert in alerts:
                done = settled(alert, Told(times=1), self.rules)
                self._file.execute(
                    "update told set times = times + 1, told_at = ?, failures = 0, settled = ? "
                    "where channel = ? and number = ?",
                    (now, int(done), channel, alert.number),
                )
            row = self._file.execute(
                "select announced from channels where name = ?", (channel,)
            ).fetchone()
            self._file.execute(
                "update channels set failing_since = 0, announced = 0, problem = '', "
                "delivered_at = ? where name = ?",
                (now, channel),
            )
        return bool(row and row[0])

    def failed(self, channel: str, alerts: Sequence[Alert], now: int, problem: str) -> None:
        """Note that a channel did not take a message."""
        with self._change():
            self._file.executemany(
                "update told set failures = failures + 1, tried_at = ? "
                "where channel = ? and number = ?",
                [(now, channel, alert.number) for alert in alerts],
            )
            self._file.execute(
                "update channels set problem = ?, failing_since = "
                "case failing_since when 0 then ? else failing_since end where name = ?",
                (problem[:200], now, channel),
            )

    def announce(self, channel: str) -> None:
        """Note that people are told that a channel fails."""
        with self._change():
            self._file.execute("update channels set announced = 1 where name = ?", (channel,))

    def channels(self) -> list[ChannelState]:
        """Return how each channel is."""
        with _translated():
            rows = self._file.execute(
                "select name, failing_since, announced, delivered_at, problem, (select count(*) "
                "from told where channel = name and settled = 0 and times = 0) from channels "
                "order by name"
            ).fetchall()
        return [
            ChannelState(
                name=name,
                failing_since=since,
                announced=bool(announced),
                delivered_at=delivered_at,
                problem=problem,
                waiting=waiting,
            )
            for name, since, announced, delivered_at, problem, waiting in rows
        ]

    def acknowledge(self, which: str, by: str, at: int, account: str = "") -> list[Alert]:
        """Note that a person knows of an alert, or of ``all``; return those that were new to it.

        Args:
            which: number or id of an alert, or ``all`` that stand.
            by: who.
            at: nanoseconds UTC.
            account: only its alerts; empty for every account's.

        Raises:
            ConfigError: there is no such alert, or nobody is named.
        """
        if not by.strip():
            raise ConfigError("by must name a person, got an empty text")
        with self._change():
            found = self._wanted(which, account)
            fresh = [alert for alert in found if not alert.acknowledged_by]
            for alert in fresh:
                self._file.execute(
                    "update alerts set acknowledged_by = ?, acknowledged_at = ? where number = ?",
                    (by, at, alert.number),
                )
                self._settle(alert.number)
        return fresh

    def listed(
        self, account: str = "", *, standing: bool = False, before: int = 0, limit: int = 100
    ) -> list[Alert]:
        """Return alerts, newest first.

        Args:
            account: only its alerts; empty for every account's.
            standing: only those that somebody should still acknowledge.
            before: only those with a smaller number; 0 for all.
            limit: the most that are returned.
        """
        chosen = Chosen(account=account, standing=standing, before=before)
        return self.chosen(chosen, limit)

    def chosen(self, chosen: Chosen, limit: int) -> list[Alert]:
        """Return the alerts that a choice names, newest first."""
        pairs: tuple[tuple[object, str], ...] = (
            (chosen.account, "account = ?"),
            (chosen.code, "code = ?"),
            (chosen.since, "raised_at >= ?"),
            (chosen.until, "raised_at < ?"),
            (chosen.before, "number < ?"),
        )
        wanted = ["1 = 1", *(words for value, words in pairs if value)]
        if chosen.standing:
            wanted.append("acknowledged_by = '' and ended_at = 0 and severity <> 'INFO'")
        where = f"{' and '.join(wanted)} order by number desc limit {limit:d}"
        return self._alerts(where, [value for value, _ in pairs if value])

    def unheard(self, account: str, before: int) -> Alert | None:
        """Return the oldest critical alert that stands and that no channel was ever told of.

        Args:
            account: whose.
            before: only alerts that were raised before, nanoseconds UTC.
        """
        found = self._alerts(
            "account = ? and raised_at < ? and severity = 'CRITICAL' and acknowledged_by = '' and "
            "ended_at = 0 and exists (select 1 from told where told.number = alerts.number) and not "
            "exists (select 1 from told where told.number = alerts.number and times > 0) "
            "order by number limit 1",
            [account, before],
        )
        return found[0] if found else None

    def forget(self, now: int) -> int:
        """Let go of what nobody has to look at any more; return how many alerts went."""
        over = (
            "(acknowledged_by <> '' or ended_at <> 0 or severity = 'INFO') and number not in "
            "(select number from told where settled = 0)"
        )
        with self._change():
            old = self._file.execute(
                f"delete from alerts where {over} and (last_at < ? or number <= "  # noqa: S608
                "(select coalesce(max(number), 0) - ? from alerts))",
                (now - self.rules.keep_ns, MOST_KEPT),
            ).rowcount
            self._file.execute("delete from told where number not in (select number from alerts)")
        return old

    def _take(self, fact: Fact) -> None:
        known = self._file.execute(
            "select 1 from alerts where alert_id = ?", (fact.event_id,)
        ).fetchone()
        if known:
            return
        ended = self._end(fact)
        if fact.ends:
            if not ended:
                return
            severity = Severity.INFO
        else:
            severity = fact.kind.severity
            if self._counted(fact):
                return
        self._begin(fact, severity)

    def _begin(self, fact: Fact, severity: Severity) -> None:
        number = self._file.execute(
            "insert into alerts (alert_id, account, code, severity, subject, text, order_id, "
            "raised_at, last_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fact.event_id,
                fact.account,
                fact.code,
                severity,
                fact.subject,
                fact.text,
                fact.order_id,
                fact.at,
                fact.at,
            ),
        ).lastrowid
        self._file.execute(
            "insert into told (channel, number) select name, ? from channels where least <= ?",
            (number, severity.rank),
        )

    def _counted(self, fact: Fact) -> bool:
        """Count a fact on the alert that it belongs to, where there is one."""
        standing = "account = ? and code = ? and acknowledged_by = '' and ended_at = 0"
        row = self._file.execute(
            f"select max(number) from alerts where {standing} and subject = ? "  # noqa: S608
            "and abs(? - raised_at) < ?",
            (fact.account, fact.code, fact.subject, fact.at, self.rules.together_ns),
        ).fetchone()
        number = row[0]
        if number is None:
            most, number = self._file.execute(
                f"select count(*), max(number) from alerts where {standing}",  # noqa: S608
                (fact.account, fact.code),
            ).fetchone()
            if most < MOST_APART:
                return False
        self._file.execute(
            "update alerts set count = count + 1, text = ?, last_at = max(last_at, ?) "
            "where number = ?",
            (fact.text, fact.at, number),
        )
        return True

    def _end(self, fact: Fact) -> bool:
        """End what a fact says is over; return whether there was any."""
        codes = (fact.code,) if fact.ends else fact.kind.ends
        ended = False
        for code in codes:
            rows = self._file.execute(
                "select number, text from alerts where account = ? and code = ? and ended_at = 0",
                (fact.account, code),
            ).fetchall()
            for number, text in rows:
                if fact.is_the_end_of(text):
                    self._file.execute(
                        "update alerts set ended_at = ? where number = ?", (fact.at, number)
                    )
                    self._file.execute(
                        "update told set settled = 1 where number = ? and times > 0", (number,)
                    )
                    ended = True
        return ended

    def _settle(self, number: int) -> None:
        self._file.execute("update told set settled = 1 where number = ?", (number,))

    def _wanted(self, which: str, account: str) -> list[Alert]:
        where, given = "1 = 1", []
        if account:
            where, given = "account = ?", [account]
        if which == EVERYTHING:
            standing = "acknowledged_by = '' and severity <> 'INFO'"
            return self._alerts(f"{where} and {standing} order by number", given)
        number = int(which) if which.isdecimal() and len(which) < len(str(1 << 62)) else 0
        found = self._alerts(f"{where} and (number = ? or alert_id = ?)", [*given, number, which])
        if not found:
            raise ConfigError(f"alert must be the number or id of one that is kept, got {which!r}")
        return found

    def _alerts(self, where: str, given: Sequence[Any]) -> list[Alert]:
        with _translated():
            rows = self._file.execute(
                f"select {_ALERT} from alerts where {where}",  # noqa: S608  # written above
                given,
            ).fetchall()
        return [_alert(row) for row in rows]

    def _moved(self, account: str, record: int) -> None:
        self._file.execute(
            "insert into positions values (?, ?) "
            "on conflict (account) do update set record = excluded.record",
            (account, record),
        )

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Do it all or nothing."""
        with _translated():
            self._file.execute("begin immediate")
            try:
                yield
                self._file.execute("commit")
            finally:
                if self._file.in_transaction:
                    self._file.execute("rollback")


def _alert(row: Sequence[Any]) -> Alert:
    fields = dict(zip(_NAMES, row, strict=False))
    return Alert(**(fields | {"severity": Severity(fields["severity"])}))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"the book of alerts cannot be used: {error}") from error


__all__ = ["EVERYTHING", "FILE", "MOST_APART", "AlertBook"]
