"""Every limit, written down once more: its default, where it differs with real orders, its range.

Whoever changes what an account may do by default, or may be told to do, has to say so here too.
"""

from typing import Final

LIMIT_ROWS: Final = """\
max_position_pct: 5, from 0.01 to 100 percent of equity
max_sector_pct: 25, from 0.01 to 100 percent of equity
stop_loss_pct: 2, from 0.01 to 50 percent
price_floor: 5, from 0 to 1000000 account currency
max_leverage: 1, from 0.01 to 10 times equity
max_net_pct: 100, from 0.01 to 1000 percent of equity
max_drawdown_pct: 10, from 0.01 to 100 percent of equity
max_daily_loss_pct: 3, from 0.01 to 100 percent of equity
max_positions: 20, from 1 to 100000 symbols
max_trades_per_day: 500, live 50, from 0 to 10000000 parents
max_turnover_pct: 2000, live 200, from 0 to 100000000 percent of equity
cash_reserve_pct: 10, from 0 to 100 percent of equity
allow_short: True, live False
restricted: ""
require_contract: False, live True
what_if_margin: False
pdt_guard.regime: broker of broker, legacy, intraday_margin, off
pdt_guard.min_equity: 25000, from 0 to 1000000000 account currency
pdt_guard.max_day_trades: 3, from 0 to 1000 day trades
pdt_guard.window_sessions: 5, from 1 to 20 sessions
pdt_guard.counting: direction_changes of direction_changes, opening_orders
pdt_guard.report_seconds: 300, from 1 to 86400 seconds
price.collar_liquid_pct: 1, from 0.01 to 50 percent
price.collar_other_pct: 3, from 0.01 to 50 percent
price.period_collar_pct: 3, from 0.01 to 100 percent
price.period_seconds: 300, from 1 to 86400 seconds
price.band_liquid_pct: 5, from 0.01 to 100 percent
price.band_other_pct: 10, from 0.01 to 100 percent
price.signal_deviation_pct: 5, from 0.01 to 100 percent
price.close_band_pct: 20, from 0.01 to 1000 percent
price.corporate_action_pct: 25, from 0.01 to 1000 percent
price.market_quote_age_seconds: 5, live 3, from 0.001 to 86400 seconds, 1 quote ages
price.limit_quote_age_seconds: 5, live 10, from 0.001 to 86400 seconds, 1 quote ages
price.pause_quote_age_seconds: 5, live 10, from 0.001 to 86400 seconds, 1 quote ages
price.cancel_quote_age_seconds: 30, live 60, from 0.001 to 604800 seconds, 6 quote ages
size.max_quantity_liquid: 50000, from 0 to 1000000000 shares
size.max_quantity_other: 5000, from 0 to 1000000000 shares
size.max_notional_pct: 6, from 0.01 to 1000 percent of equity
size.max_parent_adv_pct: 5, from 0.001 to 1000 percent of ADV
size.max_child_adv_pct: 1, from 0.001 to 1000 percent of ADV
size.basket_pct: 100, live 20, from 0.01 to 10000 percent of equity
size.basket_seconds: 60, from 1 to 86400 seconds
rates.strategy_per_second: 1000, live 5, from 1 to 100000 orders a second
rates.symbol_per_second: 1000, live 1, from 1 to 100000 orders a second
rates.account_per_second: 1000, live 10, from 1 to 100000 orders a second
rates.messages_per_second: 40, from 1 to 1000 messages a second
rates.cancel_reserve_per_second: 10, from 0 to 1000 messages a second
rates.duplicate_seconds: 0, live 10, from 0 to 86400 seconds
rates.duplicate_tolerance_pct: 1, from 0 to 100 percent
rates.repeated_count: 20, from 0 to 100000 orders
rates.repeated_seconds: 3600, from 1 to 86400 seconds
rates.repeated_ends_with_day: True, live False
rates.open_orders_symbol: 10000, live 15, from 1 to 100000 orders
rates.open_orders_total: 10000, live 200, from 1 to 100000 orders
rates.order_to_trade: 50, from 0 to 100000 orders
rates.order_to_trade_seconds: 300, from 1 to 86400 seconds
breakers.volatility_index: 35, from 1 to 1000 points
breakers.volatility_clear: 33, from 1 to 1000 points
breakers.volatility_seconds: 900, from 1 to 86400 seconds
breakers.volatility_required: False, live True
breakers.stale_data_seconds: 300, from 1 to 86400 seconds
breakers.reconciliation_drift_cycles: 2, from 1 to 1000 comparisons
breakers.operator_heartbeat_hours: 0, live 48, from 0 to 8760 hours
breakers.pnl_shock_pct: 1, from 0.01 to 100 percent of equity
breakers.pnl_shock_seconds: 60, from 1 to 86400 seconds
breakers.slippage_bps: 10, from 0 to 10000 bps
breakers.slippage_fills: 20, from 0 to 100000 fills
autonomy.mode: PAPER_ONLY of PAPER_ONLY, MANUAL_APPROVAL, BOUNDED_AUTONOMOUS, FULL_AUTONOMOUS
autonomy.approval_minutes: 15, from 0.1 to 1440 minutes
autonomy.bounded_notional_pct: 2, from 0 to 100 percent of equity
autonomy.bounded_orders_per_day: 20, from 0 to 100000 parents
autonomy.cooling_off_minutes: 10, from 0 to 1440 minutes
autonomy.arming_hours: 12, from 0.1 to 168 hours
session.close_buffer_seconds: 120, from 0 to 86400 seconds
session.facts_required: False, live True
watchdog.seconds: 15, from 1 to 3600 seconds
protection.protective_stop: broker of broker, engine, none
protection.target_pct: None, from 0.01 to 1000 percent of the average fill, or none
protection.trailing_pct: None, from 0.01 to 50 percent of the best price, or none
"""
