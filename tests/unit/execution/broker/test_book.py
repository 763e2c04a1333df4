"""The book: who is reached first, and that the dead do not pile up."""

from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.models import OrderSide
from fillpath.execution.broker.book import ANY_ASK, ANY_BID, Book, Ladder, Working
from fillpath.testing.builders import an_order

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def waiting(
    side: OrderSide, sequence: int, limit: int | None = None, stop: int | None = None
) -> Working:
    return Working(an_order(side), f"sim-{sequence}", sequence, None, 100, limit, stop)


def drained(book: Book, side: OrderSide) -> list[int]:
    sequences = []
    while (working := book.best(side)) is not None:
        sequences.append(working.sequence)
        book.remove(working)
    return sequences


def test_the_highest_buy_is_reached_first_and_the_older_of_two() -> None:
    book = Book()
    for sequence, limit in enumerate((100, 102, 101, 102), 1):
        book.add(waiting(BUY, sequence, limit))

    assert drained(book, BUY) == [2, 4, 3, 1]


def test_the_lowest_sell_is_reached_first_and_the_older_of_two() -> None:
    book = Book()
    for sequence, limit in enumerate((102, 100, 101, 100), 1):
        book.add(waiting(SELL, sequence, limit))

    assert drained(book, SELL) == [2, 4, 3, 1]


def test_an_order_without_a_limit_comes_before_all() -> None:
    book = Book()
    for side in (BUY, SELL):
        book.add(waiting(side, 1, 100))
        book.add(waiting(side, 2))

    assert book.limits() == (ANY_ASK, ANY_BID)
    assert drained(book, BUY) == drained(book, SELL) == [2, 1]


def test_the_nearest_stop_is_set_off_first() -> None:
    book = Book()
    for sequence, stop in enumerate((110, 105, 120), 1):
        book.add(waiting(BUY, sequence, stop=stop))
        book.add(waiting(SELL, sequence, stop=stop - 50))

    assert book.stops() == (105, 70)


def test_a_stop_does_not_wait_for_a_limit_before_it_is_set_off() -> None:
    book = Book()
    working = waiting(SELL, 1, 99, 100)
    book.add(working)
    before = (book.limits(), book.stops())

    book.release(working)

    assert before == ((None, None), (None, 100))
    assert (book.limits(), book.stops()) == ((None, 99), (None, None))
    assert (working.stop, book.size) == (None, 1)


def test_what_is_taken_out_is_dead_and_not_found_any_more() -> None:
    book = Book()
    first, second = waiting(BUY, 1, 100), waiting(BUY, 2, 99)
    book.add(first)
    book.add(second)

    book.remove(first)

    assert (first.alive, second.alive) == (False, True)
    assert book.limits() == (99, None)
    assert book.size == 1


def test_the_dead_never_outnumber_the_living_for_long() -> None:
    ladder = Ladder()
    rungs = [waiting(BUY, number, number) for number in range(1, 10_001)]
    for working in rungs:
        ladder.push(-1 if working.sequence == 1 else working.sequence, working)

    for working in rungs[1:]:
        working.alive = False
        ladder.bury()

    assert ladder.best() is rungs[0]
    assert len(ladder) <= 130


@given(
    actions=st.lists(
        st.tuples(st.booleans(), st.integers(1, 20), st.integers(0, 30)), min_size=1, max_size=200
    )
)
def test_the_best_is_always_what_a_plain_search_finds(
    actions: list[tuple[bool, int, int]],
) -> None:
    book = Book()
    alive: list[Working] = []
    for sequence, (add, limit, victim) in enumerate(actions, 1):
        if add or not alive:
            alive.append(waiting(BUY, sequence, limit))
            book.add(alive[-1])
        else:
            book.remove(alive.pop(victim % len(alive)))

        best = book.best(BUY)

        expected = min(alive, key=lambda w: (-(w.limit or 0), w.sequence), default=None)
        assert best is expected
        assert book.size == len(alive)
