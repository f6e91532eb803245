"""`moderation ledger verify`: does the record of everything that happened still stand?"""

import argparse
from typing import Any

from ..database import open_engine
from ..ledger import verify
from ..settings import Settings


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("ledger", help="verify the record of everything that happened")
    parser.add_argument("verb", choices=["verify"])
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    verdict = verify(open_engine(settings), settings.ledger_heads)
    if verdict.fault:
        print(f"The ledger does not stand: {verdict.fault}")
        return 1
    print(f"The ledger stands: {verdict.events} events in {verdict.chains} chains.")
    return 0
