"""What every journal promises; subclass ``JournalContract`` and fill in the hooks."""

from decimal import Decimal
from typing import Final

from fillpath.core.commands import CancelOrder, Intent, PlaceOrder
from fillpath.core.errors import Fenced, JournalError
from fillpath.core.events import (
    AccountDiffered,
    AccountOpened,
    AccountReported,
    AccountValued,
    CancelFailed,
    CommissionReported,
    DividendPaid,
    EngineStarted,
    Event,
    FillCorrected,
    KillSwitchCleared,
    KillSwitchSet,
    MarketHalted,
    MarketView,
    OpeningPosition,
    OperatorSeen,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderInDoubt,
    OrderRefused,
    PositionAdjusted,
    QuoteSeen,
    ReferenceSeen,
    SessionClosed,
    SessionOpened,
    SignalReceived,
    SplitApplied,
    SymbolQuarantined,
    SymbolReleased,
    TimerFired,
    TradingHeld,
    TradingReleased,
    TradingStatusSeen,
    VolatilitySeen,
)
from fillpath.core.ports import Journal
from fillpath.core.translation import filled_by
from fillpath.testing.builders import START_NS, a_fill, a_signal, a_ticket, a_view
from fillpath.testing.scenarios import raised

Record = Event | Intent

RICH: Final = 10**9 * 10**14
"""A thousand million in money units: more than 64 bits hold."""

STATISTICS: Final = {"win_rate": 0.55, "avg_win_pct": 2, "avg_loss_pct": "1", "signal_price": 150.1}
"""Metadata as it comes from JSON; a Decimal in metadata would come back as its text."""

ONE_OF_EACH: Final[tuple[Record, ...]] = (
    AccountOpened(
        START_NS, "paper", 10**19, (OpeningPosition("AAPL", 7, 8, "trend"),), "h", "1", 1
    ),
    EngineStarted(START_NS, "hash", "0.1.0", 2),
    SignalReceived(START_NS, a_signal(metadata=STATISTICS), a_view()),
    QuoteSeen(START_NS, "AAPL", MarketView()),
    TimerFired(START_NS, "trend/sig-1#2", START_NS, "AAPL", a_view()),
    OrderAccepted(START_NS, "trend/sig-1#1", "sim-1"),
    filled_by(START_NS, a_fill()),
    CommissionReported(START_NS, "trend/sig-1#1", "x1", 5 * 10**12, 1),
    FillCorrected(START_NS, "trend/sig-1#1", "x1", 2, 60 * 10**6, 150 * 10**8, 10**12, "busted"),
    OrderCancelled(START_NS, "trend/sig-1#1", "asked for", a_view()),
    OrderRefused(START_NS, "trend/sig-1#1", "201", "no"),
    OrderExpired(START_NS, "trend/sig-1#1"),
    OrderInDoubt(START_NS, "trend/sig-1#1", "no answer"),
    CancelFailed(START_NS, "trend/sig-1#1", "too late"),
    KillSwitchSet(START_NS, "drill", "a person"),
    KillSwitchCleared(START_NS, "a person"),
    TradingHeld(START_NS, "RECONCILING", "asking the broker"),
    TradingReleased(START_NS, "RECONCILING", "reconciliation"),
    SymbolQuarantined(START_NS, "AAPL", "EXTERNAL_FILL: not ours"),
    SymbolReleased(START_NS, "AAPL", "a person"),
    PositionAdjusted(START_NS, "AAPL", -(10**6), 150 * 10**8, "a person", "a transfer", -(10**14)),
    AccountDiffered(START_NS, "CASH_DIFFERENCE", "1 and 2", "AAPL", "trend/sig-1"),
    SplitApplied(START_NS, "AAPL", 7, 1),
    DividendPaid(START_NS, "AAPL", -(10**6), 329 * 10**6, "2014-05-08"),
    SessionOpened(START_NS, START_NS + 1, 9_293),
    SessionClosed(START_NS),
    AccountReported(START_NS, 10**19, None, 3, -(10**16), "margin"),
    VolatilitySeen(START_NS, 35 * 10**8),
    AccountValued(START_NS, 10**19, 10**16),
    OperatorSeen(START_NS, "a person", "looked"),
    ReferenceSeen(START_NS, "AAPL", 265598, "liquid", "USD", "NASDAQ", 10**6, 149 * 10**8),
    TradingStatusSeen(START_NS, "AAPL", "PAUSED", 140 * 10**8, 160 * 10**8, shortable=10**9),
    MarketHalted(START_NS, "down 7 %", 1),
    PlaceOrder(START_NS, a_ticket()),
    CancelOrder(START_NS, "trend/sig-1#1", "sim-1", "stop"),
)


def a_record(number: int = 0) -> Record:
    """Return a small record that carries ``number``."""
    return OrderAccepted(START_NS + number, f"order-{number}", f"broker-{number}")


class JournalContract:
    """The suite; each test runs on a fresh instance of the subclass."""

    def make_journal(self) -> Journal:
        """Return an empty journal."""
        raise NotImplementedError

    def reopened(self, journal: Journal) -> Journal:
        """Close the journal and open what it stored."""
        raise NotImplementedError

    def after_a_crash(self, journal: Journal) -> Journal:
        """Let the journal's process die and open what it stored."""
        raise NotImplementedError

    def opened_beside(self, journal: Journal) -> Journal:
        """Open what the journal stores while it is still open, or raise ``JournalError``."""
        raise NotImplementedError

    def test_a_new_journal_is_empty(self) -> None:
        journal = self.make_journal()

        assert list(journal.records()) == []
        assert (journal.sequence, journal.pending, journal.restored_at) == (0, 0, None)

    def test_it_counts_what_is_open_and_what_is_durable(self) -> None:
        journal = self.make_journal()
        journal.append(a_record(0))
        journal.append(a_record(1))
        journal.commit()
        journal.append(a_record(2))

        survivor = self.after_a_crash(journal)

        assert (survivor.sequence, survivor.pending) == (2, 0)

    def test_every_opening_begins_a_higher_epoch(self) -> None:
        journal = self.make_journal()
        epochs = [journal.epoch]
        for again in (self.reopened, self.after_a_crash):
            journal = again(journal)
            epochs.append(journal.epoch)

        assert epochs == sorted(set(epochs))
        assert epochs[0] > 0

    def test_only_one_of_two_owners_can_write(self) -> None:
        """Either the second is refused while the first lives, or the first is fenced off."""
        journal = self.make_journal()
        journal.append(a_record(0))
        journal.commit()
        try:
            second = self.opened_beside(journal)
        except JournalError:
            second = None
        journal.append(a_record(1))

        if second is None:
            journal.commit()
        else:
            with raised(Fenced):
                journal.commit()

        durable = [a_record(0)] if second else [a_record(0), a_record(1)]
        assert list((second or journal).records()) == durable

    def test_a_tail_sees_every_durable_record_once(self) -> None:
        journal = self.make_journal()
        tail = journal.tail(1)
        for number in range(5):
            journal.append(a_record(number))
            if number % 2 == 0:
                journal.commit()
        journal.append(a_record(9))

        found = [tail.read(2), tail.read(2), tail.read(2)]

        expected = [(number, a_record(number)) for number in range(1, 5)]
        assert found == [expected[:2], expected[2:], []]

    def test_a_tail_goes_on_where_the_journal_does(self) -> None:
        journal = self.make_journal()
        journal.append(a_record(0))
        journal.commit()
        journal = self.reopened(journal)
        tail = journal.tail()
        before = tail.read(9)
        journal.append(a_record(1))

        journal.commit()

        assert (before, tail.read(9)) == ([(0, a_record(0))], [(1, a_record(1))])

    def test_every_kind_of_record_comes_back_as_it_was(self) -> None:
        journal = self.make_journal()
        for record in ONE_OF_EACH:
            journal.append(record)

        journal.commit()

        assert tuple(self.reopened(journal).records()) == ONE_OF_EACH

    def test_amounts_beyond_64_bits_come_back_exactly(self) -> None:
        records = (
            AccountOpened(0, "big", RICH, (OpeningPosition("AAPL", 1, -RICH),)),
            QuoteSeen(0, "AAPL", MarketView(long_value=RICH, short_value=RICH + 1)),
            OrderCancelled(0, "order-1", "", None),
            CommissionReported(0, "order-1", "x1", RICH),
            FillCorrected(0, "order-1", "x1", 1, 0, 0, -RICH),
            PositionAdjusted(0, "AAPL", 1, 1, "ann", "transfer", RICH),
        )
        journal = self.make_journal()
        for record in records:
            journal.append(record)

        journal.commit()

        assert tuple(self.reopened(journal).records()) == records

    def test_a_decimal_in_metadata_comes_back_as_its_text(self) -> None:
        signal = a_signal(metadata={"signal_price": Decimal("150.10")})
        journal = self.make_journal()
        journal.append(SignalReceived(0, signal, MarketView()))

        journal.commit()

        (record,) = self.reopened(journal).records()
        assert isinstance(record, SignalReceived)
        assert record.signal.metadata["signal_price"] == "150.10"

    def test_nothing_is_durable_before_the_commit(self) -> None:
        journal = self.make_journal()

        journal.append(a_record())

        assert list(journal.records()) == []

    def test_a_crash_loses_the_open_group_and_nothing_else(self) -> None:
        journal = self.make_journal()
        journal.append(a_record(1))
        journal.commit()
        journal.append(a_record(2))

        survivor = self.after_a_crash(journal)

        assert list(survivor.records()) == [a_record(1)]

    def test_records_keep_their_order_over_groups_and_restarts(self) -> None:
        journal = self.make_journal()
        for number in range(10):
            journal.append(a_record(number))
            if number % 3 == 0:
                journal.commit()
            if number % 4 == 0:
                journal = self.reopened(journal)

        journal.commit()

        assert list(journal.records()) == [a_record(number) for number in range(10)]

    def test_an_empty_commit_adds_nothing(self) -> None:
        journal = self.make_journal()
        journal.append(a_record())
        journal.commit()

        journal.commit()

        assert list(self.reopened(journal).records()) == [a_record()]

    def test_records_can_be_read_while_others_are_added(self) -> None:
        journal = self.make_journal()
        for number in range(3):
            journal.append(a_record(number))
        journal.commit()
        reading = journal.records()

        first = next(reading)
        journal.append(a_record(3))
        journal.commit()

        assert [first, *reading] == [a_record(0), a_record(1), a_record(2)]

    def test_closing_commits_the_open_group(self) -> None:
        journal = self.make_journal()
        journal.append(a_record())

        survivor = self.reopened(journal)

        assert list(survivor.records()) == [a_record()]

    def test_a_closed_journal_takes_nothing(self) -> None:
        journal = self.make_journal()

        journal.close()

        with raised(JournalError):
            journal.append(a_record())

    def test_closing_twice_is_harmless(self) -> None:
        journal = self.make_journal()
        journal.close()

        journal.close()

        with raised(JournalError):
            journal.commit()

    def test_a_record_that_is_no_plain_data_ends_the_journal(self) -> None:
        journal = self.make_journal()
        signal = a_signal()
        signal.metadata["x"] = object()
        journal.append(SignalReceived(0, signal, MarketView()))

        with raised(JournalError, "cannot be written"):
            journal.commit()

        with raised(JournalError, "cannot be written"):
            journal.append(a_record())


__all__ = ["ONE_OF_EACH", "RICH", "JournalContract", "a_record"]
