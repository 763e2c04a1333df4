"""The words that risk and the desk put into journals, tables and answers: others rely on them.

A word that changes here changes for everybody who filters by it, so it is written down once more.
"""

import importlib
from typing import Final

import pytest

WORDS: Final = (
    ("risk.approving", "APPROVAL_EXPIRED", "APPROVAL_EXPIRED"),
    ("risk.approving", "NOT_APPROVED", "NOT_APPROVED"),
    ("risk.arming", "NOT_ARMED", "NOT_ARMED"),
    ("risk.assessing", "NOT_RUN", "not run"),
    ("risk.binding", "ACCOUNT_BINDING", "ACCOUNT_BINDING"),
    ("risk.binding", "BROKER_UNAVAILABLE", "BROKER_UNAVAILABLE"),
    ("risk.binding", "PAPER_PREFIX", "D"),
    ("risk.checks.autonomy", "PAPER_ONLY", "PAPER_ONLY"),
    ("risk.checks.autonomy", "HUMAN_APPROVAL", "HUMAN_APPROVAL"),
    ("risk.checks.autonomy", "NOT_REAL", "nothing real is at risk"),
    ("risk.checks.exposure", "MAX_POSITIONS", "MAX_POSITIONS"),
    ("risk.checks.exposure", "POSITION_CAP", "POSITION_CAP"),
    ("risk.checks.exposure", "CASH", "CASH"),
    ("risk.checks.exposure", "ACCIDENTAL_SHORT", "ACCIDENTAL_SHORT"),
    ("risk.checks.exposure", "ACCIDENTAL_LONG", "ACCIDENTAL_LONG"),
    ("risk.checks.exposure", "SELF_CROSS", "SELF_CROSS"),
    ("risk.checks.exposure", "GROSS_EXPOSURE", "GROSS_EXPOSURE"),
    ("risk.checks.exposure", "NET_EXPOSURE", "NET_EXPOSURE"),
    ("risk.checks.exposure", "SECTOR_CAP", "SECTOR_CAP"),
    ("risk.checks.exposure", "UNSETTLED_FUNDS", "UNSETTLED_FUNDS"),
    ("risk.checks.inputs", "INPUT", "INPUT"),
    ("risk.checks.permissions", "PERMISSION", "PERMISSION"),
    ("risk.checks.permissions", "RESTRICTED", "RESTRICTED"),
    ("risk.checks.permissions", "CONTRACT_CHANGED", "CONTRACT_CHANGED"),
    ("risk.checks.prices", "PRICE_FLOOR", "PRICE_FLOOR"),
    ("risk.checks.prices", "NO_REFERENCE", "NO_REFERENCE"),
    ("risk.checks.prices", "PRICE_COLLAR", "PRICE_COLLAR"),
    ("risk.checks.prices", "PERIOD_COLLAR", "PERIOD_COLLAR"),
    ("risk.checks.prices", "LULD_BAND", "LULD_BAND"),
    ("risk.checks.prices", "TICK_SIZE", "TICK_SIZE"),
    ("risk.checks.rates", "DUPLICATIVE", "DUPLICATIVE"),
    ("risk.checks.rates", "OPEN_ORDERS", "OPEN_ORDERS"),
    ("risk.checks.rates", "ORDER_RATE", "ORDER_RATE"),
    ("risk.checks.rates", "TURNOVER", "TURNOVER"),
    ("risk.checks.rates", "DAILY_ORDERS", "DAILY_ORDERS"),
    ("risk.checks.session", "NEAR_CLOSE", "NEAR_CLOSE"),
    ("risk.checks.session", "HALTED", "HALTED"),
    ("risk.checks.session", "SHORT_SALE", "SHORT_SALE"),
    ("risk.checks.session", "SHORT_SALE_RESTRICTION", "SHORT_SALE_RESTRICTION"),
    ("risk.checks.sizes", "QUANTITY_FORM", "QUANTITY_FORM"),
    ("risk.checks.sizes", "MAX_QUANTITY", "MAX_QUANTITY"),
    ("risk.checks.sizes", "LIMIT_UNSET", "LIMIT_UNSET"),
    ("risk.checks.sizes", "MAX_NOTIONAL", "MAX_NOTIONAL"),
    ("risk.checks.sizes", "ADV_SHARE", "ADV_SHARE"),
    ("risk.checks.sizes", "BASKET", "BASKET"),
    ("risk.circuit_breaker", "VOLATILITY", "VOLATILITY_INDEX"),
    ("risk.circuit_breaker", "VOLATILITY_UNKNOWN", "VOLATILITY_INPUT"),
    ("risk.circuit_breaker", "STALE_DATA", "STALE_DATA"),
    ("risk.circuit_breaker", "OPERATOR_SILENT", "OPERATOR_SILENT"),
    ("risk.intraday_margin", "INTRADAY_MARGIN", "INTRADAY_MARGIN"),
    ("risk.intraday_margin", "MARGIN_FREEZE", "MARGIN_FREEZE"),
    ("risk.intraday_margin", "MARGIN_MINIMUM", "MARGIN_MINIMUM"),
    ("risk.intraday_margin", "INPUT", "CTRL_31_INPUT"),
    ("risk.kill_switch", "KILL_SWITCH", "KILL_SWITCH"),
    ("risk.kill_switch", "REPEATED_EXECUTION", "REPEATED_EXECUTION"),
    ("risk.kill_switch", "SLIPPAGE_BREAKER", "SLIPPAGE_BREAKER"),
    ("risk.kill_switch", "ROUTER_COMPARATOR", "ROUTER_COMPARATOR"),
    ("risk.kill_switch", "OVERFILL", "OVERFILL"),
    ("risk.kill_switch", "ORDER_TO_TRADE", "ORDER_TO_TRADE"),
    ("risk.kill_switch", "DAILY_LOSS", "DAILY_LOSS"),
    ("risk.kill_switch", "DRAWDOWN", "DRAWDOWN"),
    ("risk.kill_switch", "EQUITY_UNKNOWN", "CTRL_25_INPUT"),
    ("risk.kill_switch", "PNL_SHOCK", "PNL_SHOCK"),
    ("risk.kill_switch", "BREAKER", "BREAKER:"),
    ("risk.limits.listings", "ALL", "*"),
    ("risk.limits.tightening", "PREFIX", "risk"),
    ("risk.manager", "NO_REFERENCE", "NO_REFERENCE"),
    ("risk.memory", "CASH_ACCOUNT", "cash"),
    ("risk.pacing", "MESSAGE_RATE", "MESSAGE_RATE"),
    ("risk.pdt_guard", "DAY_TRADES", "DAY_TRADES"),
    ("risk.pdt_guard", "INPUT", "CTRL_30_INPUT"),
    ("risk.verdicts", "BROKEN", "CTRL_"),
    ("risk.what_if", "WHAT_IF_MARGIN", "WHAT_IF_MARGIN"),
    ("execution.desk.admission", "SIGNAL_ORIGIN", "SIGNAL_ORIGIN"),
    ("execution.desk.arming", "ARMING_TIMER", "arming"),
    ("execution.desk.cancelling", "UNCONFIRMED", "unconfirmed"),
    ("execution.desk.cancelling", "CANCEL_TIMEOUT", "CANCEL_TIMEOUT"),
    ("execution.desk.flattening", "ROUTE", "flatten"),
    ("execution.desk.flattening", "FLATTENING", "FLATTENING"),
    ("execution.desk.following", "TIMER", "protect"),
    ("execution.desk.following", "LATCH_TIMER", "latch"),
    ("execution.desk.gating", "TRADING_HELD", "TRADING_HELD"),
    ("execution.desk.gating", "SYMBOL_QUARANTINED", "SYMBOL_QUARANTINED"),
    ("execution.desk.gating", "IN_DOUBT", "IN_DOUBT"),
    ("execution.desk.gating", "UNPROTECTED", "UNPROTECTED"),
    ("execution.desk.gating", "SESSION_CLOSED", "SESSION_CLOSED"),
    ("execution.desk.gating", "NEVER_REACHED", "NEVER_REACHED_BROKER"),
    ("execution.desk.gating", "VANISHED", "VANISHED"),
    ("execution.desk.gating", "CANCELLED_UNSENT", "CANCELLED_UNSENT"),
    ("execution.desk.keeping", "ROUTE", "protect"),
    ("execution.desk.keeping", "STOP", "stop"),
    ("execution.desk.keeping", "TARGET", "target"),
    ("execution.desk.knowing", "CONTRACT_CHANGED", "CONTRACT_CHANGED"),
    ("execution.desk.knowing", "CORPORATE_ACTION", "CORPORATE_ACTION"),
    ("execution.desk.modifying", "MODIFY_REFUSED", "MODIFY_REFUSED"),
    ("execution.desk.participating", "PRICE_MOVED", "PRICE_MOVED"),
    ("execution.desk.participating", "PARTICIPATION", "PARTICIPATION"),
    ("execution.desk.queueing", "APPROVAL_REFUSED", "APPROVAL_REFUSED"),
    ("execution.desk.resting", "TIMER", "resting"),
    ("execution.desk.resting", "RESTING_STALE", "RESTING_STALE"),
    ("execution.desk.ruling", "RULES_CHANGED", "RULES_CHANGED"),
    ("execution.desk.ruling", "RULES_LOOSENED", "RULES_LOOSENED"),
    ("execution.desk.stopping", "LATCH_TIMER", "latch"),
    ("execution.desk.watching", "BY", "breaker"),
    ("execution.desk.working", "TWAP", "twap"),
    ("execution.desk.working", "UNFILLED_AT_CLOSE", "UNFILLED_AT_CLOSE"),
)


SETS: Final = (
    (
        "execution.desk.gating",
        "PASSING",
        "APPROVAL_EXPIRED IN_DOUBT MESSAGE_RATE TRADING_HELD UNPROTECTED",
    ),
    (
        "execution.desk.gating",
        "_GATES",
        "CANCELLED_UNSENT NOT_APPROVED SESSION_CLOSED WHAT_IF_MARGIN",
    ),
    (
        "execution.desk.placing",
        "MOMENTARY",
        "HALTED NO_REFERENCE OPEN_ORDERS ORDER_RATE PERIOD_COLLAR SELF_CROSS",
    ),
    ("execution.desk.knowing", "_STOPS", "STOP STOP_LIMIT"),
    ("execution.desk.amending", "WORKING", "PARTIALLY_FILLED SUBMITTED"),
    ("risk.cascade", "ENDING", "CTRL_08_INPUT INPUT NO_REFERENCE"),
    ("risk.binding", "PAPER_PORTS", "4002 7497"),
    ("risk.binding", "LIVE_PORTS", "4001 7496"),
)


@pytest.mark.parametrize(("module", "name", "words"), SETS)
def test_a_set_of_words_has_these_and_no_others(module: str, name: str, words: str) -> None:
    members = getattr(importlib.import_module(f"fillpath.{module}"), name)

    assert sorted(map(str, members)) == words.split()


@pytest.mark.parametrize(("module", "name", "word"), WORDS)
def test_a_word_stays_what_it_is(module: str, name: str, word: str) -> None:
    assert getattr(importlib.import_module(f"fillpath.{module}"), name) == word
