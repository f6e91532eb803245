"""Says on stderr what is being done, but only once it has taken more than two seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST, _AGAIN = 2.0, 10.0


@contextmanager
def patience(doing: str) -> Iterator[None]:
    """`with patience("measuring criterion k1"):` prints nothing when the work is quick."""
    done = threading.Event()
    teller = threading.Thread(target=_tell, args=(doing, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(doing: str, done: threading.Event) -> None:
    start, wait = time.monotonic(), _FIRST
    while not done.wait(wait):
        print(f"{doing} ({time.monotonic() - start:.0f} s)", file=sys.stderr, flush=True)
        wait = _AGAIN
