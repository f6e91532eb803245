"""What the demo's lead makes of the first meeting's lessons: adopted into version 2 of the framework, one declined."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from ..moderate import unblinding
from ..moderate.lessons import decline, word_lesson
from ..register.actions import publish_framework
from ..register.framework_views import framework_view
from ..track.lessons import adopt
from ..track.queries.lessons import LessonLine, lessons_page

if TYPE_CHECKING:
    from .demo_world import Demo

LEAD, CHAIR = "Grace Obi", "Priya Nair"
QUANTITY = "Before you choose a level, count the items that say how often, how long and by whom."
DECLINED = "One meeting is not enough to change the guidance. Bring it back if it comes up again."
WHY = "The parents have complained about this audit, and the complaints panel asks who judged section F."


def settle_lessons(demo: "Demo") -> str:
    """Adopt what the first meeting learned, the first with new guidance, decline the last; returns the version that comes of it."""
    waiting = _waiting(demo)
    if not waiting:
        return demo.framework_id
    first, *others = waiting
    demo.act(CHAIR, word_lesson, first.id, first.version, first.now, f"{first.now}\n\n{QUANTITY}")
    draft = demo.act(LEAD, adopt, first.id, first.version + 1)
    for line in others[:-1]:
        demo.act(LEAD, adopt, line.id, line.version)
    for line in others[-1:]:
        demo.act(LEAD, decline, line.id, line.version, DECLINED)
    with Session(demo.engine) as session:
        version = framework_view(session, demo.area_id, draft).version
    demo.act(LEAD, publish_framework, draft, version)
    return draft


def _waiting(demo: "Demo") -> list[LessonLine]:
    with Session(demo.engine) as session:
        return [line for group in lessons_page(session, demo.area_id, "waiting").waiting for line in group.lessons]


def ask_for_names(demo: "Demo", round_id: str) -> None:
    """A request that waits for its second person, Ruth Adeyemi."""
    with Session(demo.engine) as session:
        plan, _ = unblinding.plans(session, demo.area_id, round_id)[0]
    demo.act(LEAD, unblinding.ask, round_id, plan, WHY, f"{demo.settings.base_url.rstrip('/')}/unblinding/{{}}")
