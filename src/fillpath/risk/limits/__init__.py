"""The limits that the risk cascade enforces, checked once and exact."""

from fillpath.risk.limits.account import (
    Autonomy,
    AutonomyLimits,
    BreakerLimits,
    DayTradeCounting,
    DayTradeLimits,
    DayTradeRegime,
    ProtectionLimits,
    SessionLimits,
    StopKeeper,
    WatchdogLimits,
)
from fillpath.risk.limits.listings import (
    Instrument,
    InstrumentClass,
    Instruments,
    Permission,
    Permissions,
    Sectors,
    TradingSession,
)
from fillpath.risk.limits.orders import PriceLimits, RateLimits, SizeLimits
from fillpath.risk.limits.risk_limits import MOST_POSITIONS, RiskLimits

__all__ = [
    "MOST_POSITIONS",
    "Autonomy",
    "AutonomyLimits",
    "BreakerLimits",
    "DayTradeCounting",
    "DayTradeLimits",
    "DayTradeRegime",
    "Instrument",
    "InstrumentClass",
    "Instruments",
    "Permission",
    "Permissions",
    "PriceLimits",
    "ProtectionLimits",
    "RateLimits",
    "RiskLimits",
    "Sectors",
    "SessionLimits",
    "SizeLimits",
    "StopKeeper",
    "TradingSession",
    "WatchdogLimits",
]
