"""Live updates over real HTTP: rows as they come, from where the reader was, and past who never reads."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client

from tests.integration.dashboard_scene import Scene, signal, the_settings
from tests.integration.test_dashboard import API, WAIT_SECONDS, traded

READERS = 20


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Scene(the_settings(tmp_path_factory.mktemp("live"))) as scene:
        yield scene


@pytest.fixture
def asking(scene: Scene) -> Iterator[Client]:
    with Client(base_url=f"{scene.address}{API}", timeout=WAIT_SECONDS) as client:
        yield client


def events(client: Client, **headers: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield name, id and data of events as they come."""
    name = place = ""
    with client.stream("GET", "/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            word, _, said = line.partition(": ")
            if word == "event":
                name = said
            elif word == "id":
                place = said
            elif word == "data":
                yield name, place, json.loads(said)


def orders(client: Client, **headers: str) -> Iterator[tuple[str, str]]:
    """Yield the orders that are told, and the place after each."""
    for name, place, data in events(client, **headers):
        if name == "order":
            yield data["row"]["order_id"], place


def test_an_order_is_told_as_it_comes_and_again_to_who_was_away(
    scene: Scene, asking: Client
) -> None:
    with Client(base_url=f"{scene.address}{API}", timeout=WAIT_SECONDS) as other:
        traded(other, symbol="SPY")  # from here on there are tables
        live = events(asking)
        before = next(place for name, place, _ in live if name == "heartbeat")
        order_id = traded(other)
        seen = next(
            data for name, _, data in live if name == "fill" and data["row"]["order_id"] == order_id
        )
        live.close()  # type: ignore[attr-defined]  # a generator
        again = next(found for found, _ in orders(other, **{"last-event-id": before}))

    assert seen["row"]["order_id"] == order_id
    assert again.startswith(order_id)


def test_a_place_that_is_none_is_refused(asking: Client) -> None:
    answer = asking.get("/events", headers={"last-event-id": "yesterday"})

    assert answer.status_code == 422


def test_who_never_reads_costs_nobody_anything(scene: Scene, asking: Client) -> None:
    host, port = scene.address.removeprefix("http://").split(":")
    deaf = [socket.create_connection((host, int(port))) for _ in range(READERS)]
    request = f"GET {API}/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    for one in deaf:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        one.sendall(request)

    answers = [
        asking.post("/trades/signals", json=signal(symbol="IBM", quantity="1", signal_id=f"s{n}"))
        for n in range(30)
    ]
    state = asking.get("/system/status").json()

    assert {answer.status_code for answer in answers} == {200}
    assert state["status"]["state"] == "TRADING"
    for one in deaf:
        one.close()


def test_an_open_page_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    with Scene(the_settings(tmp_path)) as scene, Client(base_url=f"{scene.address}{API}") as client:
        live = events(client)
        next(live)

        scene.stop()
        left = list(live)

    assert all(name != "dropped" for name, _, _ in left)
