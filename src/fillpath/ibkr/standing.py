"""The life of a connection: what each piece of news leads to, decided without any I/O.

::

    DISCONNECTED ─▶ TCP ─▶ HANDSHAKE ─▶ READY ─▶ VERIFY ─▶ RECONCILE ─▶ CLEAN ─▶ TRADING
         ▲                                                     ▲                   │
         │ any drop, any silence                    1101, 1102 └──── DEGRADED ◀────┘ 1100, 2110
         │
    EXPECTED_DOWN   down within a known window; what overruns it wakes a person
    REFUSED         wrong account, mode, clock, client id or gateway; only a person ends it
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fillpath.core.units import NANOSECONDS, moment
from fillpath.ibkr.beating import Heartbeat
from fillpath.ibkr.heard import Dropped, Greeted, Opened, Said, ServerTime
from fillpath.ibkr.news import (
    OWN,
    Action,
    Asked,
    AskTime,
    Broken,
    Compare,
    Connect,
    Enter,
    Failed,
    HangUp,
    News,
    Passed,
    Pause,
    Reconciled,
    Started,
    Stopped,
    Tell,
    Unanswered,
    Unreconciled,
)
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.states import Alarm, Because, State, Trouble
from fillpath.ibkr.verifying import Objection, chosen_account, clock_objection
from fillpath.ibkr.windows import expected_until, window_at

CONNECTED: Final = frozenset(
    {State.READY, State.VERIFY, State.RECONCILE, State.CLEAN, State.TRADING, State.DEGRADED}
)
VERIFIED: Final = frozenset({State.RECONCILE, State.CLEAN, State.TRADING, State.DEGRADED})
_CONNECTING: Final = frozenset({State.TCP, State.HANDSHAKE})
_DOWN: Final = frozenset({State.DISCONNECTED, State.EXPECTED_DOWN, State.REFUSED})
_OUTAGES: Final = (
    Trouble.DISCONNECTED,
    Trouble.CONNECTIVITY_LOST,
    Trouble.CLIENT_ID_LINGERS,
    Trouble.DOWN_TOO_LONG,
)
_STRONGER: Final = (Because.DATA_KEPT, Because.DATA_LOST, Because.CONNECTED)
_DATA_LOST: Final = 1101
_DOUBLINGS: Final = 16


class Standing:
    """Fold news into a state and into what is to be done; it knows no clock.

    Args:
        policy: how long it waits and what it insists on.
    """

    def __init__(self, policy: ConnectionPolicy) -> None:
        self.state = State.DISCONNECTED
        self.reason = "not started"
        self.account = ""
        self.verified = False
        self._policy = policy
        self._lingering = round(policy.lingering_seconds * NANOSECONDS)
        self._heart = Heartbeat(policy)
        self._running = False
        self._candidate = ""
        self._cut_off = ""
        self._lost_at: int | None = None
        self._owed: Because | None = None
        self._attempts = 0
        self._retry_at: int | None = None
        self._down_since: int | None = None
        self._page_at: int | None = None
        self._raised: set[Trouble] = set()
        self._now = 0
        self._actions: list[Action] = []
        self._handlers: Mapping[type, Callable[[Any], None]] = {
            Started: self._started,
            Stopped: self._stopped,
            Opened: self._opened,
            Greeted: self._greeted,
            ServerTime: self._server_time,
            Reconciled: self._reconciled,
            Unreconciled: self._unreconciled,
            Unanswered: self._unanswered,
            Said: self._said,
            Dropped: self._ended,
            Failed: self._ended,
            Asked: self._asked,
            Broken: self._broken,
            Passed: self._passed,
        }
        self._sayings: Mapping[int, Callable[[Said], None]] = {
            100: self._too_fast,
            326: self._client_id_taken,
            503: self._too_old,
            505: self._misunderstood,
            507: self._misunderstood,
            508: self._misunderstood,
            1100: self._degraded,
            1101: self._restored,
            1102: self._restored,
            1300: self._moved,
            2110: self._degraded,
        }

    def step(self, news: News, now: int) -> list[Action]:
        """Return what is to be done about a piece of news, in this order.

        Args:
            news: what happened.
            now: nanoseconds UTC, never less than before.
        """
        self._now, self._actions = now, []
        if type(news) not in OWN:
            self._heart.heard(now)
        handle = self._handlers.get(type(news))
        if handle is not None:
            handle(news)
        return self._actions

    def wake_at(self) -> int | None:
        """Return when `Passed` is worth telling; None for never."""
        patient = self.state is State.DEGRADED
        moments = (self._retry_at, self._page_at, self._heart.wake_at(patient=patient))
        return min((one for one in moments if one is not None), default=None)

    def _started(self, _: Started) -> None:
        if not self._running:
            self._running = True
            self._attempts = 0
            self._outage()
            self._connect()

    def _stopped(self, _: Stopped) -> None:
        self._running = False
        self._hear_no_more("stopped")
        self._down_since = self._page_at = None
        self._enter(State.DISCONNECTED)
        self._actions.append(HangUp("stopped"))

    def _asked(self, _: Asked) -> None:
        self._heart.asked(self._now)

    def _broken(self, news: Broken) -> None:
        self._running = False
        self._refuse(Objection(Trouble.CONNECTION_BROKEN, news.reason))

    def _opened(self, _: Opened) -> None:
        if self.state is State.TCP:
            self._cut_off = ""
            self._enter(State.HANDSHAKE)

    def _greeted(self, greeted: Greeted) -> None:
        if self.state not in _CONNECTING:
            return
        self._enter(State.READY)
        # A login may be exchanged for another one while it is down: what was verified first stays.
        wanted = self._policy.account or self.account
        account = chosen_account(greeted.accounts, wanted, paper_trading=self._policy.paper_trading)
        if isinstance(account, Objection):
            self._refuse(account)
            return
        self._candidate, self._owed = account, Because.CONNECTED
        self._heart.start(self._now)
        if self._cut_off:
            self._degrade(self._cut_off)
        else:
            self._enter(State.VERIFY)
        self._beat()

    def _server_time(self, told: ServerTime) -> None:
        asked = self._heart.answered(self._now)
        if asked is None:
            return
        limit = self._policy.clock_limit_seconds
        objection = clock_objection(told.at, asked, self._now, limit)
        if self.state is State.VERIFY:
            self._verify(objection)
        elif objection is not None:
            self._alarm(objection.code, objection.text, page=True)
        else:
            self._over(Trouble.CLOCK_OFF)

    def _verify(self, objection: Objection | None) -> None:
        if objection is not None:
            self._refuse(objection)
            return
        self.account, self.verified = self._candidate, True
        self._over(Trouble.CLOCK_OFF)
        self._compare(Because.CONNECTED)

    def _compare(self, because: Because) -> None:
        """Compare everything; what an earlier comparison did not finish counts as well."""
        self._owed = max(because, self._owed or because, key=_STRONGER.index)
        self._actions.append(Compare(self._owed))
        self._enter(State.RECONCILE)

    def _reconciled(self, _: Reconciled) -> None:
        if self.state is not State.RECONCILE:
            return
        self._owed, self._attempts, self.reason = None, 0, ""
        self._enter(State.CLEAN)
        self._enter(State.TRADING)
        self._down_since = self._page_at = None
        for code in _OUTAGES:
            self._over(code)

    def _unreconciled(self, news: Unreconciled) -> None:
        if self.state is State.RECONCILE:
            self._hang_up(f"the comparison after connecting could not be finished: {news.reason}")

    def _unanswered(self, news: Unanswered) -> None:
        if self.state in VERIFIED and self.state is not State.DEGRADED:
            self._hang_up(f"the gateway did not answer {news.what}")

    def _said(self, said: Said) -> None:
        handle = self._sayings.get(said.code)
        if handle is not None:
            handle(said)

    def _client_id_taken(self, said: Said) -> None:
        client_id = self._policy.client_id
        if self._lost_at is not None and self._now < self._lost_at + self._lingering:
            text = f"the gateway still holds client id {client_id}, lost a moment ago"
            self._alarm(Trouble.CLIENT_ID_LINGERS, text)
            return
        self._refuse(
            Objection(
                Trouble.CLIENT_ID_IN_USE,
                f"client id {client_id} is in use at this gateway, so another engine may be "
                f"alive; end it and start again, never with another id ({said.text})",
            )
        )

    def _too_old(self, said: Said) -> None:
        self._refuse(
            Objection(Trouble.GATEWAY_TOO_OLD, f"the gateway must be updated first ({said.text})")
        )

    def _degraded(self, said: Said) -> None:
        words = f"the gateway has lost the vendor's servers ({said.code}: {said.text})"
        if self.state is State.HANDSHAKE:
            self._cut_off = words
        elif self.state in CONNECTED and self.state is not State.DEGRADED:
            self._degrade(words)

    def _degrade(self, reason: str) -> None:
        self.reason = reason
        self._enter(State.DEGRADED)
        self._outage()
        self._alarm_unless_expected(Trouble.CONNECTIVITY_LOST, self.reason)

    def _restored(self, said: Said) -> None:
        self._cut_off = ""
        if self.state in VERIFIED and self.verified:
            lost = said.code == _DATA_LOST
            self._compare(Because.DATA_LOST if lost else Because.DATA_KEPT)
        elif self.state is State.DEGRADED:
            self._enter(State.VERIFY)
            self._heart.hurry(self._now)
            self._beat()

    def _misunderstood(self, said: Said) -> None:
        if self.state in CONNECTED:
            self._hang_up(f"the gateway did not understand ({said.code}: {said.text})")

    def _too_fast(self, said: Said) -> None:
        self._actions.append(Pause(self._now + NANOSECONDS))
        text = f"the gateway says that too many messages were sent ({said.text})"
        self._actions.append(Tell(Alarm(Trouble.MESSAGE_RATE, text, page=True)))

    def _moved(self, said: Said) -> None:
        text = f"the gateway now listens on another port ({said.text}); change the settings"
        self._actions.append(Tell(Alarm(Trouble.PORT_CHANGED, text, page=True)))

    def _ended(self, news: Dropped | Failed) -> None:
        if self.state not in _DOWN:
            self._down(news.reason)

    def _passed(self, _: Passed) -> None:
        if self._retry_at is not None and self._now >= self._retry_at:
            self._connect()
        end = self._heart.end(patient=self.state is State.DEGRADED)
        if end is not None and self._now >= end:
            self._hang_up("the gateway no longer answers")
        self._beat()
        if self._page_at is not None and self._now >= self._page_at:
            self._page()

    def _beat(self) -> None:
        if self._heart.due(self._now):
            self._actions.append(AskTime())

    def _connect(self) -> None:
        self._retry_at = None
        self._enter(State.TCP)
        self._actions.append(Connect())

    def _hang_up(self, reason: str) -> None:
        self._actions.append(HangUp(reason))
        self._down(reason)

    def _down(self, reason: str) -> None:
        """Be down, and try again later."""
        self._hear_no_more(reason)
        policy = self._policy
        wait = policy.first_wait_seconds * 2 ** min(self._attempts, _DOUBLINGS)
        seconds = min(wait, policy.longest_wait_seconds)
        self._attempts += 1
        self._retry_at = self._now + round(seconds * NANOSECONDS)
        expected = window_at(policy.windows, self._now) is not None
        self._enter(State.EXPECTED_DOWN if expected else State.DISCONNECTED)
        self._outage()
        self._alarm_unless_expected(Trouble.DISCONNECTED, f"the connection is down: {reason}")

    def _refuse(self, objection: Objection) -> None:
        """Be down, and stay down."""
        self._hear_no_more(objection.text)
        self._page_at = None
        self._enter(State.REFUSED)
        self._alarm(objection.code, objection.text, page=True)
        self._actions.append(HangUp(objection.text))

    def _hear_no_more(self, reason: str) -> None:
        self._heart.stop()
        self._retry_at = None
        if self.state in CONNECTED:
            self._lost_at = self._now
        self.reason, self.verified = reason, False

    def _outage(self) -> None:
        """Note since when no order can be sent, and when that becomes too long."""
        if self._down_since is None:
            self._down_since = self._now
            patience = round(self._policy.page_seconds * NANOSECONDS)
            self._page_at = expected_until(self._policy.windows, self._now + patience)

    def _page(self) -> None:
        self._page_at = None
        since = moment(self._down_since or self._now).strftime("%Y-%m-%d %H:%M:%S")
        text = f"no order can be sent since {since} UTC: {self.reason}"
        self._alarm(Trouble.DOWN_TOO_LONG, text, page=True)
        if self.state is State.EXPECTED_DOWN:
            self._enter(State.DISCONNECTED)

    def _alarm_unless_expected(self, code: Trouble, text: str) -> None:
        if window_at(self._policy.windows, self._now) is None:
            self._alarm(code, text)

    def _alarm(self, code: Trouble, text: str, *, page: bool = False) -> None:
        """Tell of a trouble once, until it is over."""
        if code not in self._raised:
            self._raised.add(code)
            self._actions.append(Tell(Alarm(code, text, page=page)))

    def _over(self, code: Trouble) -> None:
        if code in self._raised:
            self._raised.discard(code)
            self._actions.append(Tell(Alarm(code, "over", over=True)))

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self._actions.append(Enter(state))


__all__ = ["CONNECTED", "VERIFIED", "Standing"]
