"""The people who may sign in at the desk, and what each of them may do."""

import re
from typing import Any, Final

from msgspec import Struct

from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.passwords import hashed, problem_with
from fillpath.api.roles import Role
from fillpath.core.errors import ConfigError

_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,31}")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
MOST_USERS: Final = 1_000


class User(Struct, frozen=True, kw_only=True):
    """One person.

    Args:
        name: what is typed to sign in.
        role: what the person may do.
        accounts: the accounts that the person may see; empty: all.
        password: the hash of the password.
        must_change: the password was given by somebody else.
        secret: what the app that shows codes knows; None: the person has none.
        last_step: the newest half minute of which a code was taken.
        disabled: may not sign in.
        created_at: nanoseconds UTC.
        seen_at: when the person last signed in or did something, nanoseconds UTC; None: never.
    """

    name: str
    role: Role
    accounts: tuple[str, ...]
    password: str
    must_change: bool
    secret: str | None
    last_step: int
    disabled: bool
    created_at: int
    seen_at: int | None


class Users:
    """Everybody who may sign in; whatever takes rights away ends every session of that person.

    Args:
        file: the desk's file.
    """

    def __init__(self, file: DeskFile) -> None:
        self._file = file

    def all(self) -> tuple[User, ...]:
        """Return everybody, by name."""
        return tuple(_user(row) for row in self._file.rows("SELECT * FROM users ORDER BY name"))

    def get(self, name: str) -> User | None:
        """Return who has a name."""
        rows = self._file.rows("SELECT * FROM users WHERE name = ?", name)
        return _user(rows[0]) if rows else None

    def need(self, name: str) -> User:
        """Return who has a name.

        Raises:
            ConfigError: nobody has.
        """
        user = self.get(name)
        if user is None:
            raise ConfigError(f"there is no user {name}")
        return user

    def add(
        self,
        name: str,
        role: Role,
        kept: str,
        at: int,
        accounts: tuple[str, ...] = (),
    ) -> None:
        """Let somebody sign in, once, to choose a password of their own.

        Args:
            name: what is typed to sign in.
            role: what the person may do.
            kept: what ``checked`` made of the first password.
            at: now, nanoseconds UTC.
            accounts: the accounts that the person may see; empty: all.

        Raises:
            ConfigError: the name is no name, or taken.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                "name must begin with a small letter and have at most 32 of a-z 0-9 . _ -, "
                f"got {name!r:.80}"
            )
        _check_accounts(accounts)
        with self._file.change() as cursor:
            known = cursor.execute("SELECT count(*), sum(name = ?) FROM users", (name,)).fetchone()
            if known[1]:
                raise ConfigError(f"there is a user {name} already")
            if known[0] >= MOST_USERS:
                raise ConfigError(f"there are {MOST_USERS} users already, which is the most")
            cursor.execute(
                "INSERT INTO users (name, role, accounts, password, must_change, created_at) "
                "VALUES (?, ?, ?, ?, 1, ?)",
                (name, role, ",".join(accounts), kept, at),
            )

    def set_role(self, name: str, role: Role, accounts: tuple[str, ...] | None = None) -> None:
        """Change what somebody may do; every session of the person ends.

        Raises:
            ConfigError: nobody has that name, or it is the last admin.
        """
        _check_accounts(accounts or ())
        with self._file.change() as cursor:
            self._check_last_admin(cursor, name, stays=role is Role.ADMIN)
            cursor.execute("UPDATE users SET role = ? WHERE name = ?", (role, name))
            if accounts is not None:
                cursor.execute(
                    "UPDATE users SET accounts = ? WHERE name = ?", (",".join(accounts), name)
                )
            _end_all(cursor, name)

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        """Keep somebody out, or let the person in again; every session and token ends.

        Raises:
            ConfigError: nobody has that name, or it is the last admin.
        """
        with self._file.change() as cursor:
            self._check_last_admin(cursor, name, stays=not disabled)
            cursor.execute("UPDATE users SET disabled = ? WHERE name = ?", (disabled, name))
            _end_all(cursor, name)

    def set_password(self, name: str, kept: str, *, by_owner: bool) -> None:
        """Keep another password; every session of the person ends.

        Args:
            name: whose.
            kept: what ``checked`` made of the new one.
            by_owner: the person chose it; otherwise it must be changed at the next sign-in, and
                every token of the person ends too.

        Raises:
            ConfigError: nobody has that name.
        """
        with self._file.change() as cursor:
            self._check_known(cursor, name)
            cursor.execute(
                "UPDATE users SET password = ?, must_change = ? WHERE name = ?",
                (kept, not by_owner, name),
            )
            _end_all(cursor, name, tokens=not by_owner)

    def set_secret(self, name: str, secret: str | None, step: int = 0) -> None:
        """Keep what the person's app knows, or forget it; every session of the person ends.

        Args:
            name: whose.
            secret: None: the person has no codes any more.
            step: the half minute of the code that proved it works.

        Raises:
            ConfigError: nobody has that name.
        """
        with self._file.change() as cursor:
            self._check_known(cursor, name)
            cursor.execute(
                "UPDATE users SET secret = ?, last_step = ? WHERE name = ?", (secret, step, name)
            )
            _end_all(cursor, name)

    def use_step(self, name: str, step: int) -> bool:
        """Take the code of a half minute; False when one as new was taken before."""
        with self._file.change() as cursor:
            cursor.execute(
                "UPDATE users SET last_step = ? WHERE name = ? AND last_step < ?",
                (step, name, step),
            )
            return cursor.rowcount == 1

    def _check_known(self, cursor: Any, name: str) -> None:
        if cursor.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone() is None:
            raise ConfigError(f"there is no user {name}")

    def _check_last_admin(self, cursor: Any, name: str, *, stays: bool) -> None:
        """Refuse to leave the desk without anybody who may manage its users."""
        self._check_known(cursor, name)
        others = cursor.execute(
            "SELECT 1 FROM users WHERE role = ? AND NOT disabled AND name != ?", (Role.ADMIN, name)
        ).fetchone()
        is_admin = cursor.execute(
            "SELECT 1 FROM users WHERE name = ? AND role = ? AND NOT disabled", (name, Role.ADMIN)
        ).fetchone()
        if is_admin and not stays and others is None:
            raise ConfigError(f"{name} is the last admin: make somebody else admin first")


def _end_all(cursor: Any, name: str, *, tokens: bool = True) -> None:
    cursor.execute("DELETE FROM sessions WHERE name = ?", (name,))
    if tokens:
        cursor.execute("DELETE FROM tokens WHERE name = ?", (name,))


def checked(password: str, name: str) -> str:
    """Return what is kept of a password that is good enough; takes a tenth of a second.

    Raises:
        ConfigError: it is not good enough; says why.
    """
    problem = problem_with(password, name)
    if problem is not None:
        raise ConfigError(problem)
    return hashed(password)


def _check_accounts(accounts: tuple[str, ...]) -> None:
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise ConfigError(
                f"accounts must be names of letters, digits and . _ -, got {account!r:.80}"
            )


def split(accounts: str) -> tuple[str, ...]:
    """Return the accounts in a text with commas between."""
    return tuple(word.strip() for word in accounts.split(",") if word.strip())


def _user(row: Any) -> User:
    return User(
        name=row["name"],
        role=Role(row["role"]),
        accounts=split(row["accounts"]),
        password=row["password"],
        must_change=bool(row["must_change"]),
        secret=row["secret"],
        last_step=row["last_step"],
        disabled=bool(row["disabled"]),
        created_at=row["created_at"],
        seen_at=row["seen_at"],
    )
