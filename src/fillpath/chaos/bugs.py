"""Seeded bugs: one-line mutants of the real code, planted at run time to test the tester.

Nothing of them is in the product. Each replaces one function of the engine by a subtly broken one
for as long as a run lasts; the simulation has to find every one of them.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple

from fillpath.chaos.bugs_desk import DESK_BUGS
from fillpath.chaos.bugs_protection import PROTECTION_BUGS
from fillpath.chaos.bugs_risk import RISK_BUGS
from fillpath.chaos.bugs_shell import SHELL_BUGS


class Bug(NamedTuple):
    """One mutant.

    Args:
        name: as it is asked for.
        place: what is replaced, as ``module:name`` or ``module:Class.name``; several with ``|``.
        broken: makes the broken function from the sound one.
        like: what it is modelled on.
    """

    name: str
    place: str
    broken: Callable[[Any], Any]
    like: str


_ROWS: Final = (*SHELL_BUGS, *DESK_BUGS, *RISK_BUGS, *PROTECTION_BUGS)
BUGS: Final[tuple[Bug, ...]] = tuple(Bug(*row) for row in _ROWS)


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Put a bug into the code while the context lasts; an empty name plants none."""
    if not name:
        yield
        return
    bug = next(bug for bug in BUGS if bug.name == name)
    with ExitStack() as stack:
        for place in bug.place.split("|"):
            stack.enter_context(_replaced(place, bug.broken))
        yield


@contextmanager
def _replaced(place: str, broken: Callable[[Any], Any]) -> Iterator[None]:
    module, _, path = place.partition(":")
    holder: Any = importlib.import_module(module)
    *outer, last = path.split(".")
    for part in outer:
        holder = getattr(holder, part)
    sound = getattr(holder, last)
    setattr(holder, last, broken(sound))
    try:
        yield
    finally:
        setattr(holder, last, sound)
