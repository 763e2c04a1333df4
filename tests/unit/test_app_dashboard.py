"""The dashboard put together: which accounts it shows, what it masks, and where it cannot listen."""

import socket
from pathlib import Path

import pytest

from fillpath import app_dashboard
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.core.status import State, Status
from fillpath.settings import Settings, load_settings
from fillpath.testing.builders import START


def the_settings(folder: Path, **changes: str) -> Settings:
    return load_settings(None, {"SA_ENGINE__FOLDER": str(folder)} | changes)


def ran(folder: Path, *names: str) -> None:
    """Let accounts have run here."""
    for name in names:
        (folder / name).mkdir()
        status = Status(
            account=name,
            mode="PAPER",
            state=State.STOPPED,
            version="1",
            at=START,
            started_at=START,
            pid=1,
        )
        (folder / name / "status.json").write_bytes(status.as_json())


def test_the_account_of_the_settings_is_shown_before_it_ever_ran(tmp_path: Path) -> None:
    assert app_dashboard.accounts_of(the_settings(tmp_path), ()) == ["STUB"]


def test_accounts_that_ran_here_are_shown(tmp_path: Path) -> None:
    ran(tmp_path, "DU2", "DU1")

    assert app_dashboard.accounts_of(the_settings(tmp_path), ()) == ["DU1", "DU2"]
    assert app_dashboard.accounts_of(the_settings(tmp_path), ["DU2"]) == ["DU2"]


def test_an_account_that_is_named_comes_first(tmp_path: Path) -> None:
    ran(tmp_path, "DU1")
    settings = the_settings(tmp_path, SA_ENGINE__ACCOUNT="mine")

    assert app_dashboard.accounts_of(settings, ()) == ["mine", "DU1"]


def test_an_account_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="account must be one of STUB, got 'other'"):
        app_dashboard.accounts_of(the_settings(tmp_path), ["other"])


async def test_accounts_of_one_database_share_its_connections(tmp_path: Path) -> None:
    ran(tmp_path, "DU1", "DU2")
    settings = the_settings(
        tmp_path, SA_DATABASE__URL="postgresql://user:secret@127.0.0.1:1/fillpath"
    )

    built = app_dashboard.build(settings)
    await built.close()

    assert set(built.parts.accounts) == {"DU1", "DU2"}
    assert len(built.tables) == 1


async def test_nothing_is_made_for_an_account_that_never_ran(tmp_path: Path) -> None:
    built = app_dashboard.build(the_settings(tmp_path))
    tables = built.parts.accounts["STUB"].tables

    with pytest.raises(Unavailable, match="no tables yet"):
        await tables.applied("STUB")
    await built.close()

    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # nothing else runs


async def test_read_only_is_what_the_settings_or_the_caller_say(tmp_path: Path) -> None:
    settings = the_settings(tmp_path, SA_DASHBOARD__READ_ONLY="true")

    said, asked = app_dashboard.build(settings), app_dashboard.build(settings, read_only=False)
    for built in (said, asked):
        await built.close()

    assert (said.parts.read_only, asked.parts.read_only) == (True, False)


def test_settings_are_shown_without_what_nobody_should_see(tmp_path: Path) -> None:
    settings = the_settings(
        tmp_path,
        SA_DATABASE__URL="postgresql://user:topsecret@127.0.0.1:1/fillpath",
        SA_BROKER__IBKR__ACCOUNT_ID="DU7654321",
    )

    rows = {row.name: row for row in app_dashboard.settings_shown(settings)}
    shown = " ".join(row.value for row in rows.values())

    assert "topsecret" not in shown
    assert "DU7654321" not in shown
    assert rows["engine.folder"].changed
    assert not rows["engine.health_port"].changed
    assert rows["risk.max_positions"].unit == "symbols"


def test_controls_are_shown_with_the_limits_that_they_read(tmp_path: Path) -> None:
    controls = list(app_dashboard.controls_shown(the_settings(tmp_path)))

    limits = {key: value for control in controls for key, value in control.limits.items()}
    assert limits["risk.max_positions"] == "20"
    assert all(control.codes for control in controls)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigError, match=f"dashboard.port must be a free port.*{port}"):
            app_dashboard.bound("127.0.0.1", port)
