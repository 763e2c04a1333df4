"""The page is served from memory, and what it does not have is the browser's own route."""

import gzip
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from fillpath.api.pages import Page, files_of
from fillpath.api.server import make_app
from tests.unit.api.fakes import parts

INDEX = "<!doctype html><title>desk</title>"


def built(folder: Path) -> Path:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "assets" / "index-abc.js").write_text("let x = 1;\n" * 100)
    (folder / "assets" / "icon.png").write_bytes(b"\x89PNG")
    (folder / ".stamp").write_text("not for anybody")
    return folder


async def get(folder: Path, path: str, **headers: str) -> Response:
    app = Page(make_app(parts()), files_of(folder))
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path, headers={"accept-encoding": "", **headers})


@pytest.mark.parametrize("path", ["/", "/orders", "/order?order_id=a%2Fb", "/index.html"])
async def test_every_route_of_the_browser_is_the_page(tmp_path: Path, path: str) -> None:
    answer = await get(built(tmp_path), path)

    assert answer.text == INDEX
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_file_whose_name_changes_with_it_is_kept_for_good(tmp_path: Path) -> None:
    answer = await get(built(tmp_path), "/assets/index-abc.js")

    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_text_is_sent_compressed_to_who_takes_it(tmp_path: Path) -> None:
    answer = await get(built(tmp_path), "/assets/index-abc.js", **{"accept-encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == gzip.decompress(gzip.compress(b"let x = 1;\n" * 100)).decode()


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/.stamp", "/../secret.txt", "/%2e%2e/%2e%2e/etc/hosts.txt"]
)
async def test_what_is_no_part_of_the_page_is_not_there(tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secret.txt").write_text("secret")

    assert (await get(built(tmp_path), path)).status_code == 404


async def test_a_page_that_is_not_built_says_how(tmp_path: Path) -> None:
    answer = await get(tmp_path, "/")

    assert answer.status_code == 503
    assert "not built" in answer.text


async def test_the_api_answers_for_itself(tmp_path: Path) -> None:
    answer = await get(built(tmp_path), "/api/v1/nowhere")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
