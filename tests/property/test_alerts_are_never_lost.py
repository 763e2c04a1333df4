"""Whatever fails, and whenever a process dies: every alert reaches every channel that lives again."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fillpath.core.errors import Unavailable
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.courier import Courier
from fillpath.monitoring.kinds import Severity
from tests.unit.monitoring.desk_of_alerts import SECOND, Ear, Hand, a_fact

CHANNELS = ("phone", "mail", "chat")
CODES = ("KILL_SWITCH", "SLIPPAGE", "FLATTENED", "SYMBOL_QUARANTINED")

facts = st.tuples(st.just("fact"), st.sampled_from(CODES), st.sampled_from("ABCDE"))
turns = st.tuples(
    st.just("turn"), st.sampled_from(CHANNELS), st.sampled_from(["works", "fails", "loses", "dies"])
)
waits = st.tuples(st.just("wait"), st.sampled_from(["1", "40", "400"]), st.just(""))
plans = st.lists(st.one_of(facts, turns, waits), max_size=40)


class Died(Exception):
    """The process ended between the message and the note of it."""


class World:
    """One file, and processes on it that come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Hand()
        self.ears = {name: Ear() for name in CHANNELS}
        self.facts: set[str] = set()
        self.begin()

    def begin(self) -> None:
        self.book = AlertBook(self.folder)
        self.book.register(dict.fromkeys(CHANNELS, Severity.INFO))

    def happens(self, code: str, what: str) -> None:
        self.clock.pass_by(1)
        self.book.take([a_fact(code, f"{what}: happened", at=self.clock.at)])
        self.facts.add(f"{code} {what}")

    def turn(self, name: str, how: str) -> None:
        ear = self.ears[name]
        ear.fails = lambda: how == "fails"

        def after() -> bool:
            if how == "dies":
                raise Died
            return how == "loses"

        ear.then_fails = after
        courier = Courier(name, ear, self.book, self.clock.now)
        try:
            courier.step()
        except Died:
            self.book.close()
            self.begin()

    def heal(self) -> None:
        for _ in range(3):
            self.clock.pass_by(400)
            for name in CHANNELS:
                self.turn(name, "works")


@settings(max_examples=150, deadline=None)
@given(plans)
def test_no_alert_is_lost_under_any_schedule_of_failures(
    plan: list[tuple[str, str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for act, first, second in plan:
            if act == "fact":
                world.happens(first, second)
            elif act == "turn":
                world.turn(first, second)
            else:
                world.clock.pass_by(int(first))
        world.heal()
        world.book.close()

        for ear in world.ears.values():
            heard = {
                f"{alert.code} {alert.text[0]}"
                for message in ear.messages
                for alert in message.alerts
            }
            assert world.facts <= heard
            told = [(alert.alert_id, n) for m in ear.messages for alert, n in zip(m.alerts, m.times, strict=True)]  # fmt: skip
            assert all(times >= 1 for _, times in told)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 12))
def test_a_journal_read_again_from_any_place_tells_nothing_twice(
    codes: list[int], again: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = [
            a_fact(CODES[code], f"{chr(65 + n)}: happened", at=SECOND * n, record=n)
            for n, code in enumerate(codes)
        ]
        with AlertBook(Path(folder)) as book:
            book.register(dict.fromkeys(CHANNELS, Severity.INFO))
            for fact in made:
                book.take([fact], through={"SIM": fact.record})
            book.take(made[min(again, len(made)) :], through={"SIM": len(made)})

            assert sum(alert.count for alert in book.listed(limit=1_000)) == len(made)


def test_a_file_that_is_gone_is_unavailable_and_nothing_worse(tmp_path: Path) -> None:
    book = AlertBook(tmp_path)
    book.close()

    try:
        book.take([a_fact()])
    except Unavailable:
        return
    raise AssertionError("a closed book takes nothing")
