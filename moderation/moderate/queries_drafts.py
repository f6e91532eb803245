"""How far the draft of a decision is: what a page in front of somebody knows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from moderation.words import new_id

from .queries_room import RoomPage
from .queries_untaken import Untaken
from .typed import fingerprint

NAMES = {
    "rating": "Agreed rating", "basis": "How it was decided", "reason": "Reason", "cause": "Cause",
    "dissent": "How dissent is recorded", "dissent_text": "Dissent", "dissenter": "Name of the dissenting member",
    "lesson": "Lesson", "action": "Action on the plan", "action_text": "What has to happen", "action_owner": "Who sees to it",
    "action_due-day": "By when, day", "action_due-month": "By when, month", "action_due-year": "By when, year", "notes": "Notes",
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """The version that a window has seen and the window's own name; when two windows wrote, what each of them holds."""

    version: int
    window: str
    saved_at: datetime | None = None
    mine: Mapping[str, str] | None = None
    theirs: Mapping[str, str] | None = None
    names: Mapping[str, str] = field(default_factory=lambda: NAMES)
    why: str = ""
    untaken: Untaken | None = None  # what this window has sent and is not kept
    seen: str = ""  # the fingerprint of the form as it was shown or kept

    @classmethod
    def of(cls, room: RoomPage, shown: Mapping[str, str]) -> "Draft":
        """For a page that has just been opened: a window of its own. `shown`: what is in its form, or would be without what was
        sent and not kept."""
        at = room.draft.get("at")
        saved_at = datetime.fromisoformat(at) if at else None
        return cls(room.draft.get("version", 0), new_id(), saved_at, seen=fingerprint(shown))

    @property
    def differing(self) -> tuple[tuple[str, str, str], ...]:
        """Field, what is here, what the other window holds."""
        mine, theirs = self.mine or {}, self.theirs or {}
        pairs = [(name, mine.get(key, ""), theirs.get(key, "")) for key, name in self.names.items()]
        return tuple(pair for pair in pairs if pair[1] != pair[2])
