"""Standing pairs: auditors who keep meeting, earlier rounds counted."""

from moderation.allocate.pairs import Recurring, recurring
from moderation.allocate.problem import Allocation
from moderation.allocate.queries import PersonName
from moderation.words import AgencyKind

PEOPLE = {
    who: PersonName(who, name, kind.value, kind.value, kind)
    for who, name, kind in [
        ("e", "Helen Marsh", AgencyKind.EDUCATION), ("h", "Amina Yusuf", AgencyKind.HEALTH), ("c", "Tom Evans", AgencyKind.CARE),
    ]
}  # fmt: skip
PLACES = [Allocation(plan, who, "") for plan, whose in (("P1", "eh"), ("P2", "ehc"), ("P3", "hc")) for who in whose]


def test_who_never_met_before_is_no_standing_pair_whatever_this_draw_does() -> None:
    assert recurring(PLACES, [], PEOPLE) is None
    assert recurring(PLACES * 4, [], PEOPLE) is None


def test_a_pair_is_standing_when_both_rounds_together_make_five_plans() -> None:
    assert recurring(PLACES, [["e", "h", 2]], PEOPLE) is None
    assert recurring(PLACES, [["e", "h", 3]], PEOPLE) == Recurring(1, ("Amina Yusuf", "Helen Marsh"), 5)


def test_the_pair_that_meets_most_is_named_in_whatever_order_it_was_kept() -> None:
    found = recurring(PLACES, [["h", "e", 3], ["c", "h", 7], ["gone", "h", 90]], PEOPLE)
    assert found == Recurring(2, ("Amina Yusuf", "Tom Evans"), 9)


def test_a_standing_pair_that_this_draw_keeps_apart_is_not_counted() -> None:
    assert recurring([Allocation("P1", "e", "")], [["e", "h", 9]], PEOPLE) is None
