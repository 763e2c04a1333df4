"""The dashboard put together: settings become a server that reads tables and asks engines.

It is a process of its own, so that no reader can ever slow an engine, and it works while no engine
runs: reads are answered, and the head of every page says so.
"""

# what a set-up does not use is never imported

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import Struct
from starlette.types import ASGIApp
from uvicorn import Config, Server

from fillpath import __version__
from fillpath.api.answers import ControlShown, SettingShown
from fillpath.api.auth.desk import Desk
from fillpath.api.auth.showing import AuditPages
from fillpath.api.gate.guard import guarded
from fillpath.api.pages import Page, files_of
from fillpath.api.ports import AccountParts, Parts
from fillpath.api.server import make_app, streams_in
from fillpath.app_alerts import BookedAlerts
from fillpath.app_parts import STORE, account_folder, account_name, store_url
from fillpath.core.errors import ConfigError
from fillpath.data.store.reader import SqlReader
from fillpath.risk.controls import CONTROLS
from fillpath.risk.limits.tightening import told
from fillpath.runtime.steady import SteadyClock
from fillpath.service.account import FILE as STATUS_FILE
from fillpath.service.doors import EngineDoor, TablesDoor
from fillpath.service.measures import Measures
from fillpath.settings import CATALOGUE, Settings, policy_hash, shown, shown_limits

STOP_SECONDS: Final = 3
"""How long requests under way may take when the server is told to stop."""
BODY_BYTES: Final = 65_536


class Built(Struct, frozen=True):
    """A dashboard that was put together.

    Args:
        app: the server, with everything around it.
        parts: what it stands on.
        tables: to be closed last.
        page: whether the page is built.
        end: lets go of who listens to live updates; called first when the server stops.
    """

    app: ASGIApp
    parts: Parts
    tables: tuple[TablesDoor, ...]
    page: bool
    end: Callable[[], None]

    async def close(self) -> None:
        """Let go of the tables."""
        for tables in self.tables:
            await tables.close()


def build(
    settings: Settings,
    accounts: Sequence[str] = (),
    *,
    read_only: bool | None = None,
    desk: Desk | None = None,
) -> Built:
    """Return the dashboard that the settings describe; nothing is opened.

    Args:
        settings: of the engine that is shown, and of the dashboard.
        accounts: shows these alone; empty: every one that is known here.
        read_only: whether nothing can be changed; None asks the settings.
        desk: who may do what; without it nobody is let in.

    Raises:
        ConfigError: there is no such account, or the settings contradict themselves.
    """
    clock = SteadyClock()
    names = accounts_of(settings, accounts)
    doors = _tables(settings, names)
    parts = Parts(
        accounts={name: _account(settings, name, doors[name], clock) for name in names},
        clock=clock,
        version=__version__,
        read_only=settings.dashboard.read_only if read_only is None else read_only,
        settings=tuple(settings_shown(settings)),
        controls=tuple(controls_shown(settings)),
        audit=None if desk is None else AuditPages(desk.audit),
    )
    server = make_app(parts)
    files = files_of(Path(str(resources.files("fillpath"))) / "web")
    page: ASGIApp = Page(server, files)
    app = page if desk is None else guarded(server, desk, page)
    return Built(
        app,
        parts,
        tuple(dict.fromkeys(doors.values())),
        page=bool(files),
        end=streams_in(server).end,
    )


def accounts_of(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """Return the accounts that are shown: those of the settings, and those that have run here.

    Raises:
        ConfigError: one that is wanted is not among them, or there is none.
    """
    named = [word.strip() for word in settings.engine.accounts.split(",") if word.strip()]
    above = Path(settings.engine.folder)
    ran = sorted(path.parent.name for path in above.glob(f"*/{STATUS_FILE}"))
    if not named and (settings.engine.account or not ran):
        named = [account_name(settings)]
    known = list(dict.fromkeys([*named, *ran]))
    for name in wanted:
        if name not in known:
            raise ConfigError(f"account must be one of {', '.join(known)}, got {name!r}")
    return list(dict.fromkeys(wanted)) or known


def _tables(settings: Settings, names: Sequence[str]) -> dict[str, TablesDoor]:
    """Return the tables of each account; a database that they share is opened once."""
    if settings.database.url:
        shared = TablesDoor(SqlReader(settings.database.url), None)
        return dict.fromkeys(names, shared)
    doors = {}
    for name in names:
        folder = account_folder(settings, name)
        doors[name] = TablesDoor(SqlReader(store_url(settings, folder)), folder / STORE)
    return doors


def _account(settings: Settings, name: str, tables: TablesDoor, clock: SteadyClock) -> AccountParts:
    rules = {"hash": policy_hash(settings), "limits": told(settings.desk_policy().risk)}
    folder = account_folder(settings, name)
    return AccountParts(
        name=name,
        tables=tables,
        measures=Measures(tables),
        changes=tables,
        engine=EngineDoor(folder, Path(settings.engine.folder), clock, rules),
        alerts=BookedAlerts(settings),
    )


def settings_shown(settings: Settings) -> Iterator[SettingShown]:
    """Yield every setting in force as it may be shown: what is masked there is masked here."""
    values = _values(settings)
    for knob in CATALOGUE.knobs.values():
        value = values[knob.name]
        yield SettingShown(
            name=knob.name,
            value=_written(value),
            unit=knob.unit,
            meaning=knob.description,
            changed=_written(value) != _written(knob.default),
        )


def _values(settings: Settings) -> dict[str, Any]:
    found = yaml.safe_load(shown(settings))
    found["risk"] = yaml.safe_load(shown_limits(settings))
    return {knob.name: _at(found, knob.path) for knob in CATALOGUE.knobs.values()}


def _at(found: Any, path: Sequence[str]) -> Any:
    for name in path:
        found = found[name]
    return found


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def controls_shown(settings: Settings) -> Iterator[ControlShown]:
    """Yield every control with the limits in force of the settings that it reads."""
    values: Mapping[str, Any] = _values(settings) | told(settings.desk_policy().risk)
    for control in CONTROLS.values():
        yield ControlShown(
            id=control.id,
            title=control.title,
            when=", ".join(control.gates),
            codes=list(control.codes),
            limits={key: _written(values[key]) for key in control.settings if key in values},
            rationale=control.rationale,
        )


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens there.

    Raises:
        ConfigError: the port is taken, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio sends small answers at once only over what says that it is TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"dashboard.port must be a free port of {host}, or 0 for any, got {port}: "
            f"{error.strerror}"
        ) from error
    return listening


class Dashboard(Server):
    """A server that stops when the loop is told to, and says when it answers.

    Args:
        config: of the server.
        answers: called once when it does.
        ends: called when it stops, before it waits for whoever is still connected.
    """

    def __init__(
        self, config: Config, answers: Callable[[], None], ends: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._answers = answers
        self._ends = ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: an open page holds nothing up."""
        self._ends()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        if self.started:
            self._answers()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT for a clean stop."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


async def serve(
    built: Built, listening: socket.socket, settings: Settings, started: Callable[[], None]
) -> None:
    """Serve until SIGTERM or SIGINT, and let go of everything.

    Args:
        built: the dashboard.
        listening: where it listens.
        settings: of the dashboard.
        started: called once when it answers.
    """
    knobs = settings.dashboard
    config = Config(
        built.app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=knobs.tls_cert or None,
        ssl_keyfile=knobs.tls_key or None,
    )
    try:
        await Dashboard(config, started, built.end).serve(sockets=[listening])
    finally:
        listening.close()
        await built.close()


__all__ = ["Built", "accounts_of", "bound", "build", "serve"]
