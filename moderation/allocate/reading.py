"""PROBLEM.json in, a checked `Problem` out. Whatever is wrong is named by file, field and row, all of it at once."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from moderation.words import InvalidInput
from moderation.words import Problem as Fault

from .costs import CostRow
from .problem import Conflict, Problem

FIELDS = tuple(Problem.__dataclass_fields__)
DEAREST = 1000
MOST_AVAILABLE = 1000
MOST_TOGETHER = 10_000


def read_problem(path: Path) -> Problem:
    """The problem in a file."""
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_no_key_twice)
    except OSError as error:
        raise InvalidInput([Fault("file", f"cannot be read: {error.strerror}", file=path.name)]) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput([Fault("file", f"is not JSON: {error}", file=path.name)]) from error
    return parse_problem(content, path.name)


def parse_problem(content: Any, file: str | None = None) -> Problem:
    """The problem in the fields of PROBLEM.json, or InvalidInput with everything that is wrong with it."""
    reader = _Reader(file)
    if not isinstance(content, dict):
        raise InvalidInput([Fault("file", "the problem must be an object with agencies and plans", file)])
    problem = reader.problem(content)
    if reader.faults:
        raise InvalidInput(reader.faults)
    return problem


def _shown(value: Any) -> str:
    text = str(value)[:80]
    return text if _writable(text) else ascii(text)


def _writable(text: str) -> bool:
    """Half of a surrogate pair is a text to JSON but cannot be written anywhere."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


@dataclass
class _Reader:
    """Reads one field after the other and notes what is wrong; what is wrong is left out of what it returns."""

    file: str | None
    faults: list[Fault] = field(default_factory=list)
    agencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    agency_of: dict[str, str] = field(default_factory=dict)
    plans: dict[str, int] = field(default_factory=dict)

    def fault(self, where: str, message: str, row: int | None = None, value: Any = None) -> None:
        self.faults.append(Fault(where, message, self.file, row, value=None if value is None else _shown(value)))

    def problem(self, content: Mapping[str, Any]) -> Problem:
        self._misspelt(content)
        self.agencies = self._agencies(content.get("agencies"))
        seeds = self._ids("seeds", content.get("seeds", []))
        plans = tuple(plan for plan in self._ids("plans", content.get("plans")) if plan not in set(seeds))
        self.plans = {plan: place for place, plan in enumerate([*plans, *seeds])}
        conflicts = self._conflicts(content.get("conflicts", []))
        per_plan = self._numbers("auditors_per_plan", content.get("auditors_per_plan", {}), self.agencies, "agency", 0, 99)
        self._somebody(per_plan)
        return Problem(
            agencies=self.agencies,
            plans=plans,
            capacity=self._numbers("capacity", content.get("capacity", {}), self.agency_of, "auditor", 0),
            auditors_per_plan=per_plan,
            extra=self._extra(content.get("extra", [])),
            conflicts=conflicts,
            expertise_cost=self._costs(content.get("expertise_cost", {})),
            history=self._history(content.get("history", [])),
            seeds=seeds,
            locked=self._locked(content.get("locked", []), conflicts),
            load_window=self._windows(content.get("load_window", {})),
            availability=self._numbers(
                "availability", content.get("availability", {}), self.agency_of, "auditor", 1, MOST_AVAILABLE
            ),
            linking_share=self._share(content.get("linking_share")),
            pair_weight=self._weight(content.get("pair_weight")),
        )

    def _misspelt(self, content: Mapping[str, Any]) -> None:
        """Other fields may be there for other readers, but a slip of the pen must not lose the conflicts."""
        for name in sorted(set(content) - set(FIELDS)):
            meant = get_close_matches(name, FIELDS, n=1, cutoff=0.8)
            if meant:
                self.fault(name, f"there is no such field: is {meant[0]} meant?")

    def _agencies(self, given: Any) -> dict[str, tuple[str, ...]]:
        named = [
            (name, who)
            for row, (name, who) in enumerate(self._object("agencies", given).items(), 1)
            if self._id("agencies", name, row)
        ]
        agencies = {name: self._ids(f"agencies.{name}", auditors) for name, auditors in named}
        if not agencies:
            self.fault("agencies", "there must be at least one agency")
        for name, auditors in agencies.items():
            for auditor in auditors:
                if auditor in self.agency_of:
                    self.fault(f"agencies.{name}", f"the auditor is in {self.agency_of[auditor]} already", value=auditor)
                self.agency_of.setdefault(auditor, name)
        return agencies

    def _somebody(self, per_plan: Mapping[str, int]) -> None:
        for name, auditors in self.agencies.items():
            if not auditors and per_plan.get(name, 1):
                self.fault(f"agencies.{name}", "the agency has nobody, but every plan needs one of its auditors")

    def _ids(self, where: str, given: Any) -> tuple[str, ...]:
        ids = [one for row, one in enumerate(self._list(where, given), 1) if self._id(where, one, row)]
        for one, times in Counter(ids).items():
            if times > 1:
                self.fault(where, f"stands there {times} times", value=one)
        return tuple(dict.fromkeys(ids))

    def _id(self, where: str, one: Any, row: int) -> bool:
        if isinstance(one, str) and one.strip() and _writable(one):
            return True
        self.fault(where, "must be a text that names something", row, one)
        return False

    def _conflicts(self, given: Any) -> tuple[Conflict, ...]:
        rows = self._rows("conflicts", given, (2, 3), "[plan, auditor, reason]")
        return tuple(
            Conflict(plan, auditor, (reason[0] or "") if reason else "")
            for row, (plan, auditor, *reason) in rows
            if self._plan("conflicts", plan, row)
            and self._auditor("conflicts", auditor, row)
            and self._reason(reason[0] if reason else None, row)
        )

    def _reason(self, reason: Any, row: int) -> bool:
        if reason is None or (isinstance(reason, str) and _writable(reason)):
            return True
        self.fault("conflicts", "the reason must be a text", row, ascii(reason))
        return False

    def _extra(self, given: Any) -> tuple[tuple[str, str], ...]:
        rows = self._rows("extra", given, (2,), "[plan, agency]")
        return tuple(
            (plan, agency)
            for row, (plan, agency) in rows
            if self._plan("extra", plan, row) and self._known("extra", agency, self.agencies, "agency", row)
        )

    def _history(self, given: Any) -> tuple[tuple[str, str, int], ...]:
        rows = self._rows("history", given, (3,), "[auditor, auditor, times together]")
        return tuple((one, other, times) for row, (one, other, times) in rows if self._together(one, other, times, row))

    def _together(self, one: Any, other: Any, times: Any, row: int) -> bool:
        if not (self._auditor("history", one, row) and self._auditor("history", other, row)):
            return False
        if one == other:
            self.fault("history", "an auditor cannot have been together with themselves", row, one)
            return False
        return self._whole("history", times, 0, MOST_TOGETHER, row)

    def _locked(self, given: Any, conflicts: Iterable[Conflict]) -> tuple[tuple[str, str], ...]:
        barred = {(conflict.plan, conflict.auditor) for conflict in conflicts}
        kept: dict[tuple[str, str], None] = {}
        for row, (plan, auditor) in self._rows("locked", given, (2,), "[plan, auditor]"):
            if self._plan("locked", plan, row) and self._auditor("locked", auditor, row):
                if (plan, auditor) in barred:
                    self.fault("locked", "work has started in spite of a conflict", row, f"{plan}-{auditor}")
                if (plan, auditor) in kept:
                    self.fault("locked", "stands there twice", row, f"{plan}-{auditor}")
                kept[plan, auditor] = None
        return tuple(kept)

    def _costs(self, given: Any) -> dict[str, Mapping[str, int]]:
        rows = self._object("expertise_cost", given)
        return {who: self._cost_row(who, row) for who, row in rows.items() if self._auditor("expertise_cost", who)}

    def _cost_row(self, who: str, given: Any) -> Mapping[str, int]:
        return CostRow.of(self.plans, self._numbers(f"expertise_cost.{who}", given, self.plans, "plan", 0, DEAREST))

    def _windows(self, given: Any) -> dict[str, tuple[int, int]]:
        windows = self._object("load_window", given)
        return {
            who: (window[0], window[1])
            for who, window in windows.items()
            if self._auditor("load_window", who) and self._window(who, window)
        }

    def _window(self, who: str, window: Any) -> bool:
        where = f"load_window.{who}"
        if isinstance(window, list) and len(window) == 2 and all(self._whole(where, end, 0, None) for end in window):
            if window[0] <= window[1]:
                return True
            self.fault(where, "the least is more than the most", value=window)
        elif not (isinstance(window, list) and len(window) == 2):
            self.fault(where, "must be [least, most]", value=window)
        return False

    def _share(self, given: Any) -> float | None:
        if given is None or (isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1):
            return given
        self.fault("linking_share", "must be between 0 and 1", value=given)
        return None

    def _weight(self, given: Any) -> int | None:
        return given if given is not None and self._whole("pair_weight", given, 0, 1_000_000) else None

    def _numbers(
        self, where: str, given: Any, known: Mapping[str, Any], kind: str, least: int, most: int | None = None
    ) -> dict[str, int]:
        return {
            name: number
            for name, number in self._object(where, given).items()
            if self._known(where, name, known, kind) and self._whole(f"{where}.{name}", number, least, most)
        }

    def _plan(self, where: str, plan: Any, row: int) -> bool:
        return self._known(where, plan, self.plans, "plan", row)

    def _auditor(self, where: str, auditor: Any, row: int | None = None) -> bool:
        return self._known(where, auditor, self.agency_of, "auditor", row)

    def _known(self, where: str, name: Any, known: Mapping[str, Any], kind: str, row: int | None = None) -> bool:
        if isinstance(name, str) and name in known:
            return True
        self.fault(where, f"there is no {kind} of this name", row, name)
        return False

    def _whole(self, where: str, number: Any, least: int, most: int | None, row: int | None = None) -> bool:
        if isinstance(number, int) and not isinstance(number, bool) and least <= number <= (number if most is None else most):
            return True
        limits = f"{least} or more" if most is None else f"from {least} to {most}"
        self.fault(where, f"must be a whole number, {limits}", row, number)
        return False

    def _object(self, where: str, given: Any) -> dict[str, Any]:
        if isinstance(given, dict):
            return given
        self.fault(where, "is missing" if given is None else "must be an object")
        return {}

    def _list(self, where: str, given: Any) -> list[Any]:
        if isinstance(given, list):
            return given
        self.fault(where, "is missing" if given is None else "must be a list")
        return []

    def _rows(self, where: str, given: Any, lengths: tuple[int, ...], shape: str) -> list[tuple[int, list[Any]]]:
        rows = list(enumerate(self._list(where, given), 1))
        for number, row in rows:
            if not (isinstance(row, list) and len(row) in lengths):
                self.fault(where, f"must be {shape}", number, row)
        return [(number, row) for number, row in rows if isinstance(row, list) and len(row) in lengths]
