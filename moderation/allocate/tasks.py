"""What is done and what is still to do before a round can open: the lines of its task list."""

from dataclasses import dataclass

from sqlmodel import Session

from .conflicts import standing_conflicts
from .drawing import latest_draw, readiness
from .queries import RoundView, agency_lines, auditor_lines, sample_view


@dataclass(frozen=True)
class Task:
    title: str
    endpoint: str
    hint: str
    done: bool
    possible: bool = True

    @property
    def status(self) -> str:
        if not self.possible:
            return "Cannot start yet"
        return "Completed" if self.done else "To do"


def tasks(session: Session, area_id: str, view: RoundView) -> list[Task]:
    """The tasks of a round in setup, in the order of doing."""
    agencies = [line for line in agency_lines(session, area_id, view.id) if line.auditors_per_plan]
    chosen = [line for line in auditor_lines(session, area_id, view.id) if line.capacity is not None]
    sample = sample_view(session, area_id, view.id)
    prepared = bool(agencies and chosen and sample.drawn)
    shares = ", ".join(f"{line.name} {line.auditors_per_plan}" for line in agencies)
    room = _auditors(len(chosen), sum(one.capacity or 0 for one in chosen))
    return [
        Task("Name, framework and dates", "allocate.round_terms", view.framework, True),
        Task("Agencies", "allocate.round_agencies", shares, bool(agencies)),
        Task("Auditors", "allocate.round_auditors", room, bool(chosen), bool(agencies)),
        Task("Sample of plans", "allocate.round_sample", _plans(sample.drawn, sample.eligible), bool(sample.drawn)),
        Task("Options", "allocate.round_options", _options(view), True),
        Task("Conflicts of interest", "allocate.conflicts", _conflicts(session, area_id), True),
        _allocation(session, area_id, view, prepared),
    ]  # fmt: skip


def _options(view: RoundView) -> str:
    twice = f"{view.double_share} in 100 plans scored twice" if view.double_share else "No plan scored twice"
    hidden = f"{view.seed_plans} hidden plan{'' if view.seed_plans == 1 else 's'} where there can be"
    repair = "plans that come back move by themselves" if view.repairs_itself else "plans that come back wait for you"
    return f"{twice}, {hidden if view.seed_plans else 'no hidden plan'}, {repair}"


def _auditors(people: int, places: int) -> str:
    return f"{people} auditor{'' if people == 1 else 's'}, who can take {places} plans together" if people else ""


def _plans(drawn: int, eligible: int) -> str:
    return (
        f"{drawn} plan{'' if drawn == 1 else 's'} drawn" if drawn else f"{eligible} plan{'' if eligible == 1 else 's'} can be drawn"
    )


def _conflicts(session: Session, area_id: str) -> str:
    count = len(standing_conflicts(session, area_id))
    return f"{count} recorded in this area. Add any that are missing before you allocate."


def _allocation(session: Session, area_id: str, view: RoundView, prepared: bool) -> Task:
    draw = latest_draw(session, area_id, view.id)
    if draw is None:
        return Task("Allocate and open", "allocate.allocation", "", False, prepared)
    ready = readiness(session, area_id, draw)
    hint = (
        "Something has changed since the last draw. Draw again."
        if ready.stale
        else f"Draft {draw.number}: {ready.filled} of {ready.places} places filled"
    )
    return Task("Allocate and open", "allocate.allocation", hint, False, prepared)
