"""Where an engine may die: before and after every effect that it asks of the world.

The engine has no hooks for this. Every door that a simulated engine is given passes ``Life.point``
on its way in and out, under a name that says which effect it was; a fuse decides at which of them
the engine dies. A dead engine reaches nothing any more: whatever it still tries, dies again.
"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final

from msgspec import Struct

NEVER: Final = 1 << 60
MOST_EFFECTS: Final = 20_000
"""Effects at one virtual moment after which an engine counts as spinning."""


class Crash(BaseException):
    """The process ends here; nothing that follows in it happens."""


class Spinning(AssertionError):
    """An engine acts without end while no time passes."""


class Fuse(Struct):
    """At which effect the engine dies.

    Args:
        effects: after that many effects of any kind.
        site: or at this site ...
        visit: ... the n-th time.
    """

    effects: int = NEVER
    site: str = ""
    visit: int = 1


class Sites:
    """Every crash site that any engine of the run has passed, and how often one died there."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.died: Counter[str] = Counter()


class Life:
    """One process of the engine, from its start to its end.

    Args:
        number: from 1.
        fuse: when it dies.
        sites: where passages are counted.
        moment: returns the virtual time.
        at_death: called once, when it dies at a site.
    """

    def __init__(
        self,
        number: int,
        fuse: Fuse,
        sites: Sites,
        moment: Callable[[], float],
        at_death: Callable[["Life", str], None],
    ) -> None:
        self.number = number
        self.began = moment()
        self.alive = True
        self.phase = "recovery"
        self.effects = 0
        self.spared = False
        self._fuse = fuse
        self._sites = sites
        self._moment = moment
        self._at_death = at_death
        self._visits = 0
        self._since = -1.0
        self._busy = 0

    def point(self, site: str) -> None:
        """Pass a site; die here when the fuse says so.

        Raises:
            Crash: the engine died here, or before.
        """
        if not self.alive:
            raise Crash(f"life {self.number} is over")
        self._count(site)
        fuse = self._fuse
        if self.effects >= fuse.effects:
            self.die(site)
        elif site == fuse.site:
            self._visits += 1
            if self._visits >= fuse.visit:
                self.die(site)

    def die(self, site: str) -> None:
        """End this process at once.

        Raises:
            Crash: always, unless it is spared.
        """
        if self.spared:
            return
        self._sites.died[site] += 1
        self.alive = False
        self._at_death(self, site)
        raise Crash(f"life {self.number} ends at {site}")

    def end(self) -> None:
        """Mark the process as over without a crash: it ended by itself."""
        self.alive = False

    def spare(self) -> None:
        """Let it live from now on."""
        self.spared = True

    def _count(self, site: str) -> None:
        self.effects += 1
        self._sites.passed[site] += 1
        now = self._moment()
        if now != self._since:
            self._since, self._busy = now, 0
        self._busy += 1
        if self._busy > MOST_EFFECTS:
            raise Spinning(f"{MOST_EFFECTS} effects at {now:.6f} s, the last one {site}")


def draw_fuse(rng: Random, known: list[str], mean: float) -> Fuse:
    """Return when the next process dies: after some effects, or at a named site.

    Args:
        rng: chance.
        known: sites that were passed so far, in a fixed order.
        mean: effects that a process lives on average; 0 for ever.
    """
    if mean <= 0:
        return Fuse()
    if known and rng.random() < 0.5:
        critical = [site for site in known if "order" in site or site.startswith("broker.")]
        sites = critical if critical and rng.random() < 0.5 else known
        return Fuse(NEVER, rng.choice(sites), rng.choice((1, 1, 1, 2, 3, 5)))
    return Fuse(1 + int(rng.expovariate(1 / mean)))
