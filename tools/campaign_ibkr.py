"""Play schedules of orders, fills and outages at the fake gateway, and compare what was told.

python3 dev.py python tools/campaign_ibkr.py                      a thousand schedules
python3 dev.py python tools/campaign_ibkr.py --schedules 1 --first 17

Every schedule has a seed, and a seed that fails is printed. What is compared stands in
`tests/integration/ibkr/campaign.py`: every execution is told once and as it was corrected last, none
is invented, and no order is made or sent twice.
"""  # noqa: INP001  # a program, not a package

import argparse
import asyncio
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.integration.ibkr.campaign import Tally, play_all


def main() -> int:
    """Read the arguments and play; return 1 when a schedule failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--beside", type=int, default=24, help="how many at the same time")
    parser.add_argument("--steps", type=int, default=120, help="of each schedule")
    chosen = parser.parse_args()
    logging.disable()
    seeds = range(chosen.first, chosen.first + chosen.schedules)
    outcomes = asyncio.run(play_all(seeds, chosen.beside, chosen.steps))
    for one in outcomes:
        if one.problems:
            sys.stdout.write(f"seed {one.seed}: {'; '.join(one.problems)}\n")
    tally = Tally.of(outcomes)
    sys.stdout.write(
        f"{tally.schedules} schedules, {tally.connections} connections, {tally.orders} orders, "
        f"{tally.executions} executions: {tally.bad} schedules lost, doubled or invented something\n"
    )
    return bool(tally.bad)


if __name__ == "__main__":
    raise SystemExit(main())
