"""A real browser for tests: the service on a free port, windows of people, and a look at pages for what must never be there."""

import base64
import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from moderation.database import open_engine
from moderation.settings import Settings
from moderation.wiring import create_app

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DESKTOP, PHONE = 1280, 375
OWN_NOISE = "Failed to load resource"  # how Chromium itself comments on an expected 4xx


def launch(playwright: Playwright) -> Browser:
    """Debian's chromium, or the one that $CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no chromium: install it (apt install chromium) or say in $CHROMIUM where it is"
    return playwright.chromium.launch(executable_path=path, args=FLAGS.split())


@dataclass(frozen=True)
class Live:
    """The service as people reach it."""

    url: str
    settings: Settings
    engine: Engine
    app: Flask

    def environment(self) -> dict[str, str]:
        """The same installation for a command."""
        keys = {name: base64.b64encode(getattr(self.settings, name)).decode() for name in ("master_key", "ledger_key")}
        plain = {name: str(getattr(self.settings, name)) for name in ("database_url", "secret_key", "store_url", "data_dir")}
        mail = {"base_url": self.url, "smtp_url": self.settings.smtp_url}
        return {f"MODERATION_{name.upper()}": value for name, value in {**keys, **plain, **mail}.items()}


@contextmanager
def serve(settings: Settings, prepare: Callable[[Engine], None] = lambda engine: None) -> Iterator[Live]:
    """The service on a free port of this machine, with threads, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = replace(settings, base_url=f"http://127.0.0.1:{port}")
    engine = open_engine(settings)
    prepare(engine)
    app = create_app(settings, engine)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Live(settings.base_url, settings, engine, app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.dispose()


@dataclass
class Windows:
    """Every window that a test opens, and everything that went wrong in them."""

    browser: Browser
    faults: list[str] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)
    without_script: set[Page] = field(default_factory=set)

    def open(self, width: int = DESKTOP, script: bool = True) -> Page:
        """A window of its own, as of another person at another computer."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        context.set_default_timeout(20_000)
        page = context.new_page()
        if not script:
            self.without_script.add(page)
        page.on("console", lambda message: self._console(page, message))
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        self.contexts.append(context)
        return page

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(OWN_NOISE):
            self.faults.append(f"{page.url}: {message.text}")

    def look(self, page: Page) -> None:
        """Once for each kind of page: no barrier that axe finds, and no sideways scrolling, on a desktop and on a phone.

        axe is a script itself, so a window that runs none is left alone.
        """
        kind = kind_of(page)
        if kind in self.looked_at or page in self.without_script:
            return
        self.looked_at.add(kind)
        for width in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": 900})
            self.faults += [f"{kind} at {width}: {fault}" for fault in [*barriers(page), *overflow(page)]]

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def kind_of(page: Page) -> str:
    """The address without its ids, and the heading: two pages of one kind differ in their data only."""
    return f"{re.sub(r'/[A-Za-z0-9_-]{22}', '/*', urlsplit(page.url).path)} “{page.title()}”"


def barriers(page: Page) -> list[str]:
    """What axe finds of WCAG 2.2, levels A and AA."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def overflow(page: Page) -> list[str]:
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{beyond}px wider than the screen"] if beyond > 0 else []
