"""The sockets of all clients: greeting, ids, pace, faults; requests go to the desk."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from fillpath.testing.gateway import answers
from fillpath.testing.gateway.accounts import Holding
from fillpath.testing.gateway.desk import Asker, Desk, tell_account, tell_holding
from fillpath.testing.gateway.faults import (
    CutAfter,
    CutBefore,
    Double,
    Empty,
    Fault,
    GoDeaf,
    Mute,
    Postpone,
    Refuse,
)
from fillpath.testing.gateway.log import Log
from fillpath.testing.gateway.mischief import Mischief
from fillpath.testing.gateway.requests import Request, read_request
from fillpath.testing.gateway.session import Session
from fillpath.testing.gateway.wire import SERVER_VERSION, BadFrame, Message, frame, stamp

IN_USE: Final = (
    "Unable to connect as the client id is already in use. Retry with a unique client id."
)
UNREADABLE: Final = "Error reading request. Unable to parse data."
TOO_FAST: Final = "Max rate of messages per second has been exceeded:max=50 rec={count} (3)"
_TRADING: Final = frozenset({"placeOrder", "cancelOrder", "reqGlobalCancel"})
_SECOND: Final = 1.0


class Manners(Struct):
    """How the gateway treats its clients; may be changed while it runs.

    Args:
        refuses: whether new sockets are closed at once.
        deaf: whether new sockets are never answered.
        lingers: whether the id of a deaf client stays in use after its socket is gone.
        link: whether the gateway reaches the broker; without it orders and cancels wait, and
            nothing about orders is told by itself.
        pace: messages a second that a client may send, None for any number.
        master: the client id that hears of the orders of all, None for none.
    """

    refuses: bool = False
    deaf: bool = False
    lingers: bool = False
    link: bool = True
    pace: int | None = 50
    master: int | None = None


class Client(Struct, eq=False):
    """A client that has started.

    Args:
        session: its socket.
        asker: what it asked to be told.
        times: when it sent what it sent in the last second.
    """

    session: Session
    asker: Asker
    times: deque[float] = field(default_factory=deque)


class Hub:
    """Keep the sockets.

    Args:
        desk: answers requests.
        log: what is received and sent.
        manners: how clients are treated.
    """

    def __init__(self, desk: Desk, log: Log, manners: Manners) -> None:
        self.mischief = Mischief(self._later)
        self.clients: dict[int, Client] = {}
        self._desk = desk
        self._log = log
        self._manners = manners
        self._sessions: list[Session] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._waiting: list[tuple[Client, Request]] = []

    def opened(self, session: Session) -> None:
        """Take note of a new socket."""
        if self._manners.refuses:
            session.cut()
            return
        session.deaf = self._manners.deaf
        self._sessions.append(session)
        self._log.stir()

    def closed(self, session: Session) -> None:
        """Take note of a socket that is gone."""
        if session in self._sessions:
            self._sessions.remove(session)
        client = self.clients.get(session.client_id)
        if client is not None and client.session is session:
            self._desk.quoting.unsubscribe(session.client_id)
            if not (session.deaf and self._manners.lingers):
                del self.clients[session.client_id]
        self._log.stir()

    def heard(self, session: Session, fields: list[str]) -> None:
        """Deal with one frame.

        Raises:
            BadFrame: the greeting is none.
        """
        if not session.greeted:
            self._greet(session, fields)
            return
        try:
            request = read_request(fields)
        except BadFrame as problem:
            about = int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else -1
            session.send(answers.error(about, 320, f"{UNREADABLE} {problem}"))
        else:
            self._log.hear(self._now(), session.client_id, request)
            self._admit(session, request)
        self._log.stir()

    def cut(self, client_id: int | None = None) -> None:
        """Break every socket, or those of one client."""
        for session in list(self._sessions):
            if client_id in {None, session.client_id}:
                session.cut()

    def go_deaf(self) -> None:
        """Read and say nothing more on any socket, without closing it."""
        for session in self._sessions:
            session.deaf = True

    def forget(self) -> None:
        """Free the ids of clients whose sockets are gone."""
        for client_id, client in list(self.clients.items()):
            if client.session not in self._sessions:
                del self.clients[client_id]

    def stop(self) -> None:
        """Break every socket and forget what was to happen later."""
        self.cut()
        self.forget()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def to_client(self, client_id: int, message: Message) -> None:
        """Tell a client, and the master client, if they are connected."""
        if not self._manners.link:
            return
        for each in {client_id, self._manners.master}:
            if each in self.clients:
                self.clients[each].asker.tell(message)

    def moved(self, account: str, held: Holding) -> None:
        """Tell whoever asked for it that a position changed."""
        if not self._manners.link:
            return
        for client in list(self.clients.values()):
            asker = client.asker
            if asker.wants_positions:
                told = answers.position(account, held.contract, held.shares, held.cost)
                asker.tell(told)
            if asker.account == account:
                tell_holding(self._desk, asker, held)

    def tell_accounts(self) -> None:
        """Tell the values of accounts to whoever asked for them."""
        for client in list(self.clients.values()):
            if client.asker.account:
                tell_account(self._desk, client.asker)

    def announce(self, message: Message, client_id: int | None = None) -> None:
        """Tell one client or all, link or not."""
        for each in list(self.clients) if client_id is None else [client_id]:
            if each in self.clients:
                self.clients[each].asker.tell(message)

    def catch_up(self) -> None:
        """Do what waited for the link to the broker."""
        waiting, self._waiting = self._waiting, []
        for client, request in waiting:
            self._desk.answer(client.asker, request)

    def _greet(self, session: Session, fields: list[str]) -> None:
        if not fields[0].startswith("v"):
            raise BadFrame("the client must say which versions it speaks")
        session.greeted = True
        session.write(frame((str(SERVER_VERSION), stamp(self._desk.clock.now()))))

    def _admit(self, session: Session, request: Request) -> None:
        """Serve a client that has started and is not too fast, after what faults do."""
        client = self.clients.get(session.client_id)
        if client is not None and self._is_too_fast(client):
            text = TOO_FAST.format(count=len(client.times))
            client.asker.tell(answers.error(request.about, 100, text))
            return
        fault = self.mischief.to_request(session.client_id, request)
        if fault is None:
            self._serve(session, request)
        else:
            self._spoil(session, request, fault)

    def _serve(self, session: Session, request: Request) -> None:
        client = self.clients.get(session.client_id)
        if request.kind == "startApi":
            self._start(session, request.about)
        elif client is None:
            session.send(answers.error(request.about, 504, "Not connected"))
        elif not self._manners.link and request.kind in _TRADING:
            self._waiting.append((client, request))
        else:
            self._desk.answer(client.asker, request)

    def _start(self, session: Session, client_id: int) -> None:
        if client_id in self.clients:
            session.send(answers.error(-1, 326, IN_USE))
            session.close()
            return
        session.client_id = client_id
        asker = Asker(client_id, lambda message: self._send(session, message))
        self.clients[client_id] = Client(session, asker)
        self._desk.greet(asker)

    def _spoil(self, session: Session, request: Request, fault: Fault) -> None:
        """Let a fault happen to a request."""
        match fault:
            case CutBefore():
                session.cut()
            case CutAfter():
                self._in_silence(session, request)
                session.cut()
            case Mute():
                self._in_silence(session, request)
            case GoDeaf():
                session.deaf = True
            case _:
                self._answer_wrongly(session, request, fault)

    def _answer_wrongly(self, session: Session, request: Request, fault: Fault) -> None:
        match fault:
            case Empty():
                self._only_the_end(session, request)
            case Postpone(seconds=seconds):
                self._later(seconds, lambda: self._serve(session, request))
            case Double():
                self._serve(session, request)
                self._desk.double(session.client_id, request.about)
            case Refuse():
                self._refuse(session, request, fault)
            case _:
                pass  # ignored

    def _in_silence(self, session: Session, request: Request) -> None:
        session.muted = True
        self._serve(session, request)
        session.muted = False

    def _only_the_end(self, session: Session, request: Request) -> None:
        client = self.clients.get(session.client_id)
        if client is not None:
            silent = Asker(client.asker.client_id, lambda told: _end_only(client.asker, told))
            self._desk.answer(silent, request)

    def _refuse(self, session: Session, request: Request, fault: Refuse) -> None:
        if fault.taken:
            self._serve(session, request)
        client = self.clients.get(session.client_id)
        if client is None:
            return
        if fault.leaves:
            self._desk.leave(client.asker, request, fault.leaves, fault.text)
        client.asker.tell(answers.error(request.about, fault.number, fault.text))

    def _is_too_fast(self, client: Client) -> bool:
        now = self._now()
        while client.times and now - client.times[0] >= _SECOND:
            client.times.popleft()
        client.times.append(now)
        return self._manners.pace is not None and len(client.times) > self._manners.pace

    def _send(self, session: Session, message: Message) -> None:
        if not session.muted:
            self._log.say(self._now(), session.client_id, message)
            self.mischief.send(session, message)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        def act() -> None:
            self._timers.discard(timer)
            action()
            self._log.stir()

        timer = asyncio.get_running_loop().call_later(seconds, act)
        self._timers.add(timer)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _end_only(asker: Asker, message: Message) -> None:
    if message.kind.endswith("End"):
        asker.tell(message)


__all__ = ["Client", "Hub", "Manners"]
