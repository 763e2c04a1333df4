"""The page itself: files that were built into the package, held in memory and served as they are."""

import gzip
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

INDEX: Final = "index.html"
API: Final = ("/api/", "/livez")
NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>fillpath</title></head>
<body><h1>The page is not built</h1>
<p>This copy of fillpath was not built with its page. In a clone run <code>python3 dev.py run
dashboard</code>, which builds it; everything under <code>/api/v1</code> works without.</p>
</body></html>
"""
_PRESSED: Final = frozenset({".css", ".html", ".js", ".json", ".map", ".svg", ".txt"})
_FOREVER: Final = "public, max-age=31536000, immutable"


class File(Struct, frozen=True):
    """A file of the page.

    Args:
        content: as it is.
        pressed: likewise, compressed; empty where that gains nothing.
        media: its type.
        keeps: whether a browser may keep it for good, because its name changes with its content.
    """

    content: bytes
    pressed: bytes
    media: str
    keeps: bool


def files_of(folder: Path) -> Mapping[str, File]:
    """Return every file of the page by its path; none when it is not built."""
    if not (folder / INDEX).is_file():
        return {}
    return {
        f"/{path.relative_to(folder).as_posix()}": _file(path, folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _file(path: Path, folder: Path) -> File:
    content = path.read_bytes()
    pressed = gzip.compress(content, mtime=0) if path.suffix in _PRESSED else b""
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = "; charset=utf-8" if media.startswith("text/") else ""
    return File(
        content, pressed, f"{media}{text}", keeps="assets" in path.relative_to(folder).parts
    )


class Page:
    """Serve the page at every path that the API does not have; its own routes are the browser's.

    Args:
        app: the API.
        files: of the page, by path.
    """

    def __init__(self, app: ASGIApp, files: Mapping[str, File]) -> None:
        self._app = app
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or let the API answer."""
        if scope["type"] != "http" or not is_page(scope):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        file = self._files.get(path)
        if file is None and "." not in path.rpartition("/")[2]:
            file = self._files.get(f"/{INDEX}")
        await self._answer(scope, file)(scope, receive, send)

    def _answer(self, scope: Scope, file: File | None) -> Response:
        if file is None and self._files:
            return Response("there is no such file\n", 404, media_type="text/plain")
        if file is None:
            return Response(NOT_BUILT, 503, media_type="text/html")
        headers = {
            "cache-control": _FOREVER if file.keeps else "no-cache",
            "content-type": file.media,
            "vary": "accept-encoding",
        }
        accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
        if file.pressed and b"gzip" in accepted:
            return Response(file.pressed, headers={**headers, "content-encoding": "gzip"})
        return Response(file.content, headers=headers)


def is_page(scope: Scope) -> bool:
    """Return whether a request is for a file of the page, which everybody may load."""
    return scope["method"] in {"GET", "HEAD"} and not scope["path"].startswith(API)


__all__ = ["File", "Page", "files_of", "is_page"]
