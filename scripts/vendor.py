"""Fetches the two browser libraries we ship into `moderation/static/vendor/` (run by `make vendor`; needs npm).

The files are committed, so nobody needs npm to run the service. GOV.UK's fonts and crest are not ours to use: the
`@font-face` rules and every `url()` are taken out, and the typeface becomes Arial. Source maps are left out too.
"""

import hashlib
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "moderation" / "static" / "vendor"


@dataclass(frozen=True)
class Library:
    name: str
    version: str
    licence: str
    files: tuple[tuple[str, str], ...]  # (path inside the package, our name)


LIBRARIES = (
    Library(
        "govuk-frontend",
        "6.3.0",
        "MIT (govuk-frontend.LICENCE.txt)",
        (
            ("dist/govuk/govuk-frontend.min.css", "govuk-frontend.min.css"),
            ("dist/govuk/govuk-frontend.min.js", "govuk-frontend.min.js"),
        ),
    ),
    Library(
        "htmx.org",
        "2.0.11",
        "0BSD (htmx.LICENCE.txt)",
        (("dist/htmx.min.js", "htmx.min.js"), ("LICENSE", "htmx.LICENCE.txt")),
    ),
)


def main() -> None:
    lines = [_fetch(library) for library in LIBRARIES]
    (VENDOR / "VERSIONS.md").write_text(_HEADING + "".join(lines), encoding="utf-8")


def _fetch(library: Library) -> str:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{library.name}@{library.version}"]
        subprocess.run(command, cwd=folder, check=True, timeout=120)
        (package,) = Path(folder).glob("*.tgz")
        with tarfile.open(package) as archive:
            return "".join(_keep(archive, library, source, name) for source, name in library.files)


def _keep(archive: tarfile.TarFile, library: Library, source: str, name: str) -> str:
    member = archive.extractfile(f"package/{source}")
    if member is None:
        raise SystemExit(f"{library.name} {library.version} has no file {source}")
    text = clean(member.read().decode("utf-8"))
    (VENDOR / name).write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return f"| {name} | {library.name} {library.version} | {library.licence} | {digest} |\n"


def clean(text: str) -> str:
    """Without fonts, pictures and source maps; set in Arial.

    >>> clean('@font-face{src:url(x.woff)}a{font-family:GDS Transport,arial;background-image:url(/crest.svg)}')
    'a{font-family:arial;background-image:none}'
    """
    text = re.sub(r"@font-face\{[^}]*\}", "", text).replace("GDS Transport,", "")
    text = re.sub(r"url\([^)]*\)", "none", text) if "{font-family:" in text else text
    return re.sub(r"\s*/[/*]# sourceMappingURL=\S+(\s*\*/)?\s*$", "\n", text)


_HEADING = """# Vendored files

Written by `make vendor`; do not edit. The checksum is of the file as it stands here.
Changes made: fonts, pictures and source maps taken out of GOV.UK Frontend, which is set in Arial.

| file | from | licence | sha256 |
|---|---|---|---|
"""

if __name__ == "__main__":
    main()
