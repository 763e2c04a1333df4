"""``/metrics`` on this machine only: rendered at most once a second, whoever asks how often."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, field

from fillpath.core.status import State, Status
from fillpath.monitoring.catalogue import METRICS, Form
from fillpath.monitoring.figures import Figures, Histogram
from fillpath.runtime.loopback import Answer, LoopbackServer, Shown

FRESH_SECONDS: Final = 1.0

Samples = Iterable[tuple[tuple[str, ...], float]]


class Delivered(Struct):
    """How alerts are, as somebody else has read it from the book.

    Args:
        standing: alerts that nobody has acknowledged, by severity.
        failing: 1 for a channel that takes no message, by name.
        waiting: alerts that a channel was not told of yet, by name.
    """

    standing: dict[str, int] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)


class Sources(Struct, frozen=True):
    """Where the figures come from.

    Args:
        figures: what was counted.
        status: how the engine is.
        pending: records that wait for a commit.
        emergency: whether the journal's disk is full.
        delivered: how alerts are.
    """

    figures: Figures
    status: Callable[[], Status]
    pending: Callable[[], int]
    emergency: Callable[[], bool]
    delivered: Delivered


class Page:
    """The page as Prometheus reads it.

    Args:
        sources: where the figures come from.
        seconds: returns seconds that only ever count up.
    """

    def __init__(self, sources: Sources, seconds: Callable[[], float]) -> None:
        # Loaded before the engine trades, and only where somebody scrapes.
        import prometheus_client  # noqa: PLC0415
        from prometheus_client import metrics_core  # noqa: PLC0415

        self._library = prometheus_client
        self._families = metrics_core
        self._sources = sources
        self._seconds = seconds
        self._content = b""
        self._made_at: float | None = None
        self._took = 0.0
        self.renderings = 0

    def content(self) -> bytes:
        """Return the page, which may be a second old."""
        now = self._seconds()
        if self._made_at is None or now - self._made_at >= FRESH_SECONDS:
            self._content = self._render()
            self._made_at = now
            self._took = self._seconds() - now
            self.renderings += 1
        return self._content

    def _render(self) -> bytes:
        registry = self._library.CollectorRegistry(auto_describe=False)
        registry.register(self)
        return bytes(self._library.generate_latest(registry))

    def collect(self) -> Iterator[Any]:
        """Yield every figure."""
        status = self._sources.status()
        for name, samples in self._simple(status):
            yield self._family(name, samples)
        figures = self._sources.figures
        for name, found in (
            ("fillpath_slippage_bps", figures.slippage),
            ("fillpath_fill_latency_seconds", figures.latency),
        ):
            yield self._histogram(name, found)
        commits = METRICS["fillpath_journal_commit_seconds"]
        yield self._histogram(commits.name, {"": figures.commits})

    def _family(self, name: str, samples: Samples) -> Any:
        metric = METRICS[name]
        family: Any
        if metric.form is Form.COUNTER:
            plain = name.removesuffix("_total")
            family = self._families.CounterMetricFamily(plain, metric.meaning, labels=metric.labels)
        else:
            family = self._families.GaugeMetricFamily(name, metric.meaning, labels=metric.labels)
        for labels, value in samples:
            family.add_metric(labels, value)
        return family

    def _histogram(self, name: str, found: Mapping[str, Histogram]) -> Any:
        metric = METRICS[name]
        family = self._families.HistogramMetricFamily(name, metric.meaning, labels=metric.labels)
        for label, histogram in sorted(found.items()):
            labels = [label] if metric.labels else []
            family.add_metric(labels, histogram.buckets(), histogram.total)
        return family

    def _simple(self, status: Status) -> Iterator[tuple[str, Samples]]:
        yield from _engine(status)
        yield from _parts(status)
        yield from self._counted(status)
        yield from self._journal(status)
        yield from self._alerts()
        yield "fillpath_scrape_seconds", _one(self._took)

    def _counted(self, status: Status) -> Iterator[tuple[str, Samples]]:
        figures = self._sources.figures
        yield "fillpath_signals_total", _by(status.signals)
        yield (
            "fillpath_orders_total",
            [(key, float(n)) for key, n in sorted(figures.orders.items())],
        )
        yield "fillpath_fills_total", _by(figures.fills)
        yield "fillpath_slippage_cost_bps_total", _by(figures.costs)
        yield "fillpath_slippage_gain_bps_total", _by(figures.gains)
        yield "fillpath_alerts_total", _by(figures.alarms)

    def _journal(self, status: Status) -> Iterator[tuple[str, Samples]]:
        yield "fillpath_journal_records", _one(status.records)
        yield "fillpath_journal_pending_records", _one(self._sources.pending())
        yield "fillpath_journal_emergency", _one(self._sources.emergency())

    def _alerts(self) -> Iterator[tuple[str, Samples]]:
        delivered = self._sources.delivered
        yield "fillpath_alerts_standing", _by(delivered.standing)
        yield "fillpath_alert_channel_failing", _by(delivered.failing)
        yield "fillpath_alert_channel_waiting", _by(delivered.waiting)


def _engine(status: Status) -> Iterator[tuple[str, Samples]]:
    yield "fillpath_info", [((status.version, status.mode), 1.0)]
    yield "fillpath_state", [((str(state),), float(state is status.state)) for state in State]
    yield "fillpath_started_seconds", _one(status.started_at.timestamp())
    yield "fillpath_degraded", _one(status.degraded)
    yield "fillpath_killed", _one(bool(status.killed))
    yield "fillpath_holds", _one(len(status.holds))
    yield "fillpath_latches", _one(len(status.latches))
    yield "fillpath_quarantined_symbols", _one(len(status.quarantined))
    yield "fillpath_unprotected_positions", _one(len(status.unprotected))
    yield "fillpath_approvals_waiting", _one(status.approvals)
    yield "fillpath_positions", _one(len(status.positions))
    yield "fillpath_open_orders", _one(len(status.open_orders))
    doubts = sum(order.certainty == "IN_DOUBT" for order in status.open_orders)
    yield "fillpath_orders_in_doubt", _one(doubts)


def _parts(status: Status) -> Iterator[tuple[str, Samples]]:
    parts = {part.name: part for part in status.parts}  # a name twice would be no valid page
    healthy = {name: int(part.healthy) for name, part in parts.items()}
    lags = {name: part.lag for name, part in parts.items() if part.lag is not None}
    yield "fillpath_part_healthy", _by(healthy)
    yield "fillpath_projection_lag_records", _by(lags)


def _one(value: float) -> Samples:
    return [((), float(value))]


def _by(values: Mapping[str, float]) -> Samples:
    return [((name,), float(value)) for name, value in sorted(values.items())]


def metrics_server(port: int, page: Page) -> LoopbackServer:
    """Return what answers with the figures.

    Args:
        port: of 127.0.0.1, 0 for a free one.
        page: what is answered.
    """
    kind = "text/plain; version=1.0.0; charset=utf-8"
    shown = Shown("/metrics", lambda: Answer(page.content(), kind=kind), "metrics.port")
    return LoopbackServer(port, shown)


__all__ = ["Delivered", "Page", "Sources", "metrics_server"]
