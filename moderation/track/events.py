"""What can have happened to the trends."""

from dataclasses import dataclass

from ..words import Event


@dataclass(frozen=True)
class TrendsRecomputed(Event):
    """The trends of an area were worked out again; `points` of them changed."""

    area_id: str
    points: int
