"""The import contracts of pyproject.toml hold: stages run forward, rules are pure, the doors to the ratings are the known ones."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent.parent
DOORS = {"actions", "own", "progress", "locked", "released"}


def test_every_import_contract_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    code = lint_imports(no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_the_contracts_name_the_five_doors_and_no_more() -> None:
    """A contract is only as good as its list."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    importers = {
        contract["protected_modules"][0]: contract["allowed_importers"] for contract in contracts if "allowed_importers" in contract
    }
    assert set(importers["moderation.score.tables"]) == {f"moderation.score.{door}" for door in DOORS}
    assert importers["moderation.score.locked"] == ["moderation.measure.actions"]
    assert set(importers["moderation.score.released"]) == {"moderation.moderate.queries", "moderation.track.queries"}


def test_a_forbidden_import_breaks_a_contract(tmp_path: Path) -> None:
    """The linter sees what it is meant to see: a page of a later stage that opens the rating tables."""
    for name in ("moderation", "stats", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    package = tmp_path / "moderation"
    package.unlink()
    package.mkdir()
    for entry in (ROOT / "moderation").iterdir():
        (package / entry.name).symlink_to(entry)
    (package / "track").unlink()
    (package / "track").mkdir()
    for entry in (ROOT / "moderation" / "track").iterdir():
        (package / "track" / entry.name).symlink_to(entry)
    (package / "track" / "leak.py").write_text("from ..score.tables import Rating\n\n__all__ = ['Rating']\n")
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1 and "moderation.track.leak -> moderation.score.tables" in done.stdout, done.stdout + done.stderr
