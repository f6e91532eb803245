"""A missing value in a template is an error, except where GOV.UK's macros rely on it: absent parameters and a few names."""

from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import UndefinedError
from jinja2.utils import missing

LENIENT_NAMES = frozenset({"caller", "null", "successBanner", "typeClass", "undefined"})


class Strict(StrictUndefined):
    """Strict for names and for attributes of views; a key that a dict does not have is merely empty."""

    __slots__ = ()

    def __new__(
        cls, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: type[Exception] = UndefinedError
    ) -> Any:
        if isinstance(obj, dict) or name in LENIENT_NAMES:
            return Undefined(hint, obj, name, exc)  # type: ignore[arg-type]
        return super().__new__(cls)
