"""What the search finds in one text, in forms that a table of sentences can state."""

from datetime import date

from moderation.register.identity.kinds import Kind, Known
from moderation.register.identity.search import search

TODAY = date(2026, 11, 30)


def found(text: str, known: Known = Known()) -> list[tuple[str, str]]:  # noqa: B008 - frozen
    """What is found in a text: the words and their token."""
    return [(text[one.start : one.end], one.token) for one in search([[text]], known, TODAY)]


def kinds(text: str, known: Known = Known()) -> list[tuple[Kind, str]]:  # noqa: B008
    return [(one.kind, text[one.start : one.end]) for one in search([[text]], known, TODAY)]


def marked(text: str, known: Known = Known()) -> str:  # noqa: B008
    """The text with what is found in it in angle brackets: `<Lily>`, and `<?Lily>` for a possible name."""
    for one in reversed(search([[text]], known, TODAY)):
        sign = "?" if one.kind is Kind.POSSIBLE_NAME else ""
        text = f"{text[: one.start]}<{sign}{text[one.start : one.end]}>{text[one.end :]}"
    return text


def plain(text: str) -> str:
    """A marked text without its marks."""
    return text.replace("<?", "").replace("<", "").replace(">", "")
