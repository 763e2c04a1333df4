"""The commands about the limits of risk: show those in force, tighten them."""

# ruff: noqa: PLC0415

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from fillpath.cli_engine import ACCOUNT, ask_engine
from fillpath.cli_table import OK, SETTINGS, Chosen, Command, Option, UsageError
from fillpath.core.errors import Unavailable
from fillpath.runtime.person import person

NOT_RUNNING: Final = 3


def _limits(chosen: Chosen) -> int:
    """Show the limits of the running engine, or else those of the settings."""
    from fillpath.risk.limits.tightening import told
    from fillpath.settings import load_settings, policy_hash

    settings = load_settings(chosen.settings)
    mine = told(settings.desk_policy().risk)
    try:
        answer: dict[str, Any] = ask_engine(chosen, {"do": "limits"})
        code = OK
    except Unavailable as error:
        sys.stderr.write(f"fillpath: {error}; these are the limits of the settings\n")
        answer = {"hash": policy_hash(settings), "limits": mine}
        code = NOT_RUNNING
    if chosen.json:
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
        return code
    sys.stdout.write(f"{_heading(answer)}\n")
    for name, value in answer["limits"].items():
        other = f"   (settings: {mine.get(name)})" if mine.get(name) != value else ""
        sys.stdout.write(f"{name} {value}{other}\n")
    return code


def _heading(answer: Mapping[str, Any]) -> str:
    parts = [f"rules {answer['hash'][:12]}"]
    if answer.get("since"):
        parts.append(f"in force since {answer['since']}")
    if answer.get("by"):
        parts.append(f"by {answer['by']}")
    if answer.get("reason"):
        parts.append(f"because: {answer['reason']}")
    return ", ".join(parts)


def _tighten(chosen: Chosen) -> int:
    request = {
        "do": "tighten",
        "changes": dict(map(_change, chosen.limit)),
        "reason": chosen.reason,
        "by": person(),
    }
    answer = ask_engine(chosen, request)
    sys.stdout.write("".join(f"{change}\n" for change in answer["changes"]))
    sys.stdout.write(f"in force now, rules {answer['hash'][:12]}\n")
    return OK


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"a change must be NAME=VALUE, such as risk.max_positions=5, got {text!r}")
    return name.strip(), value.strip()


COMMANDS: Final = (
    Command(
        ("risk", "limits"),
        "show every limit in force, whose it is and since when; exit code 3 when no engine runs",
        (ACCOUNT, SETTINGS, Option("--json", "print one JSON object", {"action": "store_true"})),
        _limits,
    ),
    Command(
        ("risk", "tighten"),
        "tighten limits of the running engine at once; what would loosen is refused by name",
        (
            Option(
                "limit",
                "limit and its new value, such as risk.max_position_pct=3",
                {"metavar": "NAME=VALUE", "nargs": "+"},
            ),
            Option("--reason", "why; it is journaled", {"metavar": "TEXT", "required": True}),
            ACCOUNT,
            SETTINGS,
        ),
        _tighten,
    ),
)
