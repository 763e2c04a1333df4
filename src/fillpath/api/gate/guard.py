"""Put the gate around the server."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from fillpath.api.auth.desk import Desk
from fillpath.api.context import DESK
from fillpath.api.gate.entrance import Entrance
from fillpath.api.gate.front import Front
from fillpath.api.gate.recorder import Announcer, Recorder
from fillpath.api.gate.repeater import Repeater
from fillpath.api.gate.routing import Routing


def guarded(app: FastAPI, desk: Desk, page: ASGIApp | None = None) -> ASGIApp:
    """Return the server behind its gate: nothing reaches a route that was not judged.

    Args:
        app: the server.
        desk: who may do what.
        page: the server with the page around it; None: there is no page.
    """
    setattr(app.state, DESK, desk)
    inner = Announcer(Repeater(app if page is None else page, desk), desk)
    entrance = Entrance(inner, desk, Routing(app, has_page=page is not None))
    return Recorder(Front(entrance, desk.guarding), desk)
