"""Explain an order from the journal: which controls judged it and its signal, and which did not.

The journal is decided once more, from its first record on, so the answer needs no engine and is the
same whether one runs or not.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from fillpath.core.commands import Decision, Intent
from fillpath.core.events import Event
from fillpath.core.models import Refusal
from fillpath.execution.desk import Desk
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.cascade import ROWS, At
from fillpath.risk.controls import CONTROLS, Control, control_of

PASSED: Final = "passed"
OBJECTED: Final = "objected"
DID_NOT_RUN: Final = "did not run"

_NOTHING_TO_ASK: Final = {
    "C-09": "the signal tells no price of its own",
    "C-39": "the size does not come from statistics",
    "C-53": "where it is switched on, the broker is asked about an entry when it leaves",
}

_EXITS: Final = frozenset(row.control for row in ROWS if At.EXIT in row.at)
_ENTRIES_ONLY: Final = frozenset(row.control for row in ROWS) - _EXITS - set(_NOTHING_TO_ASK)
_EXIT: Final = "the order takes risk off, and exits do not answer to it"
_LATER: Final = "it is asked of each slice, when that is released"

Record = Event | Intent


class Said(Struct, frozen=True, kw_only=True):
    """What became of one control at one judgement.

    Args:
        id: of the control.
        code: the reason code that it gives, or gave.
        title: what it demands.
        verdict: ``passed``, ``objected`` or ``did not run``.
        text: what it held against the order, with its numbers; or why it did not run.
        limits: the settings that move it, as they were in force.
    """

    id: str
    code: str
    title: str
    verdict: str
    text: str = ""
    limits: dict[str, str] = {}


class Judgement(Struct, frozen=True, kw_only=True):
    """One decision about the order or its signal.

    Args:
        at: nanoseconds UTC.
        stage: SIGNAL, SLICE, CANCEL or EXPIRE.
        outcome: ORDERED, REFUSED, HELD, REDUCED, EXPIRED or UNFILLED.
        order_id: the order it is about; empty when none came to be.
        reason: code of a refusal or a hold.
        text: the same for a person.
        risk: verdict of the risk checks; empty where they were not asked.
        controls: every control that is asked before a trade.
    """

    at: int
    stage: str
    outcome: str
    order_id: str
    reason: str
    text: str
    risk: str
    controls: tuple[Said, ...]


class Explanation(Struct, frozen=True, kw_only=True):
    """Why an order is what it is.

    Args:
        name: the order or signal that was asked about.
        symbol: ticker.
        strategy_name: the strategy behind it.
        signal_id: the signal behind it.
        judgements: oldest first.
    """

    name: str
    symbol: str
    strategy_name: str
    signal_id: str
    judgements: tuple[Judgement, ...]


def explain(records: Iterable[Record], policy: DeskPolicy, name: str) -> Explanation | None:
    """Return what the journal says about an order, or None where it knows none of that name.

    Args:
        records: the whole journal, oldest first.
        policy: the rules until the journal brings its own.
        name: id of an order, of the parent of a sliced one, or of a signal.
    """
    desk = Desk(policy)
    names = {name, name.partition("#")[0]} - {""}
    found: list[Judgement] = []
    last: Decision | None = None
    for record in records:
        if isinstance(record, Intent):
            continue  # the desk has said so already
        for command in desk.step(record):
            if isinstance(command, Decision) and _is_about(command, names):
                last = command
                found.append(_judged(command, desk.policy))
    if last is None:
        return None
    return Explanation(
        name=name,
        symbol=last.symbol,
        strategy_name=last.strategy_name,
        signal_id=last.signal_id,
        judgements=tuple(found),
    )


def _is_about(decision: Decision, names: set[str]) -> bool:
    """Return whether a decision names the order, its parent, one of its slices, or the signal."""
    order_id = decision.order_id
    return bool(names & {order_id, decision.signal_id}) or order_id.partition("#")[0] in names


def _judged(decision: Decision, policy: DeskPolicy) -> Judgement:
    objected = _objections(decision)
    ran = {*decision.controls, *objected}
    skipped = policy.cascade.skipped
    told = []
    for control in CONTROLS.values():
        if control.id in ran:
            told.append(_ran(control, objected.get(control.id), policy))
        elif control.id.startswith("C-"):
            why = _why_not(control, decision, skipped)
            told.append(_said(control, DID_NOT_RUN, Refusal("", why), policy))
    return Judgement(
        at=decision.at,
        stage=decision.stage,
        outcome=decision.outcome,
        order_id=decision.order_id,
        reason=decision.reason,
        text=decision.text,
        risk=decision.risk,
        controls=tuple(told),
    )


def _objections(decision: Decision) -> dict[str, Refusal]:
    """Return what was held against the order, by control."""
    found: dict[str, Refusal] = {}
    told = [Refusal(decision.reason, decision.text)]
    told += [Refusal(*reason.split(": ", 1)) for reason in decision.risk_reasons]
    for refusal in told:
        control = control_of(refusal.code)
        if control is not None:
            found[control.id] = refusal
    return found


def _ran(control: Control, objection: Refusal | None, policy: DeskPolicy) -> Said:
    if objection is None:
        return _said(control, PASSED, Refusal("", ""), policy)
    return _said(control, OBJECTED, objection, policy)


def _said(control: Control, verdict: str, told: Refusal, policy: DeskPolicy) -> Said:
    return Said(
        id=control.id,
        code=told.code or control.code,
        title=control.title,
        verdict=verdict,
        text=told.text,
        limits=limits_in_force(control, policy),
    )


def limits_in_force(control: Control, policy: DeskPolicy) -> dict[str, str]:
    """Return the limits of risk that move a control, by key."""
    found: dict[str, str] = {}
    for key in control.settings:
        first, *rest = key.split(".")
        value: object = policy.risk if first == "risk" else None
        for name in rest:
            value = getattr(value, name, None)
        if value is not None:
            found[key] = str(value)
    return found


def _why_not(control: Control, decision: Decision, skipped: Mapping[str, str]) -> str:
    """Return why a control was not asked."""
    if control.id in skipped:
        return skipped[control.id]
    if control.gates == ("start",):
        return "it is asked when the engine starts"
    if decision.reason:
        return f"the decision ended before it, with {decision.reason}"
    if control.waits_for:
        return control.waits_for
    if control.id in _ENTRIES_ONLY:
        judged = not _ENTRIES_ONLY.isdisjoint(decision.controls)
        return _LATER if judged else _EXIT
    return _NOTHING_TO_ASK.get(control.id, f"it is asked elsewhere, by {control.decided_in}")


__all__ = ["Explanation", "Judgement", "Said", "explain", "limits_in_force"]
