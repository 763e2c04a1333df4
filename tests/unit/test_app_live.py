"""The live engine put together: settings choose the parts, and what cannot be is refused."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_live
from fillpath.core.errors import ConfigError, JournalError
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.service.account import AccountService
from fillpath.service.hours import AlwaysOpen, ExchangeHours
from fillpath.service.latch import UNREADABLE, Scope
from fillpath.service.status import State, read_status
from fillpath.settings import EngineSettings, Settings, load_settings
from tests.unit.service.account_room import OutsideBroker


def the_settings(folder: Path, **changes: str) -> Settings:
    """Return settings with a folder of their own and no port, changed by variables."""
    variables = {"SA_ENGINE__FOLDER": str(folder), "SA_ENGINE__HEALTH_PORT": "0"}
    return load_settings(None, variables | changes)


def built(folder: Path, **changes: str) -> app_live.Built:
    """Return a live engine, and let go of its journal."""
    found = app_live.build(the_settings(folder, **changes), lambda _: None)
    found.service.live.parts.journal.close()
    return found


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "STUB"),
        ({"SA_BROKER__PROVIDER": "simulated"}, "SIM"),
        ({"SA_ENGINE__ACCOUNT": "mine"}, "mine"),
        ({"SA_BROKER__PROVIDER": "ibkr", "SA_BROKER__IBKR__ACCOUNT_ID": "DU123"}, "DU123"),
    ],
)
def test_an_account_has_the_name_of_its_broker_until_it_is_given_one(
    tmp_path: Path, variables: dict[str, str], name: str
) -> None:
    settings = the_settings(tmp_path, **variables)

    assert app_live.account_name(settings) == name
    assert app_live.account_folder(settings) == tmp_path / name


def test_a_real_broker_without_an_account_must_be_given_a_name(tmp_path: Path) -> None:
    settings = the_settings(tmp_path, SA_BROKER__PROVIDER="ibkr")

    with pytest.raises(ConfigError, match=r"engine\.account must name the account"):
        app_live.account_name(settings)


def test_the_paper_stub_is_what_trades_when_nothing_was_chosen(tmp_path: Path) -> None:
    parts = built(tmp_path).service

    assert parts.parts.mode == "STUB"
    assert isinstance(parts.live.parts.broker, PaperStubBroker)
    assert parts.live.parts.matching is None


def test_the_simulated_broker_matches_what_rests(tmp_path: Path) -> None:
    live = built(tmp_path, SA_BROKER__PROVIDER="simulated").service.live

    assert isinstance(live.parts.broker, SimulatedBroker)
    assert live.parts.matching is not None


def test_a_broker_can_be_brought_along(tmp_path: Path) -> None:
    outside = OutsideBroker()
    found = app_live.build(
        the_settings(tmp_path), lambda _: None, make_broker=lambda _settings, _feed, _clock: outside
    )
    found.service.live.parts.journal.close()

    assert found.service.live.parts.broker is outside


@pytest.mark.parametrize(
    ("hours", "kind"),
    [("auto", AlwaysOpen), ("always", AlwaysOpen), ("exchange", ExchangeHours)],
)
def test_hours_are_chosen_by_name(tmp_path: Path, hours: str, kind: type) -> None:
    found = built(tmp_path, SA_ENGINE__HOURS=hours)

    assert isinstance(found.service.live.parts.hours, kind)


@pytest.mark.parametrize(("feed", "jobs"), [("none", 4), ("modelled", 5), ("auto", 5)])
def test_quotes_come_from_where_the_settings_say(tmp_path: Path, feed: str, jobs: int) -> None:
    assert len(built(tmp_path, SA_ENGINE__FEED=feed).jobs) == jobs


@pytest.mark.fault("F-40")
def test_a_second_engine_on_the_account_is_refused_by_the_journals_lock(tmp_path: Path) -> None:
    first = app_live.build(the_settings(tmp_path), lambda _: None)

    with pytest.raises(JournalError, match="in use"):
        app_live.build(the_settings(tmp_path), lambda _: None)

    first.service.live.parts.journal.close()


def status_in(folder: Path) -> Any:
    """Return the status that was written last."""
    return read_status((folder / "STUB" / "status.json").read_bytes())


async def lived(folder: Path, then: Callable[[AccountService], None]) -> AccountService:
    """Run a live engine, do something once it trades, and return it after it ended."""
    services: list[AccountService] = []

    def started(service: AccountService) -> None:
        services.append(service)
        then(service)

    found = app_live.build(the_settings(folder), lambda _: None)
    async with asyncio.timeout(20):
        await app_live.run(found, started)
    return services[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_of_the_system_ends_it_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    await lived(tmp_path, lambda _: os.kill(os.getpid(), number))

    assert status_in(tmp_path).state is State.STOPPED
    app_live.build(the_settings(tmp_path), lambda _: None).service.live.parts.journal.close()


@pytest.fixture
def _hangup() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_hangup")
async def test_a_terminal_that_is_closed_ends_it_cleanly(tmp_path: Path) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

    await lived(tmp_path, lambda _: os.kill(os.getpid(), signal.SIGHUP))

    assert status_in(tmp_path).state is State.STOPPED


@pytest.mark.usefixtures("_hangup")
async def test_what_was_told_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def end(_: AccountService) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        os.kill(os.getpid(), signal.SIGTERM)

    await lived(tmp_path, end)

    assert status_in(tmp_path).state is State.STOPPED


@pytest.mark.fault("F-114")
@pytest.mark.parametrize(
    ("channels", "seconds", "looks"),
    [("channels.toml", "60", 1), ("channels.toml", "0", 0), ("", "60", 0)],
)
def test_where_channels_are_named_somebody_looks_whether_they_are_heard(
    tmp_path: Path, channels: str, seconds: str, looks: int
) -> None:
    where = {"SA_ALERTS__CHANNELS": channels, "SA_ALERTS__HOLD_SECONDS": seconds}

    jobs = built(tmp_path, **where).jobs

    assert sum(job.__qualname__ == "Unheard.run" for job in jobs) == looks


@pytest.mark.control("A-16", "refuses")
@pytest.mark.fault("F-109")
@pytest.mark.security("S-36")
async def test_the_signal_usr1_kills_the_account(tmp_path: Path) -> None:
    def kill(service: AccountService) -> None:
        turn = service.live.turnstile.next_turn()
        turn.add_done_callback(lambda _: os.kill(os.getpid(), signal.SIGTERM))
        os.kill(os.getpid(), signal.SIGUSR1)

    service = await lived(tmp_path, kill)

    assert service.live.desk.state.killed == "the signal SIGUSR1"
    assert (tmp_path / "STUB" / "kill.json").exists()


async def test_a_file_made_by_hand_above_the_accounts_kills_each_of_them(tmp_path: Path) -> None:
    def kill(service: AccountService) -> None:
        (tmp_path / "kill.json").touch()
        turn = service.live.turnstile.next_turn()
        turn.add_done_callback(lambda _: os.kill(os.getpid(), signal.SIGTERM))
        service.live.wake()

    service = await lived(tmp_path, kill)

    (latch,) = service.live.desk.state.latches
    assert (latch.scope, latch.reason) == (Scope.ALL, UNREADABLE)


async def test_a_journal_that_fails_ends_everything_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is closed"):
        await lived(tmp_path, lambda service: service.live.parts.journal.close())


def test_a_health_port_is_there_unless_it_is_0() -> None:
    assert EngineSettings().health_port == 8787
    assert Decimal(EngineSettings().resume_delay_seconds) == 30


async def test_the_tables_are_made_anew_from_the_journal(tmp_path: Path) -> None:
    await lived(tmp_path, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    settings = the_settings(tmp_path)

    records = await app_live.rebuild_tables(settings)

    assert records >= 2
    assert (tmp_path / "STUB" / app_live.STORE).exists()


async def test_tables_of_an_unknown_account_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be the folder of an account"):
        await app_live.rebuild_tables(the_settings(tmp_path), "NOBODY")


def test_an_account_of_a_fleet_is_named_once(tmp_path: Path) -> None:
    engine = the_settings(tmp_path).engine.model_copy(update={"accounts": "A, B, A"})

    with pytest.raises(ConfigError, match="name each account once"):
        app_live.fleet_accounts(the_settings(tmp_path).model_copy(update={"engine": engine}))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["snapshot", "upkeep", "report-daily", "report-weekly", "backup"]),
        ({"SA_ENGINE__KEEP_BACKUPS": "0"}, ["snapshot", "upkeep", "report-daily", "report-weekly"]),
    ],
)
def test_housekeeping_is_what_the_settings_ask_for(
    tmp_path: Path, changes: dict[str, str], names: list[str]
) -> None:
    jobs = built(tmp_path, **changes).service.jobs

    assert jobs is not None
    assert [row.name for row in jobs.rows()] == names
