"""Who is on the other end of the door, and who is let through it."""

import grp
import os
import socket
import stat
from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError
from fillpath.service.control import ControlServer, ask, socket_path
from fillpath.service.peers import NOBODY, Peer, name_of, peer_of
from tests.unit.service.test_control import echo


@pytest.mark.security("S-36")
def test_the_kernel_says_who_called() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_of(ours) == Peer(os.getuid(), name_of(os.getuid()))


def test_a_caller_whom_the_kernel_does_not_name_is_nobody() -> None:
    assert peer_of(None) == NOBODY


def test_a_user_without_a_name_is_called_by_its_number() -> None:
    assert name_of(3_999_999_999) == "user 3999999999"


async def test_a_group_of_operators_may_pass_the_folder_and_open_the_door(tmp_path: Path) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    server = ControlServer(tmp_path, {"echo": echo}, operators=group)

    await server.start()

    try:
        door = socket_path(tmp_path).stat()
        assert (stat.S_IMODE(door.st_mode), door.st_gid) == (0o660, os.getgid())
        assert stat.S_IMODE(socket_path(tmp_path).parent.stat().st_mode) == 0o710
        assert await ask(tmp_path, {"do": "echo"})
    finally:
        await server.close()


async def test_a_group_that_is_not_there_is_named(tmp_path: Path) -> None:
    server = ControlServer(tmp_path, {}, operators="no-such-group")

    with pytest.raises(
        ConfigError, match=r"engine\.operators must be a group of this machine, got no-such-group"
    ):
        await server.start()

    await server.close()


async def test_a_group_that_cannot_be_let_in_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    server = ControlServer(tmp_path, {}, operators=grp.getgrgid(os.getgid()).gr_name)

    with pytest.raises(ConfigError, match=r"cannot be let in: Operation not permitted"):
        await server.start()

    await server.close()
