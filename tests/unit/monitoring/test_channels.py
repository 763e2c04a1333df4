"""Channels: what their file may say, what a webhook sends, and where it never goes."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from fillpath.core.errors import ConfigError
from fillpath.monitoring.alerts import Alert
from fillpath.monitoring.channels import ChannelFailed, read_channels
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.making import make_channel
from fillpath.monitoring.messages import Message
from fillpath.monitoring.webhook import SENT_AT, SIGNATURE, Webhook, signature
from tests.unit.monitoring.desk_of_alerts import T0

SECRET = SecretStr("a secret of more than thirty-two letters")
ALERT = Alert(
    number=1,
    alert_id="SIM:KILL_SWITCH:1",
    account="SIM",
    code="KILL_SWITCH",
    severity=Severity.CRITICAL,
    subject="",
    text="ann: losing",
    order_id="",
    raised_at=T0,
    last_at=T0,
)
MESSAGE = Message((ALERT,), (1,), T0)


class Server(http.server.ThreadingHTTPServer):
    """A receiver on a free port of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.location = ""
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def a_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "channels.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def a_webhook(server: Server, path: str = "/hook?x=1") -> Webhook:
    return Webhook(SecretStr(f"http://{server.place}{path}"), SECRET, [server.place])


def test_a_webhook_gets_signed_json(server: Server) -> None:
    a_webhook(server).send(MESSAGE)

    ((path, headers, body),) = server.got
    assert path == "/hook?x=1"
    assert headers[SIGNATURE] == signature(SECRET, headers[SENT_AT], body)
    (told,) = json.loads(body)["alerts"]
    assert (told["id"], told["code"], told["times"]) == (ALERT.alert_id, "KILL_SWITCH", 1)
    assert told["raised_at"] == "2026-11-18T11:06:40Z"


def test_a_changed_body_has_another_signature() -> None:
    assert signature(SECRET, "1", b"a") != signature(SECRET, "1", b"b")
    assert signature(SECRET, "1", b"a") != signature(SECRET, "2", b"a")


@pytest.mark.security("S-29")
def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.location = 307, f"http://{server.place}/elsewhere"

    with pytest.raises(ChannelFailed, match="answered 307"):
        a_webhook(server).send(MESSAGE)

    assert [path for path, *_ in server.got] == ["/hook?x=1"]


@pytest.mark.parametrize("status", [400, 404, 500])
def test_another_answer_is_a_failure(server: Server, status: int) -> None:
    server.status = status

    with pytest.raises(ChannelFailed, match=str(status)):
        a_webhook(server).send(MESSAGE)


def test_a_host_that_is_away_is_a_failure(server: Server) -> None:
    hook = a_webhook(server)
    server.server_close()

    with pytest.raises(ChannelFailed, match=r"127\.0\.0\.1"):
        hook.send(MESSAGE)


@pytest.mark.security("S-29")
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/hook",
        "https://169.254.169.254/latest",
        "http://hooks.example.com/",
        "file:///etc/passwd",
        "https://hooks.example.com@evil.test/",
    ],
)
def test_a_webhook_goes_only_where_it_may(url: str) -> None:
    with pytest.raises(ConfigError):
        Webhook(SecretStr(url), SECRET, ["hooks.example.com", "169.254.169.254"])


@pytest.mark.security("S-29")
def test_a_name_that_leads_to_this_machine_is_not_called(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.server_address[1]
    hook = Webhook(SecretStr(f"https://inside.test:{port}/"), SECRET, [f"inside.test:{port}"])
    found = [(2, 1, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: found)

    with pytest.raises(ChannelFailed, match="this machine"):
        hook.send(MESSAGE)

    assert server.got == []


def test_an_apprise_channel_delivers(server: Server) -> None:
    pytest.importorskip("apprise")
    channel = make_channel(wanted_outside(f"json://{server.place}/token-abc"), [server.place])

    channel.send(MESSAGE)

    ((path, _, body),) = server.got
    assert path == "/token-abc"
    assert json.loads(body)["title"] == "CRITICAL SIM: Trading is stopped"


@pytest.mark.security("S-29")
def test_an_apprise_channel_follows_no_redirect_and_says_no_secret(server: Server) -> None:
    pytest.importorskip("apprise")
    server.status, server.location = 307, f"http://{server.place}/elsewhere"
    channel = make_channel(wanted_outside(f"json://{server.place}/token-abc"), [server.place])

    with pytest.raises(ChannelFailed) as failed:
        channel.send(MESSAGE)

    assert len(server.got) == 1
    assert "token-abc" not in str(failed.value)


def wanted_outside(address: str) -> Any:
    from fillpath.monitoring.channels import Wanted  # noqa: PLC0415

    return Wanted(
        name="x",
        kind="apprise",
        address=SecretStr(address),
        secret=SecretStr(""),
        least=Severity.INFO,
    )


@pytest.mark.security("S-29")
@pytest.mark.parametrize(
    "address",
    [
        "json://evil.test/x",
        "jsons://user:word@hooks.example.com/x",
        "xml://169.254.169.254/",
        "slack://a/b/c?redirect=yes",
        "nothing",
    ],
)
def test_an_apprise_address_goes_only_where_it_may(address: str) -> None:
    with pytest.raises(ConfigError):
        make_channel(wanted_outside(address), ["hooks.example.com"])


def test_an_address_that_apprise_does_not_know_fails_in_words() -> None:
    pytest.importorskip("apprise")

    with pytest.raises(ChannelFailed, match="nosuch"):
        make_channel(wanted_outside("nosuch://token"), []).send(MESSAGE)


FILE = """
[ops]
webhook = "https://hooks.example.com/path/token"
secret = "0123456789abcdef0123456789abcdef"
least = "warning"

[phone]
apprise = "tgram://123456:token/chat"
least = "CRITICAL"
"""


def test_a_file_names_every_channel(tmp_path: Path) -> None:
    ops, phone = read_channels(a_file(tmp_path, FILE))

    assert (ops.name, ops.kind, ops.least) == ("ops", "webhook", Severity.WARNING)
    assert (phone.name, phone.kind, phone.least) == ("phone", "apprise", Severity.CRITICAL)


@pytest.mark.security("S-20")
def test_no_secret_is_shown(tmp_path: Path) -> None:
    for wanted in read_channels(a_file(tmp_path, FILE)):
        for text in (repr(wanted), str(wanted), wanted.shown):
            assert "token" not in text
            assert "123456" not in text
            assert "0123456789abcdef" not in text


@pytest.mark.security("S-21")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="chmod 600"):
        read_channels(a_file(tmp_path, FILE, mode))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[a]\nwebhook = 'https://x/'\nsecret = 'short'", "at least 32"),
        ("[a]\nwebhook = 'https://x/'", "at least 32"),
        ("[a]\nleast = 'INFO'", "one address"),
        ("[a]\nwebhook = 'x'\napprise = 'y'", "one address"),
        ("[a]\napprise = 'slack://t'\nleast = 'LOUD'", "least must be"),
        ("[a]\napprise = 'slack://t'\nextra = 'x'", "extra"),
        ("[a]\napprise = 3", "one address"),
        ("a = 3", "must be a section"),
        ("[a\nsecret-in-a-broken-file", "must be TOML"),
        ("\n".join(f"[c{n}]\napprise = 'slack://t'" for n in range(9)), "at most 8"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_words(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word) as refused:
        read_channels(a_file(tmp_path, text))

    assert "secret-in-a-broken-file" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"alerts\.channels"):
        read_channels(tmp_path / "none.toml")
