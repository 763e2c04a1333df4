"""A pretended desk for measuring the page: many orders, and as many updates a second as asked for.

It answers the few routes that the trades page reads, and serves the built page with the server's
own policy, so that a measurement needs no engine and no database.
"""

import gzip
import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BUILT = Path(__file__).resolve().parents[1] / "src" / "fillpath" / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}
TYPES |= {".json": "application/json", ".svg": "image/svg+xml"}
SYMBOLS = ("AAPL", "MSFT", "SPY", "KO", "F", "BRK B", "NVDA", "JPM")
ROUTES = ("default", "wide", "small", "sliced", "urgent")
STATES = ("FILLED", "FILLED", "FILLED", "CANCELLED", "PARTIALLY_FILLED", "SUBMITTED")
BEGINNING = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """Return a moment as the contract writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def order(number: int, filled: int | None = None) -> dict[str, Any]:
    """Return an order of the list."""
    quantity = 100 + number % 9 * 100
    status = STATES[number % len(STATES)]
    done = {"FILLED": quantity, "PARTIALLY_FILLED": quantity // 2}.get(status, 0)
    done = done if filled is None else min(filled, quantity)
    price = f"{50 + number % 300}.{number % 100:02}"
    return {
        "order_id": f"mean_reversion:{number:05}/1",
        "parent_order_id": None,
        "signal_id": f"signal-{number:05}",
        "strategy_name": "mean_reversion" if number % 3 else "breakout",
        "symbol": SYMBOLS[number % len(SYMBOLS)],
        "side": "SELL" if number % 2 else "BUY",
        "quantity": str(quantity),
        "order_type": "LIMIT" if number % 4 else "MARKET",
        "limit_price": price if number % 4 else None,
        "stop_price": None,
        "status": status,
        "filled_quantity": str(done),
        "average_fill_price": price if done else None,
        "commission": "1.00" if done else "0",
        "route": ROUTES[number % len(ROUTES)],
        "route_reason": "spread 4.2 bps, 0.03 % of the daily volume",
        "slice": 0,
        "slices": 0,
        "acknowledged_at": None,
        "submitted_at": stamp(BEGINNING + timedelta(seconds=2 * number)),
        "closed_at": None,
        "reason": "",
        "broker_order_id": str(1000 + number),
        "certainty": "CONFIRMED",
        "cancel_requested": False,
    }


def status() -> dict[str, Any]:
    """Return how the pretended engine is."""
    now = stamp(datetime.now(UTC))
    parts = [{"name": "broker", "kind": "simulated", "healthy": True, "detail": "", "lag": None}]
    engine = {
        "account": "measured", "mode": "SIMULATED", "state": "TRADING", "version": "0",
        "at": now, "started_at": now, "pid": 1, "epoch": 0, "why": "", "degraded": False,
        "notice": "", "holds": {}, "killed": "", "latches": {}, "records": 1, "cash": "0",
        "equity": "100000", "positions": {}, "broker_positions": {}, "open_orders": [],
        "quarantined": {}, "stop_keeper": "engine", "unprotected": {}, "signals": {},
        "parts": parts, "approvals": 0, "armed_until": None,
    }  # fmt: skip
    tables = {"tier": "none", "healthy": True, "through": 1, "lag": 0, "detail": ""}
    feed = {"kind": "pretended", "healthy": True, "age_ms": 40, "detail": ""}
    return {
        "reachable": True, "status": engine, "tables": tables, "feed": feed, "banner": "",
        "severity": "", "read_only": False, "at": now,
    }  # fmt: skip


def session() -> dict[str, Any]:
    """Return who is signed in."""
    permissions = ["read", "kill", "cancel", "approve", "signal", "resume", "acknowledge"]
    return {
        "username": "measured", "role": "risk", "permissions": permissions,
        "accounts": ["measured"], "must_change_password": False, "stepped_up_until": None,
        "expires_at": stamp(datetime.now(UTC) + timedelta(hours=12)), "read_only": False,
    }  # fmt: skip


class Desk(ThreadingHTTPServer):
    """The pretended desk.

    Args:
        orders: how many there are.
        updates: how many of them change each second.
    """

    daemon_threads = True

    def __init__(self, orders: int, updates: float, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answers)
        self.orders = orders
        self.updates = updates
        self.sent = 0

    @property
    def address(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Desk
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer what the page reads."""
        parts = urlsplit(self.path)
        if not parts.path.startswith("/api/"):
            self._file(parts.path)
        elif parts.path == "/api/v1/events":
            self._events()
        else:
            self._json(self._answer(parts.path.removeprefix("/api/v1"), parse_qs(parts.query)))

    def _answer(self, path: str, query: dict[str, list[str]]) -> Any:
        if path == "/session":
            return session()
        if path == "/accounts":
            row = {"name": "measured", "mode": "SIMULATED", "state": "TRADING", "reachable": True}
            return {"rows": [row]}
        if path == "/system/status":
            return status()
        if path == "/trades/orders" and "parent_order_id" not in query:
            return self._orders(query)
        return {"rows": [], "after": "", "through": 1}

    def _orders(self, query: dict[str, list[str]]) -> Any:
        last = int(query.get("after", [str(self.server.orders)])[0])
        first = max(0, last - int(query.get("limit", ["100"])[0]))
        rows = [order(number) for number in range(last - 1, first - 1, -1)]
        return {"rows": rows, "after": str(first) if first else "", "through": 1}

    def _events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        pause = 1 / self.server.updates if self.server.updates else 1.0
        try:
            while True:
                self.server.sent += 1
                number = (
                    self.server.orders - 1 - self.server.sent * 7 % min(400, self.server.orders)
                )
                row = order(number, filled=self.server.sent % 900)
                name = "order" if self.server.updates else "heartbeat"
                told = {"sequence": self.server.sent, "row": row}
                text = f"id: {self.server.sent}\nevent: {name}\ndata: {json.dumps(told)}\n\n"
                self.wfile.write(text.encode())
                time.sleep(pause)  # a pretended market, in real time
        except OSError:
            return

    def _file(self, path: str) -> None:
        found = BUILT / path.lstrip("/")
        found = found if found.is_file() else BUILT / "index.html"
        self._send(TYPES.get(found.suffix, "application/octet-stream"), found.read_bytes())

    def _json(self, answer: Any) -> None:
        self._send("application/json", json.dumps(answer).encode())

    def _send(self, kind: str, content: bytes) -> None:
        packed = gzip.compress(content, 6)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        with suppress(OSError):  # a browser that has gone on needs no answer
            self.wfile.write(packed)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
