"""The Blueprint that every page of people belongs to."""

from flask import Blueprint

pages = Blueprint("people", __name__)
