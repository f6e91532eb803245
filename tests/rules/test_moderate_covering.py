"""Who has to be invited so that each agency can take part in every plan of an agenda."""

from moderation.moderate.covering import Candidate, absent, gaps, inviting, inviting_everybody, people_for
from moderation.words import AgencyKind

EDUCATION, HEALTH, CARE = AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE
NEEDED = (EDUCATION, HEALTH, CARE)


def person(name: str, kind: AgencyKind, *out_of: str, invited: bool = False) -> Candidate:
    return Candidate(name.lower(), name, kind, invited, frozenset(out_of))


def proposed(people: list[Candidate], *plans: str) -> list[str]:
    return [one.name for one in people_for(gaps(NEEDED, people, plans))]


def test_one_of_each_agency_is_enough_where_nobody_has_a_conflict() -> None:
    people = [person("Tom", CARE), person("Shirin", CARE), person("Helen", EDUCATION), person("Amina", HEALTH)]
    assert proposed(people, "NF-1", "NF-2") == ["Helen", "Amina", "Tom"]


def test_nobody_is_proposed_for_an_agency_that_is_invited_already_or_that_the_round_does_not_have() -> None:
    people = [person("Tom", CARE, invited=True), person("Helen", EDUCATION, invited=True), person("Amina", HEALTH)]
    assert proposed(people, "NF-1") == ["Amina"]
    assert gaps((EDUCATION, CARE), people, ["NF-1"]) == ()


def test_where_the_first_has_a_conflict_with_a_plan_somebody_else_is_proposed_or_both() -> None:
    people = [person("Tom", CARE, "NF-1"), person("Shirin", CARE)]
    assert [one.name for gap in gaps((CARE,), people, ["NF-1", "NF-2"]) for one in gap.people] == ["Shirin"]
    apart = [person("Tom", CARE, "NF-1"), person("Shirin", CARE, "NF-2")]
    assert [one.name for gap in gaps((CARE,), apart, ["NF-1", "NF-2"]) for one in gap.people] == ["Tom", "Shirin"]


def test_a_plan_that_nobody_of_an_agency_can_speak_about_is_said_and_nobody_is_invited_for_it() -> None:
    people = [person("Tom", CARE, "NF-1", invited=True), person("Shirin", CARE, "NF-1")]
    (gap,) = gaps((CARE,), people, ["NF-1", "NF-2"])
    assert (gap.plans, gap.beyond, gap.people) == ({"NF-1"}, {"NF-1"}, ())


def test_an_agency_without_any_person_is_missing_everywhere_and_an_empty_agenda_needs_nobody() -> None:
    (gap,) = gaps((HEALTH,), [person("Tom", CARE)], ["NF-1"])
    assert (gap.kind, gap.beyond) == (HEALTH, {"NF-1"})
    assert gaps(NEEDED, [], []) == ()


def test_an_agency_is_absent_when_nobody_of_it_is_wanted_whatever_those_who_are_have_a_conflict_with() -> None:
    people = [person("Shirin", CARE), person("Tom", CARE, "NF-1"), person("Amina", HEALTH, invited=True)]
    for wanted, missing in (("tom", HEALTH), ("shirin", HEALTH), ("amina", CARE)):
        assert absent((CARE, HEALTH), people, {wanted}) == (missing,)


def test_gaps_can_be_asked_for_other_invitations_than_those_sent() -> None:
    people = [person("Tom", CARE, invited=True), person("Shirin", CARE)]
    assert gaps((CARE,), inviting(people, {"shirin"}), ["NF-1"]) == ()
    assert gaps((CARE,), inviting(people, set()), ["NF-1"])[0].plans == {"NF-1"}
    assert gaps((CARE,), inviting_everybody([person("Shirin", CARE)]), ["NF-1"]) == ()
