"""The table of alerts about what the engine stands on: code, severity, title, meaning, remedy."""

from typing import Final

OUTSIDE: Final = """
START_REFUSED | C | The engine did not start | A start was refused; nothing trades. | Read why, mend it and start again.
ENGINE_STARTED | I | The engine trades | It is up and takes signals. | Nothing.
ENGINE_STOPPED | C | The engine had to stop | It trades no more; its text says why. | Mend it and start again.
ENGINE_GONE | C | The engine is gone | Its process ended without a clean stop. | Look at its log and start it again; it recovers from its journal.
BROKER_UNAVAILABLE | C | The broker cannot be traded at | It did not answer or must not be used; the paper stub may stand in, and its fills are invented. | Look at the gateway; restart the engine.
ACCOUNT_BINDING | C | Account and settings do not agree | The login has another account, or another kind of money, than the settings. | Correct port, account or broker.paper_trading.
WRONG_ACCOUNT | C | The login has another account | Nothing is traded at it. | Log in to the right one.
WRONG_MODE | C | Real money behind a paper setting | Or the other way round; nothing is traded. | Correct port or broker.paper_trading.
CLIENT_ID_IN_USE | C | Another program has our client id | Perhaps a second engine; this one stays down. | End the other one.
CLIENT_ID_LINGERS | W | The gateway still holds our client id | It is tried again for a while. | Wait.
CLOCK_OFF | C | Our clock and the gateway's differ | Ages and deadlines would be wrong; a start is refused, a running engine goes on. | Correct the machine's clock.
CONNECTION_BROKEN | C | The connection failed in the engine | It stays down. | Restart the engine; report it.
CONNECTIVITY_LOST | W | The gateway has lost the broker | Orders that work stay; nothing new is sent. | Wait; look at the broker's status page.
DISCONNECTED | W | The gateway is away | Orders that work stay; nothing new is sent until broker and journal agree again. | Look at the gateway.
DOWN_TOO_LONG | C | The broker is away for too long | No order can be sent for longer than is borne. | Look at the gateway and at the network.
GATEWAY_TOO_OLD | C | The gateway is too old | It speaks a version that is not known here. | Update it.
GATEWAY_UNREADABLE | C | The gateway said something unreadable | Orders are compared with it again. | Report it.
MESSAGE_RATE | W | Too many messages to the gateway | Nothing is sent for a second. | Look what sends so much.
PORT_CHANGED | C | The gateway moves to another port | It is not followed. | Change broker.ibkr.port.
JOURNAL_BEHIND_BROKER | C | The broker knows of trades that the journal does not | The missing executions are booked; a journal may have been restored from an old copy. | Compare every position with the broker.
POSITION_DIFFERENCE | C | Positions differ from the broker's | The symbol is stopped. | Find the reason; then `fillpath adjust` and `fillpath release`.
CASH_DIFFERENCE | W | Cash differs from the broker's | More than small change. | Find the reason; then `fillpath adjust`.
STATEMENT_DIFFERENCE | C | The statement differs from the journal | The broker's end of day says something else. | Compare the trades that it names.
EXTERNAL_ORDER | W | An order that is not ours | Somebody else trades this account. | Find out who.
UNKNOWN_ORDER | C | An order with our mark that we do not know | Perhaps another engine or a lost journal; the symbol is stopped. | Look at the broker.
STILL_OPEN | C | An order that had ended is still open | The symbol is stopped. | Cancel it at the broker.
EXPIRED_UNSEEN | W | An order expired meanwhile | Nobody was there to hear it. | Nothing.
VANISHED | C | An order is gone without a word | Neither the order nor an execution is found at the broker. | Look at the broker.
MISSING_EXECUTION | C | The broker filled more than it shows | The symbol is stopped. | Compare the position with the broker.
UNWITNESSED_FILL | C | A fill that the broker does not show | The journal has an execution that the broker does not. | Compare the position with the broker.
ACCOUNT_UNKNOWN | W | The broker does not say what the account is worth | Its values are missing. | Look at the gateway.
DATA_LOST | W | Historical data cannot be had | Average volumes and closes are not refreshed. | Look at the gateway.
ADV_MISSING | W | An average volume is unknown | Live orders in the symbol are refused. | Look at the data permissions.
REFERENCE_MISSING | W | A prior close is unknown | Bands cannot be judged. | Look at the data permissions.
WHAT_IF_MARGIN | W | The broker wants more margin than there is | Its own answer about an entry says so; the entry was refused. | Reduce positions or add cash.
FEED_LOST | C | Quotes have stopped | Nothing is priced on them. | Look at the feed.
FEED_BACK | I | Quotes come again | The feed is back. | Nothing.
FEED_GAP | W | Quotes were missed | None is believed until it is told anew. | Nothing, or look at the feed.
FEED_SILENT | C | No word of the feed in an open market | Quotes may be old without looking old. | Look at the feed.
FEED_LINES | W | More symbols than data lines | Some symbols have no quotes. | Follow fewer, or buy lines.
FEED_REFUSED | W | A symbol has no data | The broker refuses its quotes. | Look at the data permissions.
FEED_DELAYED | W | A symbol has delayed data only | It is not traded on. | Look at the data permissions.
FEED_COMPETING | W | The login shows data elsewhere | Quotes go to another session. | End the other session.
BUS_GAP | C | Signals may be lost | Messages of the bus are gone before they were read. | Send them again.
BUS_GROUP_MADE | W | The bus had forgotten us | The consumer group was made again. | Look why the server lost it.
BUS_UNSAFE | W | The bus may throw messages away | Its settings allow it. | Correct them as the message says.
BRIDGE_GAP | W | Published signals may be lost | A producer's numbers jump, or the bridge was cut off. | Send them again, or use the stream.
JOURNAL_FULL | C | The journal's disk is full | Only cancels, the kill and their answers are taken. | Make room; restart.
JOURNAL_TROUBLE | C | The journal cannot be trusted or written | The engine has stopped. | Read its words; see the how-to of the journal.
DISK_LOW | W | The disk is nearly full | Soon no journal and no alert can be written. | Make room.
JOB_FAILED | W | A housekeeping job failed | It is tried again at its next time. | Look at `fillpath jobs`.
PROJECTION_LATE | W | Tables or bus are behind the journal | Trading goes on; what is shown is old. | Look at the database or the bus.
WATCHDOG | C | The engine was silent | The watchdog has stopped trading and cancelled what it could. | Look at the engine and at the broker.
WATCHDOG_BLIND | C | The watchdog cannot cancel | It has no connection of its own to the broker. | Look at the gateway; watch the engine yourself.
UNANSWERED | W | Something still stands | Nobody has answered a matter; it is told again. | `fillpath answer`.
ALERT_LATENCY | C | The pager does not get through | engine.page_program failed or took too long. | Look at the program.
ALERTS_FAILING | C | Alerts do not get through | A channel has not taken a message for a while; the others go on. | `fillpath alerts test`.
ALERTS_DELIVERED | I | Alerts get through again | A channel takes messages again. | Nothing.
ALERTS_OVERFLOW | C | More alerts than can be kept apart | Some are only counted. | Look at the journal; see to the cause.
ALERT_TEST | I | A test | Somebody tests the channels of alerts. | Nothing.
"""
