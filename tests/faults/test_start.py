"""A process that cannot start says why in one line and exits."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler

from moderation.commands import main

KEYS = {
    "MODERATION_SECRET_KEY": "s" * 40,
    "MODERATION_MASTER_KEY": "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=",
    "MODERATION_LEDGER_KEY": "bGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGw=",
}
REACHED = "The database cannot be reached"


def surroundings(folder: Path, changed: Mapping[str, str | None]) -> dict[str, str]:
    """The environment of a process with these settings; None leaves one out."""
    env = {
        **os.environ, **KEYS, "MODERATION_DATABASE_URL": f"sqlite:///{folder}/none.sqlite",
        "MODERATION_STORE_URL": f"file://{folder}/documents", "MODERATION_DATA_DIR": str(folder),
    }  # fmt: skip
    env |= {name: value for name, value in changed.items() if value is not None}
    return {name: value for name, value in env.items() if changed.get(name, "") is not None}


def start(folder: Path, *command: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    env = surroundings(folder, changed)
    return subprocess.run([sys.executable, "-m", *command], env=env, capture_output=True, text=True, timeout=60, check=False)


def assert_one_line(stderr: str, words: str) -> None:
    assert words in stderr
    assert len(stderr.strip().splitlines()) == 1, stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(
    ("command", "changed", "words"),
    [
        ("moderation.commands serve", {"MODERATION_SECRET_KEY": "changeme"}, "at least 32 characters"),
        ("moderation.clock", {}, "run `moderation db upgrade`"),
        ("moderation.clock", {"MODERATION_SECRET_KEY": None}, "MODERATION_SECRET_KEY is not set"),
    ],
)
def test_a_process_with_a_wrong_setting_ends_with_one_line(
    tmp_path: Path, command: str, changed: dict[str, str | None], words: str
) -> None:
    done = start(tmp_path, *command.split(), **changed)
    assert done.returncode not in (0, None)
    assert_one_line(done.stderr, words)


@pytest.mark.parametrize(
    ("command", "changed", "words"),
    [
        ("serve", {"MODERATION_MASTER_KEY": "short"}, "32 random bytes"),
        ("serve", {}, "run `moderation db upgrade`"),
        ("serve", {"MODERATION_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}, REACHED),
        ("serve", {"MODERATION_ACCESSIBILITY_CONTACT": "ask Sam"}, "MODERATION_ACCESSIBILITY_CONTACT must be an e-mail address"),
        ("clock", {"MODERATION_STORE_URL": "nowhere://documents"}, "MODERATION_STORE_URL cannot be used"),
        ("clock", {"MODERATION_DATABASE_URL": "sqlite:////no/such/folder/x.sqlite"}, REACHED),
        ("serve", {"MODERATION_DATABASE_URL": "rubbish"}, "must be like sqlite:///file"),
        ("clock", {"MODERATION_DATABASE_URL": "oracle://a/b"}, "must be like sqlite:///file"),
    ],
)
def test_a_wrong_installation_is_named_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    changed: dict[str, str | None],
    words: str,
) -> None:
    for name, value in surroundings(tmp_path, changed).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "execv", never_gets_here)
    monkeypatch.setattr(BlockingScheduler, "start", never_gets_here)
    assert main([command]) == 2
    assert_one_line(capsys.readouterr().err, words)


def never_gets_here(*_: object) -> None:
    raise AssertionError("it started")


@pytest.fixture
def installed(sqlite_template: Path, tmp_path: Path) -> Path:
    """The folder of an installation with an empty database."""
    shutil.copy(sqlite_template, tmp_path / "none.sqlite")
    return tmp_path


def test_an_unknown_job_is_answered_with_the_known_ones(installed: Path) -> None:
    done = start(installed, "moderation.commands", "run-job", "make_tea")
    assert done.returncode == 2
    assert "close_rounds" in done.stderr


def test_an_installation_is_set_up_a_job_run_by_hand_and_the_ledger_verified(tmp_path: Path) -> None:
    assert start(tmp_path, "moderation.commands", "db", "upgrade").returncode == 0
    assert start(tmp_path, "moderation.commands", "run-job", "measure").stdout.strip() == "0 rounds measured"
    assert "stands" in start(tmp_path, "moderation.commands", "ledger", "verify").stdout


def test_a_demonstration_is_not_put_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    done = start(tmp_path, "moderation.commands", "demo", "--build-only", "--fresh", "--folder", str(tmp_path))
    assert done.returncode == 2 and "something else than a demonstration" in done.stderr
    assert (tmp_path / "thesis.odt").exists()
