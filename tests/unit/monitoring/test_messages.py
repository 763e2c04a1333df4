"""What people read, and when they read it."""

import pytest
from msgspec.structs import replace

from fillpath.monitoring.kinds import Severity, kind_of
from fillpath.monitoring.messages import Message
from fillpath.monitoring.timing import Rules, Told, is_due, settled
from tests.unit.monitoring.desk_of_alerts import MINUTE, T0
from tests.unit.monitoring.test_channels import ALERT


def test_the_first_ones_are_told_whole_and_the_rest_in_a_line_each() -> None:
    alerts = tuple(replace(ALERT, number=n, text=f"number {n}") for n in range(8))

    body = Message(alerts, (1,) * 8, T0).body

    assert body.count("What to do") == 5
    assert body.endswith("CRITICAL KILL_SWITCH: number 7")


def test_what_needs_nothing_asks_for_nothing() -> None:
    flat = replace(ALERT, code="FLATTENED", severity=Severity.INFO)

    body = Message((flat,), (1,), T0).body

    assert "What to do" not in body
    assert "acknowledge" not in body


@pytest.mark.parametrize(
    ("code", "title", "severity"),
    [
        ("KILL_SWITCH", "Trading is stopped", Severity.CRITICAL),
        ("BREAKER:ours", "A breaker has tripped", Severity.CRITICAL),
        ("NEW_THING", "New thing", Severity.WARNING),
        ("OTHER:x", "Other:x", Severity.WARNING),
    ],
)
def test_every_code_has_a_kind(code: str, title: str, severity: Severity) -> None:
    kind = kind_of(code)

    assert (kind.title, kind.severity) == (title, severity)


def test_what_somebody_knows_of_is_due_nowhere() -> None:
    known = replace(ALERT, acknowledged_by="ann")

    assert not is_due(known, Told(), Rules(), T0 + 10 * MINUTE)
    assert settled(known, Told(), Rules())


def test_a_warning_without_repeats_is_settled_once_told() -> None:
    rules = Rules(repeat_ns={Severity.CRITICAL: MINUTE, Severity.WARNING: 0, Severity.INFO: 0})
    warning = replace(ALERT, severity=Severity.WARNING)

    assert settled(warning, Told(times=1), rules)
    assert not settled(warning, Told(), rules)
    assert not settled(ALERT, Told(times=1), rules)


def test_a_failure_is_waited_for_and_then_tried_again() -> None:
    failed = Told(failures=2, tried_at=T0)

    assert not is_due(ALERT, failed, Rules(), T0 + 10**9)
    assert is_due(ALERT, failed, Rules(), T0 + 2 * 10**9)
