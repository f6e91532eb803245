"""The Blueprint that every page of register belongs to."""

from flask import Blueprint

pages = Blueprint("register", __name__)
