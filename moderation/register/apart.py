"""Works on files in a process of its own: hostile ones then cost that process, not the service.

Questions and answers are ZIP archives.
"""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping

MOST_MEMORY = 1_500_000_000


def packed(parts: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return archive.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def ask(module: str, verb: str, content: bytes, seconds: int) -> dict[str, bytes]:
    """What `python -m module verb` answers about a file; one that crashes it or takes too long is a refusal of the file."""
    secretless = {name: value for name, value in os.environ.items() if not name.startswith("MODERATION_")}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module, verb], input=content, capture_output=True, timeout=seconds, check=True, env=secretless
        )
    except subprocess.TimeoutExpired:
        return {"refused": b"takes too long to read. Split it, or save it again as PDF"}
    except subprocess.CalledProcessError:
        return {"refused": b"cannot be read. Open it and save it again as PDF"}
    return unpacked(done.stdout)


def limit_memory() -> None:
    """For the process itself, before it opens anything."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
