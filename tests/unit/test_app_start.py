"""The start with a broker outside: reached, replaced once and loudly, or not started at all."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from fillpath import app_live, app_start
from fillpath.app_parts import Venue
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, ConfigError, Unavailable
from fillpath.data.feeds.memory import MemoryFeed
from fillpath.execution.broker.paper_stub import PaperStubBroker
from fillpath.risk.binding import ACCOUNT_BINDING, BROKER_UNAVAILABLE
from fillpath.runtime.steady import SteadyClock
from fillpath.service.account import AccountService
from fillpath.service.live import Live
from fillpath.service.status import Part, State, Status
from fillpath.service.unavailable import last_word
from fillpath.settings import Settings, load_settings

PAPER: Final = {"SA_BROKER__PROVIDER": "ibkr", "SA_BROKER__IBKR__ACCOUNT_ID": "DU123"}
HALT: Final = PAPER | {"SA_BROKER__ON_CONNECT_FAILURE": "halt"}
LIVE: Final = {
    "SA_BROKER__PROVIDER": "ibkr",
    "SA_BROKER__PAPER_TRADING": "false",
    "SA_BROKER__IBKR__ACCOUNT_ID": "U123",
    "SA_BROKER__IBKR__PORT": "4001",
    "SA_RISK__AUTONOMY__MODE": "FULL_AUTONOMOUS",
}


class Gateway:
    """A gateway that is reached, is away, or must not be traded at."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.closed = 0
        self.asked = 0
        self.served: list[Live] = []

    async def reach(self, _settings: Settings, clock: SteadyClock, _page: object) -> Venue:
        self.asked += 1
        if self.error is not None:
            raise self.error
        feed = MemoryFeed()
        return Venue(
            broker=PaperStubBroker(feed, clock),
            market=feed,
            clock=clock,
            jobs=(),
            parts=lambda: (Part(name="gateway", kind="fake", healthy=True),),
            attach=self.served.append,
            close=self.close,
        )

    async def close(self) -> None:
        self.closed += 1


AWAY: Final = Unavailable("nobody answers at 127.0.0.1:4002")


def the_settings(folder: Path, variables: Mapping[str, str]) -> Settings:
    """Return settings with a folder of their own and no port."""
    mine = {"SA_ENGINE__FOLDER": str(folder), "SA_ENGINE__HEALTH_PORT": "0"}
    return load_settings(None, mine | dict(variables))


def word(folder: Path) -> Status:
    """Return the status that was written last."""
    found = last_word(folder)
    assert found is not None
    return found


def files(folder: Path) -> list[str]:
    """Return every name below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


async def refused(folder: Path, variables: Mapping[str, str], error: Exception) -> list[RaiseAlarm]:
    """Let a start halt, and return what a person was told."""
    told: list[RaiseAlarm] = []
    with pytest.raises(app_start.Halted, match=r"^UNAVAILABLE: "):
        await app_start.begin(the_settings(folder, variables), told.append, Gateway(error).reach)
    return told


async def test_an_engine_without_a_broker_outside_connects_to_nothing(tmp_path: Path) -> None:
    gateway = Gateway()
    settings = the_settings(tmp_path, {})

    begun = await app_start.begin(settings, lambda _: None, gateway.reach)

    assert (begun.settings, begun.venue, begun.notice) == (settings, None, "")
    assert gateway.asked == 0


@pytest.mark.fault("F-57")
@pytest.mark.control("C-42", "refuses")
@pytest.mark.parametrize(
    ("variables", "account", "mode"),
    [(LIVE, "U123", "LIVE"), (HALT, "DU123", "PAPER")],
    ids=["live", "halt"],
)
async def test_a_gateway_that_is_away_halts_the_start_and_leaves_word(
    tmp_path: Path, variables: dict[str, str], account: str, mode: str
) -> None:
    told = await refused(tmp_path, variables, AWAY)

    left = word(tmp_path / account)
    assert [alarm.code for alarm in told] == [BROKER_UNAVAILABLE]
    assert (left.state, left.mode, left.account) == (State.UNAVAILABLE, mode, account)
    assert left.why == "nobody answers at 127.0.0.1:4002"
    assert files(tmp_path) == [account, f"{account}/status.json"]


@pytest.mark.fault("F-58")
@pytest.mark.control("C-41", "refuses")
@pytest.mark.parametrize("variables", [LIVE, HALT, PAPER], ids=["live", "halt", "paper"])
async def test_a_gateway_that_must_not_be_traded_at_is_never_replaced(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    wrong = BrokerRefused(ACCOUNT_BINDING, "the account is none for paper trading")

    told = await refused(tmp_path, variables, wrong)

    assert [(alarm.code, alarm.text) for alarm in told] == [(wrong.code, wrong.text)]
    assert not (tmp_path / "STUB").exists()


async def test_the_last_figures_stay_readable_when_a_start_halts(tmp_path: Path) -> None:
    await refused(tmp_path, HALT, AWAY)
    path = tmp_path / "DU123" / "status.json"
    path.write_bytes(path.read_bytes().replace(b'"cash":"0"', b'"cash":"512.25"'))

    await refused(tmp_path, HALT, Unavailable("still away"))

    assert (word(path.parent).cash, word(path.parent).why) == ("512.25", "still away")


async def test_a_contradiction_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    gateway = Gateway(AWAY)
    settings = the_settings(tmp_path, PAPER | {"SA_ENGINE__FEED": "modelled"})

    with pytest.raises(ConfigError, match=r"engine\.feed"):
        await app_start.begin(settings, lambda _: None, gateway.reach)

    assert gateway.asked == 0


@pytest.mark.parametrize("feed", ["auto", "ibkr", "none"])
async def test_in_paper_trading_the_stub_stands_in_under_its_own_account(
    tmp_path: Path, feed: str
) -> None:
    told: list[RaiseAlarm] = []
    settings = the_settings(tmp_path, PAPER | {"SA_ENGINE__FEED": feed})

    begun = await app_start.begin(settings, told.append, Gateway(AWAY).reach)

    engine, broker = begun.settings.engine, begun.settings.broker
    assert (broker.provider, engine.account) == ("paper_stub", "STUB")
    assert engine.feed == ("none" if feed == "none" else "auto")
    assert begun.notice.startswith("the paper stub stands in for ibkr since this start")
    assert [(alarm.code, alarm.text) for alarm in told] == [(BROKER_UNAVAILABLE, begun.notice)]


async def lived(folder: Path, variables: dict[str, str], gateway: Gateway) -> AccountService:
    """Run an engine to its clean end, and return what it was."""
    services: list[AccountService] = []

    def started(service: AccountService) -> None:
        services.append(service)
        os.kill(os.getpid(), signal.SIGTERM)

    settings = the_settings(folder, variables)
    await app_start.run(settings, lambda _: None, started, reach=gateway.reach)
    return services[0]


async def test_who_trades_on_the_stub_is_told_wherever_they_look(tmp_path: Path) -> None:
    service = await lived(tmp_path, PAPER, Gateway(AWAY))

    left = word(tmp_path / "STUB")
    assert isinstance(service.live.parts.broker, PaperStubBroker)
    assert (left.mode, left.degraded) == ("STUB", True)
    assert "every fill of account STUB is invented" in left.notice
    assert not (tmp_path / "DU123").exists()


async def test_a_gateway_that_is_reached_is_what_the_engine_trades_at(tmp_path: Path) -> None:
    gateway = Gateway()

    service = await lived(tmp_path, PAPER, gateway)

    left = word(tmp_path / "DU123")
    assert (left.mode, left.account, left.notice) == ("PAPER", "DU123", "")
    assert "gateway" in [part.name for part in service.parts.parts()]
    assert gateway.served == [service.live]
    assert gateway.closed == 1


async def test_an_engine_that_cannot_be_built_lets_go_of_the_gateway(tmp_path: Path) -> None:
    gateway = Gateway()
    (tmp_path / "DU123").mkdir()
    (tmp_path / "DU123" / app_live.JOURNAL).write_bytes(b"no journal at all")

    with pytest.raises(Exception, match="journal"):
        await lived(tmp_path, PAPER, gateway)

    assert gateway.closed == 1
