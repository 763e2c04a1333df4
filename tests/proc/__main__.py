"""Prove with real processes that nothing is lost: what ``python3 dev.py prove`` runs.

python3 dev.py prove kills --count 500 --seed 1      kill an engine that trades, again and again
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.proc import kills


def main() -> int:
    """Run one proof and print its figures."""
    parser = argparse.ArgumentParser(prog="dev.py prove", description=__doc__)
    proofs = parser.add_subparsers(required=True, metavar="PROOF")
    campaign = proofs.add_parser("kills", help="kill an engine that trades, again and again")
    campaign.add_argument("--count", type=int, default=500, help="kills (default 500)")
    campaign.add_argument("--seed", type=int, default=1, help="of the campaign (default 1)")
    campaign.add_argument("--minutes", type=float, default=0.0, help="end sooner (default: never)")
    campaign.add_argument("--keep", type=Path, help="folder to keep everything in")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fillpath-") as folder:
        kept = chosen.keep or Path(folder)
        proof = kills.run(kept, chosen.count, chosen.seed, minutes=chosen.minutes)
        print(kills.report(*asyncio.run(proof)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
