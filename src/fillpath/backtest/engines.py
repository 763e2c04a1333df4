"""Which engine a request asks for."""

from fillpath.backtest.backtrader_engine import BacktraderEngine
from fillpath.backtest.engine import BacktestEngine, BacktestRequest, ReplayEngine
from fillpath.backtest.request import BacktraderBroker, EngineName
from fillpath.backtest.run import Rules


def engine_of(request: BacktestRequest, rules: Rules) -> BacktestEngine:
    """Return the engine that runs a request."""
    if request.engine is EngineName.BACKTRADER:
        return BacktraderEngine(rules, request.broker or BacktraderBroker.BACKTRADER)
    return ReplayEngine(rules)


__all__ = ["engine_of"]
