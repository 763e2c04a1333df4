"""The guard follows the settings, and nobody else may read what it keeps."""

import socket
from pathlib import Path

import pytest

from fillpath import app_dashboard, app_guard
from fillpath.core.errors import ConfigError
from fillpath.settings import Settings, load_settings
from tests.unit.api.fakes import client, parts

HOUR = 3_600_000_000_000


def settings(**values: str) -> Settings:
    return load_settings(None, {f"SA_{name.upper()}": value for name, value in values.items()})


def test_the_defaults_are_those_of_one_machine() -> None:
    guarding = app_guard.guarding_of(settings(), 8788)

    assert guarding.hosts == {"127.0.0.1:8788", "localhost:8788", "[::1]:8788"}
    assert guarding.cookie == "__Host-fillpath-8788"
    assert guarding.origins == frozenset()
    assert guarding.trusted == ()
    assert not guarding.code_needed
    assert guarding.session_ns == 12 * HOUR
    assert guarding.idle_ns == HOUR // 4


@pytest.mark.security("S-06")
def test_codes_are_needed_on_a_live_account(tmp_path: Path) -> None:
    live = settings(
        broker__provider="ibkr", broker__paper_trading="false", broker__ibkr__port="4001"
    )

    assert app_guard.guarding_of(live, 1).code_needed
    assert app_guard.guarding_of(settings(dashboard__second_factor="always"), 1).code_needed
    assert tmp_path.exists()


@pytest.mark.security("S-06", "S-21")
def test_codes_are_needed_where_others_reach_it_and_its_key_is_its_own(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch(mode=0o600)
    reached = settings(
        dashboard__host="192.168.1.5", dashboard__tls_cert="c.pem", dashboard__tls_key=str(key)
    )

    assert app_guard.guarding_of(reached, 443).code_needed
    key.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        app_guard.guarding_of(reached, 443)
    key.unlink()
    with pytest.raises(ConfigError, match="cannot read"):
        app_guard.guarding_of(reached, 443)


@pytest.mark.security("S-21")
def test_the_desk_is_in_the_folder_of_the_engine(tmp_path: Path) -> None:
    desk = app_guard.open_desk(settings(engine__folder=str(tmp_path / "data")), 8788)

    with desk:
        assert desk.file.path == tmp_path / "data" / "desk.sqlite"
        assert desk.file.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.security("S-05")
@pytest.mark.parametrize(
    ("name", "first"),
    [("maria", "maria"), ("Maria K", "maria-k"), ("user 1001", "user-1001"), ("1", "admin")],
)
def test_the_first_user_is_whoever_starts_it(
    monkeypatch: pytest.MonkeyPatch, name: str, first: str
) -> None:
    monkeypatch.setattr(app_guard, "person", lambda: name)

    assert app_guard.first_name() == first


@pytest.mark.security("S-15")
async def test_no_secret_of_the_settings_is_shown() -> None:
    canary = "swordfish"
    known = settings(
        broker__ibkr__account_id="DU7654321",
        redis__url=f"redis://reader:{canary}@cache:6379/0",
        database__url=f"postgresql://desk@db/fillpath?sslpassword={canary}&password={canary}",
    )
    shown = tuple(app_dashboard.settings_shown(known))

    async with client(parts(settings=shown)) as asking:
        answer = await asking.get("/api/v1/system/settings")

    assert answer.status_code == 200
    assert "******321" in answer.text
    assert "DU7654321" not in answer.text
    assert canary not in answer.text


def test_small_answers_leave_at_once() -> None:
    listening = app_dashboard.bound("127.0.0.1", 0)

    with listening:
        assert listening.proto == socket.IPPROTO_TCP  # or each waits 40 ms for the one before
