"""``/health`` over HTTP, on this machine only: 200 while the engine trades, 503 while it does not."""

from collections.abc import Callable

from fillpath.core.status import State, Status
from fillpath.runtime.loopback import JSON, OK, UNAVAILABLE, Answer, LoopbackServer, Shown


def health_server(port: int, status: Callable[[], Status]) -> LoopbackServer:
    """Return what answers how an engine is.

    Args:
        port: of 127.0.0.1, 0 for a free one.
        status: returns the present status.
    """

    def answer() -> Answer:
        now = status()
        line = OK if now.state is State.TRADING else UNAVAILABLE
        return Answer(now.as_json(), line, JSON)

    return LoopbackServer(port, Shown("/health", answer, "engine.health_port"))


__all__ = ["health_server"]
