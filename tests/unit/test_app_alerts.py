"""Alerts put together: rules and channels of the settings, tests of them, and acknowledging."""

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath import app_alerts
from fillpath.app_alerts import (
    AlertDesk,
    BookedAlerts,
    deliver,
    delivering,
    rules_of,
    telling,
    try_channels,
)
from fillpath.cli import main
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import ConfigError, JournalFull, Unavailable
from fillpath.core.listings import AlertShown, Page, Wanted
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.delivery import LAST_WORD, Delivery
from fillpath.monitoring.kinds import Severity
from fillpath.settings import Settings, load_settings
from fillpath.testing.builders import START
from tests.unit.monitoring.desk_of_alerts import a_fact
from tests.unit.monitoring.test_channels import Server

SIGNS = "0123456789abcdef" * 2


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def variables(folder: Path, server: Server | None = None, **more: str) -> dict[str, str]:
    known = {"SA_ENGINE__FOLDER": str(folder / "data"), "SA_ENGINE__HEALTH_PORT": "0"}
    if server is not None:
        path = folder / "channels.toml"
        path.write_text(f'[ops]\nwebhook = "http://{server.place}/x"\nsecret = "{SIGNS}"\n')
        path.chmod(0o600)
        known |= {"SA_ALERTS__CHANNELS": str(path), "SA_ALERTS__HOSTS": server.place}
    return known | more


def the_settings(folder: Path, server: Server | None = None, **more: str) -> Settings:
    return load_settings(None, variables(folder, server, **more))


def standing(folder: Path) -> list[str]:
    with AlertBook(folder / "data") as book:
        return [f"{alert.account} {alert.code}" for alert in book.listed(standing=True)]


def test_rules_come_from_the_settings(tmp_path: Path) -> None:
    rules = rules_of(
        the_settings(
            tmp_path,
            SA_ALERTS__REPEAT_CRITICAL_SECONDS="30",
            SA_ALERTS__QUIET_FROM="22:00",
            SA_ALERTS__QUIET_UNTIL="07:00",
        )
    )

    assert rules.repeat_ns[Severity.CRITICAL] == 30 * 10**9
    assert rules.quiet is not None


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("QUIET_FROM", "25:00", "HH:MM"),
        ("QUIET_FROM", "22:00", "quiet_until"),
        ("QUIET_UNTIL", "07:00", "quiet_from"),
        ("QUIET_ZONE", "Nowhere/Land", "time zone"),
    ],
)
def test_quiet_hours_that_cannot_be_are_refused(
    tmp_path: Path, name: str, value: str, word: str
) -> None:
    with pytest.raises(ConfigError, match=word):
        the_settings(tmp_path, None, **{f"SA_ALERTS__{name}": value})


def test_a_test_says_of_each_channel_whether_it_took_the_message(
    tmp_path: Path, server: Server
) -> None:
    settings = the_settings(tmp_path, server)

    (good,) = try_channels(settings)
    server.status = 500
    (bad,) = try_channels(settings, "ops")

    assert good.problem == ""
    assert bad.problem == "127.0.0.1 answered 500"


def test_an_unknown_channel_cannot_be_tested(tmp_path: Path, server: Server) -> None:
    with pytest.raises(ConfigError, match="must be one of ops"):
        try_channels(the_settings(tmp_path, server), "phone")


def test_a_channel_that_leads_where_it_must_not_is_named(tmp_path: Path, server: Server) -> None:
    settings = the_settings(tmp_path, server, SA_ALERTS__HOSTS="hooks.example.com")

    with pytest.raises(ConfigError, match=r"\[ops\].*not among the hosts"):
        try_channels(settings)


def test_a_start_that_is_refused_is_told(tmp_path: Path) -> None:
    logged: list[RaiseAlarm] = []

    def start() -> None:
        with telling(the_settings(tmp_path), "DU1", logged.append) as post:
            post.page(RaiseAlarm(1, "BROKER_UNAVAILABLE", "nobody answers"))
            raise Unavailable("no broker")

    with pytest.raises(Unavailable):
        start()

    assert standing(tmp_path) == ["DU1 START_REFUSED", "DU1 BROKER_UNAVAILABLE"]
    assert [alarm.code for alarm in logged] == ["BROKER_UNAVAILABLE"]


@pytest.mark.parametrize(
    ("error", "code"),
    [(JournalFull("no room"), "JOURNAL_TROUBLE"), (Unavailable("bus"), "ENGINE_STOPPED")],
)
def test_an_engine_that_has_to_stop_is_told(tmp_path: Path, error: Exception, code: str) -> None:
    def trade() -> None:
        with telling(the_settings(tmp_path), "SIM", lambda _: None) as post:
            post.begun()
            raise error

    with pytest.raises(type(error)):
        trade()

    assert standing(tmp_path) == [f"SIM {code}"]


async def test_acknowledging_needs_no_engine(tmp_path: Path) -> None:
    with AlertBook(tmp_path / "data") as book:
        book.take([a_fact(), a_fact("IN_DOUBT", "lost", account="OTHER")])
    desk = AlertDesk(the_settings(tmp_path))

    (known,) = await desk.acknowledge("all", "ann", "SIM")

    assert (known["code"], known["acknowledged_by"]) == ("KILL_SWITCH", "")
    assert [row["code"] for row in await desk.listed(standing=True)] == ["IN_DOUBT"]
    (row,) = await desk.listed("SIM")
    assert row["acknowledged_by"] == "ann"


async def test_the_dashboard_sees_pages_of_alerts_and_acknowledges(tmp_path: Path) -> None:
    with AlertBook(tmp_path / "data") as book:
        book.take([a_fact(), *[a_fact("SYMBOL_QUARANTINED", f"{name}: odd") for name in "AB"]])
    alerts = BookedAlerts(the_settings(tmp_path))

    async def page(after: str = "", *, standing: bool = False, code: str = "") -> Page[AlertShown]:
        wanted = Wanted(code=code or None, since=START)
        return await alerts.page("SIM", wanted, unacknowledged=standing, limit=2, after=after)

    first = await page()
    assert [row.text for row in first.rows] == ["B: odd", "A: odd"]
    assert [row.id for row in (await page(first.after)).rows] == ["1"]
    assert (await page(code="KILL_SWITCH")).rows[0].severity == "CRITICAL"
    assert await alerts.acknowledge("SIM", "2", "ann")
    assert not await alerts.acknowledge("SIM", "99", "ann")
    assert not await alerts.acknowledge("OTHER", "1", "ann")
    assert [row.id for row in (await page(standing=True)).rows] == ["3", "1"]
    assert (await page()).rows[1].acknowledged_by == "ann"


async def test_whoever_answers_the_pager_has_acknowledged(tmp_path: Path) -> None:
    with AlertBook(tmp_path / "data") as book:
        book.take([a_fact(), a_fact("SYMBOL_QUARANTINED", "AAPL: odd")])

    await AlertDesk(the_settings(tmp_path)).answered(["quarantine AAPL"], "ann", "SIM")

    assert standing(tmp_path) == ["SIM KILL_SWITCH"]


def test_without_channels_nothing_is_started(tmp_path: Path) -> None:
    assert not isinstance(delivering(the_settings(tmp_path), None, "SIM"), Delivery)


def test_with_channels_a_process_is(tmp_path: Path, server: Server) -> None:
    made = delivering(the_settings(tmp_path, server), tmp_path / "f.yaml", "SIM")

    assert isinstance(made, Delivery)


@pytest.mark.parametrize(("word", "codes"), [(LAST_WORD, []), (b"", ["ENGINE_GONE"])])
def test_what_is_left_is_told_after_the_engine_has_ended(
    tmp_path: Path, server: Server, word: bytes, codes: list[str]
) -> None:
    settings = the_settings(tmp_path, server)
    with telling(settings, "SIM", lambda _: None) as post:
        post.note("ALERT_TEST", "last words")

    deliver(settings, "SIM", io.BytesIO(word))

    told = b"".join(body for *_, body in server.got).decode()
    assert "last words" in told
    assert ["ENGINE_GONE"] * ("ENGINE_GONE" in told) == codes


def test_a_channel_that_stays_dead_ends_the_wait(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_alerts, "DRAIN_SECONDS", 0.3)
    server.status = 500
    settings = the_settings(tmp_path, server)
    with telling(settings, "SIM", lambda _: None) as post:
        post.note("ALERT_TEST", "last words")

    deliver(settings, "SIM", io.BytesIO(LAST_WORD))

    with AlertBook(tmp_path / "data") as book:
        assert [state.waiting for state in book.channels()] == [1]


class Terminal:
    """The commands with an environment of their own."""

    def __init__(
        self, known: dict[str, str], shown: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.shown = shown
        for name, value in known.items():
            patch.setenv(name, value)

    def run(self, *words: str) -> tuple[int, str]:
        code = main(["alerts", *words])
        said = self.shown.readouterr()
        return code, said.out + said.err


@pytest.fixture
def terminal(
    tmp_path: Path,
    server: Server,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    return Terminal(variables(tmp_path, server), capsys, monkeypatch)


def test_the_commands_show_and_acknowledge(tmp_path: Path, terminal: Terminal) -> None:
    with AlertBook(tmp_path / "data") as book:
        book.take(
            [a_fact(), a_fact(at=a_fact().at + 1), a_fact("IN_DOUBT", "lost", order_id="a/1")]
        )

    _, before = terminal.run("list")
    code, done = terminal.run("acknowledge", "1", "--by", "ann")
    _, after = terminal.run("list", "--every")
    _, plain = terminal.run("list", "--json")
    _, again = terminal.run("acknowledge", "1")

    assert "KILL_SWITCH: ann: losing, 2 times" in before
    assert "IN_DOUBT: lost, order a/1" in before
    assert (code, done) == (0, "acknowledged 1 KILL_SWITCH: ann: losing\n")
    assert "acknowledged by ann (" in after
    assert '"code": "IN_DOUBT"' in plain
    assert again == "nothing waited for that\n"


def test_an_empty_book_says_so(terminal: Terminal) -> None:
    assert terminal.run("list") == (0, "nothing waits for anybody\n")


def test_a_wrong_alert_is_one_sentence(terminal: Terminal) -> None:
    code, said = terminal.run("acknowledge", "7")

    assert code == 2
    assert "must be the number or id" in said


def test_the_test_has_an_exit_code(terminal: Terminal, server: Server) -> None:
    good = terminal.run("test")
    server.status = 404
    bad = terminal.run("test", "--channel", "ops")

    assert good == (0, f"ops  http://{server.place}/***  delivered\n")
    assert bad == (1, f"ops  http://{server.place}/***  failed: 127.0.0.1 answered 404\n")


def test_channels_say_how_they_are(tmp_path: Path, terminal: Terminal) -> None:
    _, unused = terminal.run("channels")
    with AlertBook(tmp_path / "data") as book:
        book.register({"ops": Severity.INFO})
        book.failed("ops", [], 10**18, "nobody is there")
    code, failing = terminal.run("channels")
    with AlertBook(tmp_path / "data") as book:
        book.told("ops", [], 10**18)
    _, works = terminal.run("channels")

    assert "not used yet" in unused
    assert (code, "nobody is there" in failing) == (1, True)
    assert "delivered 2001-09-09T01:46:40Z, 0 wait" in works


def test_without_channels_a_test_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = Terminal(variables(tmp_path), capsys, monkeypatch).run("test")

    assert code == 1
    assert "is empty" in said
