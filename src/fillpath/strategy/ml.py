"""A strategy that learns: a classifier says how likely a rise is, and the rule holds while it is.

It needs the extra ``ml`` (scikit-learn), which is imported when the first model is made. The features
of a bar are made of that bar and earlier ones; a bar teaches only once the bars that show what became
of it are over. A model is kept as bytes that are signed with a key of yours, and they are verified
before anything in them is run: unpickling runs whatever its author wrote.

It is no advice: a classifier of prices mostly learns noise, and a probability just above a half does
not pay the costs.
"""

import hashlib
import hmac
import pickle
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from typing import Any, Final, Protocol

from msgspec import Struct

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.models import Bar
from fillpath.strategy.base import Sessions
from fillpath.strategy.declared import Parameter, weekdays
from fillpath.strategy.rules import COMMON, BarRule

FEATURES: Final = ("return_1", "return_5", "return_20", "deviation_20", "place_20")
"""What a model sees of the past, in this order."""
LIBRARY: Final = "scikit-learn"
LEAST_KEY: Final = 32
_BACK: Final = 21
_MARK: Final = hashlib.sha256().digest_size
_STEP: Final = Decimal("0.0001")


class Classifier(Protocol):
    """What is needed of a classifier; those of scikit-learn have it."""

    def fit(self, X: Any, y: Any) -> Any:  # noqa: N803  # the names of scikit-learn
        """Learn."""
        ...

    def predict_proba(self, X: Any) -> Any:  # noqa: N803  # the names of scikit-learn
        """Return the probability of each class for each row; it should be calibrated."""
        ...


class Model(Struct, frozen=True, kw_only=True):
    """A trained classifier and where it comes from.

    Args:
        classifier: trained on 0 (no rise) and 1 (a rise).
        symbol: whose bars taught it.
        trained_from: start of the first bar that taught it.
        trained_until: end of the last bar that it has seen in any form.
        horizon: bars ahead that it speaks about.
        bar_minutes: length of these bars.
        features: names of what it sees.
        library: version of scikit-learn that made it.
    """

    classifier: Classifier
    symbol: str
    trained_from: datetime
    trained_until: datetime
    horizon: int
    bar_minutes: int
    features: tuple[str, ...] = FEATURES
    library: str = ""

    def age(self, on: date, sessions: Sessions = weekdays) -> int:
        """Return the sessions since it was trained."""
        return sessions(self.trained_until.date(), on)


def seal(model: Model, key: bytes) -> bytes:
    """Return a model as bytes that are signed with a key.

    Raises:
        ModelError: the key is shorter than 32 bytes.
    """
    body = pickle.dumps({name: getattr(model, name) for name in model.__struct_fields__})
    return _mark(body, key) + body


def unseal(sealed: bytes, key: bytes) -> Model:
    """Return a model from bytes that ``seal`` made with the same key.

    Nothing in the bytes is run before their signature is verified.

    Raises:
        ModelError: they were not made with this key, or by other features or another version of
            scikit-learn.
    """
    mark, body = sealed[:_MARK], sealed[_MARK:]
    if not hmac.compare_digest(mark, _mark(body, key)):
        raise ModelError("the model must be signed with the key that is given; it was not loaded")
    model = Model(**pickle.loads(body))  # noqa: S301  # the signature was verified just before
    if model.features != FEATURES:
        raise ModelError(f"features of the model must be {FEATURES}, got {model.features}")
    if model.library != version(LIBRARY):
        raise ModelError(
            f"the model must be made by {LIBRARY} {version(LIBRARY)}, got {model.library}"
        )
    return model


def features_of(past: Sequence[Bar]) -> list[float]:
    """Return the features of the last of these bars, from its close and the 20 before."""
    closes = [float(bar.close) for bar in past[-_BACK:]]
    last, low, high = closes[-1], min(closes), max(closes)
    steps = [now / before - 1 for before, now in pairwise(closes)]
    mean = sum(steps) / len(steps)
    deviation = (sum((step - mean) ** 2 for step in steps) / len(steps)) ** 0.5
    place = (last - low) / (high - low) if high > low else 0.5
    return [last / closes[-2] - 1, last / closes[-6] - 1, last / closes[0] - 1, deviation, place]


def lessons(past: Sequence[Bar], horizon: int) -> tuple[list[list[float]], list[int]]:
    """Return features and outcomes of the bars whose outcome is over; 1 is a rise."""
    known = range(_BACK, len(past) - horizon + 1)
    rows = [features_of(past[end - _BACK : end]) for end in known]
    rises = [int(past[end - 1 + horizon].close > past[end - 1].close) for end in known]
    return rows, rises


def calibrated_classifier(horizon: int) -> Classifier:
    """Return a logistic regression whose probabilities are calibrated on later data than it learnt.

    Raises:
        ConfigError: the extra ``ml`` is not installed.
    """
    try:
        selection = import_module("sklearn.model_selection")
    except ImportError as error:
        raise ConfigError(
            "strategy ml-signal needs the extra ml to learn: install fillpath[ml]"
        ) from error
    steps = import_module("sklearn.pipeline")
    scaler = import_module("sklearn.preprocessing").StandardScaler()
    regression = import_module("sklearn.linear_model").LogisticRegression()
    made: Classifier = import_module("sklearn.calibration").CalibratedClassifierCV(
        steps.make_pipeline(scaler, regression),
        method="sigmoid",
        cv=selection.TimeSeriesSplit(n_splits=3, gap=horizon),
    )
    return made


class MLSignalStrategy(BarRule):
    """Hold for a number of bars when a classifier is confident of a rise.

    It trains itself anew every ``train_every`` bars on the last ``train_bars`` of the symbol (walk
    forward), or holds to the model that ``use`` is given. A model that is too old, or that has seen
    what comes after the bar at hand, is not asked.

    Args:
        make: returns a new classifier, given the horizon; any of scikit-learn with calibrated
            probabilities.
        given: parameters by name.
    """

    name = "ml-signal"
    parameters = (
        *COMMON,
        Parameter(
            name="horizon", default=10, low=1, high=100, unit="bars", meaning="how far ahead"
        ),
        Parameter(
            name="train_bars",
            default=500,
            low=100,
            high=900,
            unit="bars",
            meaning="bars that a training looks at",
        ),
        Parameter(
            name="train_every",
            default=100,
            low=0,
            high=100_000,
            unit="bars",
            meaning="bars between two trainings; 0 never trains",
        ),
        Parameter(
            name="confidence",
            default=Decimal("0.55"),
            low=Decimal("0.5"),
            high=Decimal(1),
            meaning="probability of a rise at which it enters",
        ),
        Parameter(
            name="max_age_sessions",
            default=20,
            low=0,
            high=1_000,
            unit="sessions",
            meaning="age above which a model is not asked",
        ),
    )

    def __init__(
        self, make: Callable[[int], Classifier] = calibrated_classifier, **given: object
    ) -> None:
        super().__init__(**given)
        self.models: dict[str, Model] = {}
        self._make = make
        self._next_training: dict[str, int] = {}
        self._strength = Decimal(0)
        self._sessions: Sessions = weekdays

    def count_sessions(self, sessions: Sessions) -> None:
        """Count the age of models in the sessions of an exchange, and no longer in weekdays."""
        self._sessions = sessions

    def use(self, model: Model, now: datetime) -> None:
        """Ask a model from now on.

        Raises:
            ModelError: it is too old, has seen the future, or speaks of other bars.
        """
        for name in ("horizon", "bar_minutes"):
            if getattr(model, name) != self.values[name]:
                raise ModelError(
                    f"{name} of the model must be {self.values[name]}, got {getattr(model, name)}"
                )
        if not self._usable(model, now):
            raise ModelError(
                f"the model of {model.symbol} must be trained within "
                f"{self.values['max_age_sessions']} sessions before {now}, got {model.trained_until}"
            )
        self.models[model.symbol] = model

    def history(self) -> int:
        """Return the bars of a training, or of the features where it never trains."""
        return int(self.values["train_bars"]) if self.values["train_every"] else _BACK

    def holds(self, past: Sequence[Bar], since: int) -> bool:
        """Return whether a rise is likely enough, or the time it was said for is not over."""
        self._train_when_due(past)
        if since:
            return since < self.values["horizon"]
        model = self.models.get(past[-1].symbol)
        if model is None and not self.values["train_every"]:
            raise ModelError(
                f"train_every 0 needs a model of {past[-1].symbol}: give it to use(model, now), or let "
                "it train"
            )
        if model is None or not self._usable(model, past[-1].ts_end):
            return False
        probability = float(model.classifier.predict_proba([features_of(past)])[0][1])
        self._strength = min(max(Decimal(str(probability)), Decimal(0)), Decimal(1)).quantize(_STEP)
        return probability >= self.values["confidence"]

    def strength(self) -> Decimal:
        """Return the probability of the rise."""
        return self._strength

    def _usable(self, model: Model, now: datetime) -> bool:
        young = model.age(now.date(), self._sessions) <= self.values["max_age_sessions"]
        return young and model.trained_until <= now

    def _train_when_due(self, past: Sequence[Bar]) -> None:
        every, symbol = int(self.values["train_every"]), past[-1].symbol
        wait = self._next_training.get(symbol, 0)
        self._next_training[symbol] = max(wait - 1, 0)
        if not every or wait:
            return
        self._next_training[symbol] = every - 1
        taught = past[-int(self.values["train_bars"]) :]
        model = self._trained(taught)
        if model is not None:
            self.models[symbol] = model

    def _trained(self, taught: Sequence[Bar]) -> Model | None:
        """Return a new model; None where the bars show too little of one of the two outcomes."""
        horizon = int(self.values["horizon"])
        rows, rises = lessons(taught, horizon)
        if len(set(rises)) == 1:
            return None
        classifier = self._make(horizon)
        try:
            classifier.fit(rows, rises)
        except ValueError:  # a part of the bars shows one outcome alone
            return None
        return Model(
            classifier=classifier,
            symbol=taught[-1].symbol,
            trained_from=taught[0].ts,
            trained_until=taught[-1].ts_end,
            horizon=horizon,
            bar_minutes=int(self.values["bar_minutes"]),
            library=version(LIBRARY),
        )


def _mark(body: bytes, key: bytes) -> bytes:
    if len(key) < LEAST_KEY:
        raise ModelError(f"a key must have at least {LEAST_KEY} bytes, got {len(key)}")
    return hmac.new(key, b"fillpath model\n" + body, hashlib.sha256).digest()


__all__ = [
    "FEATURES",
    "Classifier",
    "MLSignalStrategy",
    "Model",
    "calibrated_classifier",
    "features_of",
    "lessons",
    "seal",
    "unseal",
]
