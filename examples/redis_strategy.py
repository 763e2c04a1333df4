"""Send a signal over Redis and wait for its fill, with nothing but redis-py.

Run it: python3 dev.py python examples/redis_strategy.py redis://127.0.0.1:6379/0 AAPL 10
"""
# ruff: noqa: INP001  # a script beside the package

import json
import sys

import redis

ENDS = {"FILLED", "REFUSED", "REJECTED", "CANCELLED", "EXPIRED"}


def buy(url: str, symbol: str, shares: int) -> dict[str, str] | None:
    """Return the first fill, or why there is none; None when nothing is heard for 45 seconds."""
    signal = {"v": 1, "symbol": symbol, "direction": "LONG", "strength": 0.95}
    signal |= {"strategy_name": "by-hand", "metadata": {"quantity": shares}}
    with redis.Redis.from_url(url, decode_responses=True) as server:
        sent = server.xadd("execution:signals", {"data": json.dumps(signal)})
        before = str(int(sent.split("-")[0]) - 1)  # one server, one clock: answers come later
        seen = {"execution:fills": before, "execution:orders": before}
        for _ in range(45):
            for stream, entries in server.xread(seen, block=1_000):
                for seen[stream], fields in entries:
                    answer = json.loads(fields["data"])
                    state = answer.get("outcome") or answer.get("status") or "FILLED"
                    if answer["signal_id"] == f"bus-{sent}" and state in ENDS:
                        return answer
    return None


if __name__ == "__main__":
    sys.stdout.write(f"{buy(sys.argv[1], sys.argv[2], int(sys.argv[3]))}\n")
