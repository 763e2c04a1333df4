"""Stopping a part of the account, or every account, from the command line."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fillpath.core.errors import ConfigError
from fillpath.service.control import ask
from fillpath.service.latch import KillLatch, Latch, Scope
from tests.unit.test_cli_service import REST, Capture, Engine, said

BUY = ("signal", "AAPL", "long", "0.95", "--quantity", "10", "--id", "bought")


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Return a settings file of a simulated account in a folder of its own."""
    path = tmp_path / "fillpath.yaml"
    path.write_text(
        f'engine:\n  folder: "{tmp_path / "data"}"\n  health_port: 0\n'
        "  resume_delay_seconds: 0\n"
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


def kept(settings: Path) -> list[Latch]:
    """Return what is stopped on disk."""
    data = settings.parent / "data"
    return list(KillLatch(data / "SIM", data).every())


@pytest.mark.control("A-16", "refuses")
@pytest.mark.parametrize("words", [("--strategy", "manual"), ("--symbol", "aapl")])
def test_a_part_is_killed_with_its_orders(
    engine: Engine, settings: Path, capsys: Capture, words: tuple[str, str]
) -> None:
    said(settings, *REST)

    code = said(settings, "kill", *words, "--reason", "losing")
    refused = said(settings, "signal", "AAPL", "long", "0.5", "--quantity", "1")

    assert (code, refused) == (0, 1)
    assert engine.room.words.count("OrderCancelled") == 1
    assert "is off: losing" in capsys.readouterr().out


@pytest.mark.control("A-16", "passes")
def test_the_rest_of_the_account_trades_on(engine: Engine, settings: Path) -> None:
    said(settings, *REST)

    said(settings, "kill", "--symbol", "MSFT")

    assert said(settings, "status") == 0
    assert "OrderCancelled" not in engine.room.words


@pytest.mark.usefixtures("engine")
def test_the_status_names_what_is_stopped(settings: Path, capsys: Capture) -> None:
    said(settings, "kill", "--symbol", "MSFT", "--reason", "news")
    said(settings, "status")

    assert "stopped by KILL_SWITCH symbol MSFT: news" in capsys.readouterr().out


@pytest.mark.fault("F-110")
def test_only_the_scope_that_is_named_is_resumed(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, "kill", "--symbol", "MSFT", "--reason", "news")
    said(settings, "kill", "--strategy", "manual")
    engine.does(lambda: engine.room.clock.advance(31))

    other = said(settings, "resume", "--confirm", "SIM")
    code = said(settings, "resume", "--strategy", "manual", "--confirm", "SIM")

    words = capsys.readouterr()
    assert (other, code) == (2, 0)
    assert "account is not stopped, but " in words.err
    assert "still: symbol MSFT is off: news" in words.out
    assert [latch.key for latch in kept(settings)] == [(Scope.SYMBOL, "MSFT")]


@pytest.mark.usefixtures("engine")
def test_every_account_is_killed_at_once(settings: Path, capsys: Capture) -> None:
    assert said(settings, "kill", "--all", "--reason", "storm") == 0
    assert said(settings, "status") == 3
    assert [latch.scope for latch in kept(settings)] == [Scope.ALL]
    assert "KILL_SWITCH all trading: storm" in capsys.readouterr().out


def test_every_account_is_resumed_by_a_word_of_its_own(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, "kill", "--all")
    engine.does(lambda: engine.room.clock.advance(31))

    wrong = said(settings, "resume", "--all", "--confirm", "SIM")
    right = said(settings, "resume", "--all", "--confirm", "ALL")

    assert (wrong, right) == (2, 0)
    assert "type ALL to resume" in capsys.readouterr().err
    assert kept(settings) == []


def test_an_account_whose_engine_is_down_is_named_and_the_others_resume(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    gone = settings.parent / "data" / "GONE"
    gone.mkdir()
    (gone / "status.json").write_text("{}")
    killed = said(settings, "kill", "--all")
    engine.does(lambda: engine.room.clock.advance(31))

    resumed = said(settings, "resume", "--all", "--confirm", "ALL")

    words = capsys.readouterr().out
    assert (killed, resumed) == (3, 1)
    assert "GONE: no engine answers" in words
    assert "trading again since" in words


def test_where_there_is_no_account_none_is_resumed(settings: Path, capsys: Capture) -> None:
    assert said(settings, "resume", "--all", "--confirm", "ALL") == 2
    assert "there is no account here" in capsys.readouterr().err


def test_every_account_can_be_killed_before_there_is_one(settings: Path) -> None:
    assert said(settings, "kill", "--all") == 0
    assert [latch.scope for latch in kept(settings)] == [Scope.ALL]


@pytest.mark.parametrize(
    "words", [("--all", "--symbol", "AAPL"), ("--all", "--account", "SIM"), ("--symbol", "a b")]
)
def test_a_scope_that_cannot_be_is_refused(settings: Path, words: tuple[str, ...]) -> None:
    assert said(settings, "kill", *words) == 2
    assert kept(settings) == []


@pytest.mark.usefixtures("engine")
def test_the_account_may_be_named_or_left_out(settings: Path) -> None:
    assert said(settings, "kill", "--account") == 0
    assert [latch.scope for latch in kept(settings)] == [Scope.ACCOUNT]


@pytest.mark.control("P-12", "passes")
@pytest.mark.usefixtures("engine")
def test_a_drill_shows_its_timings_and_is_remembered(settings: Path, capsys: Capture) -> None:
    before = said(settings, "drills")
    said(settings, *REST)

    code = said(settings, "kill", "--drill")
    after = said(settings, "drills")

    words = capsys.readouterr().out
    assert (before, code, after) == (0, 0, 0)
    assert "no drill yet" in words
    assert "trading stays stopped until fillpath resume" in words
    assert words.count("last confirmation") == 2
    assert kept(settings)[0].reason == "drill: no reason given"


def test_a_drill_needs_an_engine_and_one_account(settings: Path, capsys: Capture) -> None:
    assert said(settings, "kill", "--drill") == 2
    assert said(settings, "kill", "--drill", "--all") == 2
    assert kept(settings) == []
    assert "no engine answers" in capsys.readouterr().err


@pytest.mark.fault("F-112")
@pytest.mark.control("A-16", "passes")
def test_a_kill_may_give_up_what_is_held_and_pressing_it_twice_sells_once(
    engine: Engine, settings: Path, capsys: Capture
) -> None:
    said(settings, *BUY)

    first = said(settings, "kill", "--flatten", "--wait", "0.1")
    second = said(settings, "kill", "--flatten", "--wait", "0.1")
    engine.does(engine.room.tick)
    gone(engine)
    third = said(settings, "kill", "--flatten")
    said(settings, "status")

    words = capsys.readouterr().out
    assert (first, second, third) == (1, 1, 0)
    assert "giving up 1 positions" in words
    assert "still held: AAPL 10; it goes on by itself" in words
    assert engine.room.words.count("PlaceOrder") == 2
    assert "positions  AAPL" not in words


@pytest.mark.parametrize("words", [(), ("--strategy", "manual"), ("--symbol", "AAPL")])
def test_a_kill_says_what_is_still_held_of_its_scope(
    engine: Engine, settings: Path, capsys: Capture, words: tuple[str, ...]
) -> None:
    said(settings, *BUY)
    capsys.readouterr()

    code = said(settings, "kill", *words)

    assert engine.room.words.count("PlaceOrder") == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert (code, last) == (0, "still held: AAPL 10; fillpath kill --flatten gives it up")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("word", "name"), [("strategy", "nobody"), ("symbol", "NONE")])
def test_a_kill_of_what_nobody_knows_says_so(
    settings: Path, capsys: Capture, word: str, name: str
) -> None:
    said(settings, *BUY)
    capsys.readouterr()

    said(settings, "kill", f"--{word}", name)

    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"kill latch set: {word} {name} is stopped"
    assert second.startswith(f"nothing of {word} {name} works at the broker any more, after ")
    assert third == f"nothing was ever heard of {word} {name} here: is that its name?"


def test_a_kill_without_settings_says_that_nothing_is_stopped(
    settings: Path, capsys: Capture
) -> None:
    settings.write_text("engine: [")

    code = said(settings, "kill")

    words = capsys.readouterr().err
    assert code == 2
    assert "NOTHING IS STOPPED: " in words
    assert "put an empty file kill.json into engine.folder" in words


@pytest.mark.fault("F-100")
@pytest.mark.usefixtures("engine")
def test_a_reason_can_say_anything_and_do_nothing(settings: Path, capsys: Capture) -> None:
    said(settings, "kill", "--symbol", "MSFT", "--reason", "[/red]\x1b[31m\nALERT all is well")

    capsys.readouterr()
    code = said(settings, "status")

    words = capsys.readouterr().out
    assert code == 0
    assert "[/red]\\x1b[31m\\nALERT all is well" in words
    assert "\x1b" not in words


def gone(engine: Engine) -> None:
    """Wait until nothing is held."""
    for _ in range(200):
        if not engine.room.live.desk.state.book.holdings:
            return
        engine.does(lambda: None)
        threading.Event().wait(0.02)
    raise AssertionError("it is still held")


@pytest.mark.usefixtures("engine")
def test_what_is_not_killed_cannot_be_given_up(settings: Path, capsys: Capture) -> None:
    folder = settings.parent / "data" / "SIM"

    with pytest.raises(ConfigError, match="only what is killed is flattened"):
        asyncio.run(ask(folder, {"do": "flatten"}))

    assert capsys.readouterr().out == ""
