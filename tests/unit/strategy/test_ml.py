"""A strategy that learns: from the past alone, with models that are young, and made here."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import sin
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.models import Bar, Signal, SignalDirection
from fillpath.strategy.ml import MLSignalStrategy, Model, features_of, lessons, seal, unseal

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = b"k" * 32
SMALL: dict[str, Any] = {"train_bars": 100, "train_every": 50, "horizon": 2}


class _View(Struct):
    held: Decimal = Decimal(0)
    now: datetime = START
    cash: Decimal = Decimal(0)
    equity: Decimal = Decimal(0)

    def position(self, symbol: str) -> Decimal:
        assert symbol == "IBM"
        return self.held

    def working(self, symbol: str) -> Decimal:
        del symbol
        return Decimal(0)


class _Sure:
    """A classifier that always says the same; what it was taught is kept."""

    def __init__(self, probability: float = 0.8) -> None:
        self.probability = probability
        self.taught: list[tuple[Any, Any]] = []

    def fit(self, X: Any, y: Any) -> None:  # noqa: N803  # the names of scikit-learn
        self.taught.append((X, y))

    def predict_proba(self, X: Any) -> list[list[float]]:  # noqa: N803  # the same
        return [[1 - self.probability, self.probability] for _ in X]


class _Refusing(_Sure):
    """One that cannot learn from what it is shown."""

    def fit(self, X: Any, y: Any) -> None:  # noqa: N803  # the names of scikit-learn
        del X, y
        raise ValueError("one class")


def _bars(closes: Sequence[float]) -> list[Bar]:
    made = []
    for number, close in enumerate(closes):
        price, start = Decimal(str(round(close, 4))), START + number * MINUTE
        made.append(
            Bar(
                symbol="IBM",
                ts=start,
                ts_end=start + MINUTE,
                open=price,
                high=price,
                low=price,
                close=price,
            )
        )
    return made


def _waves(count: int) -> list[float]:
    return [100 + 3 * sin(number / 4) for number in range(count)]


def _run(strategy: MLSignalStrategy, bars: Sequence[Bar]) -> list[Signal]:
    view, said = _View(), []
    for bar in bars:
        for signal in strategy.on_bar(bar, view):
            said.append(signal)
            view.held = Decimal(signal.direction is SignalDirection.LONG)
    return said


def _model(classifier: _Sure | None = None, **changes: Any) -> Model:
    model = Model(
        classifier=classifier or _Sure(),
        symbol="IBM",
        trained_from=START - timedelta(days=10),
        trained_until=START,
        horizon=10,
        bar_minutes=1,
    )
    return replace(model, **changes)


def test_a_confident_model_buys_with_its_probability_and_leaves_after_the_horizon() -> None:
    strategy = MLSignalStrategy(lambda _: _Sure(0.8), **SMALL)

    entry, leave = _run(strategy, _bars(_waves(102)))

    assert (entry.direction, entry.strength) == (SignalDirection.LONG, Decimal("0.8"))
    assert entry.timestamp == START + 100 * MINUTE
    assert (leave.direction, leave.timestamp) == (SignalDirection.FLAT, START + 102 * MINUTE)


def test_a_model_below_the_threshold_says_nothing() -> None:
    assert _run(MLSignalStrategy(lambda _: _Sure(0.54), **SMALL), _bars(_waves(140))) == []


def test_it_trains_anew_on_the_latest_bars_and_never_on_outcomes_that_are_open() -> None:
    made: list[_Sure] = []

    def make(horizon: int) -> _Sure:
        assert horizon == 2
        made.append(_Sure(0.1))
        return made[-1]

    bars = _bars(_waves(160))
    _run(MLSignalStrategy(make, **SMALL), bars)

    # At the ends of the bars 100 and 150, on a hundred bars each.
    assert [one.taught for one in made] == [[lessons(bars[:100], 2)], [lessons(bars[50:150], 2)]]


def test_features_do_not_change_when_the_future_does() -> None:
    one, other = _bars([*_waves(60), 500, 1]), _bars([*_waves(60), 1, 500])

    assert features_of(one[:60]) == features_of(other[:60])
    assert lessons(one[:60], 2) == lessons(other[:60], 2)


def test_prices_that_stand_still_have_features_too() -> None:
    assert features_of(_bars([100] * 21)) == [0, 0, 0, 0, 0.5]


def test_what_comes_later_changes_no_answer_of_a_real_classifier() -> None:
    past = _waves(260)

    one = _run(MLSignalStrategy(**SMALL), _bars([*past, *[300.0] * 20]))
    other = _run(MLSignalStrategy(**SMALL), _bars([*past, *[30.0] * 20]))

    ended = START + len(past) * MINUTE
    early = [signal for signal in one if signal.timestamp and signal.timestamp <= ended]
    assert early
    assert early == [signal for signal in other if signal.timestamp and signal.timestamp <= ended]


def test_bars_with_one_outcome_teach_nothing() -> None:
    strategy = MLSignalStrategy(lambda _: _Sure(), **SMALL)

    assert _run(strategy, _bars([100 + number for number in range(120)])) == []
    assert strategy.models == {}


def test_a_training_that_fails_leaves_no_model() -> None:
    strategy = MLSignalStrategy(lambda _: _Refusing(), **SMALL)

    assert _run(strategy, _bars(_waves(120))) == []
    assert strategy.models == {}


def test_a_model_from_outside_is_asked_where_nothing_is_trained() -> None:
    strategy = MLSignalStrategy(train_every=0)
    strategy.use(_model(), START)

    (entry,) = _run(strategy, _bars(_waves(25)))

    assert entry.timestamp == START + 21 * MINUTE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"trained_until": START - timedelta(days=29)}, "must be trained within 20 sessions"),
        ({"trained_until": START + MINUTE}, "must be trained within 20 sessions before"),
        ({"horizon": 5}, "horizon of the model must be 10, got 5"),
        ({"bar_minutes": 5}, "bar_minutes of the model must be 1, got 5"),
    ],
)
def test_a_model_that_is_stale_or_of_something_else_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    strategy = MLSignalStrategy(train_every=0)

    with pytest.raises(ModelError, match=reason):
        strategy.use(_model(**changes), START)


def test_a_model_that_grows_stale_is_not_asked_any_more() -> None:
    strategy = MLSignalStrategy(train_every=0, max_age_sessions=0)
    strategy.use(_model(), START)
    strategy.models["IBM"] = _model(trained_until=START - timedelta(days=1, hours=72))

    assert _run(strategy, _bars(_waves(25))) == []


def test_without_the_extra_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", None)

    with pytest.raises(ConfigError, match=r"needs the extra ml to learn: install fillpath\[ml\]"):
        _run(MLSignalStrategy(**SMALL), _bars(_waves(120)))


def test_without_training_and_without_a_model_the_run_ends_with_a_sentence() -> None:
    strategy = MLSignalStrategy(train_every=0)

    with pytest.raises(ModelError, match="train_every 0 needs a model of IBM"):
        _run(strategy, _bars(_waves(25)))


def test_age_counts_weekdays() -> None:
    friday = _model(trained_until=datetime(2026, 3, 6, 21, tzinfo=UTC))

    assert [friday.age(date(2026, 3, day)) for day in (6, 7, 8, 9, 13)] == [0, 0, 0, 1, 5]


def test_age_counts_sessions_where_somebody_knows_them() -> None:
    strategy = MLSignalStrategy(train_every=0, max_age_sessions=1)
    strategy.count_sessions(lambda first, last: (last - first).days // 10)
    old = _model(trained_until=START - timedelta(days=19))

    strategy.use(old, START)

    assert strategy.models == {"IBM": old}


def _trained() -> Model:
    strategy = MLSignalStrategy(**SMALL)
    _run(strategy, _bars(_waves(100)))
    return strategy.models["IBM"]


def test_a_model_that_was_kept_says_the_same_and_knows_where_it_comes_from() -> None:
    model = _trained()
    row = [features_of(_bars(_waves(30)))]

    kept = unseal(seal(model, KEY), KEY)

    assert (
        kept.classifier.predict_proba(row).tolist() == model.classifier.predict_proba(row).tolist()
    )
    assert (kept.trained_from, kept.trained_until) == (START, START + 100 * MINUTE)
    assert kept.library == model.library


class _Mine:
    """What an attacker would have unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return pytest.fail, ("it was run",)


@pytest.mark.parametrize("key", [b"x" * 32, b"k" * 33])
def test_nothing_in_a_model_that_was_not_made_here_is_run(key: bytes) -> None:
    foreign = seal(_model(_Sure()), key)[:32] + pickle.dumps(_Mine())

    with pytest.raises(ModelError, match="must be signed with the key that is given"):
        unseal(foreign, KEY)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"features": ("other",)}, "features of the model must be"),
        ({"library": "0.1"}, "must be made by scikit-learn"),
    ],
)
def test_a_model_of_other_features_or_versions_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    sealed = seal(_model(**changes), KEY)

    with pytest.raises(ModelError, match=reason):
        unseal(sealed, KEY)


def test_a_short_key_signs_nothing() -> None:
    model = _model()

    with pytest.raises(ModelError, match="at least 32 bytes, got 3"):
        seal(model, b"abc")


def test_importing_the_module_does_not_import_the_library() -> None:
    program = "import sys, fillpath.strategy.ml; sys.exit('sklearn' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 0
