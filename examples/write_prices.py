"""Write 30 days of five-minute prices of a stock that does not exist: a random walk.

Run it: python3 dev.py python examples/write_prices.py prices.csv
"""
# ruff: noqa: INP001, PLR2004, S311, T201, TID251  # a script beside the package; nothing secret

import random
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

SEED = 7
FIRST = date(2026, 1, 5)
HOLIDAYS = {date(2026, 1, 19), date(2026, 2, 16)}
DAYS, BARS = 30, 78  # of five minutes


def rows(chance: random.Random) -> list[str]:
    """Return the bars, oldest first, with the header in front."""
    found = ["ts,ts_end,symbol,open,high,low,close,volume"]
    day, cents = FIRST, 10_000
    while len(found) <= DAYS * BARS:
        if day.weekday() < 5 and day not in HOLIDAYS:
            opening = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
            cents += chance.randint(-60, 60)  # over night
            for at in (opening + timedelta(minutes=5 * n) for n in range(BARS)):
                after = cents + round(chance.gauss(0, 12))
                high = max(cents, after) + chance.randint(0, 6)
                low = min(cents, after) - chance.randint(0, 6)
                prices = (f"{price / 100:.2f}" for price in (cents, high, low, after))
                ends = at + timedelta(minutes=5)
                times = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (at, ends))
                volume = chance.randint(20, 200) * 100
                found.append(",".join([*times, "ACME", *prices, str(volume)]))
                cents = after
        day += timedelta(days=1)
    return found


def main(path: Path) -> None:
    """Write the file."""
    lines = rows(random.Random(SEED))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print(f"{path}: {len(lines) - 1:,} bars of ACME, made up from seed {SEED}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
