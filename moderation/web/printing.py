"""Pages as PDF: the same views in a template made for paper, tagged so that a screen reader can follow it."""

from pathlib import Path
from typing import Any

from flask import Response, current_app, make_response, render_template


def pdf_download(filename: str, template: str, view: Any, **extra: Any) -> Response:
    """A PDF that opens in the browser. Its template names a stylesheet of the static folder and nothing else."""
    response = make_response(as_pdf(render_template(template, view=view, **extra)))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return response


def as_pdf(html: str) -> bytes:
    from weasyprint import CSS, HTML  # late: it takes half a second to load

    styles = CSS(filename=Path(current_app.static_folder or "") / "css" / "print.css")
    content: bytes = HTML(string=html, url_fetcher=_nothing).write_pdf(stylesheets=[styles], pdf_variant="pdf/ua-1")
    return content


def _nothing(url: str, *args: Any, **kwargs: Any) -> Any:
    """What people wrote goes into these pages: whatever address stands in it, nothing is fetched."""
    raise ValueError("a printed page fetches nothing")
