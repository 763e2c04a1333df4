"""The classes of faults, and the swarm: every run enables some of them, each as strong as it likes."""

from collections import Counter
from random import Random
from typing import Final, NamedTuple


class FaultClass(NamedTuple):
    """One kind of trouble.

    Args:
        name: as it stands in the tables.
        meaning: what happens, in one sentence.
        low: weakest intensity, a probability for each occasion unless the meaning says otherwise.
        high: strongest intensity.
    """

    name: str
    meaning: str
    low: float
    high: float


FAULTS: Final[tuple[FaultClass, ...]] = (
    FaultClass(
        "crash", "the process is killed; its effects live on average 1 / this", 0.0005, 0.01
    ),
    FaultClass("power_loss", "a crash also loses unsynced pages", 0.2, 1.0),
    FaultClass("crash_loop", "the process dies again within its first effects", 0.1, 0.7),
    FaultClass("disk_full", "a commit finds no space", 0.001, 0.01),
    FaultClass("disk_failure", "a sync fails with EIO", 0.001, 0.01),
    FaultClass("clock_jump", "the machine's clock is set wrong, each second", 0.001, 0.01),
    FaultClass("stall", "the process stands still for minutes", 0.0005, 0.004),
    FaultClass("request_lost", "an order never reaches the broker", 0.01, 0.2),
    FaultClass("late_arrival", "a lost order reaches the broker seconds later", 0.1, 0.8),
    FaultClass("reply_lost", "the broker has the order, the engine hears nothing", 0.01, 0.2),
    FaultClass("slow_broker", "requests and replies take up to seconds", 0.05, 0.5),
    FaultClass("late_event", "an event of the broker comes seconds late, behind others", 0.05, 0.5),
    FaultClass("lost_acceptance", "the acceptance never comes, the fill does", 0.02, 0.3),
    FaultClass("repeated_event", "an event of the broker comes twice", 0.02, 0.4),
    FaultClass("late_commission", "a fill comes before what it cost", 0.05, 0.6),
    FaultClass("disconnect", "the connection to the broker is down, each second", 0.002, 0.02),
    FaultClass("redelivery", "the broker repeats past executions on connecting", 0.2, 1.0),
    FaultClass("empty_answer", "the broker's first look-up answer is empty", 0.05, 0.5),
    FaultClass("query_failed", "a look-up gets no answer", 0.05, 0.4),
    FaultClass("refusal", "the broker refuses an order", 0.01, 0.15),
    FaultClass("broker_cancel", "the broker cancels a working order, each second", 0.002, 0.03),
    FaultClass("cancel_lost", "a cancel gets no answer, taken or not", 0.02, 0.3),
    FaultClass("external_fill", "somebody else trades on the account, each second", 0.0005, 0.004),
    FaultClass("overfill", "the broker executes more than was ordered", 0.02, 0.15),
    FaultClass("bust", "an execution is undone, each second", 0.002, 0.03),
    FaultClass("correction", "an execution is corrected, each second", 0.001, 0.02),
    FaultClass("bus_ack_lost", "an acknowledgement is lost", 0.02, 0.4),
    FaultClass("bus_repeat", "a signal is delivered again", 0.02, 0.3),
    FaultClass("bus_reorder", "a signal overtakes another one", 0.02, 0.3),
    FaultClass("bus_down", "the bus cannot be reached, each second", 0.002, 0.02),
    FaultClass("bus_wiped", "the bus restarts empty, each second", 0.0005, 0.004),
    FaultClass("poison", "a message that no program can read", 0.02, 0.2),
    FaultClass("store_down", "the tables cannot be reached, each second", 0.002, 0.02),
    FaultClass("quote_gap", "a symbol has no quotes, each second", 0.002, 0.02),
    FaultClass("bad_quote", "a quote is one-sided or crossed", 0.02, 0.3),
    FaultClass("split", "a share splits, each night", 0.3, 1.0),
    FaultClass("kill", "a person stops trading, each second", 0.001, 0.006),
    FaultClass("kill_at_signal", "a person stops trading as a signal comes", 0.005, 0.05),
    FaultClass("kill_part", "a person stops a strategy or a symbol, each second", 0.0005, 0.008),
    FaultClass("amend_lost", "a change of an order gets no answer, taken or not", 0.02, 0.3),
    FaultClass("amend_late", "a change comes seconds late, behind a later one", 0.02, 0.2),
    FaultClass("amend_refused", "the broker leaves an order as it is", 0.02, 0.2),
    FaultClass("withdrawal", "a person cancels one order, each second", 0.005, 0.1),
)
NAMES: Final = tuple(fault.name for fault in FAULTS)
_SHARE: Final = 0.4
_OFTEN: Final = 0.6
_DEATHS: Final = frozenset({"crash", "power_loss"})


class Swarm:
    """The intensity of each class in one run, and how often each really struck.

    Args:
        intensity: by name; what is missing never happens.
    """

    def __init__(self, intensity: dict[str, float]) -> None:
        self._intensity = intensity
        self.struck: Counter[str] = Counter()
        self.healed = False

    def __getitem__(self, name: str) -> float:
        """Return the present intensity; 0 once the world has healed."""
        return 0.0 if self.healed else self._intensity.get(name, 0.0)

    def strikes(self, name: str, rng: Random) -> bool:
        """Return whether the fault happens on this occasion, and count it."""
        if self.healed or name not in self._intensity:
            return False
        if rng.random() >= self._intensity[name]:
            return False
        self.struck[name] += 1
        return True

    def enabled(self) -> list[str]:
        """Return the classes of this run, in the order of the table."""
        return [name for name in NAMES if name in self._intensity]


def draw_swarm(rng: Random) -> Swarm:
    """Enable a random part of the classes with random intensities; sometimes none at all."""
    share = rng.choice((0.0, 0.15, _SHARE, _SHARE, _SHARE, 0.7))
    intensity: dict[str, float] = {}
    for fault in FAULTS:
        often = _OFTEN if share and fault.name in _DEATHS else share
        chosen, power = rng.random() < often, rng.random()
        if chosen:
            intensity[fault.name] = fault.low * (fault.high / fault.low) ** power
    return Swarm(intensity)
