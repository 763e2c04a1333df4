"""The commands about alerts: see them, acknowledge them, test where they go, deliver them."""

# ruff: noqa: PLC0415

import sys
from typing import Any, Final

from fillpath.cli_table import FAILED, OK, SETTINGS, Chosen, Command, Option, whole

_MOST: Final = 10_000


def _desk(chosen: Chosen) -> Any:
    from fillpath.app_alerts import AlertDesk
    from fillpath.settings import load_settings

    return AlertDesk(load_settings(chosen.settings))


def _list(chosen: Chosen) -> int:
    import asyncio
    import json

    found = asyncio.run(
        _desk(chosen).listed(chosen.account or "", standing=not chosen.every, limit=chosen.limit)
    )
    if chosen.json:
        sys.stdout.write(json.dumps(found) + "\n")
    elif not found:
        sys.stdout.write("nothing waits for anybody\n")
    else:
        _show(found)
    return OK


def _show(found: list[dict[str, Any]]) -> None:
    for alert in reversed(found):
        often = f", {alert['count']} times" if alert["count"] > 1 else ""
        order = f", order {alert['order_id']}" if alert["order_id"] else ""
        sys.stdout.write(
            f"{alert['number']:>5}  {alert['severity']:<8}  {alert['raised_at']}  "
            f"{alert['account']}  {alert['code']}: {alert['text']}{order}{often}\n"
        )
        if alert["acknowledged_by"]:
            sys.stdout.write(
                f"{'':>7}acknowledged by {alert['acknowledged_by']} {alert['acknowledged_at']}\n"
            )
        elif alert["stands"] and alert["remedy"] != "Nothing.":
            sys.stdout.write(f"{'':>7}{alert['remedy']}\n")


def _acknowledge(chosen: Chosen) -> int:
    import asyncio

    from fillpath.runtime.person import person

    by = f"{chosen.by} ({person()})" if chosen.by else person()
    known = asyncio.run(_desk(chosen).acknowledge(chosen.which, by, chosen.account or ""))
    for alert in known:
        sys.stdout.write(f"acknowledged {alert['number']} {alert['code']}: {alert['text']}\n")
    if not known:
        sys.stdout.write("nothing waited for that\n")
    return OK


def _test(chosen: Chosen) -> int:
    from fillpath.app_alerts import try_channels
    from fillpath.settings import load_settings

    results = try_channels(load_settings(chosen.settings), chosen.channel)
    for one in results:
        said = f"failed: {one.problem}" if one.problem else "delivered"
        sys.stdout.write(f"{one.name}  {one.shown}  {said}\n")
    if not results:
        sys.stdout.write("alerts.channels is empty: alerts go to the log and the dashboard alone\n")
    return FAILED if any(one.problem for one in results) or not results else OK


def _channels(chosen: Chosen) -> int:
    import asyncio

    from fillpath.app_alerts import AlertDesk, wanted_of
    from fillpath.core.units import iso, moment
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    states = {one.name: one for one in asyncio.run(AlertDesk(settings).channels())}
    sys.stdout.write("log  standard error of the engine\ndashboard  and fillpath alerts list\n")
    failing = False
    for wanted in wanted_of(settings):
        state = states.get(wanted.name)
        words = f"{wanted.name}  {wanted.shown}  from {wanted.least} on"
        if state is None:
            words += ", not used yet"
        else:
            if state.delivered_at:
                words += f", delivered {iso(moment(state.delivered_at))}"
            words += f", {state.waiting} wait"
            if state.problem:
                failing = True
                words += f", failing since {iso(moment(state.failing_since))}: {state.problem}"
        sys.stdout.write(words + "\n")
    return FAILED if failing else OK


def _deliver(chosen: Chosen) -> int:
    import signal

    from fillpath.app_alerts import deliver
    from fillpath.settings import load_settings

    if chosen.beside:  # whoever stops its engine may tell it too; the engine says when it has ended
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    told = sys.stdin.buffer if chosen.beside else None
    deliver(load_settings(chosen.settings), chosen.beside, told)
    return OK


_ACCOUNT: Final = Option("--account", "only this account (default: every one)", {"metavar": "NAME"})
COMMANDS: Final = (
    Command(
        ("alerts", "list"),
        "show what nobody has acknowledged, oldest first, with what to do",
        (
            Option("--every", "also what is acknowledged or over", {"action": "store_true"}),
            Option(
                "--limit",
                f"how many of the newest, 1 to {_MOST} (default 100)",
                {"type": whole(1, _MOST), "metavar": "N", "default": 100},
            ),
            _ACCOUNT,
            SETTINGS,
            Option("--json", "print a JSON array, newest first", {"action": "store_true"}),
        ),
        _list,
    ),
    Command(
        ("alerts", "acknowledge"),
        "say that you know of an alert, so that it is told no more",
        (
            Option("which", "its number or id, or all", {"metavar": "ALERT"}),
            Option(
                "--by",
                "on whose word, beside the user who is logged in",
                {"metavar": "NAME", "default": ""},
            ),
            _ACCOUNT,
            SETTINGS,
        ),
        _acknowledge,
    ),
    Command(
        ("alerts", "test"),
        "send a real message to every channel; exit code 1 when one does not take it",
        (
            Option("--channel", "only this one", {"metavar": "NAME", "default": ""}),
            SETTINGS,
        ),
        _test,
    ),
    Command(
        ("alerts", "channels"),
        "show where alerts go and how each channel is; exit code 1 when one fails",
        (SETTINGS,),
        _channels,
    ),
    Command(
        ("alerts", "deliver"),
        "deliver alerts in a process of its own, as a service; one at a time does for a folder",
        (
            Option(
                "--beside",
                "end when standard input ends, some time after the engine of this account",
                {"metavar": "ACCOUNT", "default": ""},
            ),
            SETTINGS,
        ),
        _deliver,
    ),
)
