"""What is believed about Interactive Brokers and only a real account can show, one check for each.

Every order is far from the market, or one share. Whatever a check leaves open is cancelled after it.
"""

from collections.abc import Awaitable, Callable
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import (
    Charged,
    Executed,
    Held,
    MarginShown,
    OrderShown,
    Said,
    StatusShown,
    Ticked,
)
from fillpath.ibkr.margins import asking, is_whole
from fillpath.ibkr.talking import NOTICES, Talk
from fillpath.ibkr.words import REDUCE_WITH_BLOCK

CENT: Final = Decimal("0.01")
FAR: Final = Decimal("0.5")
"""Orders that must not trade bid half of the market."""
NEAR: Final = Decimal("1.01")
"""The share that must trade is bid for at one percent above the market."""
ENDED: Final = frozenset({"Cancelled", "ApiCancelled", "Filled", "Inactive"})
_DAY: Final = 86_400 * NANOSECONDS


class Verdict(StrEnum):
    """Whether a belief holds."""

    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    UNKNOWN = "UNKNOWN"


class Seen(Struct, frozen=True):
    """What a check saw.

    Args:
        verdict: whether what is believed holds.
        text: what was seen, in one sentence.
    """

    verdict: Verdict
    text: str


class Scene(Struct, kw_only=True):
    """Where the checks happen.

    Args:
        talk: the connection that places orders.
        other: another one, with another client id.
        account: a paper account.
        contract: the one contract that is ordered.
        price: dollars, about what a share costs.
        is_open: whether the exchange trades now.
        prefix: of every order's reference; tells this probe from all others.
        next_id: order id that was never used.
        now: tells the time, nanoseconds UTC.
        sent: every order of this probe, by id.
        bought: the execution of the one share, once there is one.
    """

    talk: Talk
    other: Talk
    account: str
    contract: ContractForm
    price: Decimal
    is_open: bool
    prefix: str
    next_id: int
    now: Callable[[], int]
    sent: dict[int, OrderForm] = {}
    bought: Executed | None = None

    def form(self, price: Decimal) -> OrderForm:
        """Return a bid for one share, with an id and a reference of its own."""
        order_id, self.next_id = self.next_id, self.next_id + 1
        return OrderForm(
            order_id=order_id,
            contract=self.contract,
            action="BUY",
            quantity=Decimal(1),
            order_type="LMT",
            limit_price=price,
            account=self.account,
            order_ref=f"{self.prefix}-{order_id}",
        )

    @property
    def far(self) -> Decimal:
        """Return a price on the tick at which nothing trades."""
        return (self.price * FAR).quantize(CENT, ROUND_DOWN)

    def place(self, form: OrderForm) -> None:
        """Send an order."""
        self.sent[form.order_id] = form
        self.talk.line.place(form)

    def shown(self, order_id: int, begin: int = 0) -> list[OrderShown]:
        """Return how an order was shown, oldest first, from a place in what was heard on."""
        heard = self.talk.heard[begin:]
        return [one for one in heard if isinstance(one, OrderShown) and one.order_id == order_id]

    def status(self, order_id: int) -> str:
        """Return the last status of an order; empty before the first."""
        told = [
            one.status
            for one in self.talk.heard
            if isinstance(one, StatusShown | OrderShown) and one.order_id == order_id and one.status
        ]
        return told[-1] if told else ""

    def errors(self, order_id: int) -> list[Said]:
        """Return the errors about an order, notices left out."""
        return [said for said in self.talk.said(order_id) if said.code not in NOTICES]

    async def stands(self, form: OrderForm) -> bool:
        """Send an order and wait until it is shown or refused; return whether it works."""
        self.place(form)
        number = form.order_id
        await self.talk.until(lambda: bool(self.shown(number) or self.errors(number)))
        return bool(self.shown(number)) and self.status(number) not in ENDED

    async def cancelled(self, order_id: int) -> bool:
        """Cancel an order and wait for its end; return whether that was told."""
        self.talk.line.cancel(order_id)
        return await self.talk.until(lambda: self.status(order_id) in ENDED)

    async def clear(self) -> list[int]:
        """Cancel whatever still works; return the ids whose end was not told."""
        left = []
        for order_id in [one for one in self.sent if self.status(one) not in ENDED]:
            refused = self.errors(order_id) and not self.shown(order_id)
            if not refused and not await self.cancelled(order_id):
                left.append(order_id)
        return left


class Check(Struct, frozen=True, kw_only=True):
    """One belief and how it is looked at.

    Args:
        name: short, for the report.
        belief: what the adapter takes for granted.
        look: finds out.
        trades: whether it needs an exchange that is open, because a share is bought.
    """

    name: str
    belief: str
    look: Callable[[Scene], Awaitable[Seen]]
    trades: bool = False


def _seen(holds: bool, text: str) -> Seen:  # noqa: FBT001  # it is the answer
    return Seen(Verdict.CONFIRMED if holds else Verdict.REFUTED, text)


def _unknown(text: str) -> Seen:
    return Seen(Verdict.UNKNOWN, text)


async def _identity(scene: Scene) -> Seen:
    form = scene.form(scene.far)
    if not await scene.stands(form):
        return _unknown(_why(scene, form))
    first = scene.shown(form.order_id)[0]
    return _seen(
        first.order_ref == form.order_ref and first.perm_id > 0,
        f"permId {first.perm_id}, orderRef {first.order_ref!r}, status {first.status}",
    )


async def _change(scene: Scene) -> Seen:
    form = scene.form(scene.far)
    if not await scene.stands(form):
        return _unknown(_why(scene, form))
    before = scene.shown(form.order_id)[-1].perm_id
    begin, price = len(scene.talk.heard), scene.far + CENT
    scene.place(replace(form, limit_price=price))
    await scene.talk.until(
        lambda: any(one.limit_price == price for one in scene.shown(form.order_id, begin))
    )
    shown = scene.shown(form.order_id, begin)
    if not shown:
        return _unknown(f"the change was not shown; {_why(scene, form)}")
    ids = {before, *(one.perm_id for one in shown)}
    text = f"permIds {sorted(ids)}, limit {shown[-1].limit_price}, orderRef {shown[-1].order_ref!r}"
    kept = shown[-1].order_ref == form.order_ref and shown[-1].limit_price == price
    return _seen(len(ids) == 1 and kept, text)


async def _others_cancel(scene: Scene) -> Seen:
    form = scene.form(scene.far)
    if not await scene.stands(form):
        return _unknown(_why(scene, form))
    scene.other.line.cancel(form.order_id)
    await scene.other.until(lambda: bool(scene.other.said(form.order_id)))
    codes = [said.code for said in scene.other.said(form.order_id)]
    works = scene.status(form.order_id) not in ENDED
    return _seen(
        works, f"the other client heard {codes}; the order is {scene.status(form.order_id)}"
    )


async def _cancel(scene: Scene) -> Seen:
    form = scene.form(scene.far)
    if not await scene.stands(form):
        return _unknown(_why(scene, form))
    told = await scene.cancelled(form.order_id)
    codes = [said.code for said in scene.errors(form.order_id)]
    ended = scene.status(form.order_id)
    return _seen(told and ended == "Cancelled", f"status {ended}, codes {codes}")


async def _completed(scene: Scene) -> Seen:
    form = scene.form(scene.far)
    if not await scene.stands(form) or not await scene.cancelled(form.order_id):
        return _unknown(_why(scene, form))
    await scene.talk.answer(scene.talk.line.ask_completed_orders, "completed_orders")
    found = [
        one
        for one in scene.talk.every(OrderShown)
        if one.completed and one.order_ref == form.order_ref
    ]
    if not found:
        return _unknown("the order is not among the completed ones")
    text = f"orderId {found[-1].order_id}, permId {found[-1].perm_id}, {found[-1].completed_status}"
    return _seen(found[-1].order_id == 0, text)


async def _off_tick(scene: Scene) -> Seen:
    return await _refused(
        scene, replace(scene.form(scene.far), limit_price=scene.far + CENT / 4), 110
    )


async def _fraction(scene: Scene) -> Seen:
    return await _refused(scene, replace(scene.form(scene.far), quantity=Decimal("0.5")), 10_243)


async def _refused(scene: Scene, form: OrderForm, code: int) -> Seen:
    works = await scene.stands(form)
    codes = [said.code for said in scene.errors(form.order_id)]
    status = scene.status(form.order_id)
    return _seen(not works and code in codes, f"codes {codes}, status {status or 'none'}")


async def _untransmitted(scene: Scene) -> Seen:
    form = replace(scene.form(scene.far), transmit=False)
    scene.place(form)
    await scene.talk.until(lambda: bool(scene.shown(form.order_id)), 2)
    begin = len(scene.other.heard)
    if not await scene.other.answer(scene.other.line.ask_open_orders, "open_orders"):
        return _unknown("the open orders were not told")
    listed = [
        one
        for one in scene.other.heard[begin:]
        if isinstance(one, OrderShown) and one.order_ref == form.order_ref
    ]
    text = (
        f"{len(listed)} times among the open orders; status {scene.status(form.order_id) or 'none'}"
    )
    return _seen(not listed, text)


async def _what_if(scene: Scene) -> Seen:
    form = asking(scene.form(scene.far))
    number = form.order_id
    scene.talk.line.place(form)

    def told() -> list[MarginShown]:
        heard = scene.talk.every(MarginShown)
        return [one for one in heard if one.order_id == number and is_whole(one)]

    await scene.talk.until(lambda: bool(told() or scene.shown(number) or scene.errors(number)))
    await scene.talk.answer(scene.talk.line.ask_open_orders, "open_orders")
    if scene.shown(number):
        scene.sent[number] = form  # it has to be cancelled
        return _seen(False, f"it is an order: status {scene.status(number)}")  # noqa: FBT003
    if not told():
        return _unknown(_why(scene, form))
    (amounts, *_) = told()
    text = f"margin grows by {amounts.init_change}, equity {amounts.equity_before}; no order of it"
    return _seen(True, text)  # noqa: FBT003


async def _linked(scene: Scene) -> Seen:
    group = f"{scene.prefix}-oca"
    resting = replace(scene.form(scene.far), oca_group=group, oca_type=REDUCE_WITH_BLOCK)
    if not await scene.stands(resting):
        return _unknown(_why(scene, resting))
    price = (scene.price * NEAR).quantize(CENT, ROUND_DOWN)
    buying = replace(scene.form(price), oca_group=group, oca_type=REDUCE_WITH_BLOCK)
    scene.place(buying)
    await scene.talk.until(lambda: bool(_executions(scene, buying)))
    if not _executions(scene, buying):
        return _unknown(f"nothing was bought; {_why(scene, buying)}")
    scene.bought = _executions(scene, buying)[0]
    await scene.talk.until(lambda: scene.status(resting.order_id) in ENDED)
    ended = scene.status(resting.order_id)
    return _seen(ended in {"Cancelled", "ApiCancelled"}, f"after the fill the other one is {ended}")


async def _execution(scene: Scene) -> Seen:
    bought = scene.bought
    if bought is None:
        return _unknown("nothing was bought")
    await scene.talk.until(lambda: bool(_charges(scene, bought)))
    costs = [f"{one.commission} {one.currency}" for one in _charges(scene, bought)]
    whole = bought.traded_at is not None and bought.traded_at % NANOSECONDS == 0
    text = f"{bought.exec_id}, orderRef {bought.order_ref!r}, cost {costs}, whole seconds: {whole}"
    family = bought.exec_id.count(".") >= 1
    ours = bought.order_ref.startswith(scene.prefix)
    return _seen(bool(costs) and whole and family and ours, text)


async def _average_cost(scene: Scene) -> Seen:
    bought = scene.bought
    if bought is None or bought.price is None:
        return _unknown("nothing was bought")
    await scene.talk.answer(scene.talk.line.ask_positions, "positions")
    held = [one for one in scene.talk.every(Held) if one.con_id == scene.contract.con_id]
    paid = [one.commission for one in _charges(scene, bought) if one.commission is not None]
    if not held or held[-1].quantity != 1 or held[-1].average_cost is None or not paid:
        return _unknown(f"needs a position of that one share: {held[-1:]}, commissions {paid}")
    cost = held[-1].average_cost
    text = f"price {bought.price}, commission {paid[-1]}, average cost {cost}"
    return _seen(abs(cost - bought.price - paid[-1]) < CENT, text)


async def _today(scene: Scene) -> Seen:
    begin = len(scene.talk.heard)
    if not await scene.talk.answer(lambda: scene.talk.line.ask_executions(90), "executions", 90):
        return _unknown("the executions were not told")
    times = [
        one.traded_at
        for one in scene.talk.heard[begin:]
        if isinstance(one, Executed) and one.traded_at is not None
    ]
    if not times:
        return _unknown("there are no executions; trade, and ask again on the next day")
    age = (scene.now() - min(times)) // NANOSECONDS
    text = f"{len(times)} executions, the oldest {age} s old; ask again after midnight"
    return _seen(scene.now() - min(times) < _DAY, text)


async def _sold(scene: Scene) -> Seen:
    if scene.bought is None:
        return _unknown("nothing was bought")
    price = (scene.price / NEAR).quantize(CENT, ROUND_DOWN)
    selling = replace(scene.form(price), action="SELL")
    scene.place(selling)
    await scene.talk.until(lambda: bool(_executions(scene, selling)))
    sold = _executions(scene, selling)
    text = f"sold at {sold[0].price}" if sold else f"NOT SOLD: {_why(scene, selling)}"
    return _seen(bool(sold), text)


def _executions(scene: Scene, form: OrderForm) -> list[Executed]:
    return [one for one in scene.talk.every(Executed) if one.order_ref == form.order_ref]


def _charges(scene: Scene, done: Executed) -> list[Charged]:
    return [one for one in scene.talk.every(Charged) if one.exec_id == done.exec_id]


def _why(scene: Scene, form: OrderForm) -> str:
    said = [f"{one.code}: {one.text}" for one in scene.errors(form.order_id)]
    return "; ".join(said) or f"the order is {scene.status(form.order_id) or 'not answered'}"


def price_of(ticks: list[Ticked]) -> Decimal | None:
    """Return about what a share costs: the highest of bid, ask, last and close that was told."""
    known = [tick.price for tick in ticks if tick.kind in {1, 2, 4, 9} and tick.price]
    return max((price for price in known if price > 0), default=None)


CHECKS: Final = (
    Check(
        name="identity",
        belief="a new order is shown with its permId and with our orderRef",
        look=_identity,
    ),
    Check(
        name="change",
        belief="the same orderId again changes the order, which keeps permId and orderRef",
        look=_change,
    ),
    Check(
        name="another client",
        belief="a client cannot cancel an order that another one has placed",
        look=_others_cancel,
    ),
    Check(name="cancel", belief="a cancel ends with the status Cancelled", look=_cancel),
    Check(
        name="completed orders",
        belief="a completed order carries orderId 0 and keeps its orderRef",
        look=_completed,
    ),
    Check(name="tick", belief="a price off the tick is refused with 110", look=_off_tick),
    Check(name="fraction", belief="a fraction of a share is refused with 10243", look=_fraction),
    Check(
        name="untransmitted",
        belief="an order with transmit=False is not among the open orders of another client",
        look=_untransmitted,
    ),
    Check(
        name="what-if",
        belief="an order marked as a question is answered with margins and is none of the orders",
        look=_what_if,
    ),
    Check(
        name="OCA",
        belief="a whole fill ends the other order of an OCA group of type 2, which reduces with block",
        look=_linked,
        trades=True,
    ),
    Check(
        name="execution",
        belief="an execution carries our orderRef, whole seconds, and a commission that follows",
        look=_execution,
        trades=True,
    ),
    Check(
        name="average cost",
        belief="the average cost of a position includes the commission",
        look=_average_cost,
        trades=True,
    ),
    Check(
        name="executions",
        belief="executions are told since midnight, and none of the day before",
        look=_today,
    ),
    Check(name="flat", belief="the share that was bought is sold again", look=_sold, trades=True),
)


__all__ = ["CHECKS", "Check", "Scene", "Seen", "Verdict", "price_of"]
