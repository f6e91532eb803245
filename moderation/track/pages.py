"""Agreement, plan quality and feedback: parse, ask, render."""

from flask import Blueprint

pages = Blueprint("track", __name__)

from . import pages_actions, pages_agreement, pages_feedback, pages_helped, pages_lessons, pages_quality, pages_seeds  # noqa: E402, F401  (they add their pages to the Blueprint)
