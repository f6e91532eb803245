"""What can have happened here."""

from dataclasses import dataclass

from ..words import Event


@dataclass(frozen=True)
class RoundMeasured(Event):
    round_id: str
    fingerprint: str
    again: bool
