"""The command that shows what fillpath does: a desk to watch, or a report and done."""

# ruff: noqa: PLC0415

import sys
from pathlib import Path
from typing import Final

from fillpath.cli_results import check_out, progress_bar, show, write
from fillpath.cli_table import OK, SEED, SETTINGS, Chosen, Command, Option, whole

FOLDER: Final = "fillpath-demo"
NEXT_STEPS: Final = """
What next
  look     open {report} in a browser
  watch    fillpath demo   (in a clone: python3 dev.py demo)
  replay   fillpath replay --quotes quotes.parquet --signals signals.jsonl --out my-run
  options  fillpath replay --help   (in a clone: python3 dev.py run replay --help)
"""
PORT: Final = 8765


def _demo(chosen: Chosen) -> int:
    return _once(chosen) if chosen.once else _desk(chosen)


def _once(chosen: Chosen) -> int:
    from fillpath import app
    from fillpath.settings import load_settings

    settings = load_settings(chosen.settings)
    folder = chosen.out or Path(FOLDER)
    check_out(folder)
    with progress_bar("trading") as progress:
        result = app.demo(chosen.data, chosen.seed, settings, progress)
    show(result, as_json=False)
    write(result, folder, quiet=False)
    sys.stdout.write(NEXT_STEPS.format(report=folder / "report.html"))
    return OK


def _desk(chosen: Chosen) -> int:
    import asyncio

    from fillpath import app_demo
    from fillpath.settings import load_settings

    plan = app_demo.DemoPlan(
        data=chosen.data,
        seed=chosen.seed,
        speed=chosen.speed,
        folder=chosen.out,
        port=chosen.port,
        own_limits=chosen.settings is not None,
    )
    recording = app_demo.prepare(plan, load_settings(chosen.settings))
    asyncio.run(app_demo.show(recording, _say))
    _say(f"ended; everything is in {recording.folder}")
    return OK


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


COMMANDS: Final = (
    Command(
        ("demo",),
        "watch a desk trade real daily prices on a modelled intraday path, in a browser",
        (
            Option(
                "--once",
                "replay everything at once, write a report and exit; no desk",
                {"action": "store_true"},
            ),
            Option(
                "--data",
                "folder of recorded data to replay instead of the modelled path",
                {"type": Path, "metavar": "DIR"},
            ),
            Option(
                "--speed",
                "recorded seconds that pass in one second, 1 for real time (default 60)",
                {"type": whole(1, 3_600), "metavar": "N", "default": 60},
            ),
            Option(
                "--port",
                f"port of this machine for the dashboard, 0 for a free one (default {PORT}, or a "
                "free one where that is taken)",
                {"type": whole(0, 65_535), "metavar": "N", "default": None},
            ),
            Option(
                "--out",
                f"folder of everything that is written (default a new one; with --once {FOLDER})",
                {"type": Path, "metavar": "DIR"},
            ),
            SEED,
            SETTINGS,
        ),
        _demo,
    ),
)
