"""Write the reference pages of alerts and of figures from their tables; a test compares them.

python3 dev.py python tools/make_monitoring.py
"""  # noqa: INP001  # a program, not a package

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fillpath.monitoring.catalogue import METRICS, series_of
from fillpath.monitoring.kinds import KINDS, Severity
from fillpath.monitoring.kinds_outside import OUTSIDE
from fillpath.monitoring.kinds_trading import TRADING

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "reference"
MADE: Final = "Made by `tools/make_monitoring.py` from the code; a test keeps it true.\n"
SEVERITIES: Final = {
    Severity.CRITICAL: "money may be at risk now: told at any hour, again each "
    "`alerts.repeat_critical_seconds` until somebody acknowledges it",
    Severity.WARNING: "something is not as it should be: again each "
    "`alerts.repeat_warning_seconds`, not in quiet hours",
    Severity.INFO: "good to know: told once, not in quiet hours",
}


def alerts_page() -> str:
    """Return the page of every kind of alert."""
    lines = [
        "# Alerts",
        "",
        MADE,
        "How they are delivered and acknowledged: [Be told](../how-to/alerts.md).",
        "",
        "| severity | what it means |",
        "| --- | --- |",
        *(f"| {severity} | {words} |" for severity, words in SEVERITIES.items()),
        "",
        "A code that is not listed warns. An alarm whose text ends with `it is over` ends the one",
        "with its code.",
    ]
    for title, table in (("Trading", TRADING), ("What the engine stands on", OUTSIDE)):
        lines += ["", f"## {title}", "", *_kinds(table)]
    return "\n".join(lines) + "\n"


def _kinds(table: str) -> Iterator[str]:
    yield "| code | severity | what has happened | what to do |"
    yield "| --- | --- | --- | --- |"
    for line in table.strip().splitlines():
        kind = KINDS[line.partition("|")[0].strip()]
        ends = f" Ends {', '.join(f'`{code}`' for code in kind.ends)}." if kind.ends else ""
        happened = f"**{kind.title}.** {kind.meaning}{ends}"
        yield f"| `{kind.code}` | {kind.severity} | {happened} | {kind.remedy} |"


def metrics_page() -> str:
    """Return the page of every figure."""
    lines = [
        "# Metrics",
        "",
        MADE,
        "`metrics.port` opens `http://127.0.0.1:PORT/metrics`; it is 0, which is off, by default.",
        "Figures are counted from the start of the process on. No label holds an account number.",
        "",
        "| name | kind | labels | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for metric in METRICS.values():
        names = "<br>".join(f"`{name}`" for name in series_of(metric))
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        lines.append(f"| {names} | {metric.form} | {labels} | {metric.meaning} |")
    lines += ["", "## Bounds of the histograms", ""]
    for metric in METRICS.values():
        if metric.bounds:
            bounds = ", ".join(f"{bound:g}" for bound in metric.bounds)
            lines.append(f"- `{metric.name}`: {bounds}")
    return "\n".join(lines) + "\n"


PAGES: Final = {"alerts.md": alerts_page, "metrics.md": metrics_page}


def main() -> int:
    """Write every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
