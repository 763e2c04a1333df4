"""The profile realistic holds every promise that it declares, for each kind of account, in no time."""

from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.execution.simulating.policy import AccountKind, CommissionPlan, RealisticPolicy
from tests.contract.in_memory import Simulated


class TestRealisticOnMargin(Simulated):
    policy = SimulationPolicy(
        profile=FillProfile.REALISTIC,
        realistic=RealisticPolicy(latency_ms_min=0, latency_ms_max=0),
    )


class TestRealisticWithCash(Simulated):
    policy = SimulationPolicy(
        profile=FillProfile.REALISTIC,
        realistic=RealisticPolicy(latency_ms_min=0, latency_ms_max=0, account=AccountKind.CASH),
        cash=200_000,
    )


class TestRealisticAsSpecifiedForAccounts(Simulated):
    policy = SimulationPolicy(
        profile=FillProfile.REALISTIC,
        realistic=RealisticPolicy(
            latency_ms_min=0,
            latency_ms_max=0,
            account=AccountKind.PLAIN,
            commission=CommissionPlan.TIERED,
        ),
        cash=200_000,
    )
