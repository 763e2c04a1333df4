"""The settings of alerts and of the figures for Prometheus."""

import re
from typing import Final, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from fillpath.core.errors import ConfigError
from fillpath.runtime.sections import Number, Section, choice, number, whole

_TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class AlertSettings(Section):
    """Who is told of what, beside the log and the dashboard."""

    channels: str = choice(
        "",
        "TOML file of webhooks and apprise addresses, which are secrets: only its owner may read it; "
        "empty: alerts go to the log and the dashboard alone",
    )
    hosts: str = choice(
        "",
        "hosts that a webhook may call, HOST or HOST:PORT, with commas between; empty: none",
    )
    deliver: bool = choice(
        default=True,
        description="let fillpath run start the process that delivers; false where fillpath alerts "
        "deliver is a service of its own",
    )
    together_seconds: Number = number(
        "300",
        "0",
        "86400",
        "seconds",
        "alerts of one kind about one thing within this time are counted as one",
    )
    repeat_critical_seconds: Number = number(
        "60",
        "10",
        "86400",
        "seconds",
        "a critical alert is told again after this, until somebody acknowledges it",
    )
    repeat_warning_seconds: Number = number(
        "900", "0", "86400", "seconds", "likewise a warning; 0: it is told once"
    )
    hold_seconds: Number = number(
        "60",
        "0",
        "86400",
        "seconds",
        "a critical alert that no channel took and nobody acknowledged within this time holds "
        "trading until one does; 0: never",
    )
    quiet_from: str = choice(
        "", "HH:MM from which only what is critical is told; empty: at no time of the day"
    )
    quiet_until: str = choice("", "HH:MM at which the rest is told")
    quiet_zone: str = choice("UTC", "time zone of quiet_from and quiet_until")
    keep_days: int = whole(
        30, 1, 3_650, "days", "alerts that nobody has to look at any more are kept for so long"
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for name in ("quiet_from", "quiet_until"):
            value = getattr(self, name)
            if value and not _TIME_OF_DAY.fullmatch(value):
                raise ConfigError(
                    f"alerts.{name} must be HH:MM, such as 22:00, or empty, got {value!r}"
                )
        if bool(self.quiet_from) != bool(self.quiet_until):
            missing = "quiet_until" if self.quiet_from else "quiet_from"
            raise ConfigError(f"alerts.{missing} must be HH:MM while the other one is set")
        try:
            ZoneInfo(self.quiet_zone)
        except (KeyError, ValueError, OSError):
            raise ConfigError(
                "alerts.quiet_zone must be a time zone such as America/New_York, got "
                f"{self.quiet_zone!r}"
            ) from None
        return self


class MetricsSettings(Section):
    """Figures for Prometheus."""

    port: int = whole(
        0, 0, 65_535, "", "port of 127.0.0.1 that answers /metrics; 0: none, which is the default"
    )


__all__ = ["AlertSettings", "MetricsSettings"]
