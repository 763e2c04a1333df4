"""Every figure that Prometheus may read: its name, its labels and what it means."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

BPS: Final = (-50.0, -20.0, -10.0, -5.0, -2.0, 0.0, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 50.0)
SECONDS: Final = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0)
COMMITS: Final = (0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Form(StrEnum):
    """How a figure behaves."""

    COUNTER = "counter"
    """It only grows, and begins anew with the engine's process."""
    GAUGE = "gauge"
    """It is what it is now."""
    HISTOGRAM = "histogram"
    """It counts what was seen by size; see ``_bucket``, ``_sum`` and ``_count``."""


class Metric(Struct, frozen=True):
    """One figure.

    Args:
        name: as it is scraped; of a counter with ``_total``.
        form: how it behaves.
        meaning: one sentence.
        labels: names of its labels; none ever holds an account number.
        bounds: upper bounds of a histogram.
    """

    name: str
    form: Form
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


_C: Final = Form.COUNTER
_G: Final = Form.GAUGE
_H: Final = Form.HISTOGRAM
_ROWS: Final = (
    Metric("fillpath_info", _G, "1, with what runs.", ("version", "mode")),
    Metric("fillpath_state", _G, "1 for the state that the engine is in, else 0.", ("state",)),
    Metric("fillpath_started_seconds", _G, "Seconds of the epoch at which it was started."),
    Metric("fillpath_degraded", _G, "1 while something it stands on is not as it should be."),
    Metric("fillpath_killed", _G, "1 while the account is stopped."),
    Metric("fillpath_holds", _G, "Reasons that keep every order from leaving."),
    Metric("fillpath_latches", _G, "Stops that stand until a person says otherwise."),
    Metric("fillpath_quarantined_symbols", _G, "Symbols in which nothing leaves."),
    Metric("fillpath_unprotected_positions", _G, "Positions without a stop."),
    Metric("fillpath_approvals_waiting", _G, "Orders that wait for a person."),
    Metric("fillpath_positions", _G, "Symbols that are held."),
    Metric("fillpath_open_orders", _G, "Orders that may still fill."),
    Metric("fillpath_orders_in_doubt", _G, "Orders of which nobody knows what became."),
    Metric("fillpath_signals_total", _C, "Signals by what became of them.", ("outcome",)),
    Metric("fillpath_orders_total", _C, "Orders that ended.", ("route", "status")),
    Metric("fillpath_fills_total", _C, "Executions; simulated is true or false.", ("simulated",)),
    Metric("fillpath_slippage_bps", _H, "Cost of an order against the price it was to pay, basis points, positive is worse.", ("route",), BPS),
    Metric("fillpath_slippage_cost_bps_total", _C, "Sum of what orders cost, basis points.", ("route",)),
    Metric("fillpath_slippage_gain_bps_total", _C, "Sum of what orders gained instead, basis points; costs less gains by the number of orders is the mean.", ("route",)),
    Metric("fillpath_fill_latency_seconds", _H, "Signal to last fill of an order; a slice's clock starts at its release.", ("route",), SECONDS),
    Metric("fillpath_journal_commit_seconds", _H, "Time until a group of records is durable.", (), COMMITS),
    Metric("fillpath_journal_records", _G, "Records of the journal."),
    Metric("fillpath_journal_pending_records", _G, "Records that wait for the next commit."),
    Metric("fillpath_journal_emergency", _G, "1 while the journal's disk is full."),
    Metric("fillpath_part_healthy", _G, "1 while a part answers: broker, bus, feed, tables.", ("part",)),
    Metric("fillpath_projection_lag_records", _G, "Journal records that a part was not told yet.", ("part",)),
    Metric("fillpath_alerts_total", _C, "Alarms by severity.", ("severity",)),
    Metric("fillpath_alerts_standing", _G, "Alerts that nobody has acknowledged.", ("severity",)),
    Metric("fillpath_alert_channel_failing", _G, "1 while a channel takes no message.", ("channel",)),
    Metric("fillpath_alert_channel_waiting", _G, "Alerts that a channel was not told of yet.", ("channel",)),
    Metric("fillpath_scrape_seconds", _G, "Time that the last rendering of this page took."),
)  # fmt: skip
METRICS: Final = {metric.name: metric for metric in _ROWS}
"""Every figure by its name."""


def series_of(metric: Metric) -> tuple[str, ...]:
    """Return the names under which a figure is scraped."""
    if metric.form is Form.HISTOGRAM and metric.bounds[0] < 0:
        return (f"{metric.name}_bucket",)  # a sum that can fall is none that a rate can be taken of
    if metric.form is Form.HISTOGRAM:
        return tuple(f"{metric.name}_{part}" for part in ("bucket", "sum", "count"))
    return (metric.name,)


__all__ = ["METRICS", "Form", "Metric", "series_of"]
