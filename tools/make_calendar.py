"""Write the table of New York closures and early closes that the session calendar is built on.

    .venv/bin/python tools/make_calendar.py > src/fillpath/scheduling/xnys_exceptions.py

Its source is the development dependency ``exchange_calendars``. The written file is data: it is
committed, and a test compares every session of the whole range with its source again.
"""  # noqa: INP001  # a program, not a package

import sys
from datetime import date, timedelta
from itertools import groupby

from exchange_calendars import get_calendar

FIRST = date(1990, 1, 1)
LAST = date(2040, 12, 31)
REGULAR_HOURS = ("09:30", "16:00")

HEAD = '''"""Closed weekdays and early closes of the New York Stock Exchange, by year; data only.

Written by tools/make_calendar.py from exchange_calendars; do not edit. Weekends are not listed.
The days of years that are still to come follow the exchange's rules as known today.
"""

from datetime import date
from typing import Final

FIRST: Final = date({first.year}, {first.month}, {first.day})
LAST: Final = date({last.year}, {last.month}, {last.day})
'''


def table(name: str, words: list[tuple[date, str]]) -> str:
    """Return the words of each year as one dict literal."""
    lines = [f"\n{name}: Final[dict[int, str]] = {{"]
    for year, entries in groupby(words, key=lambda word: word[0].year):
        lines.append(f'    {year}: "{" ".join(text for _, text in entries)}",')
    return "\n".join([*lines, "}\n"])


def main() -> None:
    """Print the module."""
    schedule = get_calendar("XNYS", start=FIRST, end=LAST).schedule
    zone = "America/New_York"
    opens = schedule["open"].dt.tz_convert(zone).dt.strftime("%H:%M")
    closes = schedule["close"].dt.tz_convert(zone).dt.strftime("%H:%M")
    if set(opens) != {REGULAR_HOURS[0]}:
        sys.exit("a session opens late: the table has no place for that")
    sessions = [stamp.date() for stamp in schedule.index]
    early = [
        (day, f"{day:%m-%d}/{close}")
        for day, close in zip(sessions, closes, strict=True)
        if close != REGULAR_HOURS[1]
    ]
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    weekdays = (day for day in days if day.weekday() <= 4)  # noqa: PLR2004  # Friday
    closed = [(day, f"{day:%m-%d}") for day in sorted(set(weekdays) - set(sessions))]
    sys.stdout.write(HEAD.format(first=FIRST, last=LAST))
    sys.stdout.write(table("CLOSED", closed) + table("EARLY_CLOSES", early))


if __name__ == "__main__":
    main()
