"""Each row of the table of faults that the simulation can bring about: it strikes, nothing breaks.

A run is checked against every invariant after every step and once more after healing, so "nothing
breaks" says that no order was doubled, no fill was lost, and engine, journal, tables and venue agree.
"""

from collections import Counter

import pytest

from fillpath.chaos.crashing import Fuse
from fillpath.chaos.faults import Swarm
from fillpath.chaos.simulation import simulate

BUSY = {"refusal": 0.05, "broker_cancel": 0.01}


def dying(fault: str, *sites: str, **swarm: float) -> list[object]:
    """Return one case for each place at which the engine dies."""
    return [
        pytest.param(site, swarm, marks=pytest.mark.fault(fault), id=f"{fault} {site}")
        for site in sites
    ]


DEATHS = [
    *dying("F-01", "bus.receive.after"),
    *dying("F-02", "journal.sync[signal_received].after", "bus.acknowledge.before"),
    *dying("F-03", "journal.write[signal_received].before", "journal.write[signal_received].torn"),
    *dying("F-05", "journal.sync[place_order].after", "broker.submit[whole].before"),
    *dying("F-06", "broker.submit[whole].sent", "broker.submit[whole].after"),
    *dying("F-08", "broker.event[order_accepted].after", "journal.write[order_accepted].before"),
    *dying("F-09", "broker.event[order_filled].after", "journal.write[order_filled].before"),
    *dying("F-10", "journal.sync[order_filled].after", "store.apply[SIM].before"),
    *dying("F-10", "bus.publish[execution:fills].before", "store.apply[SIM].after"),
    *dying("F-11", "journal.write[commission_reported].before", late_commission=0.9),
    *dying("F-12", "journal.sync[cancel_order].after", "broker.cancel.before"),
    *dying("F-12", "broker.cancel.sent", "broker.cancel.after"),
    *dying("F-13", "journal.write[order_cancelled].before", "journal.sync[order_cancelled].after"),
    *dying("F-17", "journal.write[opening].torn", "journal.sync[opening].before"),
    *dying("F-18", "journal.write[place_order].torn", "journal.sync[place_order].before"),
    *dying("F-18", "journal.write[order_filled].torn", "journal.write[signal_received].after"),
    *dying("F-89", "broker.submit[slice].before", "broker.submit[slice].sent"),
    *dying("F-89", "broker.submit[slice].after", "journal.sync[timer_fired].after"),
]


@pytest.mark.parametrize(("site", "swarm"), DEATHS)
def test_an_engine_that_dies_there_loses_and_repeats_nothing(
    site: str, swarm: dict[str, float]
) -> None:
    for seed in range(1, 9):
        cut = Swarm({"power_loss": 1.0, **swarm}) if seed % 2 else Swarm(swarm)
        ran = simulate(seed, swarm=cut, fuses=(Fuse(site=site, visit=1 + seed % 3),))

        assert ran.violation is None, ran.story
        if ran.died.get(site):
            return
    pytest.fail(f"no engine ever came to {site}")


@pytest.mark.fault("F-17")
@pytest.mark.parametrize(
    "site",
    [
        "broker.get_open_orders.after",
        "broker.get_executions.before",
        "journal.sync[engine_started].after",
        "journal.write[order_in_doubt].before",
    ],
)
def test_an_engine_that_dies_while_it_recovers_recovers_all_the_same(site: str) -> None:
    twice = (Fuse(effects=700), Fuse(site=site), Fuse(site=site))
    died = 0
    for seed in range(1, 9):
        ran = simulate(seed, swarm=Swarm({"reply_lost": 0.1}), fuses=twice)

        assert ran.violation is None, ran.story
        died += ran.died.get(site, 0)
        if died > 1:
            return
    assert died


def trouble(faults: tuple[str, ...], **swarm: float) -> object:
    """Return a case: these rows are what this swarm is."""
    name = " ".join((*faults, *swarm))
    return pytest.param(swarm, marks=pytest.mark.fault(*faults), id=name)


SWARMS = [
    trouble(("F-17",), crash=0.003, crash_loop=0.6),
    trouble(("F-21",), bus_down=0.03),
    trouble(("F-22",), bus_wiped=0.01, bus_ack_lost=0.2),
    trouble(("F-24",), bus_repeat=0.4, bus_ack_lost=0.3),
    trouble(("F-25",), bus_reorder=0.5),
    trouble(("F-27",), poison=0.4),
    trouble(("F-30",), store_down=0.03),
    trouble(("F-33",), disk_full=0.01),
    trouble(("F-34",), disk_failure=0.01),
    trouble(("F-18",), crash=0.004, power_loss=1.0),
    trouble(("F-37", "F-38"), clock_jump=0.01),
    trouble(("F-45",), request_lost=0.1, late_arrival=0.5, reply_lost=0.1),
    trouble(("F-47",), disconnect=0.02, broker_cancel=0.02),
    trouble(("F-49",), query_failed=0.5, disconnect=0.01),
    trouble(("F-50",), empty_answer=0.8, disconnect=0.02, reply_lost=0.1),
    trouble(("F-59",), external_fill=0.01),
    trouble(("F-62",), repeated_event=0.6, redelivery=1.0, disconnect=0.01),
    trouble(("F-63",), correction=0.03, late_event=0.3),
    trouble(("F-64",), bust=0.02, late_event=0.3),
    trouble(("F-65",), late_event=0.6),
    trouble(("F-66",), lost_acceptance=0.5, late_event=0.2),
    trouble(("F-67", "F-68", "F-94"), late_event=0.4, broker_cancel=0.02, cancel_lost=0.3),
    trouble(("F-69",), overfill=0.1),
    trouble(("F-70",), broker_cancel=0.05),
    trouble(("F-75",), late_commission=0.8, repeated_event=0.3),
    trouble(("F-91",), kill_at_signal=0.05, kill=0.004),
    trouble(("F-92",), refusal=0.2),
    trouble(("F-93", "F-96"), cancel_lost=0.5, slow_broker=0.4),
    trouble(("F-97",), stall=0.004),
]


@pytest.mark.parametrize("swarm", SWARMS)
def test_a_world_with_such_faults_breaks_nothing(swarm: dict[str, float]) -> None:
    struck: Counter[str] = Counter()
    for seed in range(1, 9):
        ran = simulate(seed, swarm=Swarm(BUSY | swarm))

        assert ran.violation is None, ran.story
        struck.update(ran.faults)
        if all(struck[name] for name in swarm):
            return
    assert [name for name in swarm if not struck[name]] == []
