"""The commands that stop trading, and the one that lets it go on."""

# ruff: noqa: PLC0415

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fillpath.cli_engine import ACCOUNT
from fillpath.cli_table import FAILED, OK, SETTINGS, Chosen, Command, Option, UsageError, seconds
from fillpath.core.errors import ConfigError, Unavailable
from fillpath.runtime.printing import printable

NOT_TRADING: Final = 3
ANSWER_SECONDS: Final = 5.0
WIDE: Final = 160

LATER: Final = (
    "no engine runs here, or it hangs: it will start killed. Orders that it left at the broker must "
    "be cancelled there."
)
NOT_EVEN_LATER: Final = (
    "NOTHING IS STOPPED: no engine took the kill, and the disk does not keep it. Make room, or take "
    "the process down, and cancel at the broker what works there."
)
BY_FILE: Final = (
    "Give --settings a sound file, or put an empty file kill.json into engine.folder, or send the "
    "engine's process the signal USR1."
)


def _scope(chosen: Chosen) -> tuple[str, str]:
    """Return which orders are meant, and the strategy or symbol."""
    from fillpath.core.models import check_symbol

    given = [name for name in ("strategy", "symbol") if getattr(chosen, name) is not None]
    if len(given) + chosen.all > 1 or (chosen.all and chosen.account):
        raise UsageError("give one of --strategy, --symbol, --account and --all")
    if chosen.all:
        return "all", ""
    if chosen.symbol is not None:
        return "symbol", check_symbol(chosen.symbol.upper())
    return ("account", "") if chosen.strategy is None else ("strategy", chosen.strategy)


def _folders(chosen: Chosen) -> tuple[Path, list[Path]]:
    """Return the folder of every account, and those of the accounts that are meant."""
    from fillpath.app_live import account_folder
    from fillpath.service.account import FILE as STATUS_FILE
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    above = Path(settings.engine.folder)
    if chosen.all:
        return above, sorted(path.parent for path in above.glob(f"*/{STATUS_FILE}"))
    return above, [account_folder(settings, chosen.account or "")]


def _kill(chosen: Chosen) -> int:
    """Set the latch first: it stops trading even if nobody answers any more."""
    import asyncio

    if chosen.drill:
        return _drill(chosen)
    request = _request(chosen, "kill") | {"reason": chosen.reason}
    try:
        above, folders = _folders(chosen)
    except ConfigError as error:
        raise ConfigError(f"NOTHING IS STOPPED: {error}. {BY_FILE}") from error
    later = _latch(above, folders, request)
    return max(
        [asyncio.run(_told(folder, request, chosen, later)) for folder in folders], default=0
    )


def _request(chosen: Chosen, act: str) -> dict[str, Any]:
    scope, target = _scope(chosen)
    return {"do": act, "by": getpass.getuser(), "scope": scope, "target": target}


def _latch(above: Path, folders: list[Path], request: Mapping[str, Any]) -> str:
    """Write the latch, and return what to say where no engine answers."""
    from fillpath.runtime.steady import SteadyClock
    from fillpath.service.latch import KillLatch
    from fillpath.service.stopping import asked

    folder = folders[0] if request["scope"] != "all" else above / "any"
    try:
        above.mkdir(mode=0o700, parents=True, exist_ok=True)
        if request["scope"] != "all":
            folder.mkdir(mode=0o700, exist_ok=True)
        first = KillLatch(folder, above).set(asked(request, SteadyClock().nanoseconds()))
    except OSError as error:
        sys.stdout.write(f"the kill latch cannot be written: {error.strerror}\n")
        return NOT_EVEN_LATER
    where = printable(asked(request, 0).where)
    word = "kill latch set" if first else "the kill latch was set already"
    sys.stdout.write(f"{word}: {where} is stopped\n")
    return LATER


async def _told(folder: Path, request: Mapping[str, Any], chosen: Chosen, later: str) -> int:
    """Tell the engine of a folder, and wait for the end of what it has at the broker."""
    from fillpath.service.control import ask

    if chosen.all:
        sys.stdout.write(f"{folder.name}:\n")
    try:
        await ask(folder, request)
        if chosen.flatten:
            answer = await ask(folder, dict(request) | {"do": "flatten"})
            sys.stdout.write(f"giving up {answer['positions']} positions, each after its cancels\n")
        ended = await _followed(folder, request, chosen)
        return max(ended, await _still_held(folder, request, flattened=chosen.flatten))
    except Unavailable as error:
        sys.stdout.write(f"{error}\n{later}\n")
        return NOT_TRADING


async def _followed(folder: Path, request: Mapping[str, Any], chosen: Chosen) -> int:
    """Wait until nothing of the scope works, and nothing is held where it is given up."""
    import asyncio

    from fillpath.service.stopping import asked

    latch = asked(request, 0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        left = await _working(folder, latch)
        held = await _covered(folder, request) if chosen.flatten and not left else {"held": {}}
        if not left and not held["held"]:
            took = loop.time() - began
            what = "nothing" if latch.is_wide else f"nothing of {printable(latch.where)}"
            sys.stdout.write(f"{what} works at the broker any more, after {took:.2f} s\n")
            return OK
        if loop.time() - began > float(chosen.wait):
            for order in left:
                sys.stdout.write(f"NOT CONFIRMED {order.order_id} {order.symbol} {order.status}\n")
            return FAILED
        await asyncio.sleep(0.1)


async def _working(folder: Path, latch: Any) -> list[Any]:
    """Return the orders of a scope that may still fill."""
    from fillpath.service.control import ask
    from fillpath.service.status import read_status

    answer = await ask(folder, {"do": "status"})
    status = read_status(answer["status"].encode())
    return [o for o in status.open_orders if latch.covers(o.strategy, o.symbol)]


async def _covered(folder: Path, request: Mapping[str, Any]) -> Any:
    """Return what is held of a scope, and whether its name was ever heard of."""
    from fillpath.service.control import ask

    return await ask(folder, dict(request) | {"do": "covered"})


async def _still_held(folder: Path, request: Mapping[str, Any], *, flattened: bool) -> int:
    """Say what a stop leaves open: positions without their stops, or a name that nobody knows."""
    found = await _covered(folder, request)
    if not found["known"]:
        what = printable(f"{request['scope']} {request['target']}")
        sys.stdout.write(f"nothing was ever heard of {what} here: is that its name?\n")
    if not found["held"]:
        return OK
    held = ", ".join(f"{symbol} {shares}" for symbol, shares in found["held"].items())
    how = "it goes on by itself" if flattened else "fillpath kill --flatten gives it up"
    sys.stdout.write(f"still held: {held}; {how}\n")
    return FAILED if flattened else OK


def _resume(chosen: Chosen) -> int:
    import asyncio

    request = _request(chosen, "resume")
    _, folders = _folders(chosen)
    if not folders:
        raise ConfigError("there is no account here that could be resumed")
    word = chosen.confirm
    if word is None:
        what = "ALL" if chosen.all else "the account's name"
        sys.stderr.write(f"type {what} to let it trade again: ")
        sys.stderr.flush()
        word = sys.stdin.readline().strip()
    request["word"] = word
    return max(asyncio.run(_resumed(folder, request, len(folders))) for folder in folders)


async def _resumed(folder: Path, request: Mapping[str, Any], among: int) -> int:
    from fillpath.service.control import ask

    try:
        answer = await ask(folder, request)
    except (ConfigError, Unavailable) as error:
        if among == 1:
            raise
        sys.stdout.write(f"{folder.name}: {error}\n")
        return FAILED
    sys.stdout.write(f"trading again since {answer['resumed_at']}\n")
    for text in answer["still"]:
        sys.stdout.write(f"still: {text}\n")
    return OK


def _drill(chosen: Chosen) -> int:
    """Let the engine kill itself under a watch; a real latch stays behind."""
    import asyncio

    from fillpath.service.control import ask

    if chosen.all or chosen.flatten:
        raise UsageError(
            "a drill is of one account and sends nothing; leave --all and --flatten out"
        )
    request = _request(chosen, "drill") | {
        "reason": f"drill: {chosen.reason}",
        "wait": float(chosen.wait),
        "sure": chosen.yes,
    }
    _, folders = _folders(chosen)
    patience = float(chosen.wait) + ANSWER_SECONDS
    answer = asyncio.run(ask(folders[0], request, patience))
    _show_drills([answer["drill"]])
    if not answer["kept"]:
        sys.stdout.write("the drill could not be written to the log: the disk takes nothing\n")
    sys.stdout.write("trading stays stopped until fillpath resume\n")
    return FAILED if answer["drill"]["unconfirmed"] else OK


def _drills(chosen: Chosen) -> int:
    import msgspec

    from fillpath.service.drill import read_drills

    chosen.all = False
    _, folders = _folders(chosen)
    found = [msgspec.to_builtins(drill) for drill in read_drills(folders[0])]
    if not found:
        sys.stdout.write("no drill yet; practise with fillpath kill --drill\n")
        return OK
    _show_drills(found)
    return OK


def _show_drills(drills: list[dict[str, Any]]) -> None:
    from datetime import datetime

    from rich.console import Console
    from rich.table import Table

    from fillpath.core.units import iso

    table = Table("drill", "by", "stopped", "orders", *(words for _, words in _STEPS), "left")
    for one in drills:
        steps = ["-" if one[name] is None else f"{one[name]:.1f} ms" for name, _ in _STEPS]
        when = iso(datetime.fromisoformat(one["at"]))
        left = str(len(one["unconfirmed"]))
        table.add_row(when, one["by"], one["where"], str(one["orders"]), *steps, left)
    Console(width=WIDE).print(table)


_STEPS: Final = (
    ("latch_ms", "latch durable"),
    ("gate_ms", "gate shut"),
    ("cancel_ms", "last cancel sent"),
    ("confirmed_ms", "last confirmation"),
)


def _watchdog(chosen: Chosen) -> int:
    import asyncio

    from fillpath import app_live, app_watchdog
    from fillpath.app_alerts import delivering, telling
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    name = chosen.account or app_live.account_name(settings)
    with delivering(settings, chosen.settings, name), telling(settings, name, _page) as post:
        barked = asyncio.run(app_watchdog.run(settings, post.page, say=_say, account=name))
    return OK if barked is None else NOT_TRADING


def _say(sentence: str) -> None:
    sys.stderr.write(f"fillpath: {sentence}\n")
    sys.stderr.flush()


def _page(alarm: Any) -> None:
    from fillpath.core.units import iso, moment

    sys.stderr.write(f"ALERT {iso(moment(alarm.at))} {alarm.code}: {printable(alarm.text)}\n")
    sys.stderr.flush()


_SCOPES: Final = (
    Option("--strategy", "only the orders of this strategy", {"metavar": "NAME"}),
    Option("--symbol", "only the orders in this symbol", {"metavar": "SYMBOL"}),
    Option(
        "--account",
        "the whole account, which is meant when nothing else is; its name in a fleet",
        {"metavar": "NAME", "nargs": "?", "const": ""},
    ),
    Option("--all", "every account of engine.folder", {"action": "store_true"}),
)
COMMANDS: Final = (
    Command(
        ("kill",),
        "stop trading now and cancel what works; works without bus, tables and network",
        (
            *_SCOPES,
            Option(
                "--reason",
                "why trading stops; it is journaled (default: no reason given)",
                {"metavar": "TEXT", "default": "no reason given"},
            ),
            Option(
                "--wait",
                "seconds to wait until the cancels are confirmed, and with --flatten until nothing "
                "is held (default 10)",
                {"type": seconds, "metavar": "SECONDS", "default": 10},
            ),
            Option(
                "--flatten",
                "give up every position of the scope too, once its cancels are confirmed",
                {"action": "store_true"},
            ),
            Option(
                "--drill",
                "practise: kill under a watch, show how long each step took, and log it",
                {"action": "store_true"},
            ),
            Option("--yes", "really practise on a live account", {"action": "store_true"}),
            SETTINGS,
        ),
        _kill,
    ),
    Command(
        ("resume",),
        "let what was stopped trade again, after a delay and a typed confirmation",
        (
            *_SCOPES,
            Option(
                "--confirm",
                "the account's name (ALL with --all), instead of being asked",
                {"metavar": "NAME"},
            ),
            SETTINGS,
        ),
        _resume,
    ),
    Command(
        ("drills",),
        "show how long each practised kill took",
        (
            ACCOUNT,
            SETTINGS,
        ),
        _drills,
    ),
    Command(
        ("watchdog",),
        "watch the engine from a process of its own; cancel everything when it goes silent",
        (
            ACCOUNT,
            SETTINGS,
        ),
        _watchdog,
    ),
)
