"""The doctor's walk to Interactive Brokers, over a real socket: each line says what to change."""

import socket
from collections.abc import AsyncIterator
from importlib import metadata
from pathlib import Path

import pytest

from fillpath import app_ibkr_doctor
from fillpath.app_ibkr_doctor import Examination, examine_ibkr
from fillpath.ibkr.verifying import PORTS
from fillpath.service.finding import Finding
from fillpath.settings import Settings, load_settings
from fillpath.testing.gateway import Gateway, Setup
from fillpath.testing.gateway.faults import Ignore, Refuse
from tests.integration.ibkr.bars import SlowClock, with_history
from tests.integration.ibkr.gateway_settings import settings_for
from tests.integration.ibkr.library import library

READ_ONLY = (
    "Error validating request:-'bQ' : cause - The API interface is currently in Read-Only mode."
)
EVERY_LINE = [
    *("settings", "library", "socket", "handshake", "account", "orders", "clock", "contract"),
    *("market data", "volume", "client ids", "daily restart"),
]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """Yield a gateway that lacks nothing."""
    async with Gateway() as open_gateway:
        with_history(open_gateway, "AAPL")
        open_gateway.quote("AAPL", "189.50", "189.60")
        yield open_gateway


async def walked(
    settings: Settings, symbol: str = "AAPL", *, is_open: bool = True
) -> dict[str, Finding]:
    """Return what the doctor finds, by the name of its line."""
    examination = Examination(settings, symbol, is_open=lambda _: is_open)
    return {found.name: found async for found in examine_ibkr(examination)}


async def test_a_set_up_that_lacks_nothing_is_in_order_to_the_last_line(
    gateway: Gateway, tmp_path: Path
) -> None:
    found = await walked(settings_for(gateway, tmp_path))

    assert [one for one in found.values() if not one.healthy] == []
    assert list(found) == EVERY_LINE
    assert "AAPL,265598,liquid,USD,NASDAQ" in found["contract"].detail
    assert found["account"].detail == "******567, paper"
    assert found["client ids"].detail == "1, 2, 3, 10 are free"
    assert gateway.log.count("placeOrder") == 0


async def test_another_broker_is_none_to_walk_to() -> None:
    found = await walked(load_settings(None, {}))

    assert list(found) == ["settings"]
    assert found["settings"].remedy == "set broker.provider: ibkr"


async def test_what_contradicts_itself_is_named_before_anything_is_tried(
    gateway: Gateway, tmp_path: Path
) -> None:
    found = await walked(settings_for(gateway, tmp_path, ENGINE__FEED="modelled"))

    assert list(found) == ["settings"]
    assert "engine.feed" in found["settings"].detail
    assert gateway.clients == []


@pytest.mark.parametrize("version", [None, "1.0.1"])
async def test_a_library_that_is_missing_or_another_is_named(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    def installed(name: str) -> str:
        if version is None:
            raise metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(metadata, "version", installed)

    found = await walked(settings_for(gateway, tmp_path))

    assert list(found) == ["settings", "library"]
    assert found["library"].remedy.startswith("pip install")


@pytest.fixture
def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def test_a_port_that_nobody_listens_on_names_the_one_that_answers(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setattr(app_ibkr_doctor, "PORTS", {gateway.port: True})
    monkeypatch.setitem(app_ibkr_doctor.PROGRAMS, gateway.port, "the paper workstation")

    found = await walked(settings_for(gateway, tmp_path, BROKER__IBKR__PORT=str(free_port)))

    assert list(found) == ["settings", "library", "socket"]
    assert f"{gateway.port} (the paper workstation) answers instead" in found["socket"].remedy


async def test_where_nothing_answers_the_gateway_is_to_be_started(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setattr(app_ibkr_doctor, "PORTS", {})

    found = await walked(settings_for(gateway, tmp_path, BROKER__IBKR__PORT=str(free_port)))

    assert "start the gateway and log in" in found["socket"].remedy


def test_every_usual_port_has_a_name() -> None:
    assert app_ibkr_doctor.PROGRAMS.keys() == PORTS.keys()


async def test_a_gateway_that_lets_nobody_in_is_told_from_one_that_is_not_there(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.misbehave(Ignore("startApi"))

    found = await walked(settings_for(gateway, tmp_path, BROKER__IBKR__CONNECT_SECONDS="1"))

    assert list(found)[-1] == "handshake"
    assert "Trusted IPs" in found["handshake"].remedy


async def test_a_second_doctor_is_told_of_the_first(gateway: Gateway, tmp_path: Path) -> None:
    async with library(gateway, client_id=8):
        found = await walked(settings_for(gateway, tmp_path))

    assert found["handshake"].remedy == "end the other fillpath doctor, then ask again"


@pytest.mark.fault("F-58")
async def test_a_live_account_behind_a_paper_setting_is_named(tmp_path: Path) -> None:
    async with Gateway(Setup(accounts=("U7654321",))) as live:
        found = await walked(settings_for(live, tmp_path, BROKER__IBKR__ACCOUNT_ID=""), "AAPL")

    assert not found["account"].healthy
    assert "broker.paper_trading" in found["account"].remedy


async def test_a_read_only_gateway_is_told_by_what_it_refuses(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.misbehave(Refuse("reqAllOpenOrders", number=321, text=READ_ONLY))

    found = await walked(settings_for(gateway, tmp_path))

    assert "untick Read-Only API" in found["orders"].remedy


async def test_a_question_that_is_never_answered_does_not_hold_up_the_walk(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.misbehave(Ignore("reqAllOpenOrders"), Ignore("reqCurrentTime"))

    found = await walked(settings_for(gateway, tmp_path, BROKER__IBKR__ANSWER_SECONDS="1"))

    assert not found["orders"].healthy
    assert not found["clock"].healthy
    assert found["contract"].healthy


async def test_clocks_that_disagree_are_named(tmp_path: Path) -> None:
    async with Gateway(clock=SlowClock()) as slow:
        found = await walked(settings_for(slow, tmp_path), "NOSUCH")

    assert "time service" in found["clock"].remedy


async def test_a_symbol_that_means_nothing_ends_the_walk_there(
    gateway: Gateway, tmp_path: Path
) -> None:
    found = await walked(settings_for(gateway, tmp_path), "NOSUCH")

    assert not found["contract"].healthy
    assert "market data" not in found
    assert "client ids" in found


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(354, "share real-time market data"), (10_197, "log out wherever else")],
    ids=["no subscription", "a competing session"],
)
async def test_data_that_may_not_be_had_says_whom_to_ask(
    gateway: Gateway, tmp_path: Path, code: int, remedy: str
) -> None:
    gateway.misbehave(Refuse("reqMktData", number=code, text="no"))

    found = await walked(settings_for(gateway, tmp_path))

    assert remedy in found["market data"].remedy


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
async def test_no_quote_is_a_problem_only_while_the_exchange_is_open(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_open: bool
) -> None:
    monkeypatch.setattr(app_ibkr_doctor, "QUOTE_SECONDS", 0.5)
    gateway.quote("AAPL", None, None)

    found = await walked(settings_for(gateway, tmp_path), is_open=is_open)

    assert found["market data"].healthy is not is_open


async def test_a_volume_that_is_not_known_says_that_no_order_would_leave(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.misbehave(Refuse("reqHistoricalData", number=162, text="no data"))

    found = await walked(settings_for(gateway, tmp_path))

    assert found["volume"].detail == "162: no data"
    assert "no order leaves" in found["volume"].remedy


@pytest.mark.fault("F-53")
async def test_a_client_id_that_is_in_use_is_named_with_its_role(
    gateway: Gateway, tmp_path: Path
) -> None:
    async with library(gateway, client_id=3):
        found = await walked(settings_for(gateway, tmp_path))

    assert found["client ids"].detail == "cannot be had: 3 (feed)"
    assert "10 away" in found["client ids"].remedy


async def test_a_restart_that_nobody_expects_is_said(gateway: Gateway, tmp_path: Path) -> None:
    found = await walked(settings_for(gateway, tmp_path, BROKER__IBKR__RESTART_AT=""))

    assert "each one will wake a person" in found["daily restart"].detail
