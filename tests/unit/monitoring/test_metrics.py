"""Figures for Prometheus: complete, without account numbers, and never in the engine's way."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fillpath.app_metrics import cost
from fillpath.core.commands import QualityMeasured, RaiseAlarm
from fillpath.core.errors import ConfigError, JournalError
from fillpath.core.events import TradingHeld
from fillpath.core.models import OrderSide
from fillpath.core.status import OpenOrder, Part, State, Status
from fillpath.data.journal import MemoryJournal
from fillpath.monitoring.catalogue import METRICS, Form, series_of
from fillpath.monitoring.exposing import Delivered, Page, Sources, metrics_server
from fillpath.monitoring.figures import MOST_SERIES, Figures, Histogram, TimedJournal

ACCOUNT = "U7654321"
AT = datetime(2026, 11, 23, tzinfo=UTC)


def a_status(**changes: Any) -> Status:
    known: dict[str, Any] = {
        "account": ACCOUNT,
        "mode": "PAPER",
        "state": State.TRADING,
        "version": "1",
        "at": AT,
        "started_at": AT,
        "pid": 1,
        "parts": (
            Part(name="store", kind="sqlite", healthy=True, lag=3),
            Part(name="broker", kind="x", healthy=False),
        ),
        "open_orders": (an_order("CONFIRMED"), an_order("IN_DOUBT")),
        "signals": {"ORDERED": 2},
    }
    return Status(**(known | changes))


def an_order(certainty: str) -> OpenOrder:
    return OpenOrder(
        order_id="a/1",
        symbol="AAPL",
        side="BUY",
        quantity="1",
        filled="0",
        status="SUBMITTED",
        certainty=certainty,
        cancel_requested=False,
    )


def measured(route: str = "urgent", price: int = 100_10000000) -> QualityMeasured:
    return QualityMeasured(
        at=5 * 10**9,
        order_id="a/1",
        parent_id="a/1",
        symbol="AAPL",
        side=OrderSide.BUY,
        route=route,
        strategy_name="trend",
        filled=10 * 10**6,
        value=price * 10 * 10**6,
        expected=100_00000000,
        signal_price=None,
        arrival_mid=None,
        signal_at=10**9,
        decided_at=10**9,
        first_fill_at=2 * 10**9,
    )


class Watched:
    """A page over an engine that stands still."""

    def __init__(self) -> None:
        self.at = 0.0
        self.figures = Figures(lambda _: 10.0)
        self.asked = 0
        delivered = Delivered({"CRITICAL": 1}, {"phone": 1}, {"phone": 4})
        sources = Sources(self.figures, self.status, lambda: 2, lambda: False, delivered)
        self.page = Page(sources, lambda: self.at)

    def status(self) -> Status:
        self.asked += 1
        return a_status()

    def samples(self) -> dict[tuple[str, tuple[str, ...]], float]:
        text = self.page.content().decode()
        return {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_every_figure_of_the_catalogue_is_on_the_page_and_no_other(watched: Watched) -> None:
    figures = watched.figures
    figures.seen(measured())
    figures.seen(RaiseAlarm(1, "KILL_SWITCH", "x"))
    figures.orders["urgent", "FILLED"] += 1
    figures.fills["false"] += 1
    figures.commits.add(0.001)

    told = {name for name, _ in watched.samples()}

    assert told == {name for metric in METRICS.values() for name in series_of(metric)}


def test_what_is_told_is_how_it_is(watched: Watched) -> None:
    told = watched.samples()

    assert told["fillpath_state", ("TRADING",)] == 1
    assert told["fillpath_state", ("KILLED",)] == 0
    assert told["fillpath_open_orders", ()] == 2
    assert told["fillpath_orders_in_doubt", ()] == 1
    assert told["fillpath_part_healthy", ("broker",)] == 0
    assert told["fillpath_projection_lag_records", ("store",)] == 3
    assert told["fillpath_journal_pending_records", ()] == 2
    assert told["fillpath_alert_channel_waiting", ("phone",)] == 4


def test_slippage_and_latency_are_kept_by_route(watched: Watched) -> None:
    watched.figures.seen(measured("urgent"))
    watched.figures.seen(measured("twap"))
    told = watched.samples()

    assert told["fillpath_slippage_bps_bucket", ("+Inf", "urgent")] == 1
    assert told["fillpath_slippage_bps_bucket", ("7.5", "urgent")] == 0
    assert told["fillpath_slippage_cost_bps_total", ("twap",)] == 10
    assert told["fillpath_slippage_gain_bps_total", ("twap",)] == 0
    assert told["fillpath_fill_latency_seconds_sum", ("urgent",)] == 4


@pytest.mark.security("S-28")
def test_no_account_number_is_told(watched: Watched) -> None:
    watched.figures.seen(measured())

    assert ACCOUNT.encode() not in watched.page.content()
    assert not any("account" in label for metric in METRICS.values() for label in metric.labels)


def test_many_scrapes_are_one_rendering(watched: Watched) -> None:
    for _ in range(1_000):
        watched.at += 0.0005
        watched.page.content()

    assert watched.page.renderings == 1
    watched.at += 1
    watched.page.content()
    assert watched.asked == 2


def test_a_value_on_a_bound_is_not_above_it() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (1.0, 1.5, 9.0):
        histogram.add(value)

    assert histogram.buckets() == [("1", 1.0), ("2", 2.0), ("+Inf", 3.0)]
    assert histogram.total == 11.5


def test_routes_are_bounded(watched: Watched) -> None:
    for number in range(MOST_SERIES + 20):
        watched.figures.seen(measured(f"route-{number}"))

    assert len(watched.figures.slippage) <= MOST_SERIES + 1
    assert watched.figures.slippage["other"].buckets()[-1][1] == 20


def test_the_cost_is_that_of_the_desk() -> None:
    assert cost(measured(price=100_10000000)) == float(Decimal(10))


def test_an_alarm_is_counted_and_passed_on(watched: Watched) -> None:
    heard: list[RaiseAlarm] = []
    page = watched.figures.counting(heard.append)

    page(RaiseAlarm(1, "KILL_SWITCH", "x"))

    assert len(heard) == watched.figures.alarms["CRITICAL"] == 1


class Broken(MemoryJournal):
    """A journal that cannot be written."""

    def commit(self) -> None:
        raise JournalError("no")

    def close(self) -> None:
        """Leave it."""


class TestTimedJournal:
    """A journal that is timed is the same journal."""

    @pytest.fixture
    def parts(self) -> tuple[TimedJournal, MemoryJournal, Figures]:
        inner, figures = MemoryJournal(), Figures(lambda _: 0.0)
        moments = iter(range(100))
        return TimedJournal(inner, figures, lambda: float(next(moments))), inner, figures

    def test_commits_are_timed(self, parts: tuple[TimedJournal, MemoryJournal, Figures]) -> None:
        journal, inner, figures = parts
        journal.append(TradingHeld(1, "X", "x"))
        assert journal.pending == 1
        journal.commit()
        journal.commit()

        assert figures.commits.buckets()[-1][1] == 1
        assert (journal.sequence, journal.epoch) == (inner.sequence, inner.epoch) == (1, 1)
        assert not journal.emergency
        assert journal.restored_at is None
        assert len(list(journal.records())) == len(journal.tail().read(5)) == 1

    def test_a_journal_that_fails_fails(self) -> None:
        figures = Figures(lambda _: 0.0)
        journal = TimedJournal(Broken(), figures, lambda: 1.0)
        journal.append(TradingHeld(1, "X", "x"))

        with pytest.raises(JournalError):
            journal.commit()

        assert figures.commits.buckets()[-1][1] == 1
        journal.close()


async def asked(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.security("S-28")
async def test_it_answers_on_this_machine_and_nothing_else(watched: Watched) -> None:
    server = metrics_server(0, watched.page)
    await server.start()
    try:
        good = await asked(server.port, b"GET /metrics HTTP/1.1\r\n\r\n")
        other = await asked(server.port, b"GET /health HTTP/1.1\r\n\r\n")
        post = await asked(server.port, b"POST /metrics HTTP/1.1\r\n\r\n")
    finally:
        await server.close()

    assert good.startswith(b"HTTP/1.1 200")
    assert b"fillpath_info{" in good
    assert other.startswith(b"HTTP/1.1 404")
    assert post.startswith(b"HTTP/1.1 405")


async def test_a_port_that_is_taken_is_named(watched: Watched) -> None:
    first = metrics_server(0, watched.page)
    await first.start()
    second = metrics_server(first.port, watched.page)

    with pytest.raises(ConfigError, match=r"metrics\.port"):
        await second.start()
    await first.close()


async def test_who_holds_a_connection_open_holds_up_no_stop(watched: Watched) -> None:
    server = metrics_server(0, watched.page)
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)

    await asyncio.wait_for(server.close(), 5)

    writer.close()


def test_every_histogram_has_bounds_and_nothing_else_has() -> None:
    for metric in METRICS.values():
        assert bool(metric.bounds) is (metric.form is Form.HISTOGRAM)
        assert metric.name.endswith("_total") is (metric.form is Form.COUNTER)
        assert metric.meaning.endswith(".")
