"""The figures of a real engine, from the settings to the page."""

import asyncio
from pathlib import Path

from fillpath import app_live
from fillpath.app_metrics import exposing, figures_of
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.kinds import Severity
from fillpath.settings import load_settings
from tests.servers import free_port
from tests.unit.monitoring.desk_of_alerts import a_fact
from tests.unit.monitoring.test_metrics import asked


async def test_an_engine_tells_its_figures(tmp_path: Path) -> None:
    port = free_port()
    settings = load_settings(
        None,
        {
            "SA_ENGINE__FOLDER": str(tmp_path),
            "SA_ENGINE__HEALTH_PORT": "0",
            "SA_METRICS__PORT": str(port),
        },
    )
    with AlertBook(tmp_path) as book:
        book.register({"phone": Severity.INFO})
        book.take([a_fact()])
    stop, trading = asyncio.Event(), asyncio.Event()
    built = app_live.build(settings, lambda _: None)
    async with asyncio.TaskGroup() as group:
        group.create_task(app_live.serve(built, stop, trading.set))
        await trading.wait()
        page = b""
        while b'fillpath_alert_channel_waiting{channel="phone"} 1.0' not in page:
            await asyncio.sleep(0.05)
            page = await asked(port, b"GET /metrics HTTP/1.1\r\n\r\n")
        stop.set()

    assert b'fillpath_alerts_standing{severity="CRITICAL"} 1.0' in page
    assert b'fillpath_info{mode="STUB"' in page
    assert b"fillpath_journal_commit_seconds_count" in page


async def test_without_a_port_nothing_is_counted(tmp_path: Path) -> None:
    settings = load_settings(
        None, {"SA_ENGINE__FOLDER": str(tmp_path), "SA_ENGINE__HEALTH_PORT": "0"}
    )
    built = app_live.build(settings, lambda _: None)

    assert figures_of(settings) is None
    assert exposing(settings, None, built.service) == ()
    built.service.live.parts.journal.close()
