"""The command line: `moderation COMMAND`. Each module here adds one or a few commands.

Exit 0; 1 when the answer is "no"; 2 for unusable input or settings, with one line on stderr.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from ..words import ServiceError

MODULES = {  # command -> module; only the module of the command that was asked for is loaded: some take a second
    "demo": "demo", "serve": "serve", "clock": "serve", "run-job": "serve", "db": "database", "account": "account",
    "ledger": "ledger", "backup": "backup", "restore": "backup", "replay": "replay",
    "agreement": "agreement", "severity": "severity", "allocate": "allocate",
}  # fmt: skip


class _Parser(argparse.ArgumentParser):
    """A wrong option is one line too, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.removeprefix('argument ')} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    args = _parser(words).parse_args(words)
    try:
        code: int = args.run(args)
    except ServiceError as error:
        print(f"moderation: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="moderation", description="Blind multi-agency audit of EHC plans.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = MODULES.get(words[0]) if words else None
    for name in dict.fromkeys([wanted] if wanted else MODULES.values()):
        import_module(f"{__name__}.{name}").add_to(commands)
    return parser
