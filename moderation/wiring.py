"""The service put together: a table of contents."""

from datetime import timedelta
from pathlib import Path

from flask import Flask, current_app, request, session
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from . import instants
from .allocate.pages import pages as allocate_pages
from .database import for_reading, open_engine, require_schema
from .moderate.pages import pages as moderate_pages
from .people.actions import touch_session
from .people.pages import pages as people_pages
from .people.queries import load_viewer
from .people.rules import wants_touch
from .register.pages import pages as register_pages
from .score.pages import pages as score_pages
from .settings import Settings
from .store import open_store
from .track.pages import pages as track_pages
from .web import filters
from .web.access import Viewer, guard, openness, visitor
from .web.assets import compress, version_of
from .web.errors import handle_errors
from .web.headers import set_headers
from .web.health import pages as health_pages
from .web.navigation import navigation
from .web.render import act_for_installation, close_db, db, htmx
from .web.render import settings as present_settings

STAGES = (people_pages, register_pages, allocate_pages, score_pages, moderate_pages, track_pages)
TEMPLATES = Path(__file__).parent.parent / "templates"
STATIC = Path(__file__).parent / "static"
MOST_BYTES = 60 * 1024 * 1024
MOST_BYTES_OF_MANY = 260 * 1024 * 1024


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """The web application. Raises BadSettings or WrongSchema in one line when it cannot serve."""
    settings = settings or Settings.from_env()
    engine = engine or open_engine(settings)
    require_schema(engine)
    app = Flask("moderation", static_url_path=f"/static/{version_of(STATIC)}", template_folder=str(TEMPLATES))
    app.extensions["moderation"] = {
        "settings": settings, "engine": engine, "reading": for_reading(engine), "store": open_store(settings).checked()
    }  # fmt: skip
    _configure(app, settings)
    _templates(app)
    app.before_request(_allow_large_uploads)  # before anything reads the form
    CSRFProtect(app)
    htmx.init_app(app)
    for stage in (*STAGES, health_pages):
        app.register_blueprint(stage)
    guard(app, _load_viewer)
    handle_errors(app)
    compress(app)
    set_headers(app, settings.secure)
    app.teardown_appcontext(close_db)
    return app


def routes() -> list[tuple[str, str, str, str]]:
    """Every route as (address, methods, endpoint, open to): documentation and tests read it."""
    app = Flask("moderation")
    for stage in (*STAGES, health_pages):
        app.register_blueprint(stage)
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    return [
        (rule.rule, _methods(rule), rule.endpoint, _openness(app, rule.endpoint)) for rule in rules if rule.endpoint != "static"
    ]


def _methods(rule: Rule) -> str:
    return ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def _openness(app: Flask, endpoint: str) -> str:
    return ", ".join(sorted(one.value for one in openness(app, endpoint)))


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form open over lunch must still be saved
        WTF_CSRF_SSL_STRICT=settings.secure,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]


def _allow_large_uploads() -> None:
    if request.endpoint == "register.uploads_new":
        request.max_content_length = MOST_BYTES_OF_MANY


def _templates(app: Flask) -> None:
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), govuk])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(filters.all_filters())
    app.context_processor(_shared)


def _shared() -> dict[str, object]:
    person = visitor()
    roles = person.roles if person and person.area_id else frozenset()
    return {
        "viewer": person,
        "navigation": navigation(roles, set(_endpoints()), request.endpoint),
        "now": instants.now(),
    }


def _endpoints() -> list[str]:
    return list(current_app.view_functions)


def _load_viewer() -> Viewer | None:
    token, now = session.get("token"), instants.now()
    if not token:
        return None
    found = load_viewer(db(), token, now, timedelta(minutes=present_settings().idle_minutes))
    if found and wants_touch(found.seen_at, now):
        act_for_installation(touch_session, found.session_id)
    close_db()  # from here on the request reads in the person's area only
    return found
