"""Documents for tests of audit packs, made when they are needed."""

import io
from datetime import date

from PIL import Image
from sqlalchemy import Engine
from weasyprint import HTML

from moderation.register import actions
from moderation.register.codes import PlanEvent, PrimaryNeed, SettingType
from moderation.register.rules import PlanFacts
from tests.build import World, act_as


def a_registered_plan(engine: Engine, world: World, reference: str = "NF-1") -> str:
    """A plan on the register without documents."""
    facts = PlanFacts(reference, 9, PrimaryNeed.SLCN, SettingType.SPECIAL, PlanEvent.NEW_PLAN, issued_on=date(2026, 3, 27))
    return str(act_as(engine, world.grace, world.area_id, actions.register_plans, [facts])[reference])


def a_picture_page(image: Image.Image | None = None) -> bytes:
    """A PDF of one page that is a picture, as a scanner makes it."""
    file = io.BytesIO()
    (image or Image.new("RGB", (300, 400), "grey")).save(file, "PDF")
    return file.getvalue()


def a_pdf(words: str = "Words.", pages: int = 1) -> bytes:
    """A PDF with these words on each page."""
    content: bytes = HTML(string=f"<div style='break-after: page'>{words}</div>" * (pages - 1) + f"<div>{words}</div>").write_pdf()
    return content
