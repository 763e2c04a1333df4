"""A guard that breaks answers no."""

import pytest

from fillpath.core.errors import Unavailable
from fillpath.runtime.tasks import closed, supervised, told


async def broken(error: BaseException) -> str:
    raise error


@pytest.mark.security("S-26")
@pytest.mark.parametrize(
    "error", [ValueError("x"), MemoryError(), ExceptionGroup("x", [OSError()])]
)
async def test_whatever_goes_wrong_the_answer_is_the_other_one(error: Exception) -> None:
    assert await closed(broken(error), lambda found: str(type(found))) == str(type(error))


async def test_what_goes_right_is_answered() -> None:
    async def fine() -> int:
        return 5

    assert await closed(fine(), lambda _error: 0) == 5


async def test_what_ends_the_process_ends_it() -> None:
    with pytest.raises(KeyboardInterrupt):
        await closed(broken(KeyboardInterrupt()), lambda _error: "no")


def test_what_others_return_is_returned() -> None:
    assert supervised("chat", lambda: 3) == 3


@pytest.mark.security("S-20")
def test_whatever_others_raise_is_unavailable_without_its_words() -> None:
    def fail() -> None:
        raise LookupError("token-abc")

    with pytest.raises(Unavailable, match=r"^chat: LookupError$"):
        supervised("chat", fail)


def test_what_code_of_others_raises_becomes_an_answer() -> None:
    assert told(lambda: 1 // 1, lambda _: 7) == 1
    assert told(lambda: 1 // 0, lambda error: len(error.args)) == 1
