"""Self-assessment: what each control is shown by, how that went last, and what limit is in force."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from fillpath.risk.controls import Control

NOT_RUN: Final = "not run"
_WORST: Final = ("failed", NOT_RUN, "skipped", "passed")


class Evidence(Struct, frozen=True):
    """How a test went when it was run last.

    Args:
        outcome: ``passed``, ``skipped`` or ``failed``.
        at: when, ISO 8601 UTC.
        commit: on which source; with a plus where files differed from it.
    """

    outcome: str
    at: str
    commit: str


class Assessment(Struct, frozen=True, kw_only=True):
    """One row of the self-assessment.

    Args:
        id: of the control.
        title: what it demands.
        kind: hard, soft, monitor or latch.
        gates: where it is asked.
        refuses: tests that show it refusing.
        passes: tests that show it letting pass what it should.
        last: the worst of their last outcomes; ``not run`` where one is not known.
        at: the oldest of their last runs; empty when none is known.
        commit: of that run.
        limits: the settings that move it, as they are in force.
        rationale: why it is there, with the source.
        waits_for: what it still waits for.
    """

    id: str
    title: str
    kind: str
    gates: tuple[str, ...]
    refuses: tuple[str, ...]
    passes: tuple[str, ...]
    last: str
    at: str
    commit: str
    limits: dict[str, str]
    rationale: str
    waits_for: str = ""

    @property
    def is_gap(self) -> bool:
        """Return whether nothing shows the control refusing."""
        return not self.refuses


def assess(
    controls: Iterable[Control],
    tests: Mapping[str, Mapping[str, Sequence[str]]],
    evidence: Mapping[str, Evidence],
    limits: Mapping[str, str],
) -> list[Assessment]:
    """Return a row for each control.

    Args:
        controls: in the order of the rows.
        tests: by id, those that it ``refuses`` in and those that it ``passes`` in.
        evidence: by test.
        limits: settings in force, by key.
    """
    return [_assessed(control, tests.get(control.id, {}), evidence, limits) for control in controls]


def _assessed(
    control: Control,
    tests: Mapping[str, Sequence[str]],
    evidence: Mapping[str, Evidence],
    limits: Mapping[str, str],
) -> Assessment:
    refuses, passes = (tuple(tests.get(way, ())) for way in ("refuses", "passes"))
    last = _last([evidence.get(test) for test in (*refuses, *passes)])
    return Assessment(
        id=control.id,
        title=control.title,
        kind=control.kind,
        gates=control.gates,
        refuses=refuses,
        passes=passes,
        last=last.outcome,
        at=last.at,
        commit=last.commit,
        limits={key: limits[key] for key in control.settings if key in limits},
        rationale=control.rationale,
        waits_for=control.waits_for,
    )


def _last(found: Sequence[Evidence | None]) -> Evidence:
    """Return what all of it comes to: as bad as the worst, as old as the oldest of those."""
    told = [Evidence(NOT_RUN, "", "") if one is None else one for one in found]
    if not told:
        return Evidence(NOT_RUN, "", "")
    return min(told, key=lambda one: (_WORST.index(one.outcome), one.at))


__all__ = ["NOT_RUN", "Assessment", "Evidence", "assess"]
