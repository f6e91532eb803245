"""How long an auditor takes, from the times of their own answers, for their eyes alone. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

BREAK = timedelta(minutes=15)  # a longer pause is a break, not thought
INSTANT = timedelta(seconds=1)  # a shorter one is two fields of one thought
FEWEST = 8
HURRIED = timedelta(seconds=12)  # for one question, reading the plan included


def worked(times: Sequence[datetime]) -> timedelta:
    """The time between the first and the last answer, without the breaks.

    >>> noon = datetime(2026, 3, 2, 12)
    >>> worked([noon, noon + timedelta(minutes=3), noon + timedelta(hours=5)])
    datetime.timedelta(seconds=180)
    """
    return sum(_thought(times), timedelta())


def each(sheets: Sequence[Sequence[datetime]]) -> timedelta | None:
    """The usual time for one question over some sheets; None while there are too few answers to tell."""
    thought = [pause for times in sheets for pause in _thought(times)]
    return sum(thought, timedelta()) / len(thought) if len(thought) >= FEWEST else None


def to_go(pace: timedelta | None, questions: int) -> str:
    """What that many questions take at this pace, in words; nothing while the pace is not known.

    >>> to_go(timedelta(minutes=2), 34), to_go(timedelta(minutes=2), 30), to_go(timedelta(seconds=20), 3)
    ('about 1 hour 10 minutes', 'about 1 hour', 'a few minutes')
    """
    if pace is None or not questions:
        return ""
    minutes = round(pace * questions / timedelta(minutes=1))
    if minutes < 10:
        return "a few minutes"
    hours, rest = divmod(10 * round(minutes / 10), 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] * bool(hours) + [f"{rest} minutes"] * bool(rest)
    return f"about {' '.join(parts)}"


def is_hurried(times: Sequence[datetime]) -> bool:
    """Were so many questions answered so fast that a second look is worth while?"""
    return len(times) >= FEWEST and worked(times) < HURRIED * len(times)


def _thought(times: Sequence[datetime]) -> list[timedelta]:
    pauses = [later - earlier for earlier, later in pairwise(sorted(times))]
    return [pause for pause in pauses if INSTANT <= pause <= BREAK]
