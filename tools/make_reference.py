"""Write the pages and files that are made from the code; a test compares them with it.

    python3 dev.py python tools/make_reference.py

These are ``settings.yaml`` and ``risk_limits.yaml`` in ``config`` with their copies in the package,
and the pages of ``docs/reference`` about settings, models and commands.
"""  # noqa: INP001  # a program, not a package

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from fillpath.cli import COMMANDS
from fillpath.cli_table import Command, Option
from fillpath.core import models
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.execution.policy import DeskPolicy, QualityPolicy, RouterPolicy, SizingPolicy
from fillpath.risk.limits import RiskLimits
from fillpath.risk.limits.limit import Limit, LimitGroup, limits_of, parts_of
from fillpath.runtime.knobs import Knob
from fillpath.runtime.sections import Section
from fillpath.settings import CATALOGUE, LIMITS, MAIN, Settings

ROOT: Final = Path(__file__).resolve().parents[1]
MADE: Final = "Made by `tools/make_reference.py` from the code; a test keeps it true.\n"
POLICIES: Final = (
    DeskPolicy,
    SizingPolicy,
    RouterPolicy,
    QualityPolicy,
    RiskLimits,
    *(kind for _, kind in parts_of(RiskLimits)),
    SimulationPolicy,
)
UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            "limit_price",
            "stop_price",
            "average_fill_price",
            "price",
            "bid_price",
            "ask_price",
            "open",
            "high",
            "low",
            "close",
            "average_price",
            "market_price",
            "expected_price",
            "filled_price",
            "signal_price",
            "price_floor",
        ],
        "account currency per share",
    ),
    **dict.fromkeys(
        [
            "quantity",
            "filled_quantity",
            "approved_quantity",
            "allowed_quantity",
            "fixed_quantity",
            "bid_size",
            "ask_size",
            "volume",
            "working",
            "lot_size",
        ],
        "shares",
    ),
    **dict.fromkeys(
        ["total_equity", "cash", "reserved_cash", "realized_pnl", "commission"], "account currency"
    ),
    **dict.fromkeys(["strength", "urgent_strength"], "1 = full strength"),
    "percent_equity": "percent",
    "min_trades": "trades",
    "max_positions": "symbols",
    "revision": "count",
    "twap_num_slices": "slices",
}
SUFFIXES: Final = {"_pct": "percent", "_bps": "bps", "_ms": "milliseconds", "_seconds": "seconds"}
COUNTED: Final = re.compile(r"\b(Decimal|int|float)\b")

SETTINGS_HEAD: Final = """\
# The settings of fillpath with their defaults. Every key may be left out, an unknown one is refused,
# and a variable SA_<SECTION>__<KEY> wins over this file: SA_BROKER__IBKR__PORT=4001.

"""
LIMITS_HEAD: Final = """\
# The limits of risk with their defaults, beside the file of the settings. Every key may be left out,
# an unknown one is refused, and a variable SA_RISK__<KEY> wins over this file:
# SA_RISK__SIZE__MAX_NOTIONAL_PCT=4. Where null stands, the default depends on whether orders go to a
# real broker; the limits in force are part of the rules that the journal carries.

"""
SETTINGS_INTRODUCTION: Final = """\
Settings come from a YAML file (`--settings PATH`; `config/settings.yaml` holds the defaults), for
the section `risk` from the file `risk_limits.yaml` beside it (`config/risk_limits.yaml` holds the
defaults; its keys stand there without `risk`), and from variables. A variable wins over the files,
and all may say as little as they like. An unknown name in any of them stops the start with the
nearest known one, and so does a value of the wrong type or out of its range. `fillpath settings check` says whether all is in order, `fillpath settings show`
prints what is in force.

Numbers with a decimal point are exact and have at most 6 decimals. `_pct` is percent: 0.05 is 5 bps.
"""
MODELS_INTRODUCTION: Final = """\
Models are frozen values. Constructors take `int`, `float`, `str` or `Decimal` for every number, a
float through its shortest text, and convert it to `Decimal`; NaN and infinities are refused. Times
are aware and kept in UTC. A value that cannot exist raises `ModelError`, which names the field, the
value and what is allowed.
"""
POLICIES_INTRODUCTION: Final = """\
The frozen rules that rooms decide by. `Settings.desk_policy()` and `Settings.simulation_policy()`
build them from the [settings](settings.md); a program may build them by hand.
"""
COMMANDS_INTRODUCTION: Final = """\
In a clone of the repository, `python3 dev.py run` stands for `fillpath`.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | the answer is no: a refused signal, a finding, a difference, a cancel that is not confirmed; with a traceback, something unexpected |
| 2 | the command line, a setting or an input is wrong, or nobody answers: one sentence on stderr, nothing written |
| 3 | the engine does not trade, or does not answer a kill whose latch is set; a watchdog has acted |
| 4 | the engine did not start, because its broker cannot be traded at |
| 130 | interrupted |

Every command takes `--help`; `fillpath --version` prints the version.
"""


class Field(NamedTuple):
    """One field of a model."""

    name: str
    kind: str
    default: str


def made() -> dict[Path, str]:
    """Return every made file by its path in the repository."""
    values = Settings().model_dump()
    settings = SETTINGS_HEAD + MAIN.written(values, explain=True)
    limits = LIMITS_HEAD + LIMITS.written(values["risk"], explain=True)
    reference = Path("docs") / "reference"
    return {
        Path("config") / "settings.yaml": settings,
        Path("config") / "risk_limits.yaml": limits,
        Path("src") / "fillpath" / "config" / "settings.yaml": settings,
        Path("src") / "fillpath" / "config" / "risk_limits.yaml": limits,
        reference / "settings.md": settings_page(),
        reference / "models.md": models_page(),
        reference / "cli.md": commands_page(),
    }


def settings_page() -> str:
    """Return the page of all settings."""
    parts = ["# Settings\n", MADE, SETTINGS_INTRODUCTION]
    for path, section in _sections(Settings):
        knobs = [knob for knob in CATALOGUE.knobs.values() if knob.path[:-1] == path]
        rows = (_knob_row(knob) for knob in knobs)
        parts += [f"## {'.'.join(path)}\n", f"{_summary(section)}\n"]
        parts.append(_table("key, variable, allowed, unit, default, meaning", rows))
    return "\n".join(parts)


def models_page() -> str:
    """Return the page of all public models, their words and the policies."""
    found = [getattr(models, name) for name in sorted(models.__all__)]
    kinds = [kind for kind in found if inspect.isclass(kind)]
    words = [kind for kind in kinds if issubclass(kind, Enum)]
    parts = ["# Models\n", MADE, MODELS_INTRODUCTION, "## Words\n"]
    rows = (
        (f"`{kind.__name__}`", ", ".join(f"`{member.value}`" for member in kind), _summary(kind))
        for kind in words
    )
    parts.append(_table("name, values, meaning", rows))
    parts += [_model(kind) for kind in kinds if kind not in words]
    parts += ["## Policies\n", POLICIES_INTRODUCTION, *(_model(kind, "###") for kind in POLICIES)]
    return "\n".join(parts)


def commands_page() -> str:
    """Return the page of all commands."""
    parts = ["# Commands\n", MADE, COMMANDS_INTRODUCTION]
    for command in COMMANDS:
        parts += [f"## fillpath {' '.join(command.words)}\n", _command(command)]
    return "\n".join(parts)


def _sections(
    section: type[Section], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield (*path, name), kind
            yield from _sections(kind, (*path, name))


def _knob_row(knob: Knob) -> tuple[str, ...]:
    default = "null" if knob.default is None else str(knob.default)
    if isinstance(knob.default, bool):
        default = default.lower()
    key, variable = f"`{knob.path[-1]}`", f"`{knob.variable}`"
    return key, variable, knob.allowed, knob.unit, f"`{default}`" * bool(default), knob.description


def _model(kind: type, level: str = "##") -> str:
    said, limits = _said(kind), _limits(kind)
    rows = [
        (
            f"`{field.name}`",
            f"`{field.kind}`",
            limits[field.name].unit if field.name in limits else unit(field),
            field.default,
            said[field.name],
        )
        for field in _fields(kind)
    ]
    parts = [f"{level} {kind.__name__}\n", f"{_summary(kind)}\n"]
    parts.append(_table("field, type, unit, default, meaning", rows))
    answers = [
        f"- `{name}`: {_summary(member)}"
        for name, member in vars(kind).items()
        if isinstance(member, property)
    ]
    if answers:
        parts.append("\n".join(["It also answers:\n", *answers]) + "\n")
    return "\n".join(parts)


def _fields(kind: type) -> Iterator[Field]:
    if issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            factory = field.default_factory
            default = _default(field.default, factory, msgspec.NODEFAULT)
            yield Field(field.name, _kind(field.type), default)
        return
    assert dataclasses.is_dataclass(kind), "a public model is a struct or a dataclass"
    for entry in dataclasses.fields(kind):
        if entry.init:
            default = _default(entry.default, entry.default_factory, dataclasses.MISSING)
            yield Field(entry.name, _kind(entry.type), default)


def _default(value: Any, factory: Any, missing: Any) -> str:
    if value is missing:
        if factory is missing:
            return "needed"
        made_by = factory.__name__
        return {"dict": "empty", "tuple": "empty"}.get(made_by, f"`{made_by}()`")
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if value in ((), ""):
        return "empty"
    return f"`{value}`"


def _kind(annotation: Any) -> str:
    if annotation is None or annotation is type(None):
        return "None"
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    text = re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", str(annotation))
    # A policy takes any number; what it keeps is exact.
    return text.replace("int | float | str | Decimal", "Number")


def unit(field: Field) -> str:
    """Return the unit of a field, empty for a plain one.

    Raises:
        KeyError: a number without a known unit; add it to ``UNITS``.
    """
    if "datetime" in field.kind:
        return "UTC"
    if field.name in UNITS:
        return UNITS[field.name]
    for suffix, name in SUFFIXES.items():
        if field.name.endswith(suffix):
            return name
    if COUNTED.search(field.kind) or "Number" in field.kind:
        raise KeyError(field.name)
    return ""


def _summary(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _arguments(kind: type) -> dict[str, str]:
    """Return what the docstring says about each field."""
    text = (inspect.getdoc(kind) or "").partition("Args:\n")[2].partition("\n\n")[0]
    entries = re.split(r"^ {4}(?=\w)", text, flags=re.MULTILINE)[1:]
    pairs = (entry.split(":", 1) for entry in entries)
    return {name: " ".join(meaning.split()) for name, meaning in pairs}


def _limits(kind: type) -> dict[str, Limit]:
    return dict(limits_of(kind)) if issubclass(kind, LimitGroup) else {}


def _said(kind: type) -> dict[str, str]:
    """Return what is said about each field, by the docstring or by the limits themselves."""
    groups = {name: _summary(group) for name, group in parts_of(kind)} if _limits(kind) else {}
    limits = {name: limit.meaning for name, limit in _limits(kind).items()}
    return _arguments(kind) | groups | limits


def _command(command: Command) -> str:
    rows = (_option_row(option) for option in command.options)
    sentence = command.meaning[0].upper() + command.meaning[1:]
    return f"{sentence}.\n\n{_table('option, value, meaning', rows)}"


def _option_row(option: Option) -> tuple[str, str, str]:
    how = option.how
    value = " or ".join(how["choices"]) if "choices" in how else how.get("metavar", "")
    if how.get("nargs") == "+":
        value = f"{value} ..."
    return f"`{option.name}`", f"`{value}`" * bool(value), option.meaning


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    names = head.split(", ")
    lines = [
        names,
        ["---"] * len(names),
        *([cell.replace("|", "\\|") for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Write every made file."""
    for path, text in made().items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
