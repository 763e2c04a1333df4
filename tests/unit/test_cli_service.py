"""The words that run an engine, ask it, feed it and stop it."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_ibkr_venue, app_live, cli
from fillpath.app_parts import Venue
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import Unavailable
from fillpath.runtime.steady import SteadyClock
from fillpath.service.account import AccountService
from fillpath.service.latch import KillLatch, Latch
from fillpath.settings import RISK_FILE, shipped, shipped_limits
from fillpath.testing.builders import START_NS
from tests.unit.service.account_room import Room

Capture = pytest.CaptureFixture[str]


class Engine:
    """A live account in a thread of its own, beside the command that asks it."""

    def __init__(self, folder: Path, account: str = "SIM") -> None:
        self.folder = folder / account
        self.folder.mkdir(parents=True)
        self.room = Room(self.folder, above=folder)
        self._stop = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._trades = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def start(self) -> None:
        self._thread.start()
        assert self._trades.wait(20)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)

    def does(self, act: Callable[[], object]) -> None:
        """Do something in the engine's thread, and wait until it is done."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(act)
        self._loop.call_soon_threadsafe(done.set)
        assert done.wait(20)

    def _serve(self) -> None:
        service = self.room.service()
        self._loop.run_until_complete(service.serve(self._stop, self._trades.set))
        self._loop.close()


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Return a settings file of a simulated account in a folder of its own."""
    path = tmp_path / "fillpath.yaml"
    path.write_text(
        f'engine:\n  folder: "{tmp_path / "data"}"\n  health_port: 0\n'
        'broker:\n  provider: "simulated"\n'
    )
    return path


@pytest.fixture
def engine(settings: Path) -> Iterator[Engine]:
    """Return an engine that trades the account of the settings."""
    engine = Engine(settings.parent / "data")
    engine.start()
    yield engine
    engine.stop()


def said(settings: Path, *words: str) -> int:
    """Run a command on the settings and return its exit code."""
    return cli.main([*words, "--settings", str(settings)])


BUY = ("signal", "AAPL", "long", "0.95", "--quantity", "10", "--id", "one")
REST = ("signal", "AAPL", "long", "0.5", "--quantity", "10", "--id", "resting")


def test_a_signal_by_hand_says_what_became_of_it(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    code = said(settings, *BUY)

    assert code == 0
    assert capsys.readouterr().out.splitlines()[0] == "ORDERED manual/one"
    assert engine.room.words.count("PlaceOrder") == 1


def test_a_refused_signal_is_a_failure_with_its_reason(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, *BUY)
    capsys.readouterr()

    code = said(settings, *BUY)

    assert (code, engine.room.words.count("PlaceOrder")) == (1, 1)
    assert capsys.readouterr().out.splitlines() == [
        "REFUSED DUPLICATE",
        "one of manual was seen before",
    ]


def test_a_signal_carries_what_was_typed(engine: Engine, settings: Path) -> None:
    said(
        settings,
        *("signal", "AAPL", "FLAT", "0.5", "--signal-price", "150.5", "--strategy", "hand"),
        *("--metadata", '{"win_rate": 0.55}'),
    )

    signal = next(r.signal for r in engine.room.records if hasattr(r, "signal"))
    assert (signal.strategy_name, signal.direction) == ("hand", "FLAT")
    assert {name: str(value) for name, value in signal.metadata.items()} == {
        "win_rate": "0.55",
        "signal_price": "150.5",
    }


def test_metadata_that_is_no_json_is_refused(settings: Path, capsys: Capture) -> None:
    code = said(settings, "signal", "AAPL", "LONG", "1", "--metadata", "{")

    assert code == 2
    assert "--metadata must be a JSON object" in capsys.readouterr().err


def test_a_wrong_symbol_is_refused_by_the_engine(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    code = said(settings, "signal", "aapl!", "LONG", "1")

    assert (code, "SignalReceived" in engine.room.words) == (2, False)
    assert "symbol" in capsys.readouterr().err


def test_the_status_is_for_people_and_for_programs(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    code = said(settings, "status")
    shown = capsys.readouterr().out
    coded = said(settings, "status", "--json")
    status = json.loads(capsys.readouterr().out)

    assert (code, coded) == (0, 0)
    assert shown.startswith("SIM SIMULATED  TRADING")
    assert (status["account"], status["records"]) == ("SIM", len(engine.room.records))


@pytest.mark.usefixtures("engine")
def test_the_status_of_an_engine_that_does_not_trade_is_no_success(
    settings: Path, capsys: Capture
) -> None:
    said(settings, "kill")
    capsys.readouterr()

    assert said(settings, "status") == 3
    assert "KILLED" in capsys.readouterr().out


def test_where_no_engine_runs_every_question_says_so(settings: Path, capsys: Capture) -> None:
    code = said(settings, "status")

    assert code == 2
    assert "no engine answers at" in capsys.readouterr().err


def test_a_kill_cancels_what_works_and_says_when_it_is_gone(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, *REST)
    capsys.readouterr()

    code = said(settings, "kill", "--reason", "losing")

    first, second = capsys.readouterr().out.splitlines()
    assert (code, first) == (0, "kill latch set: trading is stopped")
    assert second.startswith("nothing works at the broker any more, after ")
    told = [word for word in engine.room.words if word != "OperatorSeen"]
    assert told[-3:] == ["KillSwitchSet", "CancelOrder", "OrderCancelled"]


@pytest.mark.fault("F-109")
@pytest.mark.usefixtures("engine")
def test_a_second_kill_is_harmless(settings: Path, capsys: Capture) -> None:
    said(settings, "kill")

    assert said(settings, "kill") == 0
    assert "the kill latch was set already" in capsys.readouterr().out


def test_a_cancel_that_is_not_confirmed_is_named(
    engine: Engine, settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(settings, *REST)
    exchange = engine.room.simulated._exchange  # noqa: SLF001  # it is to lose what it is told
    monkeypatch.setattr(exchange, "cancel", lambda *_: None)

    code = said(settings, "kill", "--wait", "0.2")

    assert code == 1
    assert "NOT CONFIRMED manual/resting AAPL SUBMITTED" in capsys.readouterr().out


@pytest.mark.fault("F-109")
def test_a_kill_without_an_engine_holds_from_the_next_start_on(
    settings: Path, capsys: Capture
) -> None:
    code = said(settings, "kill", "--reason", "losing")

    assert code == 3
    assert "it will start killed" in capsys.readouterr().out
    latch = KillLatch(settings.parent / "data" / "SIM").read()
    assert latch is not None
    assert latch.reason == "losing"


@pytest.mark.fault("F-109")
def test_a_kill_works_where_the_disk_takes_no_latch(
    engine: Engine, settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_latch: KillLatch, _why: Latch) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KillLatch, "set", full)

    code = said(settings, "kill")

    assert code == 0
    assert "the kill latch cannot be written: No space left on device" in capsys.readouterr().out
    assert "KillSwitchSet" in engine.room.words


@pytest.mark.fault("F-109")
def test_a_kill_that_nobody_takes_and_nothing_keeps_says_so(
    settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_latch: KillLatch, _why: Latch) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KillLatch, "set", full)

    assert said(settings, "kill") == 3
    assert "NOTHING IS STOPPED" in capsys.readouterr().out


def test_resuming_takes_the_accounts_name(
    engine: Engine, settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(settings, "kill")
    later = SteadyClock().now() + timedelta(seconds=31)  # the command has the machine's own clock
    engine.does(lambda: engine.room.clock.set(later))
    wrong = said(settings, "resume", "--confirm", "MINE")
    typed = os.pipe()
    os.write(typed[1], b"SIM\n")
    with os.fdopen(typed[0]) as keyboard:
        monkeypatch.setattr("sys.stdin", keyboard)
        right = said(settings, "resume")
    os.close(typed[1])

    assert (wrong, right) == (2, 0)
    assert "trading again since" in capsys.readouterr().out
    assert said(settings, "status") == 0


def test_the_first_settings_file_is_the_commented_defaults(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "mine.yaml"

    code = cli.main(["init", str(path)])

    assert code == 0
    assert path.read_text() == shipped()
    assert path.with_name(RISK_FILE).read_text() == shipped_limits()
    assert f"fillpath run --settings {path}" in capsys.readouterr().out


def test_a_settings_file_is_never_overwritten(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("engine: {}\n")

    code = cli.main(["init", str(path)])

    assert (code, path.read_text()) == (2, "engine: {}\n")
    assert "is there already" in capsys.readouterr().err


def test_limits_of_risk_are_never_overwritten(tmp_path: Path, capsys: Capture) -> None:
    path, limits = tmp_path / "mine.yaml", tmp_path / RISK_FILE
    limits.write_text("max_positions: 1\n")

    code = cli.main(["init", str(path)])

    assert (code, limits.read_text(), path.exists()) == (2, "max_positions: 1\n", False)
    assert f"{limits} is there already" in capsys.readouterr().err


def test_a_settings_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: Capture) -> None:
    code = cli.main(["init", str(tmp_path / "nowhere" / "mine.yaml")])

    assert code == 2
    assert "No such file or directory" in capsys.readouterr().err


def test_running_says_where_everything_is_and_pages_every_alarm(
    settings: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(built: app_live.Built, started: Callable[[AccountService], None]) -> None:
        started(built.service)
        built.service.live.parts.page(RaiseAlarm(START_NS, "LATE_FILL", "two\n lines", "one"))
        built.service.live.parts.journal.close()

    monkeypatch.setattr(app_live, "run", run)

    code = said(settings, "run")

    assert code == 0
    began, alert, ended = capsys.readouterr().err.splitlines()
    assert began.startswith("fillpath: account SIM (SIMULATED), files in ")
    assert alert == "ALERT 2026-03-02T14:30:00Z LATE_FILL: two lines (order one)"
    assert ended == "fillpath: stopped; every record is in the journal"


@pytest.fixture
def no_gateway(settings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings want a gateway that is away, and return the settings."""

    async def away(*_: object) -> Venue:
        raise Unavailable("nobody answers at 127.0.0.1:4002")

    monkeypatch.setattr(app_ibkr_venue, "open_venue", away)
    monkeypatch.setenv("SA_BROKER__PROVIDER", "ibkr")
    monkeypatch.setenv("SA_BROKER__ON_CONNECT_FAILURE", "halt")
    monkeypatch.setenv("SA_ENGINE__ACCOUNT", "mine")
    return settings


@pytest.mark.fault("F-57")
def test_an_engine_that_must_not_start_ends_with_a_code_of_its_own(
    no_gateway: Path, capsys: Capture
) -> None:
    code = said(no_gateway, "run")

    alert, why = capsys.readouterr().err.splitlines()
    assert code == 4
    assert alert.startswith("ALERT ")
    assert alert.endswith("BROKER_UNAVAILABLE: nobody answers at 127.0.0.1:4002")
    assert why == (
        "fillpath: UNAVAILABLE: nobody answers at 127.0.0.1:4002; nothing trades, and nothing "
        "stands in for the broker"
    )


@pytest.mark.fault("F-57")
def test_the_status_says_afterwards_why_nothing_trades(no_gateway: Path, capsys: Capture) -> None:
    said(no_gateway, "run")
    capsys.readouterr()

    code = said(no_gateway, "status")

    assert code == 3
    assert "UNAVAILABLE: nobody answers at 127.0.0.1:4002" in capsys.readouterr().out


@pytest.mark.fault("F-57")
def test_an_engine_on_the_stub_says_so_when_it_starts(
    no_gateway: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_BROKER__ON_CONNECT_FAILURE", "paper_stub")

    async def run(built: app_live.Built, started: Callable[[AccountService], None]) -> None:
        started(built.service)
        built.service.live.parts.journal.close()

    monkeypatch.setattr(app_live, "run", run)

    code = said(no_gateway, "run")

    *_, began, degraded, _ = capsys.readouterr().err.splitlines()
    assert code == 0
    assert began.startswith("fillpath: account STUB (STUB), ")
    assert degraded.startswith("fillpath: DEGRADED: the paper stub stands in for ibkr")


@pytest.fixture
def on_the_stub(no_gateway: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return the engine that was started without its broker."""
    monkeypatch.setenv("SA_BROKER__ON_CONNECT_FAILURE", "paper_stub")
    engine = Engine(no_gateway.parent / "data", "STUB")
    engine.start()
    yield engine
    engine.stop()


@pytest.mark.fault("F-57")
@pytest.mark.usefixtures("on_the_stub")
def test_an_engine_on_the_stub_is_found_by_who_asks_for_the_account(
    no_gateway: Path, capsys: Capture
) -> None:
    status = said(no_gateway, "status")
    signal = said(no_gateway, *BUY)

    words = capsys.readouterr()
    assert (status, signal) == (0, 2)
    assert "TRADING" in words.out
    assert words.err.endswith("the paper stub stands in for the broker: give --account STUB\n")


def test_the_doctor_finds_nothing_wrong_with_a_new_account(settings: Path, capsys: Capture) -> None:
    code = said(settings, "doctor")

    assert code == 0
    assert capsys.readouterr().out.endswith("everything is in order\n")


def damage(folder: Path) -> None:
    """Turn bits of a journal over."""
    (folder / app_live.JOURNAL).write_bytes(b"not a journal at all")


def stopped(folder: Path) -> None:
    """Set the latch."""
    KillLatch(folder).set(Latch("losing", "ann", START_NS))


@pytest.mark.parametrize(
    ("harm", "name", "remedy"),
    [
        (damage, "journal", "do not trade"),
        (stopped, "kill latch", "fillpath resume"),
    ],
)
def test_the_doctor_names_each_problem_with_its_remedy(
    settings: Path, capsys: Capture, harm: Callable[[Path], Any], name: str, remedy: str
) -> None:
    folder = settings.parent / "data" / "SIM"
    folder.mkdir(parents=True)
    harm(folder)

    code = said(settings, "doctor")

    lines = capsys.readouterr().out.splitlines()
    found = next(i for i, line in enumerate(lines) if line.startswith(f"FAIL {name}: "))
    assert code == 1
    assert lines[found + 1].startswith(f"     remedy: {remedy}")
    assert lines[-1] == "1 problem"


def test_the_doctor_looks_at_the_settings_first(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("engine:\n  fodler: x\n")

    code = said(path, "doctor")

    assert code == 1
    assert "FAIL settings: " in capsys.readouterr().out


@pytest.mark.usefixtures("engine")
def test_an_empty_id_is_refused_and_not_replaced(settings: Path, capsys: Capture) -> None:
    code = said(settings, "signal", "AAPL", "LONG", "0.95", "--quantity", "1", "--id", "")

    assert code == 2
    assert "signal_id" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(settings: Path, capsys: Capture) -> None:
    (settings.parent / "data").touch()

    code = said(settings, "run")

    assert code == 2
    assert "engine.folder must be a place where " in capsys.readouterr().err
