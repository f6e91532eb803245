"""Decisions of the register, in plain values: which rows may be imported, what a pack must be, when it may change."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from moderation.words import InvalidInput, Problem, Refused

from .codes import PlanEvent, PrimaryNeed, SettingType
from .columns import COLUMNS, FURTHER_DATES, Column, Unusable, column_called
from .sheets import Table

REQUIRED_COLUMNS = tuple(column for column in COLUMNS if column.required)


@dataclass(frozen=True)
class PlanFacts:
    """What the register knows of one issued version of a plan."""

    reference: str
    year_group: int
    primary_need: PrimaryNeed
    setting_type: SettingType
    plan_event: PlanEvent
    setting: str | None = None
    team: str | None = None
    requested_on: date | None = None
    review_on: date | None = None
    issued_on: date | None = None
    further_dates: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownVersion:
    """The latest version of a case on the register."""

    plan_event: str
    issued_on: date | None


def check_import(table: Table, known: Mapping[str, KnownVersion], today: date) -> tuple[PlanFacts, ...]:
    """The plans of a file, or InvalidInput with everything that is wrong. `known` is keyed by the reference in small letters."""
    columns, problems = _columns(table)
    if problems:
        raise InvalidInput(problems)
    plans: list[PlanFacts] = []
    for number, line in table.rows:
        row = _Row(table.file, number, line, columns)
        facts = row.facts(today)
        if facts is not None:
            plans.append(facts)
            row.check_newer(facts, known.get(facts.reference.casefold()))
        problems += row.problems
    problems += _repeated_references(table, columns)
    if not table.rows:
        problems.append(Problem("", "has a header, but no plans under it", file=table.file))
    if problems:
        raise InvalidInput(sorted(problems, key=lambda problem: problem.row or 0))
    return tuple(plans)


def _columns(table: Table) -> tuple[list[Column | None], list[Problem]]:
    """Which column each cell of a row belongs to, and what is wrong with the header."""
    found = [column_called(heading) if heading else None for heading in table.header]
    allowed = ", ".join(column.key for column in COLUMNS)
    problems = [
        _header_problem(table, "is not a column of this import", heading, allowed)
        for heading, column in zip(table.header, found, strict=True)
        if heading and column is None
    ]
    times = Counter(column.key for column in found if column)
    problems += [_header_problem(table, "is there more than once", key, None) for key, count in times.items() if count > 1]
    missing = [column.key for column in REQUIRED_COLUMNS if column not in found]
    if missing:
        problems.append(_header_problem(table, "lacks these columns", ", ".join(missing), allowed))
    return found, problems


def _header_problem(table: Table, message: str, value: str, allowed: str | None) -> Problem:
    return Problem("", message, file=table.file, row=1, column="header", value=value[:100], allowed=allowed)


class _Row:
    """One row while it is read; collects what is wrong with it."""

    def __init__(self, file: str, number: int, line: tuple[str, ...], columns: list[Column | None]) -> None:
        self.file, self.number, self.problems = file, number, list[Problem]()
        self.texts = {column.key: text for column, text in zip(columns, line, strict=False) if column}
        for place, text in enumerate(line):
            if text and (place >= len(columns) or columns[place] is None):
                self.wrong(f"number {place + 1}", "has no heading", text)

    def facts(self, today: date) -> PlanFacts | None:
        values = {column.key: self._read(column, today) for column in COLUMNS}
        self._check_order(values)
        if self.problems:
            return None
        further = {key: values.pop(key) for key in FURTHER_DATES}
        return PlanFacts(**values, further_dates={key: day for key, day in further.items() if day})

    def check_newer(self, facts: PlanFacts, known: KnownVersion | None) -> None:
        """A known reference must bring a version that is later than the one on the register."""
        if known is None:
            return
        if (facts.plan_event, facts.issued_on) == (known.plan_event, known.issued_on):
            self.wrong("reference", "is already in the register, with the same plan event and issue date", facts.reference)
        elif facts.issued_on is None:
            self.wrong("issued_on", "is needed: this reference is in the register, and only a later version can be added", None)
        elif known.issued_on and facts.issued_on <= known.issued_on:
            allowed = f"dates after {known.issued_on.isoformat()}, the version in the register"
            self.wrong("issued_on", "is not later than the version in the register", facts.issued_on.isoformat(), allowed)

    def wrong(self, column: str, message: str, value: str | None, allowed: str | None = None) -> None:
        self.problems.append(Problem("", message, self.file, self.number, column, value[:100] if value else None, allowed))

    def _read(self, column: Column, today: date) -> Any:
        text = self.texts.get(column.key, "")
        if not text:
            if column.required:
                self.wrong(column.key, "is missing", None, column.allowed)
            return None
        if text.startswith("="):
            return self.wrong(column.key, "is a formula. Paste its value instead", text, column.allowed)
        try:
            return column.read(text, today)
        except Unusable as problem:
            return self.wrong(column.key, str(problem), text, column.allowed)

    def _check_order(self, values: Mapping[str, Any]) -> None:
        issued = values["issued_on"]
        for key in ("requested_on", "review_on", *FURTHER_DATES):
            if issued and values[key] and values[key] > issued:
                self.wrong(key, "is after the plan was issued", self.texts[key], f"dates up to {issued.isoformat()}")


def _repeated_references(table: Table, columns: list[Column | None]) -> Iterator[Problem]:
    place = next(n for n, column in enumerate(columns) if column and column.key == "reference")
    first: dict[str, int] = {}
    for number, line in table.rows:
        reference = line[place] if place < len(line) else ""
        earlier = first.setdefault(reference.casefold(), number)
        if reference and earlier != number:
            yield Problem(
                "",
                f"is in row {earlier} too",
                file=table.file,
                row=number,
                column="reference",
                value=reference[:100],
                allowed="each reference once in a file",
            )


HELD = (
    "A round that is not published yet uses this plan, or may use it as a hidden plan, so its audit pack cannot change now. "
    "A plan of the round’s sample can be withdrawn from the round."
)


def check_changeable(is_held: bool) -> None:
    """While a round works with a plan, its pack stays as it is: auditors must all have judged the same documents."""
    if is_held:
        raise Refused(HELD)


def check_places(places: Mapping[str, int | None], pages: int) -> None:
    """Sections begin on pages that the document has."""
    wrong = [
        Problem(f"section_{key}", f"Section {key} must be on a page from 1 to {pages}")
        for key, page in places.items()
        if page is not None and not 1 <= page <= pages
    ]
    if wrong:
        raise InvalidInput(wrong)


def places_in_words(places: Mapping[str, int | None]) -> dict[str, str]:
    return {f"section {key}": f"page {page}" if page else "not in this document" for key, page in places.items()}


def wordless_in_words(wordless: Sequence[int], pages: int) -> str:
    """Which pages are pictures, and what that means for those who read them."""
    if not wordless:
        return ""
    which = "Every page is a picture" if len(wordless) == pages > 1 else _which_pages(wordless)
    return f"{which}, so {'its' if len(wordless) == 1 else 'their'} words cannot be searched, quoted or read aloud."


def _which_pages(numbers: Sequence[int]) -> str:
    """Like "Page 3 is a picture" and "Pages 1, 3 to 5 and 9 are pictures"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    parts = [f"{span[0]} to {span[-1]}" if len(span) > 2 else " and ".join(map(str, span)) for span in spans]
    if len(numbers) == 1:
        return f"Page {parts[0]} is a picture"
    words = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"Pages {words} are pictures"


def is_same_file(sha256: str, uploaded: str | None, other_sha256: str, other_uploaded: str | None) -> bool:
    """Whether two documents are the same, as uploaded or as kept: a Word file becomes a slightly different PDF each time."""
    return sha256 == other_sha256 or (uploaded is not None and uploaded == other_uploaded)
