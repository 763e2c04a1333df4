"""Saying who may sign in, from the terminal of the machine."""

import io
import json
from pathlib import Path

import pyotp
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from fillpath.api.auth.audit import FILE, AuditLog, Entry
from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.passwords import matches
from fillpath.api.auth.tokens import Scope, Tokens
from fillpath.api.auth.users import User, Users
from fillpath.api.roles import Role
from fillpath.cli import main
from fillpath.runtime.clock import SystemClock
from fillpath.service.latch import KillLatch

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "fillpath.yaml"
    path.write_text(f'engine:\n  folder: "{tmp_path / "data"}"\n')
    return path


def said(settings: Path, *words: str) -> int:
    return main([*words, "--settings", str(settings)])


def user(settings: Path, name: str = "tom") -> User:
    with DeskFile(settings.parent / "data") as file:
        return Users(file).need(name)


def acts(settings: Path) -> list[tuple[str, str]]:
    return [(row["act"], row["target"]) for row in AuditLog(settings.parent / "data").entries()]


@pytest.mark.security("S-05")
def test_somebody_is_added_with_a_password_that_is_shown_once(
    settings: Path, capsys: Capture
) -> None:
    code = said(settings, "users", "add", "tom", "--role", "trader", "--accounts", "ACC1")

    password = capsys.readouterr().out.split()[4]
    tom = user(settings)
    assert code == 0
    assert matches(tom.password, password)
    assert tom.must_change
    assert (tom.role, tom.accounts) == (Role.TRADER, ("ACC1",))
    assert acts(settings) == [("users add", "tom")]
    assert password not in (settings.parent / "data" / FILE).read_text("utf-8")


def test_a_name_that_is_none_is_refused(settings: Path, capsys: Capture) -> None:
    assert said(settings, "users", "add", "Tom Smith") == 2
    assert "name must" in capsys.readouterr().err


def test_everybody_is_listed(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "list")
    nobody = capsys.readouterr().out
    said(settings, "users", "add", "tom", "--role", "admin")
    said(settings, "users", "token", "tom", "--label", "a chart", "--days", "7")
    capsys.readouterr()

    said(settings, "users", "list")
    text = capsys.readouterr().out
    said(settings, "users", "list", "--json")
    rows = json.loads(capsys.readouterr().out)

    assert "nobody yet" in nobody
    assert "tom  admin  all accounts  no codes, first password; seen never" in text
    assert "a chart" in text
    assert rows[0]["tokens"][0]["scope"] == "read"
    assert "password" not in rows[0]


def test_a_role_is_changed_but_the_last_admin_stays(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "ada", "--role", "admin")
    said(settings, "users", "add", "tom")

    codes = [
        said(settings, "users", "role", "tom", "risk", "--accounts", "ACC1"),
        said(settings, "users", "role", "tom", "trader"),
        said(settings, "users", "role", "ada", "viewer"),
    ]

    assert codes == [0, 0, 2]
    assert (user(settings).role, user(settings).accounts) == (Role.TRADER, ("ACC1",))
    assert "last admin" in capsys.readouterr().err


def test_somebody_is_kept_out_and_let_in_again(settings: Path) -> None:
    said(settings, "users", "add", "tom")

    said(settings, "users", "disable", "tom")
    out = user(settings).disabled
    said(settings, "users", "disable", "tom", "--again")

    assert out
    assert not user(settings).disabled


@pytest.mark.security("S-05")
def test_a_lost_password_is_replaced(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "tom")
    first = capsys.readouterr().out.split()[4]

    said(settings, "users", "password", "tom")

    second = capsys.readouterr().out.split()[4]
    assert first != second
    assert matches(user(settings).password, second)
    assert said(settings, "users", "password", "eve") == 2


@pytest.mark.security("S-06")
def test_codes_are_set_up_only_when_the_app_shows_the_right_one(
    settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class App:
        """Somebody with an app, who types what it shows."""

        def readline(self) -> str:
            secret = capsys.readouterr().out.split()[1]
            return pyotp.TOTP(secret).now() + "\n"

    said(settings, "users", "add", "tom")
    monkeypatch.setattr("sys.stdin", io.StringIO("000000\n"))
    wrong = said(settings, "users", "totp", "tom")
    before = user(settings).secret
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", App())
    right = said(settings, "users", "totp", "tom")
    after = user(settings)
    said(settings, "users", "totp", "tom", "--remove")

    assert (wrong, before) == (2, None)
    assert right == 0
    assert after.secret is not None
    assert after.last_step > 0
    assert user(settings).secret is None


@pytest.mark.security("S-35")
def test_a_token_is_read_only_unless_it_is_said_otherwise(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "tom", "--role", "admin")
    capsys.readouterr()

    said(settings, "users", "token", "tom", "--label", "a chart", "--accounts", "ACC1")

    text = capsys.readouterr().out.strip()
    with DeskFile(settings.parent / "data") as file:
        token = Tokens(file).get(text, SystemClock().nanoseconds())
    assert token is not None
    assert (token.scope, token.accounts) == (Scope.READ, ("ACC1",))
    assert text not in (settings.parent / "data" / FILE).read_text("utf-8")


def test_tokens_are_taken_back(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "tom")
    capsys.readouterr()
    for label in ("one", "two", "three"):
        said(settings, "users", "token", "tom", "--label", label)
    first = capsys.readouterr().out.split()[0].split("_")[1]

    one = said(settings, "users", "revoke", "tom", "--token", first)
    again = said(settings, "users", "revoke", "tom", "--token", first)
    rest = said(settings, "users", "revoke", "tom")

    assert (one, again, rest) == (0, 2, 0)
    assert "2 sessions and tokens of tom are ended" in capsys.readouterr().out


@pytest.mark.security("S-19")
def test_the_log_is_checked_and_shown(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "tom")
    said(settings, "users", "disable", "tom")
    capsys.readouterr()

    said(settings, "audit", "verify")
    verdict = capsys.readouterr().out
    said(settings, "audit", "show", "--last", "1")
    shown = capsys.readouterr().out
    said(settings, "audit", "show", "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert verdict.startswith("in order: 2 entries")
    assert "users disable  tom" in shown
    assert [row["act"] for row in rows] == ["users add", "users disable"]


@pytest.mark.security("S-19")
def test_a_log_that_was_changed_is_told(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "tom")
    log = settings.parent / "data" / FILE
    log.write_text(log.read_text("utf-8").replace("tom", "eve"), "utf-8")

    code = said(settings, "audit", "verify")

    assert code == 2
    assert "was changed" in capsys.readouterr().err


@pytest.mark.fault("F-100")
@pytest.mark.security("S-20")
@settings_of_hypothesis(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(text=st.text(max_size=80))
@example(text="\n{forged}\r\x1b[2J<script>\u2028\u202e\x00")
def test_no_name_and_no_reason_begins_a_line_or_moves_the_cursor(
    settings: Path, capsys: Capture, text: str
) -> None:
    log = AuditLog(settings.parent / "data")
    said(settings, "users", "list")
    log.path.unlink(missing_ok=True)
    entry = Entry(who=text, role="", source="x", act="y", outcome="REFUSED", reason=text)
    log.write(entry, 20_000 * 86_400_000_000_000)
    capsys.readouterr()

    said(settings, "audit", "show")

    shown = capsys.readouterr().out
    assert shown.endswith("\n")
    assert shown[:-1].isprintable()
    assert log.verify().entries == 1


@pytest.mark.security("S-36")
def test_a_desk_that_is_broken_stops_no_kill(settings: Path, capsys: Capture) -> None:
    said(settings, "users", "add", "tom")
    data = settings.parent / "data"
    (data / "desk.sqlite").write_bytes(b"broken")

    listed = said(settings, "users", "list")
    said(settings, "kill", "--reason", "a test")

    assert listed == 2
    assert "kill latch set" in capsys.readouterr().out
    assert [latch.text for latch in KillLatch(data / "STUB", data).every()]
