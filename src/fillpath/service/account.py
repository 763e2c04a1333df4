"""One account as a service: open it, reconcile it, trade it, answer for it, and stop it cleanly."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct

from fillpath.core.capabilities import RemoteBroker
from fillpath.core.commands import Decision, RaiseAlarm
from fillpath.core.errors import ConfigError, JournalError, ModelError, Refused
from fillpath.core.events import OperatorSeen, OriginUnknown, PositionAdjusted, SymbolReleased
from fillpath.core.models import Signal, check_symbol
from fillpath.core.ports import Bus, Delivery
from fillpath.core.units import (
    exact,
    moment,
    money_decimal,
    money_units,
    not_negative,
    price_units,
    quantity_decimal,
    quantity_units,
)
from fillpath.data.bus.origin import BY_HAND, UnknownOrigin
from fillpath.execution.desk.state import DeskState
from fillpath.runtime.disk import replace_file
from fillpath.service.approvals import Approvals
from fillpath.service.arming import Arming
from fillpath.service.control import Act, ControlServer, Request
from fillpath.service.drill import LIVE, Drills
from fillpath.service.guards import StartLog, safe_hold
from fillpath.service.health import health_server
from fillpath.service.heartbeat import Heart
from fillpath.service.intake import Decode, Intake
from fillpath.service.jobs import Jobs
from fillpath.service.limits import LimitActs
from fillpath.service.live import Live
from fillpath.service.opening import open_account
from fillpath.service.outside import compared, feed_part
from fillpath.service.pager import Pager, Program
from fillpath.service.peers import UNKNOWN, Peer
from fillpath.service.plans import Plans
from fillpath.service.reconcile import RECONCILING, Auditor
from fillpath.service.status import Latched, OpenOrder, Part, State, Status
from fillpath.service.stopping import Stops
from fillpath.service.withdrawals import Withdrawals

FILE: Final = "status.json"
DRAIN_SECONDS: Final = 5.0
STATUS_SECONDS: Final = 1.0
NANOSECONDS_PER_MS: Final = 1_000_000
ASKED_BY_ANYTHING: Final = frozenset(
    {"status", "signal", "approvals", "limits", "unanswered", "jobs", "plan", "covered"}
)
"""Acts that a program may do as well; every other shows that a person is there."""


class Outlet(Protocol):
    """Something that is fed from the journal behind the engine: the store, the bus."""

    async def run(self) -> None:
        """Feed until cancelled; never raises for an outlet that cannot be reached."""
        ...

    async def drain(self) -> None:
        """Feed what is left, as far as the outlet can be reached."""
        ...

    def part(self) -> Part:
        """Return how it is."""
        ...


class AccountParts(Struct, frozen=True, kw_only=True):
    """What an account's service is built of, beside the live engine.

    Args:
        mode: LIVE, PAPER, STUB or SIMULATED.
        process_id: of this process, for the status.
        folder: where the account keeps journal, latch, socket and status.
        decode: turns a bus message into a signal.
        health_port: port of 127.0.0.1 for ``/health``; None without one.
        resume_delay: nanoseconds that must pass between a kill and its clearing.
        remember: keeps the id of the last bus message that the journal has.
        outlets: what is fed from the journal.
        parts: further parts of the status, asked each time.
        notice: what everybody who looks must know first; the account is degraded while it holds.
        jobs: makes the housekeeping of the service; None for none.
        operators: group of the machine whose members may ask too; empty for nobody.
        feed: what the quotes come from; empty leaves it out of the status.
        page_program: program that tells a person elsewhere; empty for none.
    """

    mode: str
    process_id: int
    folder: Path
    bus: Bus
    decode: Decode
    health_port: int | None
    resume_delay: int
    remember: Callable[[str], None] = lambda _: None
    outlets: tuple[Outlet, ...] = ()
    parts: Callable[[], Sequence[Part]] = lambda: ()
    operators: str = ""
    page_program: str = ""
    notice: str = ""
    feed: str = ""
    jobs: "Callable[[AccountService], Jobs] | None" = None


class AccountService:
    """Serve one account until told to stop.

    Args:
        live: its engine, not opened yet.
        parts: everything around it.
    """

    def __init__(self, live: Live, parts: AccountParts) -> None:
        self.live = live
        self.parts = parts
        self.intake = Intake(parts.bus, parts.decode, live.offer, parts.remember, self._note)
        self._ready = asyncio.Event()
        self._starts = StartLog(parts.folder)
        self._started = live.parts.clock.now()
        self._by_hand_count = 0
        self._stops = Stops(live, self._starts, parts.resume_delay)
        self.approvals = Approvals(live)
        program = parts.page_program
        self._pager = Pager(live, Program(Path(program)) if program else None)
        self.jobs = None if parts.jobs is None else parts.jobs(self)
        personal = {
            **self.approvals.acts(),
            **Arming(live).acts(),
            **Withdrawals(live).acts(),
            **self._stops.acts(),
            **self._pager.acts(),
        }
        self._control = ControlServer(
            parts.folder, self._acts(), personal, parts.operators, self._answered
        )
        self._heart = Heart(
            parts.folder, parts.process_id, live.parts.clock.nanoseconds, lambda: live.pulse
        )
        self._health = (
            None if parts.health_port is None else health_server(parts.health_port, self.status)
        )
        self._opened: Callable[[], None] = lambda: None
        self._auditor: Auditor | None = None

    @property
    def health_port(self) -> int | None:
        """Return the port of ``/health``, once it listens."""
        return None if self._health is None else self._health.port

    async def serve(self, stop: asyncio.Event, opened: Callable[[], None] = lambda: None) -> None:
        """Open the account, trade until ``stop``, and let go of everything.

        Args:
            stop: set it to end cleanly.
            opened: called once when trading begins.

        Raises:
            ConfigError: the port of ``/health`` is taken, or the socket's path is too long.
            JournalError: the journal cannot be trusted or written; a restart must look at it.
            Unavailable: broker or bus could not be reached at the start.
        """
        live = self.live
        try:
            await self._control.start()
            self._heart.begin()
            if self._health is not None:
                await self._health.start()
            now = live.parts.clock.nanoseconds()
            hold = safe_hold(now, self._starts.begin(now))
            await open_account(live)
            if hold is not None:
                live.engine.offer(hold)
            self._opened = opened
            if live.parts.broker.capabilities.in_process:
                self._begin()
            else:
                live.state = State.RECONCILING
                self._auditor = Auditor(live, self._audited)
                if isinstance(live.parts.broker, RemoteBroker):
                    live.parts.broker.compare_with(self._auditor.needed)
            await self._trade(stop)
        finally:
            live.state = State.STOPPED
            self._write_status()
            if self._health is not None:
                await self._health.close()
            await self._control.close()

    async def _trade(self, stop: asyncio.Event) -> None:
        """Run everything; the end of any part that should not end is the end of all."""
        try:
            async with asyncio.TaskGroup() as group:
                turns = group.create_task(self.live.run())
                helpers = [
                    group.create_task(self._watch(stop)),
                    group.create_task(self.live.guard()),
                    group.create_task(self.intake.run(self._ready)),
                    group.create_task(self._tell()),
                    group.create_task(self._pager.run()),
                    group.create_task(self._heart.run()),
                    *(group.create_task(outlet.run()) for outlet in self.parts.outlets),
                ]
                if self.jobs is not None:
                    helpers.append(group.create_task(self.jobs.run()))
                if self._auditor is not None:
                    helpers.append(group.create_task(self._auditor.run()))
                await turns
                for helper in helpers:
                    helper.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        await self._drain()
        self._starts.end()
        self._heart.end()

    def _begin(self) -> None:
        """Take signals from now on."""
        self.live.state = State.TRADING
        self._ready.set()
        opened, self._opened = self._opened, lambda: None
        opened()

    def _audited(self) -> None:
        """Take signals while broker and journal agree, and none while it is not known."""
        if self.live.state is State.STOPPING:
            return
        if RECONCILING in self.live.desk.state.holds:
            self.live.state = State.RECONCILING
            self._ready.clear()
        elif not self._ready.is_set():
            self._begin()

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.live.state = State.STOPPING
        self._ready.clear()
        self.live.finish()

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                for outlet in self.parts.outlets:
                    await outlet.drain()
        except TimeoutError:
            return  # the journal has it all; the next start goes on from there

    async def _tell(self) -> None:
        while True:
            self._write_status()
            self._tell_of_stale()
            await asyncio.sleep(STATUS_SECONDS)

    def _tell_of_stale(self) -> None:
        """Page once for a backlog of old signals, however many there were."""
        count = self.live.tally.stale_lately()
        if count:
            text = f"{count} signals were too old when they came; nothing was ordered for them"
            now = self.live.parts.clock.nanoseconds()
            self.live.parts.page(RaiseAlarm(now, "STALE_SIGNALS", text))

    def _write_status(self) -> None:
        with suppress(OSError):  # a full disk keeps the old one, and costs no engine
            replace_file(self.parts.folder / FILE, self.status().as_json())

    def status(self) -> Status:
        """Return the account as it is now."""
        live = self.live
        desk = live.desk.state
        rung = self.parts.page_program or self.parts.mode == LIVE
        parts = (
            *(o.part() for o in self.parts.outlets),
            *self.parts.parts(),
            *feed_part(live, self.parts.feed),
            *((self._pager.part(),) if rung else ()),
        )
        longs, shorts = live.parts.market.values(desk.book.holdings)
        state = live.state
        if state is State.TRADING and desk.killed:
            state = State.HALTED if live.parts.journal.emergency else State.KILLED
        elif state is State.TRADING and desk.holds:
            state = State.HELD
        return Status(
            account=live.parts.account,
            mode=self.parts.mode,
            state=state,
            version=live.parts.version,
            at=live.parts.clock.now(),
            started_at=self._started,
            pid=self.parts.process_id,
            epoch=live.parts.journal.epoch,
            why=desk.killed or "; ".join(desk.holds.values()),
            degraded=bool(
                self.parts.notice or self.intake.problem or not all(part.healthy for part in parts)
            ),
            notice=self.parts.notice,
            holds=dict(desk.holds),
            quarantined=dict(desk.quarantined),
            stop_keeper=self.live.desk.policy.stop_keeper.value,
            unprotected=_unprotected(desk),
            killed=desk.killed,
            latches={f"{latch.code} {latch.where}": latch.reason for latch in desk.latches},
            latched=_latched(desk),
            records=live.engine.records,
            cash=f"{money_decimal(desk.book.cash):f}",
            equity=f"{money_decimal(desk.book.cash + longs - shorts):f}",
            positions={
                symbol: f"{quantity_decimal(holding.quantity):f}"
                for symbol, holding in sorted(desk.book.holdings.items())
            },
            open_orders=_open_orders(desk),
            signals=dict(live.tally.outcomes),
            **_people(desk),
            **compared(self._auditor),
            parts=parts,
        )

    def _acts(self) -> Mapping[str, Act]:
        return {
            "status": self._say_status,
            "signal": self._take_signal,
            **Drills(self.live, self.parts.folder, self.parts.mode).acts(),
            "release": self._release,
            "adjust": self._adjust,
            **LimitActs(self.live).acts(),
            **Plans(self.live).acts(),
            **({} if self.jobs is None else self.jobs.acts()),
        }

    def _answered(self, act: str, peer: Peer) -> None:
        """Note that a person is there, whom the kernel names, when it was a person's act."""
        if act in ASKED_BY_ANYTHING or peer.user_id == UNKNOWN:
            return
        now = self.live.parts.clock.nanoseconds()
        self.live.engine.offer(OperatorSeen(now, peer.name, act))
        self.live.wake()

    async def reconcile(self) -> tuple[str, ...]:
        """Compare the account with its broker now, and return what differs."""
        return () if self._auditor is None else await self._auditor.again()

    async def _say_status(self, _request: Request) -> Mapping[str, Any]:
        return {"status": self.status().as_json().decode()}

    async def _take_signal(self, request: Request) -> Mapping[str, Any]:
        if not self._ready.is_set():
            raise ConfigError(f"the engine is {self.live.state} and takes no signals")
        try:
            signal = self.parts.decode(self._by_hand(request))
        except (ModelError, Refused) as error:
            raise ConfigError(str(error)) from error
        try:
            await self.live.offer([signal])
        except JournalError as error:
            raise ConfigError(f"the signal was not taken: {error}") from error
        return self._outcome(signal)

    def _by_hand(self, request: Request) -> Delivery:
        """Return the signal of a request as if it had come by the bus, named by its time."""
        self._by_hand_count += 1
        moment_ms = self.live.parts.clock.nanoseconds() // NANOSECONDS_PER_MS
        name = f"{moment_ms}-{self._by_hand_count}"
        return Delivery(name, str(request.get("signal", "")).encode(), origin=BY_HAND)

    async def _note(self, delivery: Delivery, error: UnknownOrigin) -> None:
        """Journal that a signal of unknown origin came."""
        now = self.live.parts.clock.nanoseconds()
        name = error.strategy_name
        await self._offered(OriginUnknown(now, delivery.message_id, name, str(error)))

    def _outcome(self, signal: Signal) -> Mapping[str, Any]:
        key = (signal.strategy_name, signal.signal_id or "")
        decision: Decision | None = self.live.tally.decisions.get(key)
        if decision is None:
            return {"outcome": "TAKEN", "text": "the journal has it; nothing is decided yet"}
        return {
            "outcome": decision.outcome,
            "reason": decision.reason,
            "text": decision.text,
            "order_id": decision.order_id,
        }

    async def _release(self, request: Request) -> Mapping[str, Any]:
        """Allow orders in a quarantined symbol again."""
        symbol = str(request.get("symbol"))
        quarantined = self.live.desk.state.quarantined
        if symbol not in quarantined:
            names = ", ".join(sorted(quarantined)) or "none is"
            raise ConfigError(f"symbol must be a quarantined one ({names}), got {symbol!r}")
        by = str(request.get("by") or "unknown")
        now = self.live.parts.clock.nanoseconds()
        await self._offered(SymbolReleased(now, symbol, by))
        return {"released": symbol}

    async def _adjust(self, request: Request) -> Mapping[str, Any]:
        """Book what no execution explains, because a person says so."""
        reason = str(request.get("reason") or "")
        if not reason:
            raise ConfigError("reason must say why the position is adjusted")
        symbol = check_symbol(str(request.get("symbol")))
        now = self.live.parts.clock.nanoseconds()
        fact = PositionAdjusted(
            now,
            symbol,
            quantity_units(exact(request.get("quantity"), "quantity")),
            price_units(not_negative(request.get("price"), "price")),
            str(request.get("by") or "unknown"),
            reason,
            money_units(exact(request.get("cash") or "0", "cash")),
        )
        await self._offered(fact)
        holding = self.live.desk.state.book.holdings.get(symbol)
        return {"holds": "0" if holding is None else f"{quantity_decimal(holding.quantity):f}"}

    async def _offered(self, fact: SymbolReleased | PositionAdjusted | OriginUnknown) -> None:
        self.live.engine.offer(fact)
        turn = self.live.turnstile.next_turn()
        self.live.wake()
        await turn


def _latched(desk: DeskState) -> dict[str, Latched]:
    """Return who stopped what, and since when."""
    return {
        f"{latch.code} {latch.where}": Latched(
            by=latch.by,
            since=moment(latch.at) if latch.at else None,
            until=moment(latch.until) if latch.until else None,
            exits=latch.exits,
        )
        for latch in desk.latches
    }


def _people(desk: DeskState) -> dict[str, Any]:
    """Return what waits for people, and what they have allowed."""
    permit = desk.risk.permit
    until = None if permit is None else moment(permit.until)
    return {"approvals": len(desk.approvals), "armed_until": until}


def _unprotected(desk: DeskState) -> dict[str, str]:
    """Return why a position is without a stop, by symbol and strategy."""
    return {
        f"{symbol} of {strategy or 'no strategy'}": why
        for (strategy, symbol), why in desk.uncovered.items()
    }


def _open_orders(desk: DeskState) -> tuple[OpenOrder, ...]:
    return tuple(
        OpenOrder(
            order_id=order_id,
            symbol=order.ticket.symbol,
            side=order.ticket.side,
            quantity=f"{quantity_decimal(order.ticket.quantity):f}",
            filled=f"{quantity_decimal(order.filled):f}",
            status=order.status,
            certainty=order.certainty,
            cancel_requested=order.cancel_requested,
            strategy=order.ticket.strategy_name,
        )
        for order_id, order in desk.orders.items()
    )
