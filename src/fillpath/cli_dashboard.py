"""The command that serves the dashboard: the page, and the API that it asks."""

# ruff: noqa: PLC0415

import sys
from typing import Any, Final

from fillpath.cli_table import OK, SETTINGS, Chosen, Command, Option, whole


def _dashboard(chosen: Chosen) -> int:
    import asyncio

    from fillpath import app_dashboard, app_guard
    from fillpath.settings import load_settings

    settings = _changed(load_settings(chosen.settings), chosen)
    knobs = settings.dashboard
    listening = app_dashboard.bound(knobs.host, knobs.port)
    port = listening.getsockname()[1]
    desk = app_guard.open_desk(settings, port)
    built = app_dashboard.build(settings, chosen.account, desk=desk)
    scheme = "https" if knobs.tls_cert else "http"
    host = f"[{knobs.host}]" if ":" in knobs.host else knobs.host
    address = f"{scheme}://{host}:{port}/"

    def started() -> None:
        names = ", ".join(built.parts.accounts)
        what = ", read only" if built.parts.read_only else ""
        sys.stderr.write(f"fillpath: dashboard of {names}{what} at {address}; Ctrl-C stops it\n")
        if not built.page:
            sys.stderr.write("fillpath: the page is not built; only the API answers\n")
        _show_first(desk, app_guard.first_name())
        sys.stderr.flush()
        if chosen.open:
            import webbrowser

            webbrowser.open(address)

    with desk:
        asyncio.run(app_dashboard.serve(built, listening, settings, started))
    return OK


def _show_first(desk: Any, name: str) -> None:
    """Show how the first user signs in, once."""
    password = desk.first_user(name)
    if password is not None:
        sys.stderr.write(
            f"fillpath: sign in as {name} with {password} and choose another password; it is shown "
            "once\n"
        )


def _changed(settings: Any, chosen: Chosen) -> Any:
    """Return the settings with what the command line says, checked like any other."""
    given = {
        name: value
        for name in ("host", "port", "tls_cert", "tls_key")
        if (value := getattr(chosen, name)) is not None
    }
    if chosen.read_only:
        given["read_only"] = True
    knobs = type(settings.dashboard).model_validate({**dict(settings.dashboard), **given})
    return settings.model_copy(update={"dashboard": knobs})


COMMANDS: Final = (
    Command(
        ("dashboard",),
        "serve the dashboard and its API until Ctrl-C; works while no engine runs, and says so",
        (
            Option("--host", "address to listen at (default: dashboard.host)", {"metavar": "HOST"}),
            Option(
                "--port",
                "port to listen at, 0 for a free one (default: dashboard.port)",
                {"type": whole(0, 65_535), "metavar": "N"},
            ),
            Option(
                "--read-only",
                "serve no route that changes anything, not even the kill",
                {"action": "store_true"},
            ),
            Option(
                "--account",
                "account to show; may be repeated (default: every one that is known here)",
                {"metavar": "NAME", "action": "append", "default": []},
            ),
            Option("--tls-cert", "PEM file of the certificate", {"metavar": "PATH"}),
            Option("--tls-key", "PEM file of its key", {"metavar": "PATH"}),
            Option("--open", "open the page in a browser", {"action": "store_true"}),
            SETTINGS,
        ),
        _dashboard,
    ),
)
