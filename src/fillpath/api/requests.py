"""Every request gets a name, which its answer carries, so that a person can find it in the log."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class NameRequests:
    """Name each request.

    Args:
        app: what answers it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say under which name."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = scope.setdefault("state", {}).setdefault("request_id", secrets.token_hex(8))

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        await self._app(scope, receive, named)


__all__ = ["NameRequests"]
