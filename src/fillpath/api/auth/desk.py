"""Everything that guards the desk, put together over its one file."""

from contextlib import suppress
from pathlib import Path
from typing import Self

from fillpath.api.auth.audit import AuditLog
from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.identities import Identities, Identity
from fillpath.api.auth.passwords import first_password
from fillpath.api.auth.policy import Guarding
from fillpath.api.auth.rates import Rates
from fillpath.api.auth.repeats import Repeats
from fillpath.api.auth.second import SecondPerson
from fillpath.api.auth.senders import Senders
from fillpath.api.auth.sessions import Sessions
from fillpath.api.auth.signing import Signing
from fillpath.api.auth.tokens import Tokens
from fillpath.api.auth.users import Users, checked
from fillpath.api.roles import ALLOWED, Permission, Role
from fillpath.core.errors import Unavailable
from fillpath.core.ports import EngineClock


class Desk:
    """Who may do what at one desk.

    Args:
        folder: the engine's folder, which holds its file and its log.
        guarding: how it is guarded.
        clock: knows what time it is.

    Raises:
        ConfigError: its file or its log may be read by others.
        Unavailable: its file cannot be opened.
    """

    def __init__(self, folder: Path, guarding: Guarding, clock: EngineClock) -> None:
        self.guarding = guarding
        self.clock = clock
        self.file = DeskFile(folder)
        self.audit = AuditLog(folder)
        self.users = Users(self.file)
        self.sessions = Sessions(self.file, guarding.session_ns)
        self.tokens = Tokens(self.file)
        self.repeats = Repeats(self.file)
        self.second = SecondPerson(self.file)
        self.senders = Senders(self.file)
        self.signing = Signing(self.users, self.sessions, clock, guarding.logins_per_minute)
        self.identities = Identities(self.users, self.sessions, self.tokens, guarding.cookie)
        self.reads = Rates(guarding.reads_per_second)
        self.acts = Rates(guarding.acts_per_second)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def now(self) -> int:
        """Return the present moment, nanoseconds UTC."""
        return self.clock.nanoseconds()

    def sites(self, scheme: str) -> frozenset[str]:
        """Return the sites whose pages may ask, as a browser names them."""
        return (
            frozenset(f"{scheme}://{host}" for host in self.guarding.hosts) | self.guarding.origins
        )

    def acted(self, identity: Identity) -> None:
        """Note that somebody did something; it never stands in the way of what was done."""
        if identity.session is not None:
            with suppress(Unavailable):
                self.sessions.acted(identity.session, self.now())

    def first_user(self, name: str) -> str | None:
        """Make the first user, an admin, and return the password; None when there is one already.

        The password is shown once, to who started the desk, and must be changed at once.
        """
        if self.users.all():
            return None
        password = first_password()
        self.users.add(name, Role.ADMIN, checked(password, name), self.now())
        return password

    def alone(self, permission: Permission, account: str) -> bool:
        """Return whether not more than one person may do something to an account.

        Args:
            permission: what it takes.
            account: its name; empty: every account.
        """
        able = [
            user
            for user in self.users.all()
            if permission in ALLOWED[user.role]
            and not user.disabled
            and (not user.accounts or account in user.accounts)
        ]
        return len(able) <= 1
