"""Seeded bugs of what acts: engine, journal, intake, recovery."""

# ruff: noqa: SLF001  # a bug lives inside what it breaks

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from fillpath.core.commands import CancelOrder, PlaceOrder, SetTimer
from fillpath.core.errors import Unavailable
from fillpath.core.events import OrderCancelled, OrderInDoubt, OrderRefused
from fillpath.core.models import Refusal
from fillpath.core.translation import order_from
from fillpath.risk.approving import Approved

Mutant = tuple[str, str, Callable[[Any], Any], str]

_ENGINE: Final = "fillpath.execution.engine:Engine."
_RECONCILING: Final = "fillpath.execution.reconciling:"
_JOURNAL: Final = "fillpath.data.journal.chained:ChainedJournal."


def _submit_again(sound: Any) -> Any:
    async def place(engine: Any, intent: PlaceOrder) -> None:
        await sound(engine, intent)
        last = engine._inbox[-1] if engine._inbox else None
        if isinstance(last, OrderInDoubt) and last.order_id == intent.ticket.order_id:
            engine._inbox.pop()
            engine._unanswered.clear()
            engine._door.recall(intent)
            await sound(engine, intent)

    return place


def _silence_is_no(sound: Any) -> Any:
    async def place(engine: Any, intent: PlaceOrder) -> None:
        try:
            if isinstance(engine._last_gate(intent), Refusal):
                await sound(engine, intent)
                return
            await engine._ports.broker.submit_order(order_from(intent.ticket, intent.at))
        except Unavailable as error:
            order_id = intent.ticket.order_id
            engine.offer(OrderRefused(engine._now_ns(), order_id, "NOT_SENT", str(error)))

    return place


def _silence_is_cancelled(_sound: Any) -> Any:
    async def cancel(engine: Any, intent: CancelOrder) -> None:
        try:
            await engine._ports.broker.cancel_order(intent.broker_order_id)
        except Unavailable:
            engine.offer(OrderCancelled(engine._now_ns(), intent.order_id, "assumed"))

    return cancel


def _not_open_is_cancelled(_sound: Any) -> Any:
    async def cancel(engine: Any, intent: CancelOrder) -> None:
        try:
            taken = await engine._ports.broker.cancel_order(intent.broker_order_id)
        except Unavailable:
            taken = True
        if not taken:
            engine.offer(OrderCancelled(engine._now_ns(), intent.order_id, "was not open"))

    return cancel


def _send_again_after_crash(sound: Any) -> Any:
    async def resume(engine: Any, outstanding: list[Any]) -> None:
        for intent in outstanding:
            if isinstance(intent, PlaceOrder):
                with suppress(Unavailable):
                    order = order_from(intent.ticket, intent.at)
                    await engine._ports.broker.submit_order(order)
        await sound(engine, outstanding)

    return resume


def _no_last_gate(_sound: Any) -> Any:
    return lambda _engine, intent: Approved(intent)


def _intent_not_journaled(_sound: Any) -> Any:
    return lambda engine, intent: engine._intents.append(intent)


def _no_sync(sound: Any) -> Any:
    def begin(journal: Any, file: Any, **changes: Any) -> None:
        sound(journal, file, **(changes | {"durable": False}))

    return begin


def _nothing(_sound: Any) -> Any:
    return lambda *_arguments: None


def _acknowledge_first(_sound: Any) -> Any:
    async def step(intake: Any) -> int:
        deliveries = await intake._bus.receive(256, 1.0)
        await intake._bus.acknowledge([d.message_id for d in deliveries])
        signals = [s for s in map(intake._read, deliveries) if not isinstance(s, str)]
        if signals:
            await intake._offer(signals)
        return len(signals)

    return step


def _reject_all(_sound: Any) -> Any:
    return lambda _intake, delivery: f"cannot read {delivery.message_id}"


def _forget_timers(sound: Any) -> Any:
    def follow(engine: Any, command: Any) -> None:
        if not isinstance(command, SetTimer):
            sound(engine, command)

    return follow


def _no_cancels_again(sound: Any) -> Any:
    return lambda state: [i for i in sound(state) if isinstance(i, PlaceOrder)]


def _short_frames(sound: Any) -> Any:
    def take(journal: Any, found: Any, size: int) -> None:
        sound(journal, found, size)
        if len(journal._marks) == 1 and journal._sequence:
            journal._end, journal._digest, journal._frames, journal._sequence, journal._epoch = (
                journal._marks[0]
            )

    return take


def _one_silence(_sound: Any) -> Any:
    return 1


def _by_the_wall(_sound: Any) -> Any:
    def nanoseconds(clock: Any) -> int:
        at: int = clock._wall()
        return at - at % 1_000

    return nanoseconds


def _sees_nothing(_sound: Any) -> Any:
    return lambda _seen: iter(())


SHELL_BUGS: Final[tuple[Mutant, ...]] = (
    ("submit again after a timeout", _ENGINE + "_place", _submit_again, "double submit, F-45"),
    ("silence means refused", _ENGINE + "_place", _silence_is_no, "ib_async T1b, F-06"),
    ("silence means cancelled", _ENGINE + "_cancel", _silence_is_cancelled, "ib_async T1, F-12"),
    ("not open means cancelled", _ENGINE + "_cancel", _not_open_is_cancelled, "LEAN 10148, F-68"),
    ("send again after a crash", _ENGINE + "resume", _send_again_after_crash, "F-05"),
    ("no last gate", _ENGINE + "_last_gate", _no_last_gate, "kill latch not read, F-91"),
    ("act before durable", _ENGINE + "_secure", _nothing, "F-18"),
    ("intent not journaled", _ENGINE + "_intend", _intent_not_journaled, "F-05"),
    ("journal not synced", _JOURNAL + "__init__", _no_sync, "F-18"),
    ("failed sync trusted", _JOURNAL + "_store_again", _nothing, "F-34"),
    ("journal begun anew", _JOURNAL + "_take", _short_frames, "F-36"),
    ("acknowledge first", "fillpath.service.intake:Intake.step", _acknowledge_first, "F-01"),
    ("good signals rejected", "fillpath.service.intake:Intake._read", _reject_all, "F-27"),
    ("timers lost on restart", _ENGINE + "follow", _forget_timers, "F-89"),
    (
        "cancels forgotten on restart",
        "fillpath.execution.recovery:_outstanding",
        _no_cancels_again,
        "F-12",
    ),
    (
        "time by the wall clock",
        "fillpath.runtime.steady:SteadyClock.nanoseconds",
        _by_the_wall,
        "F-37",
    ),
    ("one silence is proof", _RECONCILING + "CYCLES", _one_silence, "F-50"),
    ("missed fills not asked for", _RECONCILING + "_Seen.executed", _sees_nothing, "F-47"),
    ("orders not adopted", _RECONCILING + "_Seen.shown", _sees_nothing, "F-06"),
    ("the kill is not looked at", "fillpath.service.live:Live.follow_latch", _nothing, "F-109"),
)
