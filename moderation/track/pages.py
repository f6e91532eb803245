"""Agreement, plan quality and feedback: parse, ask, render."""

from flask import Blueprint

pages = Blueprint("track", __name__)

from . import (  # noqa: E402  (they add their pages to the Blueprint)
    pages_actions,  # noqa: F401
    pages_agreement,  # noqa: F401
    pages_feedback,  # noqa: F401
    pages_helped,  # noqa: F401
    pages_lessons,  # noqa: F401
    pages_quality,  # noqa: F401
    pages_question,  # noqa: F401
    pages_seeds,  # noqa: F401
)
