"""The engine's own door on its machine: a socket in its folder that only its user can open.

A request is one JSON object on a line, and so is the answer. It works without bus, database and
network, because it needs none of them.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from fillpath.core.errors import ConfigError, FillpathError, Unavailable
from fillpath.service.peers import NOBODY, Peer, let_in, peer_of

SOCKET: Final = "control.sock"
_LIMIT: Final = 1 << 20
_PATH_LIMIT: Final = 100
_WAIT_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 0.5

Request = Mapping[str, Any]
Act = Callable[[Request], Awaitable[Mapping[str, Any]]]
PersonalAct = Callable[[Request, Peer], Awaitable[Mapping[str, Any]]]
Answered = Callable[[str, Peer], object]


def socket_path(folder: Path) -> Path:
    """Return where the engine of this folder listens.

    Raises:
        ConfigError: the path is longer than a socket's name may be.
    """
    path = folder / SOCKET
    if len(os.fsencode(path)) > _PATH_LIMIT:
        raise ConfigError(
            f"engine.folder must leave room for {SOCKET} within {_PATH_LIMIT} bytes, got {path}"
        )
    return path


class ControlServer:
    """Answer requests of the user who runs the engine.

    Args:
        folder: the account's folder.
        acts: what can be asked, by name.
        personal: likewise, what has to know who asks.
        operators: group of the machine whose members may ask too; empty for nobody.
        answered: called with the name of each act that was done, and who asked.
    """

    def __init__(
        self,
        folder: Path,
        acts: Mapping[str, Act],
        personal: Mapping[str, PersonalAct] = MappingProxyType({}),
        operators: str = "",
        answered: Answered = lambda _name, _peer: None,
    ) -> None:
        self._path = socket_path(folder)
        self._acts = acts
        self._personal = personal
        self._operators = operators
        self._answered = answered
        self._server: asyncio.Server | None = None
        self._callers: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Listen; the socket of an engine that died is replaced (the journal's lock came first).

        Raises:
            ConfigError: the machine has no such group, or it cannot be let in.
        """
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=_LIMIT)
        finally:
            os.umask(before)
        if self._operators:
            let_in(self._path, self._operators)

    async def close(self) -> None:
        """Stop listening and take the socket away."""
        if self._server is not None:
            self._server.close()
            if self._callers:  # who was heard is answered; who only holds the door is let go
                await asyncio.wait(self._callers, timeout=_CLOSE_SECONDS)
            for writer in self._callers.values():
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "every connection is served by a task of its own"
        self._callers[task] = writer
        try:
            line = await asyncio.wait_for(reader.readline(), _WAIT_SECONDS)
            peer = peer_of(writer.get_extra_info("socket"))
            writer.write(json.dumps(await self._answer(line, peer)).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), _WAIT_SECONDS)
        except (OSError, TimeoutError, ValueError):
            pass  # whoever asked has gone, or sent more than a line
        finally:
            del self._callers[task]
            writer.close()

    async def _answer(self, line: bytes, peer: Peer = NOBODY) -> Mapping[str, Any]:
        try:
            request = json.loads(line)
            act = self._act(request["do"], peer)
        except (ValueError, KeyError, TypeError):
            known = ", ".join(sorted([*self._acts, *self._personal]))
            return {"error": f"the request must be one of {known}"}
        try:
            answer = await act(request)
        except FillpathError as error:
            return {"error": str(error)}
        self._answered(request["do"], peer)
        return answer

    def _act(self, name: str, peer: Peer) -> Act:
        personal = self._personal.get(name)
        return self._acts[name] if personal is None else lambda request: personal(request, peer)


async def ask(folder: Path, request: Request, wait_seconds: float = _WAIT_SECONDS) -> Any:
    """Ask the engine of a folder and return its answer.

    Raises:
        Unavailable: no engine answers there.
        ConfigError: it answers that the request is wrong; says why.
    """
    path = socket_path(folder)
    try:
        async with asyncio.timeout(wait_seconds):
            reader, writer = await asyncio.open_unix_connection(path, limit=_LIMIT)
            try:
                writer.write(json.dumps(dict(request)).encode() + b"\n")
                await writer.drain()
                answer = json.loads(await reader.readline())
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, ValueError) as error:
        raise Unavailable(f"no engine answers at {path}: {_why(error, wait_seconds)}") from error
    if isinstance(answer, dict) and "error" in answer:
        raise ConfigError(str(answer["error"]))
    return answer


def _why(error: Exception, waited: float) -> str:
    """Return what it means that nobody answers, and what to do about it."""
    if isinstance(error, FileNotFoundError):
        return "none runs there; fillpath run starts it"
    if isinstance(error, ConnectionRefusedError):
        return "the last one died; fillpath run starts it again"
    if isinstance(error, PermissionError):
        return "only the user who runs it, or a member of engine.operators, may ask"
    if isinstance(error, TimeoutError):
        return f"it took longer than {waited:g} s, it may hang; fillpath kill works all the same"
    return str(error) or type(error).__name__
