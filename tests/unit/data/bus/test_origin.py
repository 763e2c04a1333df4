"""Who may speak for a strategy: whoever has its key, and nobody who only saw a message."""

from pathlib import Path
from typing import Any, Final

import pytest

from fillpath.core.errors import ConfigError, ModelError
from fillpath.core.ports import Delivery
from fillpath.data.bus.keys import decoder, read_keys
from fillpath.data.bus.messages import write_signal
from fillpath.data.bus.origin import Origins, UnknownOrigin, sign
from fillpath.testing.builders import a_signal

STREAM: Final = "execution:signals"
KEY: Final = b"k" * 32
ORIGINS: Final = Origins(STREAM, {"trend": KEY, "mean": b"m" * 32})
PAYLOAD: Final = write_signal(a_signal(signal_id="s1"))


def sent(payload: bytes = PAYLOAD, signature: str | None = None, **more: Any) -> Delivery:
    """Return a message as the bus hands it over, signed by trend unless said otherwise."""
    shown = sign(STREAM, payload, KEY) if signature is None else signature
    return Delivery("1-0", payload, signature=shown, **more)


@pytest.mark.control("C-02", "passes")
def test_what_the_strategy_has_signed_is_read() -> None:
    assert ORIGINS.read(sent()).signal.signal_id == "s1"


@pytest.mark.control("C-02", "refuses")
@pytest.mark.parametrize(
    ("delivery", "why"),
    [
        pytest.param(sent(signature=""), "the message of trend has no signature", id="none"),
        pytest.param(
            sent(signature=sign(STREAM, PAYLOAD, b"m" * 32)),
            "the message of trend has a wrong signature",
            id="another strategy's key",
        ),
        pytest.param(
            sent(signature=sign("execution:signals:OTHER", PAYLOAD, KEY)),
            "the message of trend has a wrong signature",
            id="sent to another account",
        ),
        pytest.param(
            sent(signature=sign(STREAM, PAYLOAD + b" ", KEY)),
            "the message of trend has a wrong signature",
            id="another message",
        ),
        pytest.param(
            sent(signature="\u00e9" * 64),
            "the message of trend has a wrong signature",
            id="no hexadecimal digits",
        ),
        pytest.param(
            sent(write_signal(a_signal(strategy_name="other"))),
            "there is no key of other",
            id="a strategy without a key",
        ),
        pytest.param(
            sent(write_signal(a_signal(strategy_name=""))),
            "there is no key of no strategy",
            id="no strategy",
        ),
        pytest.param(
            sent(write_signal(a_signal(signal_id=None))),
            "a signed message must have its own signal_id and timestamp",
            id="without an id it could be sent again",
        ),
        pytest.param(
            sent(write_signal(a_signal(timestamp=None))),
            "a signed message must have its own signal_id and timestamp",
            id="without a time it could be sent much later",
        ),
        pytest.param(
            sent(signature="", origin="pubsub"),
            "the message of trend has no signature",
            id="published only",
        ),
    ],
)
def test_what_nobody_has_shown_to_be_the_strategys_is_refused(delivery: Delivery, why: str) -> None:
    with pytest.raises(UnknownOrigin) as refused:
        ORIGINS.read(delivery)

    assert str(refused.value) == f"SIGNAL_ORIGIN: {why}"


def test_a_user_of_the_machine_speaks_for_himself() -> None:
    assert ORIGINS.read(sent(signature="", origin="hand")).signal.symbol == "AAPL"


def test_what_is_no_signal_is_said_to_be_none() -> None:
    with pytest.raises(ModelError, match=r"^v must be 1") as refused:
        ORIGINS.read(sent(b'{"v": 2, "symbol": "A", "direction": "LONG", "strength": 1}'))

    assert not isinstance(refused.value, UnknownOrigin)


def a_key(folder: Path, name: str = "trend.key", content: bytes = KEY, mode: int = 0o600) -> Path:
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_keys_are_read_by_the_names_of_their_files(tmp_path: Path) -> None:
    a_key(tmp_path, content=KEY + b"\n")
    a_key(tmp_path, "mean.key", b"m" * 40)
    a_key(tmp_path, "README", b"short", 0o644)

    assert read_keys(tmp_path) == {"trend": KEY, "mean": b"m" * 40}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o601, 0o604])
@pytest.mark.control("C-02", "refuses")
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = a_key(tmp_path, mode=mode)

    with pytest.raises(ConfigError, match=f"{path} must be a file with mode 0600, got {mode:04o}"):
        read_keys(tmp_path)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    path = a_key(tmp_path, content=b"k" * 31)

    with pytest.raises(ConfigError, match=f"{path} must hold at least 32 bytes, got 31"):
        read_keys(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"redis\.strategy_keys: .*/none: No such file"):
        read_keys(tmp_path / "none")


def test_a_folder_of_keys_makes_signatures_needed(tmp_path: Path) -> None:
    a_key(tmp_path)
    bare, guarded = decoder(STREAM, ""), decoder(STREAM, str(tmp_path))

    assert bare(sent(signature="")) == guarded(sent())
    with pytest.raises(UnknownOrigin):
        guarded(sent(signature=""))
