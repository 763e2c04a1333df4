"""The delivering process is kept alive, and hears how its engine ended."""

import sys
from pathlib import Path

import pytest

from fillpath.core.errors import Unavailable
from fillpath.monitoring import delivery as module
from fillpath.monitoring.delivery import Delivery

HEARS = "import sys; open(sys.argv[1], 'ab').write(b'began ' + sys.stdin.buffer.read())"


def a_delivery(path: Path, program: str = HEARS) -> Delivery:
    return Delivery([sys.executable, "-c", program, str(path)])


def test_a_clean_end_is_said(tmp_path: Path) -> None:
    with a_delivery(tmp_path / "heard"):
        pass

    assert (tmp_path / "heard").read_bytes() == b"began end\n"


def test_an_error_of_ours_is_a_clean_end(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), a_delivery(tmp_path / "heard"):
        raise Unavailable("no broker")

    assert (tmp_path / "heard").read_bytes() == b"began end\n"


def test_any_other_error_is_none(tmp_path: Path) -> None:
    with pytest.raises(LookupError), a_delivery(tmp_path / "heard"):
        raise LookupError

    assert (tmp_path / "heard").read_bytes() == b"began "


def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "END_SECONDS", 0.2)

    with a_delivery(tmp_path / "heard", "import time; time.sleep(100)"):
        pass

    assert not (tmp_path / "heard").exists()


def test_one_that_cannot_be_started_stops_no_engine(tmp_path: Path) -> None:
    with Delivery([str(tmp_path / "nothing")]):
        pass


def test_one_that_dies_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
    starts = tmp_path / "heard"
    again = tmp_path / "again"
    program = (
        "import sys, os; p = sys.argv[1]; first = not os.path.exists(p); open(p, 'a').write('x')\n"
        f"first or (open({str(again)!r}, 'w').write('y'), sys.stdin.read())"
    )

    with a_delivery(starts, program) as delivery:
        for _ in range(400):
            if again.exists():
                break
            delivery._ending.wait(0.05)  # noqa: SLF001  # a wait that the end would cut short

    assert starts.read_text() == "xx"
