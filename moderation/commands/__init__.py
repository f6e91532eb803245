"""The command line: `moderation COMMAND`. Each module here adds one or a few commands.

Exit 0; 1 when the answer is "no"; 2 for unusable input or settings, with one line on stderr.
"""

import argparse
import sys
from collections.abc import Sequence

from ..words import ServiceError
from . import account, agreement, allocate, backup, database, demo, ledger, replay, serve, severity

MODULES = (demo, serve, database, account, ledger, backup, replay, agreement, severity, allocate)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="moderation", description="Blind multi-agency audit of EHC plans.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in MODULES:
        module.add_to(commands)
    args = parser.parse_args(arguments)
    try:
        code: int = args.run(args)
    except ServiceError as error:
        print(f"moderation: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
