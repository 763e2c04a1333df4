"""An engine and a dashboard at work in a thread of their own, asked over real HTTP."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from starlette.types import ASGIApp
from uvicorn import Config

from fillpath import app_dashboard, app_live
from fillpath.api.principal import Principal
from fillpath.api.roles import Role
from fillpath.settings import Settings, load_settings
from tests.unit.api.fakes import Behind

RITA = Principal(name="rita", role=Role.ADMIN)
START_SECONDS = 20


def the_settings(folder: Path, **changes: str) -> Settings:
    """Return settings of a simulated account in a folder, changed by variables."""
    variables = {
        "SA_ENGINE__FOLDER": str(folder),
        "SA_ENGINE__HEALTH_PORT": "0",
        "SA_ENGINE__RESUME_DELAY_SECONDS": "0",
        "SA_BROKER__PROVIDER": "simulated",
        "SA_SIMULATION__PROFILE": "quotes",
    }
    return load_settings(None, variables | changes)


class _Quiet(app_dashboard.Dashboard):
    """A server that leaves the signals to the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Scene:
    """An account that trades, and its dashboard, until the block ends.

    Args:
        settings: of both.
        who: asks; stands where the sign-in stands.
        engine: whether an engine runs.
    """

    def __init__(
        self, settings: Settings, *, who: Principal | None = RITA, engine: bool = True
    ) -> None:
        self.settings = settings
        self._who = who
        self._with_engine = engine
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._port = 0
        self.trouble: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._engine_stop: asyncio.Event | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(START_SECONDS), "it starts"
        assert self.trouble is None, self.trouble
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything; once more changes nothing."""
        self._call(self._stop)
        self._thread.join(START_SECONDS)
        assert not self._thread.is_alive()

    def stop_engine(self) -> None:
        """End the engine cleanly, and leave the dashboard alone."""
        self._call(self._engine_stop)

    def _call(self, event: asyncio.Event | None) -> None:
        if self._loop is not None and event is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(event.set)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # told by whoever waits
            self.trouble = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self._engine_stop = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            if self._with_engine:
                opened = asyncio.Event()
                engine = app_live.build(self.settings, lambda _alarm: None)
                group.create_task(app_live.serve(engine, self._engine_stop, opened.set))
                await opened.wait()
            built = app_dashboard.build(self.settings)
            app: ASGIApp = Behind(built.app, self._who)
            config = Config(app, log_config=None, access_log=False, lifespan="on")
            server = _Quiet(config, self._ready.set, built.end)
            with app_dashboard.bound("127.0.0.1", 0) as listening:
                self._port = listening.getsockname()[1]
                serving = group.create_task(server.serve(sockets=[listening]))
                await self._stop.wait()
                self._engine_stop.set()
                server.should_exit = True
                await serving
            await built.close()


def signal(symbol: str = "AAPL", quantity: str = "10", **changes: Any) -> dict[str, Any]:
    """Return the body of a signal by hand."""
    given = {"symbol": symbol, "direction": "LONG", "strength": "0.95", "quantity": quantity}
    return given | changes
