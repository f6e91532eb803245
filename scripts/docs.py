"""Writes the generated documents (events, pages, settings, coefficients); with --check says which are out of date."""

import dataclasses
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from moderation.settings import Settings  # noqa: E402
from moderation.words import Event  # noqa: E402

STAGES = ("people", "register", "allocate", "score", "measure", "moderate", "track")
HEAD = "<!-- Written by scripts/docs.py (make docs). Do not edit. -->\n"


def main() -> int:
    wanted = {"events.md": events(), "pages.md": pages(), "settings.md": settings(), "coefficients.md": coefficients()}
    stale = [name for name, text in wanted.items() if _now(name) != text]
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/{name} is out of date: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (ROOT / "docs" / name).write_text(wanted[name], encoding="utf-8")
        print(f"docs/{name} written")
    return 0


def _now(name: str) -> str | None:
    path = ROOT / "docs" / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def events() -> str:
    lines = [
        HEAD,
        "# Events\n",
        "What can have happened, by stage. The first field is the subject; fields are ids, keys and states only.\n",
    ]
    for stage in STAGES:
        lines.append(f"## {stage}\n")
        lines += [f"- `{kind.__name__}` ({', '.join(field.name for field in dataclasses.fields(kind))})" for kind in _events(stage)]
        lines.append("")
    return "\n".join(lines)


def _events(stage: str) -> list[type[Event]]:
    package = importlib.import_module(f"moderation.{stage}")
    modules = [importlib.import_module(f"moderation.{stage}.{info.name}") for info in pkgutil.iter_modules(package.__path__)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, type) and issubclass(value, Event)}
    own = [kind for kind in found if kind is not Event and kind.__module__.startswith(f"moderation.{stage}.")]
    return sorted(own, key=lambda kind: kind.__name__)


def pages() -> str:
    lines = [HEAD, "# Pages\n", "Every route, and who may open it. Everybody else gets the page that a missing address gets.\n"]
    lines += ["| address | method | view | open to |", "|---|---|---|---|"]
    return "\n".join([*lines, *_routes(), ""])


def _routes() -> Iterator[str]:
    from moderation.wiring import routes

    for rule, methods, endpoint, who in routes():
        yield f"| `{rule}` | {methods} | {endpoint} | {who} |"


def coefficients() -> str:
    from stats import Scale, statistics_for

    lines = [
        HEAD,
        "# Coefficients\n",
        "Everything `moderation agreement` computes on a four-level scale, from the registry in `stats/registry.py`.\n",
    ]
    lines += ["| name | | what it says |", "|---|---|---|"]
    found = statistics_for(Scale.of("ordinal", [1, 2, 3, 4]))
    return "\n".join([*lines, *(f"| `{one.name}` | {one.title} | {one.about} |" for one in found), ""])


def settings() -> str:
    lines = [
        HEAD,
        "# Settings\n",
        "Environment variables, read once at the start. A missing or unsafe one stops the process with one line.\n",
    ]
    lines += ["| variable | default | what it decides |", "|---|---|---|"]
    for field in dataclasses.fields(Settings):
        default = "required" if field.default is dataclasses.MISSING else f"`{field.default}`" if field.default != "" else "none"
        lines.append(f"| `MODERATION_{field.name.upper()}` | {default} | {field.metadata['help']} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
