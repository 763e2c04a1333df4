"""The commands of people who allow orders: see what waits, say yes, say no, say that you know."""

# ruff: noqa: PLC0415

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fillpath.cli_engine import ACCOUNT, ask_engine
from fillpath.cli_table import FAILED, OK, SETTINGS, Chosen, Command, Option
from fillpath.core.errors import ConfigError
from fillpath.runtime.printing import printable

NOT_YET: Final = 3
"""Exit code of a first word: nothing is armed by it."""
SENT: Final = frozenset({"ORDERED", "REDUCED"})


def _approvals(chosen: Chosen) -> int:
    found = ask_engine(chosen, {"do": "approvals"})["approvals"]
    if chosen.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return OK
    for one in found:
        sys.stdout.write(_shown(one))
    if not found:
        sys.stdout.write("no order waits for a person\n")
    return OK


def _shown(one: Mapping[str, Any]) -> str:
    """Return everything that a person should know of one order."""
    lines = [
        one["order_id"],
        f"  {one['side']} {one['quantity']} {one['symbol']}, at worst {one['worst_price']} a share",
        f"  for   {one['strategy_name'] or 'no strategy'}",
        f"  asked {one['asked_at']} at a mid of {one['price']}; until {one['expires_at']}",
        f"  now   bid {one['bid'] or 'none'}, ask {one['ask'] or 'none'}",
        *(f"  finding {number}: {text}" for number, text in enumerate(one["findings"], 1)),
    ]
    return "\n".join(lines) + "\n"


def _approve(chosen: Chosen) -> int:
    """Show every finding first; the order's id, typed, is the answer."""
    found = ask_engine(chosen, {"do": "approvals"})["approvals"]
    one = next((one for one in found if one["order_id"] == chosen.order), None)
    word = chosen.confirm
    if one is not None:
        sys.stdout.write(_shown(one))
        sys.stdout.flush()
        if word is None:
            sys.stderr.write("type the order's id to allow it: ")
            sys.stderr.flush()
            word = sys.stdin.readline().strip()
    seen = None if one is None else one["seen"]
    request = {"do": "approve", "order_id": chosen.order, "word": word, "seen": seen}
    answer = ask_engine(chosen, request | {"by": chosen.by})
    _tell(answer)
    return OK if answer["outcome"] in SENT else FAILED


def _decline(chosen: Chosen) -> int:
    if not chosen.reason.strip():
        raise ConfigError("--reason must say why the order is declined")
    request = {"do": "decline", "order_id": chosen.order, "reason": chosen.reason, "by": chosen.by}
    _tell(ask_engine(chosen, request))
    return OK


def _arm(chosen: Chosen) -> int:
    """The first word asks, the second one arms; which of them it is, the engine says."""
    word = chosen.confirm
    if word is None:
        sys.stderr.write("real money: type the account's name to arm it: ")
        sys.stderr.flush()
        word = sys.stdin.readline().strip()
    request = {"do": "arm", "word": word, "strategies": chosen.strategies, "by": chosen.by}
    answer = ask_engine(chosen, request)
    if "armed_until" in answer:
        sys.stdout.write(f"armed until {answer['armed_until']} by {answer['by']}\n")
        return OK
    sys.stdout.write(
        "asked; it takes a second person who says the same, or you once more after "
        f"{answer['alone_at']}\n"
    )
    return NOT_YET


def _disarm(chosen: Chosen) -> int:
    answer = ask_engine(chosen, {"do": "disarm", "reason": chosen.reason, "by": chosen.by})
    sys.stdout.write("disarmed\n" if answer["was_armed"] else "it was not armed\n")
    return OK


def _answer(chosen: Chosen) -> int:
    """Say that a person knows; without a name, say what waits for that."""
    request = {"do": "answer", "name": chosen.name, "by": chosen.by}
    answer = ask_engine(chosen, request if chosen.name else {"do": "unanswered"})
    if answer["answered"]:
        _acknowledge(chosen, answer["answered"])
    for name in answer["answered"]:
        sys.stdout.write(f"answered  {printable(name)}\n")
    for name, text in answer["waiting"].items():
        sys.stdout.write(f"waits     {printable(name)}\n          {printable(text)}\n")
    if not answer["answered"] and not answer["waiting"]:
        sys.stdout.write("nothing waits for an answer\n")
    return OK


def _acknowledge(chosen: Chosen, names: Sequence[str]) -> None:
    """Acknowledge the alerts about what was answered: whoever knows of one knows of the other."""
    import asyncio

    from fillpath.app_alerts import AlertDesk
    from fillpath.app_live import account_name
    from fillpath.core.errors import Unavailable
    from fillpath.runtime.person import person
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    by = f"{chosen.by} ({person()})" if chosen.by else person()
    account = chosen.account or account_name(settings)
    try:
        asyncio.run(AlertDesk(settings).answered(names, by, account))
    except Unavailable as error:
        sys.stderr.write(f"fillpath: the alerts are not acknowledged: {error}\n")


def _tell(answer: Mapping[str, Any]) -> None:
    words = [answer["outcome"], answer["reason"], answer["order_id"]]
    sys.stdout.write(" ".join(word for word in words if word) + "\n")
    if answer["text"]:
        sys.stdout.write(f"{answer['text']}\n")


_ORDER: Final = Option("order", "id of the order, as fillpath approvals shows it", {})
_BY: Final = Option(
    "--by",
    "on whose word, beside the user who is logged in; it is journaled",
    {"metavar": "NAME", "default": ""},
)
COMMANDS: Final = (
    Command(
        ("approvals",),
        "show every order that waits for a person, with all that speaks against it",
        (ACCOUNT, SETTINGS, Option("--json", "print a JSON array", {"action": "store_true"})),
        _approvals,
    ),
    Command(
        ("approve",),
        "show one order and allow it; everything is judged again before it leaves",
        (
            _ORDER,
            Option("--confirm", "the order's id, instead of being asked", {"metavar": "ORDER"}),
            _BY,
            ACCOUNT,
            SETTINGS,
        ),
        _approve,
    ),
    Command(
        ("decline",),
        "refuse one order that waits for a person",
        (
            _ORDER,
            Option("--reason", "why; it is journaled", {"metavar": "TEXT", "required": True}),
            _BY,
            ACCOUNT,
            SETTINGS,
        ),
        _decline,
    ),
    Command(
        ("answer",),
        "say that you know of a stop, so that it is paged no more; without a name, show what waits",
        (
            Option("name", "what stands, as it was paged, or all", {"nargs": "?", "default": ""}),
            _BY,
            ACCOUNT,
            SETTINGS,
        ),
        _answer,
    ),
    Command(
        ("arm",),
        "let a live account trade: say it twice, as two people or after a time to cool off",
        (
            Option(
                "--strategies",
                "only these, with commas between (default: all)",
                {"metavar": "NAMES", "default": ""},
            ),
            Option("--confirm", "the account's name, instead of being asked", {"metavar": "NAME"}),
            _BY,
            ACCOUNT,
            SETTINGS,
        ),
        _arm,
    ),
    Command(
        ("disarm",),
        "let a live account trade no more; exits leave all the same",
        (
            Option(
                "--reason",
                "why; it is journaled (default: no reason given)",
                {"metavar": "TEXT", "default": ""},
            ),
            _BY,
            ACCOUNT,
            SETTINGS,
        ),
        _disarm,
    ),
)
