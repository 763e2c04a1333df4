"""A peer is the newest release that an interpreter here can install, or a reason."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import dev
from benchmarks import peers
from benchmarks.machine import Interpreter
from benchmarks.peers import PEERS, WORKERS, Absent, Installer, Peer, System, version_key

OLD = Interpreter((3, 11, 7), "/opt/python3.11")
NEW = Interpreter((3, 13, 0), "/opt/python3.13")
PEER = Peer("peer", "some-peer", "some-peer", {1: "one.py", 2: "two.py"}, {1: "one", 2: "two"})


class Uv:
    """Pretend to be uv: it resolves what it was given and notes every command."""

    def __init__(self, releases: dict[str, str], *, breaks: str = "") -> None:
        self.releases = releases
        self.breaks = breaks
        self.commands: list[list[str]] = []

    def __call__(self, arguments: Sequence[str], _: str) -> subprocess.CompletedProcess[str]:
        command = list(arguments)
        self.commands.append(command)
        if command[:2] == ["pip", "compile"]:
            return self.resolve(command[command.index("--python") + 1])
        if self.breaks and self.breaks in command:
            return subprocess.CompletedProcess(command, 2, "", "\nerror: the disk is full\n  at 9")
        if command[0] == "venv":
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    def resolve(self, python: str) -> subprocess.CompletedProcess[str]:
        if python in self.releases:
            answer = f"numpy==2.4.6\nsome-peer=={self.releases[python]}\n"
            return subprocess.CompletedProcess([], 0, answer, "")
        return subprocess.CompletedProcess([], 1, "", "error: no wheel for this Python\n  because")

    def installs(self) -> list[str]:
        return [command[-1] for command in self.commands if command[:2] == ["pip", "install"]]


def prepared(
    uv: Uv, home: Path, interpreters: Sequence[Interpreter] = (NEW, OLD)
) -> System | Absent:
    return Installer(interpreters, uv, home).prepare(PEER)


def test_the_newest_release_over_all_interpreters_is_installed(tmp_path: Path) -> None:
    uv = Uv({NEW.path: "2.0.0rc7", OLD.path: "1.221.0"})

    system = prepared(uv, tmp_path)

    assert isinstance(system, System)
    assert (system.version, system.interpreter) == ("2.0.0rc7", "3.13.0")
    assert (system.worker, system.module) == (WORKERS / "two.py", "two")
    assert uv.installs() == ["some-peer==2.0.0rc7"]


def test_an_older_interpreter_wins_when_only_it_can_install_the_newest(tmp_path: Path) -> None:
    system = prepared(Uv({NEW.path: "1.9", OLD.path: "1.10"}), tmp_path)

    assert isinstance(system, System)
    assert (system.version, system.interpreter) == ("1.10", "3.11.7")
    assert system.worker == WORKERS / "one.py"


def test_an_environment_that_is_there_is_used_again(tmp_path: Path) -> None:
    prepared(Uv({NEW.path: "1.9"}), tmp_path)
    again = Uv({NEW.path: "1.9"})

    system = prepared(again, tmp_path)

    assert isinstance(system, System)
    assert again.installs() == []


def test_a_newer_release_replaces_the_environment(tmp_path: Path) -> None:
    prepared(Uv({NEW.path: "1.9"}), tmp_path)
    later = Uv({NEW.path: "1.10"})

    prepared(later, tmp_path)

    assert later.installs() == ["some-peer==1.10"]


def test_a_peer_that_no_interpreter_can_install_is_absent_with_the_reason(tmp_path: Path) -> None:
    system = prepared(Uv({}), tmp_path)

    assert system == Absent("peer", "Python 3.13.0: error: no wheel for this Python")


def test_a_machine_without_interpreters_says_so(tmp_path: Path) -> None:
    system = prepared(Uv({}), tmp_path, interpreters=())

    assert system == Absent("peer", "no Python of at least 3.11 was found on this machine")


@pytest.mark.parametrize("step", ["venv", "install"])
def test_an_install_that_breaks_is_a_reason_and_is_tried_again(tmp_path: Path, step: str) -> None:
    broken = Uv({NEW.path: "1.9"}, breaks=step)

    system = prepared(broken, tmp_path)

    assert system == Absent("peer", "some-peer==1.9: error: the disk is full")
    assert isinstance(prepared(Uv({NEW.path: "1.9"}), tmp_path), System)


def test_a_major_version_without_a_worker_is_absent(tmp_path: Path) -> None:
    system = prepared(Uv({NEW.path: "3.0.0"}), tmp_path)

    assert system == Absent("peer", "there is no worker for some-peer 3.0.0 yet")


def test_one_interpreter_of_each_minor_version_is_asked(tmp_path: Path) -> None:
    uv = Uv({NEW.path: "1.9"})
    older = Interpreter((3, 13, -1), "/opt/older")

    prepared(uv, tmp_path, (older, OLD, NEW))

    asked = [command[command.index("--python") + 1] for command in uv.commands[:-2]]
    assert asked == [NEW.path, OLD.path]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("1.221.0", "1.231.0"),
        ("1.9", "1.10"),
        ("1.231.0", "2.0.0rc7"),
        ("2.0.0rc6", "2.0.0rc7"),
        ("2.0.0b9", "2.0.0rc1"),
        ("2.0.0rc7", "2.0.0"),
        ("1.9.78", "1.9.78.123"),
        ("unknown", "0.1"),
    ],
)
def test_versions_sort_as_releases_follow_each_other(earlier: str, later: str) -> None:
    assert version_key(earlier) < version_key(later)


def test_every_peer_has_its_worker_on_disk() -> None:
    for peer in PEERS:
        assert peer.workers.keys() == peer.modules.keys()
        assert all((WORKERS / name).exists() for name in peer.workers.values())


def test_uv_is_the_named_binary_and_never_downloads_a_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "uv"
    program.write_text('#!/bin/sh\necho "$UV_PYTHON_DOWNLOADS" "$@"\ncat\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("FILLPATH_UV", str(program))
    monkeypatch.setattr(dev, "_pip_sources", dict)

    answer = peers.uv()(["pip", "compile"], "some-peer")

    assert answer.stdout == "never pip compile\nsome-peer"
