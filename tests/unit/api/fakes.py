"""A server over fakes, and who asks it: the API is tested in this process."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.types import ASGIApp, Receive, Scope, Send

from fillpath.api.ports import Parts
from fillpath.api.principal import Principal
from fillpath.api.roles import Role
from fillpath.api.server import make_app
from fillpath.core.drills import Drill
from fillpath.core.errors import Unavailable
from fillpath.core.status import Status
from fillpath.runtime.clock import SystemClock

RISK = Principal(name="rita", role=Role.RISK)
VIEWER = Principal(name="vic", role=Role.VIEWER)


class Behind:
    """Stands where the real sign-in stands: says who asks.

    Args:
        app: the server.
        who: asks; None for nobody.
    """

    def __init__(self, app: ASGIApp, who: Principal | None) -> None:
        self._app = app
        self._who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["principal"] = self._who
        await self._app(scope, receive, send)


class FakeEngine:
    """An engine that answers what it was told to answer, and remembers what it was asked.

    Args:
        answers: by the name of the act; an exception is raised.
        last: the status that it left.
    """

    def __init__(
        self, answers: Mapping[str, Any] | None = None, last: Status | None = None
    ) -> None:
        self.answers = answers
        self.last = last
        self.asked: list[Mapping[str, Any]] = []
        self.latched: list[Mapping[str, Any]] = []
        self.disk_full = False

    async def ask(self, request: Mapping[str, Any], wait_seconds: float = 10.0) -> Any:
        self.asked.append(request)
        assert wait_seconds > 0
        if self.answers is None:
            raise Unavailable("no engine answers here")
        answer = self.answers[request["do"]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def last_word(self) -> Status | None:
        return self.last

    def kill(self, request: Mapping[str, Any]) -> bool:
        if self.disk_full:
            raise Unavailable("the disk takes no latch")
        self.latched.append(request)
        return len(self.latched) == 1

    def drills(self) -> Sequence[Drill]:
        return ()

    def rules(self) -> Mapping[str, Any]:
        return {"hash": "0" * 64, "limits": {"risk.max_positions": "10"}}


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return SystemClock().now()


def parts(**given: Any) -> Parts:
    return Parts(**{"accounts": {}, "clock": FixedClock(), "version": "0.0.0", **given})


@asynccontextmanager
async def client(given: Parts, who: Principal | None = RISK) -> AsyncIterator[AsyncClient]:
    """Yield what asks the server over these parts, as somebody."""
    transport = ASGITransport(app=Behind(make_app(given), who), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
        yield asking
