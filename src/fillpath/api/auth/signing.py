"""Signing in and out: what is asked for, how often, and what is remembered of it."""

import asyncio
from typing import Final

from fillpath.api.auth.codes import accepted
from fillpath.api.auth.identities import Identity
from fillpath.api.auth.passwords import matches, nobody
from fillpath.api.auth.rates import Patience
from fillpath.api.auth.sessions import Session, Sessions
from fillpath.api.auth.users import User, Users, checked
from fillpath.api.errors import Problem
from fillpath.core.errors import ConfigError
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS

AT_ONCE: Final = 2
"""Passwords that are compared at the same time; each takes 64 MB and a tenth of a second."""
MOST_WAITING: Final = 20
UNKNOWN: Final = 401
FORBIDDEN: Final = 403


class Signing:
    """Let people in who know their password, and their code where they have one.

    Args:
        users: everybody.
        sessions: who is signed in.
        clock: knows what time it is.
        attempts: failures from one address, or for one name from there, that cost no wait.
    """

    def __init__(self, users: Users, sessions: Sessions, clock: EngineClock, attempts: int) -> None:
        self._users = users
        self._sessions = sessions
        self._clock = clock
        self._patience = Patience(attempts)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def sign_in(self, name: str, password: str, code: str | None, address: str) -> str:
        """Return the id of a new session.

        Raises:
            Problem: the name, the password or the code is wrong, or it was tried too often.
        """
        user = await self._proved(name, password, code, address)
        return self._sessions.begin(user.name, address, self._now())

    async def step_up(
        self, identity: Identity, password: str, code: str | None, address: str
    ) -> str:
        """Return the id of the session that takes the place of this one, just proved.

        Raises:
            Problem: as for signing in; a program cannot.
        """
        session = _session(identity)
        await self._proved_again(identity.user.name, password, code, address)
        self._sessions.end(session)
        now = self._now()
        return self._sessions.begin(session.name, address, now, created_at=session.created_at)

    async def change_password(
        self, identity: Identity, password: str, new: str, address: str
    ) -> str:
        """Return the id of the only session that is left after the password was changed.

        Raises:
            Problem: the old password is wrong, or the new one is not good enough.
        """
        created_at, name = _session(identity).created_at, identity.user.name
        await self._proved_again(name, password, None, address, with_code=False)
        if password == new:
            raise Problem(
                422, "invalid", "the new password must be another one", field="new_password"
            )
        try:
            async with self._slots:
                kept = await asyncio.to_thread(checked, new, name)
        except ConfigError as error:
            raise Problem(422, "invalid", str(error), field="new_password") from None
        self._users.set_password(name, kept, by_owner=True)
        return self._sessions.begin(name, address, self._now(), created_at=created_at)

    async def _proved_again(
        self, name: str, password: str, code: str | None, address: str, *, with_code: bool = True
    ) -> None:
        """Ask somebody who is signed in, and stays so when the answer is wrong."""
        try:
            await self._proved(name, password, code, address, with_code=with_code)
        except Problem as problem:
            if problem.status == UNKNOWN:
                raise Problem(
                    FORBIDDEN, problem.code, problem.message, field=problem.field
                ) from None
            raise

    async def _proved(
        self, name: str, password: str, code: str | None, address: str, *, with_code: bool = True
    ) -> User:
        keys = (f"address {address}", f"name {name} {address}")
        self._check_patience(keys)
        for key in keys:  # an attempt counts from its beginning: many at once are many
            self._patience.failed(key, self._now())
        user = self._users.get(name)
        right = await self._compared(user, password)
        if user is None or not right or user.disabled:
            raise Problem(UNKNOWN, "wrong_sign_in", "the name or the password is wrong")
        if with_code:
            self._check_code(user, code, keys)
        self._patience.forgiven(keys[0])
        self._patience.forgotten(keys[1])
        return user

    async def _compared(self, user: User | None, password: str) -> bool:
        if self._waiting >= MOST_WAITING:
            raise _too_often(NANOSECONDS)
        self._waiting += 1
        try:
            async with self._slots:
                kept = await asyncio.to_thread(nobody) if user is None else user.password
                return await asyncio.to_thread(matches, kept, password)
        finally:
            self._waiting -= 1

    def _check_code(self, user: User, code: str | None, keys: tuple[str, str]) -> None:
        if user.secret is None:
            return
        if code is None:
            for key in keys:
                self._patience.forgiven(key)
            raise Problem(UNKNOWN, "code_needed", "give the code that your app shows", field="code")
        step = accepted(user.secret, code, self._now() // NANOSECONDS, user.last_step)
        if step is None or not self._users.use_step(user.name, step):
            raise Problem(
                UNKNOWN, "wrong_code", "the code is wrong, or was used before", field="code"
            )

    def _check_patience(self, keys: tuple[str, ...]) -> None:
        wait = max(self._patience.wait(key, self._now()) for key in keys)
        if wait:
            raise _too_often(wait)

    def _now(self) -> int:
        return self._clock.nanoseconds()


def _session(identity: Identity) -> Session:
    if identity.session is None:
        raise Problem(403, "forbidden", "a token has no session: make another token instead")
    return identity.session


def _too_often(wait: int) -> Problem:
    whole = max(-(-wait // NANOSECONDS), 1)
    return Problem(
        429,
        "too_many_requests",
        f"too many attempts: wait {whole} s",
        headers={"retry-after": str(whole)},
    )
