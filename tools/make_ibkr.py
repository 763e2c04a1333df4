"""Make docs/reference/ibkr.md: what Interactive Brokers says, what is sent to it, which faults are met.

python3 dev.py python tools/make_ibkr.py
"""  # noqa: INP001  # a program, not a package

import ast
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Final

from msgspec.structs import fields

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from fillpath.core import auctions, destinations  # noqa: E402
from fillpath.ibkr import algos, codes, probing, states, statuses, verdicts, words  # noqa: E402
from tests.faults import FAULTS  # noqa: E402
from tools.make_faults import known, row, table  # noqa: E402

PAGE: Final = ROOT / "docs" / "reference" / "ibkr.md"
FIRST_FAULT: Final = 45
LAST_FAULT: Final = 78
HEAD: Final = """# Interactive Brokers, word by word

Made by `tools/make_ibkr.py` from the tables in `fillpath.ibkr`, from `fillpath.core.destinations`
and from the marks on the tests; a test keeps it true.
"""
CODES: Final = """
## Codes

What a message means for an order that was just sent, that works, whose change or whose cancel waits
for an answer, and what else is done. **A code that is not listed is ambiguous**: the order is in
doubt, everything is looked up, and a person is called. An order that was accepted is ended by a
confirmed cancel and by nothing else that is said.
"""
STATUSES: Final = """
## Statuses

A status is a claim. Executions alone say what was filled, and an end counts only when open orders,
completed orders and executions were asked for after it was heard. An unknown word changes nothing,
puts the order in doubt and calls a person.
"""
ORDERS: Final = """
## Orders

| order type | type at the vendor | limit price | trigger |
|---|---|---|---|
"""
ORDERS_REST: Final = f"""
Time in force is always said: {", ".join(f"`{word}`" for word in words.TIMES.values())}; orders with
a trigger take `DAY` and `GTC`. Trading outside regular hours is off unless it is asked for, and
possible with a limit only. Sizes are whole shares. A price stands on a step of the contract's market
rule, a buy rounded down and a sell up. Linked orders are one group of type {words.REDUCE_WITH_BLOCK}:
one of them works at a time, and what it fills is taken from the others. The order reference is our
order id, at most {words.LONGEST_REFERENCE} printable ASCII characters.
"""
DESTINATIONS: Final = """
## Destinations

An order asks for one with `destination` in its metadata, a strategy in that of its signal: a name, or
a mapping of `name` and parameters. Times are aware, or ISO 8601 text with a zone; a share of volume
is from {low} to {high}. A limit order keeps its limit, whoever works it. Where the broker does not
take an algorithm, at all or for this order (439, 441, 442, 443), the engine works the order in the
slices of its own TWAP, flagged `DESTINATION_LOCAL_TWAP`; an auction that is not taken is refused.
"""
AUCTIONS: Final = """
## Auctions

`at_close` sends a market order as `MOC` and a limit order as `LOC`; `at_open` sends `OPG`, which
makes them market-on-open and limit-on-open. An order is refused, with the time, when it comes less
than this before the auction:

| auction | listed on | time before |
|---|---|---|
"""
CONNECTION: Final = """
## Connection

A connection goes from `tcp` to `trading` in this order, and back to `reconcile` after 1101 and 1102;
`fillpath.ibkr.standing` draws the rest.
"""
FAULTS_HEAD: Final = """
## Faults of the connection, of orders and of fills

Marks on the tests say which of them is shown; the result is that of the last run of
`python3 dev.py python tools/make_faults.py --run`.

| id | fault | tests | last result |
|---|---|---|---|
"""
PROBED: Final = """
## What only a paper account can show

`fillpath probe ibkr` looks at each of these on a paper account of yours and writes down what it saw.

| check | what is believed |
|---|---|
"""


def page(results: dict[str, str]) -> str:
    """Return the page.

    Args:
        results: how each test went, as ``make_faults`` knows it.
    """
    parts = [
        HEAD,
        CODES,
        *_lines(_code_rows()),
        _glossary("What it means for the order", verdicts, verdicts.Verdict),
        _glossary("What else is done", verdicts, verdicts.Duty),
        STATUSES,
        *_lines(_status_rows()),
        _glossary("What a status claims", statuses, statuses.Claim),
        ORDERS,
        *_lines(_type_rows()),
        ORDERS_REST,
        DESTINATIONS.format(low=destinations.LOW_SHARE, high=destinations.HIGH_SHARE),
        *_lines(_destination_rows()),
        AUCTIONS,
        *_lines(_auction_rows()),
        CONNECTION,
        _glossary("How far it has come", states, states.State),
        _glossary("What its alarms are about", states, states.Trouble),
        FAULTS_HEAD,
        *_lines(_fault_rows(results)),
        PROBED,
        *_lines(f"| {check.name} | {check.belief} |" for check in probing.CHECKS),
    ]
    return "".join(parts)


def _lines(rows: Iterable[str]) -> Iterator[str]:
    return (f"{line}\n" for line in rows)


def _code_rows() -> Iterator[str]:
    yield ""
    yield "| code | kind | says | new | works | changing | cancelling | else |"
    yield "|---|---|---|---|---|---|---|---|"
    for meaning in sorted(codes.ROWS, key=lambda meaning: meaning.first):
        number = str(meaning.first)
        if meaning.last != meaning.first:
            number += f" to {meaning.last}"
        answers = " | ".join(meaning.about(stage) for stage in verdicts.Stage)
        duties = ", ".join(sorted(meaning.duties))
        yield f"| {number} | {meaning.kind} | {meaning.words} | {answers} | {duties} |"


def _status_rows() -> Iterator[str]:
    yield ""
    yield "| status | claim | says |"
    yield "|---|---|---|"
    for status in statuses.ROWS:
        yield f"| `{status.word}` | {status.claim} | {status.text} |"


def _glossary(title: str, module: ModuleType, kind: type[StrEnum]) -> str:
    """Return every word of an enumeration with the sentence below it in the source."""
    told = _sentences(module, kind.__name__)
    rows = [f"| {member.value} | {told[member.name]} |" for member in kind]
    return "\n".join(["", f"{title}:", "", "| word | meaning |", "|---|---|", *rows, ""])


def _sentences(module: ModuleType, name: str) -> dict[str, str]:
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    found = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    told = {}
    for before, after in zip(found.body, found.body[1:], strict=False):
        if isinstance(before, ast.Assign) and isinstance(before.targets[0], ast.Name):
            assert isinstance(after, ast.Expr), f"{name}.{before.targets[0].id} says what it is"
            told[before.targets[0].id] = " ".join(str(ast.literal_eval(after.value)).split())
    return told


def _type_rows() -> Iterator[str]:
    for ours, word in words.TYPES.items():
        limit = "the order's" if "LIMIT" in ours else "-"
        trigger = "the order's stop price" if "STOP" in ours else "-"
        yield f"| {ours} | `{word}` | {limit} | {trigger} |"


def _destination_rows() -> Iterator[str]:
    yield ""
    yield "| name | at the vendor | parameters (the vendor's names) | seen at a gateway |"
    yield "|---|---|---|---|"
    for name, kind in destinations.KINDS.items():
        told = next((told for made, told in algos.ALGORITHMS.items() if made is kind), None)
        if told is None:
            yield f"| `{name}` | see below | - | not yet |"
            continue
        ours = {field.name: field for field in fields(kind)}
        listed = []
        for tag, field in told.parameters.items():
            needed = ", needed" if ours[field].required else ""
            listed.append(f"`{field}` ({tag}{needed})")
        seen = "by others" if told.verified else "not yet"
        yield f"| `{name}` | {told.strategy} | {', '.join(listed)} | {seen} |"


def _auction_rows() -> Iterator[str]:
    way = auctions.ON_THE_WAY
    for exchange, before in auctions.BEFORE_CLOSE.items():
        yield f"| close | {exchange} | {_minutes(before + way)} |"
    yield f"| close | elsewhere | {_minutes(auctions.BEFORE_CLOSE_ELSEWHERE + way)} |"
    yield f"| open | everywhere | {_minutes(auctions.BEFORE_OPEN + way)} |"


def _minutes(nanoseconds: int) -> str:
    return str(timedelta(microseconds=nanoseconds // 1_000))


def _fault_rows(results: dict[str, str]) -> Iterator[str]:
    tests = table()
    for number in range(FIRST_FAULT, LAST_FAULT + 1):
        name = f"F-{number:02}"
        assert name in FAULTS, "the table of faults holds all of them"
        yield row(name, tests[name], results)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(known()), encoding="utf-8")


if __name__ == "__main__":
    main()
