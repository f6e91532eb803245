"""Pages are light: what a browser keeps it keeps for good, what travels is compressed, and the sheet stays under its weight."""

import re
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.database import open_engine
from moderation.settings import Settings
from moderation.web.assets import version_of
from moderation.wiring import create_app
from tests.build import a_world, an_open_round, start_session
from tests.build_sheets import a_sheet

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
MOST = 90_000  # bytes that travel for the whole sheet, pictures apart; the promise is 300,000


def test_the_sheet_stays_under_its_weight_and_keeps_its_files(one_database: Settings) -> None:
    engine = open_engine(one_database)
    client, path = _a_sheet(one_database, engine)
    page = client.get(path, headers=BROWSER)
    assert page.headers["Content-Encoding"] in ("br", "gzip") and page.headers["Cache-Control"] == "no-store"
    assert {"Cookie", "HX-Request", "Accept-Encoding"} <= {one.strip() for one in page.headers["Vary"].split(",")}
    weight = len(page.data)
    for address in sorted(set(re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get(path).text))):
        file = client.get(address, headers=BROWSER)
        assert file.status_code == 200 and "immutable" in file.headers["Cache-Control"], address
        weight += len(file.data)
    module = client.get(re.sub(r"js/.*", "vendor/govuk-frontend.min.js", address), headers=BROWSER)  # start.js imports it
    assert weight + len(module.data) < MOST
    engine.dispose()


def _a_sheet(settings: Settings, engine: Engine) -> tuple[FlaskClient, str]:
    world = a_world(engine)
    sheet_id = a_sheet(engine, world, an_open_round(engine, world), world.helen)
    client = create_app(settings, engine).test_client()
    with client.session_transaction() as session:
        session["token"] = start_session(engine, world.helen)
    return client, f"/sheets/{sheet_id}/questions/F02"


def test_a_changed_file_has_a_new_address(tmp_path: Path) -> None:
    (tmp_path / "app.css").write_text("a {}")
    before = version_of(tmp_path)
    assert version_of(tmp_path) == before
    (tmp_path / "app.css").write_text("b {}")
    assert version_of(tmp_path) != before
