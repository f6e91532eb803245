"""Weak points of a draft in the words of the page: names instead of ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .problem import Warned
from .queries import PersonName


@dataclass(frozen=True)
class Names:
    people: Mapping[str, PersonName]
    references: Mapping[str, str]

    def person(self, account_id: str) -> str:
        found = self.people.get(account_id)
        return found.name if found else "an auditor who has left the round"

    def plan(self, round_plan_id: str) -> str:
        return self.references.get(round_plan_id, "a plan that has left the round")

    def agency(self, agency_id: str) -> str:
        return next((person.agency for person in self.people.values() if person.agency_id == agency_id), "this agency")


def warnings_of(cautions: Sequence[Mapping[str, Any]], names: Names) -> list[str]:
    """A sentence for every caution that the page does not say elsewhere; agencies whose auditors fall apart share one."""
    said = [_sentence(caution, names) for caution in cautions if caution["kind"] in SENTENCES]
    apart = sorted(names.agency(caution["agency"]) for caution in cautions if caution["kind"] == Warned.APART_WITHIN)
    return [*said, APART_WITHIN.format(_joined(apart))] if apart else said


SENTENCES: Mapping[str, str] = {
    Warned.ONE_CHOICE: "{plans} can be scored for {agency} by {auditors} only. If they decline, nobody can step in.",
    Warned.UNEVEN: "In {agency} the loads differ by {number} plans: limits and conflicts allow no more equal ones.",
    Warned.BELOW_WINDOW: "{auditors} cannot get as many plans as asked for.",
    Warned.TRIAD: "{auditors} meet on {number} plans: {plans}.",
}

APART_WITHIN = (
    "Colleagues of {} are compared through other agencies only. Where an agency scores criteria of its own, have some of its "
    "plans scored twice."
)


def _sentence(caution: Mapping[str, Any], names: Names) -> str:
    return SENTENCES[caution["kind"]].format(
        plans=_joined(sorted(names.plan(plan) for plan in caution["plans"])),
        agency=names.agency(caution["agency"] or ""),
        auditors=_joined(sorted(names.person(who) for who in caution["auditors"])) or "nobody",
        number=caution["number"],
    )


def _joined(words: Sequence[str]) -> str:
    """
    >>> _joined(["A", "B", "C"])
    'A, B and C'
    """
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
