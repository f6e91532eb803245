"""Reads nested plain values (YAML, JSON) field by field and collects everything that is wrong, so that all errors come at once."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from moderation.words import Problem

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")
REQUIRED: Any = object()
LONGEST_TEXT = 20_000


class Reader:
    """One mapping at a path. Every method takes a field, notes a problem where it cannot, and gives a harmless value instead."""

    def __init__(self, content: Any, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._taken: set[str] = set()
        if not isinstance(content, Mapping):
            self.wrong("", "must be a group of named fields", content)
            content = {}
        self.content = {str(key): value for key, value in content.items()}

    def text(self, name: str, default: str = REQUIRED) -> str:
        value = self._take(name, default)
        if value is None:
            return ""
        if not isinstance(value, str) or (default is REQUIRED and not value.strip()):
            return self._refuse(name, "must be text", value, "")
        if len(value) > LONGEST_TEXT:
            return self._refuse(name, f"must be {LONGEST_TEXT:,} characters or fewer", f"{value[:40]}...", "")
        return value.strip()

    def optional_text(self, name: str) -> str | None:
        return self.text(name, default="") or None

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._take(name, default)
        return value if isinstance(value, bool) else self._refuse(name, "must be true or false", value, default, "true, false")

    def whole(self, name: str) -> int:
        value = self._take(name, REQUIRED)
        return 0 if value is None else self._as_whole(name, value)

    def optional_whole(self, name: str) -> int | None:
        value = self._take(name, None)
        return None if value is None else self._as_whole(name, value)

    def number(self, name: str, default: float, highest: float = 1e6) -> float:
        value = self._take(name, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= highest:
            return float(value)
        return self._refuse(name, "must be a number", value, default, f"0 to {highest:,.0f}")

    def optional_number(self, name: str, highest: float = 1e6) -> float | None:
        return self.number(name, 0.0, highest) if self.content.get(name) is not None else None

    def word(self, name: str, words: type[Word]) -> Word:
        return self._one_of(words, self._take(name, REQUIRED), name)

    def key_of(self, name: str, known: Iterable[str]) -> str:
        """A key that stands elsewhere in the framework: a section, a scale."""
        value = self._take(name, REQUIRED)
        allowed = list(known)
        if value is not None and str(value) not in allowed:
            self.wrong(name, "is not in this framework", value, ", ".join(allowed))
        return str(value)

    def words(self, name: str, words: type[Word], everything: str | None = None) -> tuple[Word, ...]:
        """A list of words; the single word `everything` stands for all of them."""
        value = self._take(name, [])
        if everything is not None and value == everything:
            return tuple(words)
        given = {self._one_of(words, each, name) for each in self._list(name, value)}
        return tuple(word for word in words if word in given)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._list(name, self._take(name, []))
        if not all(isinstance(value, str) for value in values):
            self.wrong(name, "must be a list of texts", values)
        return tuple(str(value) for value in values)

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._take(name, {})
        if isinstance(value, Mapping):
            return {str(key): each for key, each in value.items()}
        return self._refuse(name, "must be a group of named fields", value, {})

    def inner(self, name: str) -> "Reader":
        return Reader(self.mapping(name), self._at(name), self.problems)

    def each(self, name: str, build: Callable[["Reader"], Value], key: str = "id") -> tuple[Value, ...]:
        """A list of groups, each built by `build`; the path names each by its own key."""
        built = []
        for place, item in enumerate(self._list(name, self._take(name, [])), start=1):
            own = item.get(key) if isinstance(item, Mapping) else None
            reader = Reader(item, f"{self._at(name)}[{own or place}]", self.problems)
            built.append(build(reader))
            reader.nothing_else()
        return tuple(built)

    def each_named(self, name: str, build: Callable[[str, "Reader"], Value]) -> tuple[Value, ...]:
        """A group of named groups, each built from its name and a reader."""
        built = []
        for key, item in self.mapping(name).items():
            reader = Reader(item, f"{self._at(name)}.{key}", self.problems)
            built.append(build(key, reader))
            reader.nothing_else()
        return tuple(built)

    def nothing_else(self) -> None:
        """Refuse fields that nobody asked for: most are misspelt."""
        for name in self.content.keys() - self._taken:
            self.wrong(name, "is not a field here", None, ", ".join(sorted(self._taken)))

    def wrong(self, name: str, message: str, value: Any, allowed: str | None = None) -> None:
        seen = None if value is None else str(value)[:100]
        self.problems.append(Problem(self._at(name), message, value=seen, allowed=allowed))

    def _take(self, name: str, default: Any) -> Any:
        """The field's value; None when it is required and missing, which is then said already."""
        self._taken.add(name)
        value = self.content.get(name)
        if value is None and default is REQUIRED:
            self.wrong(name, "is missing", None)
            return None
        return default if value is None else value

    def _as_whole(self, name: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._refuse(name, "must be a whole number", value, 0)

    def _one_of(self, words: type[Word], value: Any, name: str) -> Word:
        allowed = [word.value for word in words]
        if str(value) in allowed:
            return words(str(value))
        if value is not None:
            self.wrong(name, "is not one of the words allowed", value, ", ".join(allowed))
        return next(iter(words))

    def _list(self, name: str, value: Any) -> list[Any]:
        return list(value) if isinstance(value, (list, tuple)) else self._refuse(name, "must be a list", value, [])

    def _refuse(self, name: str, message: str, value: Any, instead: Value, allowed: str | None = None) -> Value:
        self.wrong(name, message, value, allowed)
        return instead

    def _at(self, name: str) -> str:
        return ".".join(part for part in (self.path, name) if part)
