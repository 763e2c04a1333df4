"""What a channel is told, in words and as JSON."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from fillpath.core.units import iso, moment
from fillpath.monitoring.alerts import Alert
from fillpath.monitoring.timing import Told

VERSION: Final = 1
MOST_ALERTS: Final = 50
"""Alerts of one message; what is left comes with the next one."""
_SHOWN: Final = 5


class Message(Struct, frozen=True):
    """One message to one channel.

    Args:
        alerts: what it tells of, the most severe first.
        times: which message about each of them this is, from 1.
        sent_at: nanoseconds UTC.
    """

    alerts: tuple[Alert, ...]
    times: tuple[int, ...]
    sent_at: int

    @property
    def title(self) -> str:
        """Return one line."""
        worst = self.alerts[0]
        line = f"{worst.severity} {worst.account}: {worst.kind.title}"
        return line if len(self.alerts) == 1 else f"{line} and {len(self.alerts) - 1} more"

    @property
    def body(self) -> str:
        """Return the text for a person."""
        pairs = list(zip(self.alerts, self.times, strict=True))
        lines = [_paragraph(alert, times) for alert, times in pairs[:_SHOWN]]
        if len(pairs) > _SHOWN:
            lines.append("\n".join(_line(alert) for alert, _ in pairs[_SHOWN:]))
        return "\n\n".join(lines)

    def as_json(self) -> bytes:
        """Return it for a program."""
        pairs = zip(self.alerts, self.times, strict=True)
        told = [_plain(alert, times) for alert, times in pairs]
        content = {"v": VERSION, "sent_at": iso(moment(self.sent_at)), "alerts": told}
        return msgspec.json.encode(content)


def message_of(due: Sequence[tuple[Alert, Told]], now: int) -> Message:
    """Return one message of everything that is due, the most severe and then the oldest first."""
    ranked = sorted(due, key=lambda pair: (-pair[0].severity.rank, pair[0].number))
    alerts = tuple(alert for alert, _ in ranked)
    return Message(alerts, tuple(told.times + 1 for _, told in ranked), now)


def plain(alert: Alert) -> dict[str, Any]:
    """Return an alert as plain data, with times as ISO 8601."""
    kind = alert.kind
    return {
        "id": alert.alert_id,
        "number": alert.number,
        "account": alert.account,
        "code": alert.code,
        "severity": str(alert.severity),
        "title": kind.title,
        "text": alert.text,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
        "order_id": alert.order_id,
        "raised_at": iso(moment(alert.raised_at)),
        "last_at": iso(moment(alert.last_at)),
        "count": alert.count,
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": iso(moment(alert.acknowledged_at)) if alert.acknowledged_at else None,
        "ended_at": iso(moment(alert.ended_at)) if alert.ended_at else None,
        "stands": alert.stands,
    }


def _plain(alert: Alert, times: int) -> dict[str, Any]:
    return plain(alert) | {"times": times}


def _line(alert: Alert) -> str:
    often = f" ({alert.count} times)" if alert.count > 1 else ""
    return f"{alert.severity} {alert.code}: {alert.text}{often}"


def _paragraph(alert: Alert, times: int) -> str:
    lines = [_line(alert), alert.kind.meaning]
    if alert.kind.remedy != "Nothing.":
        lines.append(f"What to do: {alert.kind.remedy}")
    order = f", order {alert.order_id}" if alert.order_id else ""
    again = f", message {times}" if times > 1 else ""
    lines.append(f"{iso(moment(alert.raised_at))}, account {alert.account}{order}{again}")
    if alert.stands:
        lines.append(f"Acknowledge: fillpath alerts acknowledge {alert.number}")
    return "\n".join(lines)


__all__ = ["MOST_ALERTS", "VERSION", "Message", "message_of", "plain"]
