"""People who answer what they are asked: mostly yes, sometimes no, sometimes twice, or too late."""

from random import Random
from typing import Final

from fillpath.chaos.market import SYMBOLS
from fillpath.chaos.workload import STRATEGIES
from fillpath.chaos.world import World
from fillpath.core.events import ApprovalDeclined, ApprovalGiven, CancelAsked
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.watching import BY as BREAKER
from fillpath.execution.seeing import UNSEEN
from fillpath.risk.kill_switch import KILL_SWITCH, PNL_SHOCK, Scope
from fillpath.service.latch import Latch
from fillpath.service.live import Live

PARTS: Final = (
    *((Scope.STRATEGY, strategy) for strategy in STRATEGIES),
    *((Scope.SYMBOL, symbol) for symbol in SYMBOLS),
)

_LOOKED_AT_NS: Final = 60 * NANOSECONDS
_SOON_NS: Final = 3 * NANOSECONDS
_ANSWERED: Final = 0.3
"""Chance, each second, that somebody looks at an order that waits."""
_YES: Final = 0.85
_TWICE: Final = 0.3
_PEOPLE: Final = ("ann", "bob")


def answer(live: Live, rng: Random) -> None:
    """Let people say what they say within one second about the orders that wait."""
    if not live.desk.state.approvals:
        return
    now = live.parts.clock.nanoseconds()
    for order_id in live.desk.state.approvals:
        if rng.random() >= _ANSWERED:
            continue
        for by in _PEOPLE if rng.random() < _TWICE else _PEOPLE[:1]:
            if rng.random() < _YES:
                live.engine.offer(ApprovalGiven(now, order_id, by, UNSEEN))
            else:
                live.engine.offer(ApprovalDeclined(now, order_id, by, "no"))
    live.wake()


def forgive(live: Live, rng: Random, *, soon: bool) -> int:
    """Let people clear breakers once they have looked at them; return how many they cleared."""
    now, cleared = live.parts.clock.nanoseconds(), 0
    for latch in list(live.desk.state.latches):
        waited = now - latch.at >= (_SOON_NS if soon else _LOOKED_AT_NS)
        if latch.by == BREAKER and waited and rng.random() < _ANSWERED:
            live.resume_trading("operator", latch.scope, latch.target)
            cleared += 1
    return cleared


def let_go_on(world: World, live: Live) -> None:
    """Let people clear what has stopped trading, once they have looked at it."""
    if world.killed_at is None:
        rng = world.chance.of("breakers")
        world.resumes += forgive(live, rng, soon=world.swarm.healed)
    since = world.killed_for()
    tripped = PNL_SHOCK in live.desk.state.latches.kept.get((Scope.ACCOUNT, ""), ())
    if tripped and since is None:
        return  # whoever clears breakers looks at it
    long_ago = since is None or since >= (5 if world.swarm.healed else 20)
    if live.desk.state.killed and long_ago:
        world.resumes += 1
        world.killed_at = None
        world.note("a person allows trading again")
        live.resume_trading("operator")
    elif world.killed_at is not None and world.latch.read() is None:
        world.killed_at = None


def operate_on_parts(world: World, live: Live) -> None:
    """Stop a strategy or a symbol, and let it go on a little later."""
    rng = world.chance.of("parts")
    parts = [latch for latch in live.desk.state.latches if not latch.is_wide]
    killed = [latch for latch in parts if latch.code == KILL_SWITCH]
    if world.part_until is None and world.swarm.strikes("kill_part", rng):
        scope, target = rng.choice(PARTS)
        world.note(f"a person stops {scope} {target}")
        world.part_until = world.loop.time() + rng.uniform(2, 30)
        why = ("a person said so", "operator", world.true_now())
        live.stop_trading(Latch(*why, scope, target))
    elif world.swarm.healed or world.loop.time() >= (world.part_until or 0):
        world.part_until = None
        for latch in killed:
            world.resumes += 1
            world.note(f"a person allows {latch.where} again")
            live.resume_trading("operator", latch.scope, latch.target)


def withdraw(world: World, live: Live) -> None:
    """Let people cancel one order: one that works, waits, protects something, or has just ended."""
    rng, state = world.chance.of("withdrawals"), live.desk.state
    names = [*state.orders, *state.parents, *state.held, *state.approvals]
    names.extend(list(state.recent)[-1:])
    if not names or not world.swarm.strikes("withdrawal", rng):
        return
    name, now = rng.choice(names), live.parts.clock.nanoseconds()
    world.note(f"a person cancels {name}")
    for by in _PEOPLE if rng.random() < _TWICE else _PEOPLE[:1]:
        live.engine.offer(CancelAsked(now, name, by, "second thoughts"))
    live.wake()


__all__ = ["answer", "forgive", "let_go_on", "operate_on_parts", "withdraw"]
