"""The door that only the engine's own user can open, and that no request can break."""

import asyncio
import json
import os
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fillpath.core.errors import ConfigError, Unavailable
from fillpath.service.control import SOCKET, ControlServer, Request, ask, socket_path


async def echo(request: Request) -> Mapping[str, Any]:
    return {"heard": dict(request)}


async def refuse(_request: Request) -> Mapping[str, Any]:
    raise ConfigError("strength must be from 0 to 1, got 7")


async def hung_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection that the other side may have broken."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """Return a folder in which an engine answers."""
    server = ControlServer(tmp_path, {"echo": echo, "refuse": refuse})
    await server.start()
    yield tmp_path
    await server.close()


async def test_a_request_is_answered(folder: Path) -> None:
    assert await ask(folder, {"do": "echo", "x": "é"}) == {"heard": {"do": "echo", "x": "é"}}


@pytest.mark.security("S-21", "S-36")
async def test_only_its_user_can_open_the_socket(folder: Path) -> None:
    assert stat.S_IMODE(socket_path(folder).stat().st_mode) == 0o600


async def test_the_next_files_are_made_as_open_as_before(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        server = ControlServer(tmp_path, {})
        await server.start()
        (tmp_path / "report").touch()
        await server.close()
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o644


async def test_a_refusal_comes_back_as_the_sentence_it_is(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"^strength must be from 0 to 1, got 7$"):
        await ask(folder, {"do": "refuse"})


@pytest.mark.parametrize(
    "line",
    [b"nonsense", b"[]", b"7", b"{}", b'{"do": "open"}', b'{"do": []}', b"\xff", b"null"],
)
async def test_nonsense_gets_an_answer_and_does_no_harm(folder: Path, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(socket_path(folder))
    writer.write(line + b"\n")
    answer = json.loads(await reader.readline())
    await hung_up(writer)

    assert answer == {"error": "the request must be one of echo, refuse"}
    assert await ask(folder, {"do": "echo"})


async def test_a_line_without_end_is_cut_off(folder: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(socket_path(folder))
    writer.write(b"x" * (3 << 20))

    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    await hung_up(writer)
    assert await ask(folder, {"do": "echo"})


async def test_the_socket_of_an_engine_that_died_is_replaced(tmp_path: Path) -> None:
    socket_path(tmp_path).write_bytes(b"left behind")
    server = ControlServer(tmp_path, {"echo": echo})

    await server.start()

    assert await ask(tmp_path, {"do": "echo"})
    await server.close()


async def test_a_closed_door_leaves_nothing_behind(tmp_path: Path) -> None:
    server = ControlServer(tmp_path, {})
    await server.start()

    await server.close()
    await server.close()

    assert not socket_path(tmp_path).exists()


async def test_whoever_holds_the_door_open_does_not_keep_the_engine_from_stopping(
    tmp_path: Path,
) -> None:
    server = ControlServer(tmp_path, {"echo": echo})
    await server.start()
    _, writer = await asyncio.open_unix_connection(socket_path(tmp_path))
    await ask(tmp_path, {"do": "echo"})  # who is answered came in after the other one

    async with asyncio.timeout(5):
        await server.close()

    assert not socket_path(tmp_path).exists()
    await hung_up(writer)


async def test_where_no_engine_runs_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(
        Unavailable, match=r"no engine answers at .*: none runs there; fillpath run"
    ):
        await ask(tmp_path, {"do": "status"})


async def test_the_door_of_an_engine_that_died_leads_nowhere(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / SOCKET))

    with pytest.raises(Unavailable, match="the last one died; fillpath run starts it again"):
        await ask(tmp_path, {"do": "status"})


async def test_a_folder_that_is_none_holds_no_engine(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="Not a directory"):
        await ask(tmp_path / "file", {"do": "status"})


async def test_an_engine_that_hangs_is_not_waited_for_long(tmp_path: Path) -> None:
    hanging = asyncio.Event()

    async def hang(_request: Request) -> Mapping[str, Any]:
        await hanging.wait()
        return {}

    server = ControlServer(tmp_path, {"hang": hang})
    await server.start()

    with pytest.raises(
        Unavailable, match=r"it took longer than 0\.05 s, it may hang; fillpath kill works"
    ):
        await ask(tmp_path, {"do": "hang"}, wait_seconds=0.05)

    hanging.set()
    await server.close()


async def test_an_answer_that_breaks_off_is_no_answer(tmp_path: Path) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_unix_server(hang_up, socket_path(tmp_path))

    with pytest.raises(Unavailable):
        await ask(tmp_path, {"do": "status"})

    server.close()


def test_a_folder_too_deep_for_a_socket_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"engine\.folder must leave room for control\.sock"):
        socket_path(tmp_path / ("x" * 100))
