"""What must hold of the live engine after every commit: its books, and its replay."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Final

from fillpath.chaos.ledger import DumbLedger, differences
from fillpath.chaos.witness import Witness
from fillpath.core.units import money_decimal, quantity_decimal
from fillpath.execution.desk import Desk
from fillpath.execution.desk.state import Book

ONCE: Final = ("hold:", "cancel:")
"""Timers that ring once, a minute later at most, also when what they were set for has ended."""
SPARE: Final = 2
"""Timers of the account as a whole."""
EVERY: Final = 16
"""Commits between two comparisons of the whole state."""

Expect = Callable[[int, object, str], None]


class BookChecks:
    """Compare a live desk with the journal's ledger and with the journal's replay.

    Args:
        ledger: what the journal's executions add up to.
        witness: the replay.
        expect: takes number, whether it holds, and what was found.
    """

    def __init__(self, ledger: DumbLedger, witness: Witness, expect: Expect) -> None:
        self._ledger = ledger
        self._witness = witness
        self._expect = expect
        self._commits = 0

    def __call__(self, desk: Desk, timers: Collection[str], *, whole: bool = False) -> None:
        """Compare; the whole state every now and then, and whenever asked to."""
        if not self._witness.records:
            return
        self._schedules(desk, timers)
        book = desk.state.book
        self._cash(book)
        self._positions(book)
        self._working(desk)
        self._bounded(desk, timers)
        self._commits += 1
        if whole or self._commits % EVERY == 0:
            ours, replayed = desk.fingerprint(), self._witness.desk.fingerprint()
            text = f"the live desk is {ours}, the replay of its journal {replayed}"
            self._expect(19, ours == replayed, text)

    def _cash(self, book: Book) -> None:
        cash = money_decimal(book.cash)
        text = f"cash is {cash}, the journal adds up to {self._ledger.cash}"
        self._expect(4, cash == self._ledger.cash, text)

    def _positions(self, book: Book) -> None:
        held = {name: quantity_decimal(h.quantity) for name, h in book.holdings.items()}
        wrong = list(differences(held, self._ledger.positions, ("desk", "journal")))
        self._expect(3, not wrong, "; ".join(wrong))
        shares: dict[str, Decimal] = {}
        for (_, name), quantity in book.by_strategy.items():
            shares[name] = shares.get(name, Decimal(0)) + quantity_decimal(quantity)
        shares = {name: quantity for name, quantity in shares.items() if quantity}
        wrong = list(differences(shares, held, ("all strategies", "account")))
        self._expect(3, not wrong, "; ".join(wrong))

    def _schedules(self, desk: Desk, timers: Collection[str]) -> None:
        """A running schedule has its timer, and reserves exactly what it has still to send."""
        state = desk.state
        for name, parent in state.parents.items():
            rest = 0
            schedule = parent.schedule
            if not parent.stopped and schedule.next_slice < len(schedule.sizes):
                self._expect(27, f"slice:{name}" in timers, f"nothing will wake {name}")
            more = schedule.next_slice < len(schedule.sizes) or parent.awaiting is not None
            if more and not parent.stopped:
                working = sum(state.orders[order_id].remaining for order_id in parent.working)
                whole = parent.ticket.quantity - schedule.unplaced
                rest = max(whole - parent.filled - working, 0)
            self._expect(6, parent.rest == rest, f"{name} reserves {parent.rest}, needs {rest}")

    def _bounded(self, desk: Desk, timers: Collection[str]) -> None:
        """What is remembered belongs to something that lives, so that it cannot grow for ever."""
        state = desk.state
        names = [name for name in timers if not name.startswith(ONCE)]
        lives = 2 * len(state.orders) + 2 * len(state.parents)
        lives += len(state.approvals) + len(state.guards) + len(state.risk.resting)
        lives += sum(1 for _ in state.latches) + SPARE
        text = f"{len(names)} timers are set for {lives} that could need one: {sorted(names)}"
        self._expect(38, len(names) <= lives, text)
        lost = state.doubts.keys() - state.orders.keys()
        self._expect(38, not lost, f"doubts outlive their orders: {sorted(lost)}")
        lost = {str(key) for key in state.uncovered.keys() - state.guards.keys()}
        self._expect(38, not lost, f"alarms outlive their positions: {sorted(lost)}")
        kept = {name for key in state.risk.open_orders.values() for name in key}
        lost = kept - state.orders.keys()
        self._expect(38, not lost, f"orders that ended are remembered as open: {sorted(lost)}")
        text = f"{len(state.seen)} signals are remembered, {len(state.seen_at)} with their times"
        self._expect(38, len(state.seen) <= len(state.seen_at), text)

    def _working(self, desk: Desk) -> None:
        """What is reserved is what works, to the last unit."""
        state = desk.state
        reserved = shorting = 0
        working: dict[tuple[str, bool], int] = {}
        orders = [order for order in state.orders.values() if not order.protects]
        parents = state.parents.values()
        pieces = [(o.ticket, o.remaining, o.worst_price, o.reduces) for o in orders]
        pieces += [(p.ticket, p.rest, p.worst, p.reduces) for p in parents]
        for ticket, quantity, price, reduces in pieces:
            buys = ticket.side.sign > 0
            key = (ticket.symbol, buys)
            working[key] = working.get(key, 0) + quantity
            reserved += quantity * price if buys else 0
            shorting += quantity * price if not buys and not reduces else 0
        text = f"{state.book.reserved} money units are reserved, {reserved} are needed"
        self._expect(6, state.book.reserved == reserved, text)
        text = f"{state.book.shorting} money units are being sold short, not {shorting}"
        self._expect(6, state.book.shorting == shorting, text)
        book = {(s, True): n for s, n in state.book.buying.items()}
        book |= {(s, False): n for s, n in state.book.selling.items()}
        needed = {key: n for key, n in working.items() if n}
        self._expect(6, book == needed, f"working is {book}, the orders add up to {needed}")
        filled: dict[str, int] = {}
        for log in self._witness.orders.values():
            filled[log.ticket.parent_id] = filled.get(log.ticket.parent_id, 0) + log.filled
        for name, parent in state.parents.items():
            made = filled.get(name, 0)
            self._expect(2, parent.filled == made, f"{name}: {parent.filled} booked, {made} made")
