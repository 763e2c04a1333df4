"""Put the gate around the server."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from fillpath.api.auth.desk import Desk
from fillpath.api.gate.entrance import Entrance
from fillpath.api.gate.front import Front
from fillpath.api.gate.recorder import Announcer, Recorder
from fillpath.api.gate.repeater import Repeater
from fillpath.api.gate.routing import Routing

DESK = "desk"


def guarded(app: FastAPI, desk: Desk, public: tuple[str, ...] = ()) -> ASGIApp:
    """Return the server behind its gate: nothing reaches a route that was not judged.

    Args:
        app: the server.
        desk: who may do what.
        public: paths, and beginnings of paths that end in ``/``, of files that everybody may load.
    """
    setattr(app.state, DESK, desk)
    inner = Announcer(Repeater(app, desk), desk)
    return Recorder(Front(Entrance(inner, desk, Routing(app, public)), desk.guarding), desk)
