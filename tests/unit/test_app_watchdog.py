"""The watchdog as a command: it ends with what it did, and at once when it is told to."""

import os
import signal
import threading
from pathlib import Path

import pytest

from fillpath import app_watchdog, cli
from fillpath.core.errors import ConfigError
from fillpath.service.heartbeat import Heart
from fillpath.service.latch import KillLatch
from fillpath.settings import Settings

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Return a settings file of a simulated account whose engine may be silent for a second."""
    path = tmp_path / "fillpath.yaml"
    path.write_text(f'engine:\n  folder: "{tmp_path / "data"}"\nbroker:\n  provider: "simulated"\n')
    return path


@pytest.mark.control("A-11", "refuses")
def test_a_silent_engine_is_killed_and_the_command_fails(
    settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_RISK__WATCHDOG__SECONDS", "1")
    folder = settings.parent / "data" / "SIM"
    folder.mkdir(parents=True)
    Heart(folder, 7, lambda: 1, lambda: 0).begin()

    code = cli.main(["watchdog", "--settings", str(settings)])

    assert code == 3
    words = capsys.readouterr().err
    assert "watching account SIM; after 1 s of silence it is killed and nothing is" in words
    assert "WATCHDOG: SIM: the kill latch is set" in words
    assert KillLatch(folder).read() is not None


def test_it_ends_when_it_is_told_to(settings: Path) -> None:
    told = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM))
    told.start()

    assert cli.main(["watchdog", "--settings", str(settings)]) == 0


def test_cancelling_what_people_have_placed_must_be_allowed_first() -> None:
    settings = Settings.model_validate({"broker": {"provider": "ibkr"}})

    with pytest.raises(ConfigError, match=r"watchdog_cancels_everything must be true .* people"):
        app_watchdog.emergency_of(settings, lambda _: None)
