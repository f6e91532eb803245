"""Takes the pictures of README and docs/tour.md from the demonstration: python scripts/screens.py

Builds a fresh demonstration in a temporary folder, signs in as each role and writes docs/screens/*.png.
"""

import io
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from moderation.commands.demo_world import PASSWORD, address  # noqa: E402

OUT = ROOT / "docs" / "screens"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = (1280, 900), (375, 740)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with _demonstration() as base, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        _lead(_signed_in(browser, base, "Grace Obi"), base)
        _auditor(_signed_in(browser, base, "Helen Marsh", (1440, 900)), base, "")
        _auditor(_signed_in(browser, base, "Robert Chen", PHONE), base, "-phone")
        _moderator(_signed_in(browser, base, "Priya Nair"), base)
        _area_lead(_signed_in(browser, base, "Ruth Adeyemi"), base)
        browser.close()


@contextmanager
def _demonstration() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "moderation.commands", "demo", "--port", str(port), "--folder", folder]
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield _answering(f"http://127.0.0.1:{port}")
        finally:
            running.terminate()
            running.wait()


def _answering(base: str) -> str:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{base}/health", timeout=5).close()
        except OSError:
            time.sleep(1)
        else:
            return base
    raise RuntimeError("the demonstration does not answer")


def _signed_in(browser: Browser, base: str, name: str, size: tuple[int, int] = WIDE) -> Page:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.goto(f"{base}/sign-in")
    page.fill("input[name=email]", address(name))
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def _keep(page: Page, name: str, whole: bool = True) -> None:
    """Save a picture in 64 colours: a page of text needs no more, and the repository stays small."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
    cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, 2000)))
    cut.quantize(64).save(OUT / f"{name}.png", optimize=True)


def _follow(page: Page, words: str) -> None:
    page.get_by_role("link", name=words).first.click()


def _lead(page: Page, base: str) -> None:
    page.goto(f"{base}/rounds")
    _follow(page, "Autumn")
    _keep(page, "round")
    page.goto(f"{base}/plans")
    _keep(page, "plans", whole=False)


def _auditor(page: Page, base: str, suffix: str) -> None:
    page.goto(f"{base}/my-plans")
    _keep(page, f"my-plans{suffix}", whole=False)
    page.locator("main form button").first.click()
    page.goto(f"{base}/my-plans")
    page.locator("main .govuk-button").first.click()
    _keep(page, f"sheet{suffix}", whole=False)


def _moderator(page: Page, base: str) -> None:
    page.goto(f"{base}/disagreements")
    _follow(page, "September")
    _keep(page, "disagreements", whole=False)
    page.goto(f"{base}/meetings")
    _follow(page, "Summer")
    page.locator("a[href$='/minutes']").first.click()
    _keep(page, "minutes")


def _area_lead(page: Page, base: str) -> None:
    page.goto(f"{base}/agreement")
    _keep(page, "agreement")
    page.goto(f"{base}/quality")
    _keep(page, "quality")


if __name__ == "__main__":
    main()
