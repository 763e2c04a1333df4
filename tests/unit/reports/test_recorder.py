"""The recorder keeps everything, in order, as it came."""

from fillpath.core.commands import Decision, RaiseAlarm
from fillpath.core.ports import Recorder
from fillpath.core.translation import filled_by
from fillpath.reports.recorder import RunRecorder
from fillpath.testing.builders import START_NS
from tests.unit.reports.builders import a_decision, a_fill, an_alarm


def test_it_is_the_recorder_that_the_engine_asks_for() -> None:
    recorder: Recorder = RunRecorder()

    assert isinstance(recorder, RunRecorder)


def test_everything_is_kept_in_the_order_of_arrival() -> None:
    recorder = RunRecorder()

    recorder.record(a_decision())
    recorder.record_fill(filled_by(START_NS, a_fill()))
    recorder.record(an_alarm())

    assert recorder.projections == [a_decision(), an_alarm()]
    assert recorder.fills == [a_fill()]


def test_projections_are_found_by_their_kind() -> None:
    recorder = RunRecorder()

    recorder.record(a_decision())
    recorder.record(an_alarm())

    assert list(recorder.of_kind(Decision)) == [a_decision()]
    assert list(recorder.of_kind(RaiseAlarm)) == [an_alarm()]
