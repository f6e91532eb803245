"""What makes pages light: files that a browser keeps for good, and answers that travel compressed."""

import gzip
import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_compress import Compress

# Pictures and downloads are compressed already, or are not worth the time.
WORTH_IT = ["text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"]


BEST: dict[str, Callable[[bytes], bytes]] = {"br": partial(brotli.compress, quality=10), "gzip": gzip.compress}


def version_of(folder: Path) -> str:
    """A name for the files as they are. It is part of their addresses, so a browser never keeps an old one."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def compress(app: Flask) -> None:
    """Compress pages and static files for browsers that ask for it.

    A compressed page that holds a secret must not be fetched by other sites as often as they like (BREACH): the session
    cookie is SameSite=Lax, so they get the page of somebody who is not signed in.
    """
    app.config.update(COMPRESS_MIMETYPES=WORTH_IT, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_LEVEL=5, COMPRESS_BR_LEVEL=4)
    Compress(app)
    kept: dict[tuple[str, str], bytes] = {}

    @app.after_request
    def best_for_files(response: Response) -> Response:
        """A file is compressed once, as well as can be: everybody waits for style sheets before they see anything."""
        how = request.accept_encodings.best_match(BEST)
        if request.endpoint == "static" and response.status_code == 200 and how and response.mimetype in WORTH_IT:
            response.direct_passthrough = False
            key = (how, request.path)
            if key not in kept:
                kept[key] = BEST[how](response.get_data())
            response.set_data(kept[key])
            response.headers["Content-Encoding"] = how
            response.vary.add("Accept-Encoding")
        return response
