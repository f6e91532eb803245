"""A process that cannot start says why in one line and exits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KEYS = {
    "MODERATION_SECRET_KEY": "s" * 40,
    "MODERATION_MASTER_KEY": "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=",
    "MODERATION_LEDGER_KEY": "bGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGw=",
}
REACHED = "The database cannot be reached"


def start(folder: Path, *command: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ, **KEYS, "MODERATION_DATABASE_URL": f"sqlite:///{folder}/none.sqlite",
        "MODERATION_STORE_URL": f"file://{folder}/documents", "MODERATION_DATA_DIR": str(folder),
    }  # fmt: skip
    env |= {name: value for name, value in changed.items() if value is not None}
    env = {name: value for name, value in env.items() if changed.get(name, "") is not None}
    return subprocess.run([sys.executable, "-m", *command], env=env, capture_output=True, text=True, timeout=60, check=False)


SERVE, CLOCK, CLOCK_ALONE = ("moderation.commands", "serve"), ("moderation.commands", "clock"), ("moderation.clock",)


@pytest.mark.parametrize(
    ("command", "changed", "words"),
    [
        (SERVE, {"MODERATION_SECRET_KEY": "changeme"}, "at least 32 characters"),
        (SERVE, {"MODERATION_MASTER_KEY": "short"}, "32 random bytes"),
        (SERVE, {}, "run `moderation db upgrade`"),
        (SERVE, {"MODERATION_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}, REACHED),
        (SERVE, {"MODERATION_ACCESSIBILITY_CONTACT": "ask Sam"}, "MODERATION_ACCESSIBILITY_CONTACT must be an e-mail address"),
        (CLOCK, {"MODERATION_STORE_URL": "nowhere://documents"}, "MODERATION_STORE_URL cannot be used"),
        (CLOCK, {"MODERATION_DATABASE_URL": "sqlite:////no/such/folder/x.sqlite"}, REACHED),
        (SERVE, {"MODERATION_DATABASE_URL": "rubbish"}, "must be like sqlite:///file"),
        (CLOCK, {"MODERATION_DATABASE_URL": "oracle://a/b"}, "must be like sqlite:///file"),
        (CLOCK_ALONE, {}, "run `moderation db upgrade`"),
        (CLOCK_ALONE, {"MODERATION_SECRET_KEY": None}, "MODERATION_SECRET_KEY is not set"),
    ],
)
def test_a_wrong_installation_is_named_in_one_line(
    tmp_path: Path, command: tuple[str, ...], changed: dict[str, str | None], words: str
) -> None:
    done = start(tmp_path, *command, **changed)
    assert done.returncode not in (0, None)
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_job_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    assert start(tmp_path, "moderation.commands", "db", "upgrade").returncode == 0
    done = start(tmp_path, "moderation.commands", "run-job", "make_tea")
    assert done.returncode == 2
    assert "close_rounds" in done.stderr


def test_a_job_can_be_run_by_hand_and_the_ledger_verified(tmp_path: Path) -> None:
    assert start(tmp_path, "moderation.commands", "db", "upgrade").returncode == 0
    assert start(tmp_path, "moderation.commands", "run-job", "measure").stdout.strip() == "0 rounds measured"
    assert "stands" in start(tmp_path, "moderation.commands", "ledger", "verify").stdout


def test_a_demonstration_is_not_put_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    done = start(tmp_path, "moderation.commands", "demo", "--build-only", "--fresh", "--folder", str(tmp_path))
    assert done.returncode == 2 and "something else than a demonstration" in done.stderr
    assert (tmp_path / "thesis.odt").exists()
