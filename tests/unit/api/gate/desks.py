"""A guarded server in this process: a desk with users, fake engines, and people who ask it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from argon2 import PasswordHasher
from httpx2 import ASGITransport, AsyncClient, Response

from fillpath.api.auth.desk import Desk
from fillpath.api.auth.policy import Guarding, names_of
from fillpath.api.auth.tokens import Scope
from fillpath.api.gate.guard import guarded
from fillpath.api.ports import AccountParts
from fillpath.api.roles import Role
from fillpath.api.server import make_app
from fillpath.runtime.clock import ManualClock
from tests.unit.api.fakes import FakeEngine, parts

SITE = "http://127.0.0.1:8788"
PASSWORD = "seven green lamps over water"  # noqa: S105  # of nobody
BEGINNING = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
PEOPLE = {"vic": Role.VIEWER, "tom": Role.TRADER, "rita": Role.RISK, "ada": Role.ADMIN}
KILL = {"scope": "account", "reason": "a test", "word": "KILL"}
KILLED = {"kill": {"first": True, "open_orders": 0}}


def cheap(password: str) -> str:
    """Return a hash that takes no time, which is checked like any other."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


class Scene:
    """A desk with a viewer, a trader, a risk officer and an admin, over two accounts.

    Args:
        folder: of its file and its log.
        app: put in the place of the server; None for the real one.
        given: how it is guarded, where that differs.
    """

    def __init__(self, folder: Path, app: Any = None, **given: Any) -> None:
        self.clock = ManualClock(BEGINNING)
        hosts = names_of("127.0.0.1", 8788, (), here=True)
        self.desk = Desk(folder, Guarding(hosts=hosts, **{"hold_ms": 0, **given}), self.clock)
        self.engines = {name: FakeEngine(dict(KILLED)) for name in ("ACC1", "ACC2")}
        accounts = {name: an_account(name, engine) for name, engine in self.engines.items()}
        self.server = app or make_app(parts(accounts=accounts, clock=self.clock))
        self.app = guarded(self.server, self.desk)
        self.kept = cheap(PASSWORD)
        for name, role in PEOPLE.items():
            self.add(name, role)

    def add(self, name: str, role: Role, accounts: tuple[str, ...] = ()) -> None:
        """Let somebody sign in who has chosen a password."""
        self.desk.users.add(name, role, self.kept, self.desk.now(), accounts)
        self.desk.users.set_password(name, self.kept, by_owner=True)

    def asker(
        self, headers: Mapping[str, str] | None = None, address: str = "127.0.0.1"
    ) -> AsyncClient:
        """Return what asks the server."""
        transport = ASGITransport(app=self.app, raise_app_exceptions=False, client=(address, 5))
        return AsyncClient(transport=transport, base_url=SITE, headers=dict(headers or {}))

    def person(self, name: str) -> AsyncClient:
        """Return what asks as a person who has signed in just now, from the page."""
        word = self.desk.sessions.begin(name, "127.0.0.1", self.desk.now())
        return self.asker(page_headers() | {"cookie": f"{self.desk.guarding.cookie}={word}"})

    def program(self, name: str, scope: Scope, accounts: tuple[str, ...] = ()) -> AsyncClient:
        """Return what asks as a program with a token of a person."""
        now = self.desk.now()
        text = self.desk.tokens.make(
            name, "a test", scope, accounts, at=now, ends_at=now + 3_600_000_000_000
        )
        return self.asker({"authorization": f"Bearer {text}", "x-fillpath": "1"})

    def log(self) -> list[dict[str, Any]]:
        """Return the audit log."""
        return list(self.desk.audit.entries())


def page_headers() -> dict[str, str]:
    """Return what the browser adds to a request of our own page."""
    return {"origin": SITE, "sec-fetch-site": "same-origin", "x-fillpath": "1"}


def an_account(name: str, engine: FakeEngine) -> AccountParts:
    """Return the parts of an account of which only the engine is asked."""
    absent: Any = msgspec.UNSET
    return AccountParts(
        name=name,
        tables=absent,
        measures=absent,
        changes=absent,
        engine=engine,
        alerts=absent,
    )


def code_of(answer: Response) -> str:
    """Return the code of a refusal; empty for any other answer."""
    return str(answer.json()["error"]["code"]) if answer.status_code >= 400 else ""
