"""`moderation account create`: an account for the first administrator, who then sets up a local area and invites everybody else."""

import argparse
from typing import Any

from ..database import open_engine, require_schema
from ..ledger import OPERATOR, Via, transaction
from ..people.administration import create_account
from ..settings import Settings
from ..web.fields import is_email
from ..words import InvalidInput, Problem


def add_to(subparsers: Any) -> None:
    parser = subparsers.add_parser("account", help="create an account for the first administrator")
    parser.add_argument("verb", choices=["create"])
    parser.add_argument("--email", required=True)
    parser.add_argument("--name", required=True)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    email, name = args.email.strip().lower(), " ".join(args.name.split())
    check(email, name)
    engine = open_engine(settings)
    require_schema(engine)
    with transaction(engine, OPERATOR, Via.COMMAND, None) as tx:
        path = create_account(tx, name, email)
    print(f"Give this link to {name}. It works once, for 7 days:\n{settings.base_url}{path}")
    return 0


def check(email: str, name: str) -> None:
    problems = []
    if not is_email(email):
        problems.append(Problem("--email", "this is not an email address", value=email))
    if not 0 < len(name) <= 120:
        problems.append(Problem("--name", "a name of 1 to 120 characters is needed"))
    if problems:
        raise InvalidInput(problems)
