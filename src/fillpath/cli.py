"""The ``fillpath`` command: words from a terminal become one call of the composition root.

Nothing heavy is imported before it is known which command was given, so that help is instant.
Exit codes: 0 done, 2 the input is wrong (one sentence on stderr, nothing written), 3 and 4 as the
command says, 130 interrupted, 1 anything unexpected.
"""

# ruff: noqa: PLC0415

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from fillpath import (
    __version__,
    cli_alerts,
    cli_approvals,
    cli_backtest,
    cli_dashboard,
    cli_demo,
    cli_ibkr,
    cli_jobs,
    cli_journal,
    cli_limits,
    cli_report,
    cli_risk,
    cli_service,
    cli_simulate,
    cli_stop,
    cli_strategy,
    cli_users,
)
from fillpath.cli_results import check_out, progress_bar, show, write
from fillpath.cli_table import (
    BAD_ROWS,
    FILE,
    FILES,
    INTERRUPTED,
    OK,
    PARAMETER,
    SEED,
    SETTINGS,
    SIGNALS,
    WRONG_INPUT,
    Chosen,
    Command,
    Option,
    UsageError,
    amount,
    seconds,
)
from fillpath.core.errors import FillpathError
from fillpath.runtime.threads import calm_threads


class _Parser(argparse.ArgumentParser):
    """Argparse, but a wrong command line is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise the sentence."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: words after the program's name; None takes those of the process.
    """
    if not __debug__:
        _complain("python -O is refused: it switches off the assertions that guard money")
        return WRONG_INPUT
    calm_threads()
    try:
        chosen = parser().parse_args(arguments)
        code: int = chosen.act(chosen)
        sys.stdout.flush()
    except FillpathError as error:
        _complain(str(error))
        return WRONG_INPUT
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; Python would flush once more on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    root = _Parser(
        prog="fillpath",
        description="From a trading signal to a measured fill.",
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"fillpath {__version__}")
    groups: dict[tuple[str, ...], Any] = {(): root.add_subparsers(required=True, metavar="COMMAND")}
    for command in COMMANDS:
        *path, last = command.words
        group = groups.get(tuple(path))
        if group is None:
            above = groups[()].add_parser(
                path[0], help=GROUPS[path[0]], description=GROUPS[path[0]], allow_abbrev=False
            )
            group = groups[tuple(path)] = above.add_subparsers(required=True, metavar="COMMAND")
        below = group.add_parser(
            last, help=command.meaning, description=command.meaning, allow_abbrev=False
        )
        for option in command.options:
            below.add_argument(option.name, help=option.meaning, **option.how)
        below.set_defaults(act=command.act)
    return root


def _complain(sentence: str) -> None:
    sys.stderr.write(f"fillpath: {sentence}\n")


def _replay(chosen: Chosen) -> int:
    from fillpath import app
    from fillpath.backtest.request import BadRows, FillProfile, ReplayRequest, SessionFilter
    from fillpath.settings import load_settings

    if not chosen.quotes and not chosen.bars:
        raise UsageError("give --quotes, or --bars, to replay (see fillpath replay --help)")
    settings = load_settings(chosen.settings)
    simulation = settings.simulation
    if chosen.strategy is not None:
        sys.path.insert(0, str(Path.cwd()))  # a strategy is usually a file in the folder at hand
    request = ReplayRequest(
        quotes=tuple(chosen.quotes),
        bars=tuple(chosen.bars),
        daily=tuple(chosen.daily),
        signals=tuple(chosen.signals),
        strategy=chosen.strategy,
        parameters=dict(chosen.parameters),
        corporate_actions=chosen.corporate_actions,
        sectors=chosen.sectors,
        session=SessionFilter(chosen.session),
        profile=FillProfile(chosen.profile or simulation.profile or FillProfile.QUOTES),
        displayed_size=chosen.displayed_size or simulation.displayed_size,
        max_quote_age=chosen.max_quote_age,
        cash=simulation.cash if chosen.cash is None else chosen.cash,
        bad_rows=BadRows(chosen.bad_rows),
        seed=chosen.seed,
        journal=chosen.journal,
    )
    check_out(chosen.out)
    with progress_bar("replaying") as progress:
        result = app.replay(request, settings, progress)
    show(result, as_json=chosen.json)
    if chosen.out is not None:
        write(result, chosen.out, quiet=chosen.json)
    return OK


def _settings_show(chosen: Chosen) -> int:
    from fillpath.settings import (
        RISK_FILE,
        load_settings,
        shipped,
        shipped_limits,
        shown,
        shown_limits,
    )

    if chosen.defaults:
        texts = {"settings": shipped(), "limits": shipped_limits()}
    else:
        settings = load_settings(chosen.settings)
        texts = {"settings": shown(settings), "limits": shown_limits(settings)}
    if chosen.only is None:
        sys.stdout.write(f"{texts['settings']}\n# {RISK_FILE}, beside it:\n\n{texts['limits']}")
    else:
        sys.stdout.write(texts[chosen.only])
    return OK


def _settings_check(chosen: Chosen) -> int:
    from fillpath.settings import load_settings, policy_hash

    settings = load_settings(chosen.settings)
    sys.stdout.write(f"settings are in order; hash of the rules: {policy_hash(settings)}\n")
    return OK


GROUPS: Final = {
    "users": "say who may sign in at the dashboard",
    "audit": "look into the log of who did what at the dashboard",
    "alerts": "what people are told of, and through which channels",
    "settings": "look at the settings",
    "strategy": "look at strategies, at what they earned, and run one",
    "tables": "look after the tables",
    "journal": "look into a journal, copy it, put a copy in its place",
    "probe": "find out what a broker really does",
    "risk": "look at the limits, the controls and what they did; tighten limits",
}
COMMANDS: Final = (
    *cli_service.COMMANDS,
    *cli_stop.COMMANDS,
    *cli_approvals.COMMANDS,
    *cli_dashboard.COMMANDS,
    *cli_alerts.COMMANDS,
    *cli_simulate.COMMANDS,
    *cli_ibkr.COMMANDS,
    *cli_report.COMMANDS,
    *cli_jobs.COMMANDS,
    *cli_demo.COMMANDS,
    *cli_backtest.COMMANDS,
    *cli_strategy.COMMANDS,
    Command(
        ("replay",),
        "run the engine on recorded market data under a simulated clock",
        (
            Option("--quotes", "quote files, Parquet or CSV; may be repeated", FILES),
            Option("--bars", "intraday bar files, for strategies that read bars", FILES),
            Option("--daily", "daily bar files, for the average daily volume", FILES),
            SIGNALS,
            Option(
                "--strategy",
                "strategy to run, as module:Class; the folder at hand is searched first",
                {"metavar": "MODULE:CLASS"},
            ),
            PARAMETER,
            Option("--corporate-actions", "CSV file of splits and dividends", FILE),
            Option("--sectors", "CSV file of symbol and sector", FILE),
            Option(
                "--session",
                "regular hours only, or all rows (default rth)",
                {"choices": ("rth", "all"), "default": "rth"},
            ),
            Option(
                "--profile",
                "how the simulated broker fills (default: simulation.profile, or else quotes)",
                {"choices": ("spec", "quotes", "realistic")},
            ),
            Option(
                "--displayed-size",
                "fill at most the size shown in the quote",
                {"action": "store_true"},
            ),
            Option(
                "--max-quote-age",
                "seconds for which a quote is usable (default 30 for ticks and seconds, 180 for "
                "minutes)",
                {"type": seconds, "metavar": "SECONDS"},
            ),
            Option(
                "--cash",
                "opening cash in account currency (default: simulation.cash)",
                {"type": amount, "metavar": "AMOUNT"},
            ),
            BAD_ROWS,
            SEED,
            SETTINGS,
            Option("--journal", "keep the journal in this file (default: not kept)", FILE),
            Option(
                "--out",
                "folder for orders, fills, quality and decisions as Parquet and the report",
                {"type": Path, "metavar": "DIR"},
            ),
            Option("--json", "print one JSON object and no tables", {"action": "store_true"}),
        ),
        _replay,
    ),
    Command(
        ("settings", "show"),
        "print the settings in force as settings files; an account number is masked",
        (
            SETTINGS,
            Option(
                "--only",
                "print one of the two files: the settings, or the limits of risk",
                {"choices": ("settings", "limits")},
            ),
            Option("--defaults", "print the commented defaults instead", {"action": "store_true"}),
        ),
        _settings_show,
    ),
    Command(
        ("settings", "check"),
        "say whether the settings are in order",
        (SETTINGS,),
        _settings_check,
    ),
    *cli_limits.COMMANDS,
    *cli_journal.COMMANDS,
    *cli_risk.COMMANDS,
    *cli_users.COMMANDS,
)
