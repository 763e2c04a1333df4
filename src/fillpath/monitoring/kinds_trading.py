"""The table of alerts that come of trading: code, severity, title, meaning, remedy."""

from typing import Final

TRADING: Final = """
SLIPPAGE | W | Slippage above the limit | An order cost more than execution.alert_slippage_bps against the price it was to pay. | Look at its route and at the quotes around it; many of them ask for another route or smaller orders.
LATENCY | W | Slow from signal to fill | More than execution.alert_latency_ms passed between signal and fill. | Look which stage of the order took the time.
KILL_SWITCH | C | Trading is stopped | A person, the watchdog or a full disk has set the kill switch; open orders are cancelled. | Find out why; then `fillpath resume`.
REPEATED_EXECUTION | C | The same trade again and again | A strategy traded the same way more often than it may; its orders are stopped. | Look at its signals; then `fillpath resume`.
SLIPPAGE_BREAKER | C | A strategy pays too much | The mean slippage of a strategy's last fills is above its limit; the strategy is paused. | Look at its orders; then `fillpath resume --strategy`.
ROUTER_COMPARATOR | C | The router contradicts itself | Two ways to compute a route gave different answers; nothing is sent. | This is a defect: keep the journal and report it.
OVERFILL | C | More was filled than ordered | The broker filled more than the order's quantity; the symbol is stopped. | Look at the position at the broker and flatten what is too much.
ORDER_TO_TRADE | W | Too many orders for too few fills | Orders and changes are far more than trades; new orders are stopped for a while. | Look which strategy asks so often.
DAILY_LOSS | C | The day's loss has reached its limit | Entries are stopped until the next day or a person. | Decide whether to go on; then `fillpath resume`.
DRAWDOWN | C | The drawdown has reached its limit | Equity is too far below its highest; entries are stopped. | Decide whether to go on; then `fillpath resume`.
PNL_SHOCK | C | Equity jumped | Equity moved further in a short time than it ever should; entries are stopped. | Look at prices and positions for a wrong quote or fill.
BREAKER: | C | A breaker has tripped | A breaker has stopped what it guards; its text says what and for how long. | Look at its cause; some end by themselves, others by `fillpath resume`.
CTRL_25_INPUT | C | The account's value is unknown | Loss limits cannot be judged, so entries are stopped. | Look at the account's values at the broker.
INTRADAY_MARGIN | C | Margin is short | The broker's margin rules stop new positions. | Reduce positions or add cash.
MARGIN_FREEZE | C | The account is frozen for margin | A margin call was not met in time. | Meet it at the broker.
MARGIN_MINIMUM | C | Equity is below the minimum | The account holds less than its margin needs. | Reduce positions or add cash.
VOLATILITY_INDEX | W | The market is wild | The volatility index is above its limit; entries are smaller or stopped. | Nothing, or wait.
VOLATILITY_INPUT | W | The volatility index is unknown | Its value is missing or too old, so the strict rule holds. | Look at its source.
STALE_DATA | C | Every quote is too old | Everything in use is silent in an open market; nothing is sent. | Look at the feed.
OPERATOR_SILENT | W | Nobody has looked for too long | No person has used the engine for longer than allowed. | Use any command, such as `fillpath status`.
SURVEILLANCE | W | A pattern that looks like abuse | Orders look like a pattern that a market supervisor would ask about. | Look at the orders that it names.
LATCH_ENDED | I | A stop has ended by itself | The time of a breaker is over. | Nothing.
TRADING_HELD | W | Nothing leaves for now | The engine holds every order back; its text says why. | Most holds end by themselves; else see to their reason.
TRADING_RELEASED | I | Orders leave again | A reason to hold orders back is gone. | Nothing.
TRADING_RESUMED | I | Trading was resumed | A person has cleared a stop. | Nothing.
TRADING_ARMED | W | Live trading is armed | A person has allowed live orders for a time. | Make sure that it was meant.
TRADING_DISARMED | I | Live trading is disarmed | Live orders are no longer allowed. | Nothing, or arm it again.
ARMING_ASKED | W | Somebody asks to arm live trading | A second person has to agree. | `fillpath arm`, if it is right.
ARMING_REFUSED | W | Arming was refused | Live trading was asked for and must not be. | Read why.
SYMBOL_QUARANTINED | C | A symbol is stopped | Something about the symbol does not fit; no order leaves in it. | Look at it at the broker; then `fillpath release`.
SYMBOL_RELEASED | I | A symbol trades again | Its quarantine has ended. | Nothing.
ORDER_HELD | W | The broker holds an order back | It reaches its exchange only later, such as at the open; a schedule waits with it. | Nothing, or cancel it.
HALTED | W | A halt | The exchange has halted a symbol or the market; orders wait. | Wait.
HALT_ENDED | I | A halt has ended | Orders may leave again. | Nothing.
IN_DOUBT | C | Nobody knows what became of an order | The broker did not answer; the order counts as working and is never sent again. | It ends by itself once the broker answers; else look at the broker.
CANCEL_TIMEOUT | C | A cancel is not confirmed | An order that should be gone may still fill. | Look at the broker and cancel it there.
CANCEL_REFUSED | W | A cancel by hand was not possible | The order that a person wanted gone cannot be cancelled; its text says why. | Look at the order.
CANCEL_FAILED | W | A cancel was refused | The broker did not cancel an order. | It is asked for again; look at the order.
UNPROTECTED | C | A position has no stop | What is held would fall without an order to sell it. | Place a stop, or give the position up.
OPENING_UNPROTECTED | C | A position was found without a stop | At the first start the account held something that no stop protects. | Place a stop, or give the position up.
PROTECTED | I | A position has its stop again | Or nothing is held any more. | Nothing.
STOP_KEEPER | W | The engine keeps the stops itself | The broker cannot keep them: they work only while the engine runs. | Keep the watchdog running.
TARGET_LOST | W | A profit target could not be placed | The position keeps its stop but has no target. | Look at the position.
RESTING_STALE | W | A resting order stands on an old quote | Its quote is too old; it is cancelled. | Look at the feed.
PARTICIPATION | W | An order is a large part of the volume | It expects more than router.max_participation_pct of what trades. | Spread it over more time.
PRICE_MOVED | W | The price ran away from an order | Slices of an entry wait. | Wait, or cancel the order.
LOCAL_TWAP | W | An algorithm is worked here instead | The broker's algorithm cannot be had; the order is sliced by the engine. | Nothing.
DESTINATION_LOCAL_TWAP | W | An algorithm is worked here instead | The broker's algorithm cannot be had; the order is sliced by the engine. | Nothing.
UNFILLED_AT_CLOSE | W | Not filled at the close | A part of an order is left at the end of the session. | Decide whether it is still wanted.
APPROVAL_REQUIRED | W | An order waits for a person | It is above what the engine may do alone. | `fillpath approvals`.
APPROVAL_REFUSED | W | An answer changes nothing | The order that was allowed must not be sent any more. | Read why.
RULES_LOOSENED | C | Limits are looser than before | The engine was started with looser limits of risk. | Make sure that it was meant.
RULES_CHANGED | I | The rules have changed | The engine was started with other rules than before. | Make sure that it was meant.
POSITION_ADJUSTED | W | A position was adjusted by hand | Shares or cash were booked that no execution explains. | Make sure that it was meant.
SPLIT_REMAINDER | W | A split left a fraction | The fraction is paid out by the broker. | Book it with `fillpath adjust` when it comes.
CORPORATE_ACTION | W | A corporate action is near | The symbol is stopped over it. | Look at it after the action.
CONTRACT_CHANGED | C | A symbol is another contract now | Its id at the broker has changed; no order leaves in it. | Check the symbol; then change the instruments file.
LATE_FILL | C | A fill after the end of its order | The position is right; the limits are judged with it. | Look whether the position is wanted.
EXTERNAL_FILL | W | A fill of an order that is not ours | Somebody else trades this account. | Find out who.
FILL_CORRECTED | W | A fill was corrected | The exchange changed price or quantity of a fill; positions and costs follow. | Nothing, or look at the order.
FILL_BUSTED | C | A fill was taken back | The exchange cancelled a trade; the position is as before it. | Decide whether the trade is still wanted.
EARLY_CORRECTION | W | A correction came before its fill | It is kept until the fill comes. | Nothing.
CORRECTION_TOO_LATE | C | A correction of a fill that is forgotten | The order ended too long ago to be corrected here. | Book the difference with `fillpath adjust`.
COMMISSION_MISSING | W | A commission did not come | The broker has not said what a fill cost. | Look at the statement.
RESURFACED | C | An order came back | An order that had ended works again at the broker. | Look at the broker and cancel it there.
MULTI_INCARNATION | C | One order under two ids | The broker shows an order twice; both are cancelled. | Look at the broker.
UNEXPECTED_FACT | W | A fact that does not fit | The broker said something that cannot follow from what was before; it is in the journal. | Compare the order with the broker.
ID_REUSE | W | An id was used for two signals | The second one is refused. | Correct the strategy.
SIGNAL_ORIGIN | C | A signal of unknown origin | A signal came whose sender cannot be proved; it was not traded. | Find out who sends on the bus.
STALE_SIGNALS | W | A backlog of old signals | Signals were too old when they came; nothing was ordered for them. | Look at the bus and at the strategy's clock.
FLATTENING | C | Positions are given up | A person has asked to flatten a scope. | Watch it until it is flat.
FLATTENED | I | Positions are given up | The scope holds nothing any more. | Nothing.
FLATTEN_REFUSED | C | A position cannot be given up | An order that should sell it was refused. | Sell it at the broker.
BROKER_REFUSED | W | The broker refused an order | Its text has the broker's words. | Read them.
IBKR_REFUSED | W | The broker refused an order | Its text has the broker's words. | Read them.
REFUSED_UNSEEN | W | An order was refused meanwhile | The broker refused it while nobody listened. | Read its words.
NEVER_REACHED_BROKER | W | An order never reached the broker | It is proved that it was not taken; it is not sent again. | Nothing, or send the signal again.
CONTROL_GAP | C | The broker refused what our checks passed | A check here is weaker than the broker's. | Report it with the order.
PRICE_MOVED_BY_BROKER | W | The broker changed a price | The order works at another price than was asked for. | Look at the order.
OUTSIDE_HOURS_IGNORED | W | The broker ignores hours | An order does not work outside regular hours. | Nothing.
UNKNOWN_STATUS | C | The broker used an unknown word | What it means for the order is not known. | Look at the broker; report the word.
EXECUTION_UNREADABLE | C | An execution cannot be read | What was traded is known to the broker alone. | Compare positions with the broker.
ORDER_UNREADABLE | C | An order cannot be read | The broker shows an order that makes no sense here. | Look at the broker.
RESIZED_UNSEEN | W | The broker resized an order | The order has another quantity than was asked for. | Look at the order.
MODIFY_REFUSED | W | A change was refused | The order works as it was. | Look at the order.
"""
