"""The doctor names each problem and what to do about it, and changes nothing."""

from datetime import datetime
from pathlib import Path

import pytest

from fillpath import app_doctor, app_ibkr_doctor
from fillpath.app_doctor import Finding, examine
from fillpath.app_live import JOURNAL
from fillpath.core.units import nanoseconds
from fillpath.data.journal import FileJournal
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.kinds import Severity
from fillpath.runtime.steady import SteadyClock
from fillpath.service.latch import KillLatch, Latch


async def findings(
    monkeypatch: pytest.MonkeyPatch, folder: Path, **variables: str
) -> dict[str, Finding]:
    """Return what the doctor finds with these settings, by name."""
    monkeypatch.setenv("SA_ENGINE__FOLDER", str(folder / "data"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return {found.name: found for found in await examine(None)}


async def test_a_fresh_folder_is_in_order_and_stays_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await findings(monkeypatch, tmp_path)

    assert [name for name, finding in found.items() if not finding.healthy] == []
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # nothing else runs here


async def test_wrong_settings_are_the_only_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await findings(monkeypatch, tmp_path, SA_ROUTER__TWAP_NUM_SLICES="0")

    assert list(found) == ["settings"]
    assert "SA_ROUTER__TWAP_NUM_SLICES" in found["settings"].detail
    assert found["settings"].remedy


async def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("a file stands in the way")

    found = await findings(monkeypatch, tmp_path)

    assert not found["folder"].healthy
    assert "engine.folder" in found["folder"].remedy


@pytest.mark.parametrize("damage", [b"", b"something else altogether"])
async def test_a_journal_that_is_none_must_not_be_traded_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    account = tmp_path / "data" / "STUB"
    account.mkdir(parents=True)
    (account / JOURNAL).write_bytes(damage)

    found = await findings(monkeypatch, tmp_path)

    assert not found["journal"].healthy
    assert "do not trade" in found["journal"].remedy


async def test_a_sound_journal_and_its_tables_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "data" / "STUB"
    account.mkdir(parents=True)
    FileJournal(account / JOURNAL).close()

    found = await findings(monkeypatch, tmp_path)

    assert found["journal"].detail == "0 records, every hash holds"
    assert "sqlite" in found["tables"].detail


async def test_a_kill_that_stands_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "data" / "STUB"
    account.mkdir(parents=True)
    KillLatch(account).set(Latch("news", "ann", 1))

    found = await findings(monkeypatch, tmp_path)

    assert found["kill latch"].detail == "set by ann: news"
    assert "fillpath resume" in found["kill latch"].remedy


async def test_servers_that_do_not_answer_are_named_without_their_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await findings(
        monkeypatch,
        tmp_path,
        SA_REDIS__URL="redis://me:secret@127.0.0.1:1/0",
        SA_DATABASE__URL="postgresql://me:secret@127.0.0.1:1/none",
    )

    assert not found["bus"].healthy
    assert "start Redis" in found["bus"].remedy
    assert not found["tables"].healthy
    assert "secret" not in str(found)


async def test_a_journal_in_a_database_that_is_away_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await findings(
        monkeypatch,
        tmp_path,
        SA_DATABASE__URL="postgresql://127.0.0.1:1/none",
        SA_DATABASE__JOURNAL="database",
    )

    assert not found["journal"].healthy
    assert "database.url" in found["journal"].remedy


async def test_a_database_without_journals_waits_for_the_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    found = await findings(
        monkeypatch,
        tmp_path,
        SA_DATABASE__URL=postgres_url,
        SA_DATABASE__JOURNAL="database",
    )

    assert "the first start makes it" in found["journal"].detail
    assert "postgresql" in found["tables"].detail


async def test_a_bus_that_answers_is_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_server: object
) -> None:
    url = str(getattr(redis_server, "url", ""))

    found = await findings(monkeypatch, tmp_path, SA_REDIS__URL=url)

    assert found["bus"].healthy


async def test_a_gateway_that_is_away_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_ibkr_doctor, "PORTS", {})
    gateway = {"SA_BROKER__PROVIDER": "ibkr", "SA_BROKER__IBKR__PORT": "1"}

    found = await findings(monkeypatch, tmp_path, **gateway, SA_ENGINE__ACCOUNT="DU1")

    assert found["broker"].detail == "ibkr: nothing listens at 127.0.0.1:1"
    assert "start the gateway" in found["broker"].remedy


@pytest.mark.control("C-41", "refuses")
async def test_a_mode_for_paper_on_a_live_account_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = {"SA_BROKER__PROVIDER": "ibkr", "SA_BROKER__PAPER_TRADING": "false"}
    live |= {"SA_BROKER__IBKR__PORT": "4001", "SA_ENGINE__ACCOUNT": "U1"}

    found = await findings(monkeypatch, tmp_path, **live)

    assert not found["broker"].healthy
    assert "got PAPER_ONLY" in found["broker"].detail


@pytest.mark.parametrize("day", ["2000-01-01T00:00:00Z", "2041-06-01T00:00:00Z"])
async def test_a_clock_that_cannot_be_right_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    at = nanoseconds(datetime.fromisoformat(day))
    monkeypatch.setattr(app_doctor, "SteadyClock", lambda: SteadyClock(lambda: at, lambda: 0))

    found = await findings(monkeypatch, tmp_path)

    assert not found["clock"].healthy


def channels(folder: Path, text: str) -> dict[str, str]:
    """Return the settings of a file of channels that holds this."""
    path = folder / "channels.toml"
    path.write_text(text)
    path.chmod(0o600)
    return {"SA_ALERTS__CHANNELS": str(path), "SA_ALERTS__HOSTS": "alerts.example.com"}


WEBHOOK = """[ops]
webhook = "https://alerts.example.com/fillpath"
secret = "at least thirty-two random characters"
"""


async def test_channels_of_alerts_that_can_be_used_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await findings(monkeypatch, tmp_path, **channels(tmp_path, WEBHOOK))

    assert found["alerts"].healthy
    assert found["alerts"].detail.startswith("ops can be used")


@pytest.mark.fault("F-114")
async def test_a_channel_that_fails_is_named_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AlertBook(tmp_path / "data") as book:
        book.register({"ops": Severity.INFO})
        book.failed("ops", [], 1, "nobody answers")

    found = await findings(monkeypatch, tmp_path, **channels(tmp_path, WEBHOOK))

    assert (found["alerts"].healthy, found["alerts"].detail) == (False, "ops: nobody answers")


@pytest.mark.parametrize(
    ("text", "detail"), [("", "names none"), ("[ops]\nwebhook = 5\n", "channels.toml")]
)
async def test_a_file_of_channels_that_helps_nobody_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, detail: str
) -> None:
    found = await findings(monkeypatch, tmp_path, **channels(tmp_path, text))

    assert not found["alerts"].healthy
    assert detail in found["alerts"].detail
