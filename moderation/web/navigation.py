"""Which links the menu shows: a list by role, cut down to the pages that exist. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from ..words import Role


@dataclass(frozen=True)
class Item:
    text: str
    endpoint: str
    active: bool


@dataclass(frozen=True)
class Entry:
    """A menu link: who has it, and which other pages belong to it (prefixes of endpoints)."""

    text: str
    endpoint: str
    roles: frozenset[Role]
    within: tuple[str, ...] = ()

    def nearness(self, endpoint: str) -> int:
        """How well the link fits a page: the longest of its prefixes that the endpoint begins with; 0 is not at all."""
        return max((len(prefix) for prefix in (self.endpoint, *self.within) if endpoint.startswith(prefix)), default=0)


def _for(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


ENTRIES: tuple[Entry, ...] = (
    Entry("My plans", "score.my_plans", _for(Role.AUDITOR), ("score.",)),
    Entry("My meetings", "moderate.my_meetings", _for(Role.AUDITOR, Role.OBSERVER), ("moderate.my_", "moderate.meeting_room")),
    Entry("My feedback", "track.my_feedback", _for(Role.AUDITOR), ("track.my_",)),
    Entry("Rounds", "allocate.rounds", _for(Role.LEAD), ("allocate.", "score.round_", "score.submitted_sheets", "score.reopen")),
    Entry(
        "Plans",
        "register.plans",
        _for(Role.LEAD),
        ("register.plan", "register.import", "register.document", "register.uploads"),
    ),
    Entry(
        "Disagreements",
        "moderate.disagreements",
        _for(Role.MODERATOR, Role.LEAD),
        ("moderate.disagreement", "moderate.unblinding", "track.lesson"),
    ),
    Entry("Meetings", "moderate.meetings", _for(Role.MODERATOR, Role.LEAD), ("moderate.meeting", "moderate.minutes")),
    Entry("Lessons", "track.lessons", _for(Role.MODERATOR), ("track.lesson_",)),
    Entry("Agreement", "track.agreement", _for(Role.AREA_LEAD, Role.LEAD), ("track.agreement",)),
    Entry("Plan quality", "track.quality", _for(Role.AREA_LEAD, Role.LEAD), ("track.quality", "track.action")),
    Entry("Requests for names", "moderate.unblindings", _for(Role.AREA_LEAD), ("moderate.unblinding_",)),
    Entry("Guidance", "register.guidance", _for(Role.AUDITOR, Role.MODERATOR, Role.AREA_LEAD), ("register.guidance",)),
    Entry("Framework", "register.frameworks", _for(Role.LEAD), ("register.framework", "register.criterion", "moderate.routing")),
    Entry(
        "People",
        "people.members",
        _for(Role.ADMINISTRATOR, Role.LEAD),
        ("people.member", "people.invit", "score.concern", "score.named_person"),
    ),
    Entry("Area", "people.area", _for(Role.ADMINISTRATOR), ("people.area",)),
    Entry("Jobs", "people.jobs", _for(Role.ADMINISTRATOR), ("people.job",)),
)


def navigation(roles: Collection[Role], endpoints: Collection[str], current: str | None) -> tuple[Item, ...]:
    """The links of a person with these roles, among the pages that exist; at most one is active."""
    open_entries = [entry for entry in ENTRIES if entry.roles & set(roles) and entry.endpoint in endpoints]
    here = _nearest(open_entries, current or "")
    return tuple(Item(entry.text, entry.endpoint, entry is here) for entry in open_entries)


def _nearest(entries: list[Entry], current: str) -> Entry | None:
    """The link that names the page most closely; the first of equals."""
    best = max(entries, key=lambda entry: entry.nearness(current), default=None)
    return best if best and best.nearness(current) else None
