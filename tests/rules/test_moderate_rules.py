"""Routing, settling, quorum and the life cycles, in plain values."""

import random

import pytest

from moderation.moderate.policy import Policy
from moderation.moderate.rules import (
    AgencyKind,
    Mark,
    Outcome,
    agencies_to_show,
    calibration_sample,
    comparable,
    lower_median,
    moved,
    quorum_missing,
    refuse_conflicted,
    refuse_unsettled,
    route,
    settle_undiscussed,
)
from moderation.moderate.states import (
    DECIDED,
    DISAGREEMENT_MOVES,
    MEETING_MOVES,
    Basis,
    DisagreementState,
    MeetingState,
    move_disagreement,
    move_meeting,
)
from moderation.register.framework import builtin, parse
from moderation.words import Refused

POLICY = Policy.of(parse(builtin()))


def fired(key: str, *marks: Mark) -> set[str]:
    return set(route(marks, POLICY.criteria[key], POLICY.watches[key]))


def values(*ratings: float | None) -> list[Mark]:
    return [Mark(rating) for rating in ratings]


def fired_on(scale: dict[str, object], *ratings: float) -> set[str]:
    """What E02 fires when it is rated on another scale."""
    content = builtin()
    content["scales"]["other"] = scale
    content["criteria"] = [one | {"scale": "other", "levels": {}} if one["id"] == "E02" else one for one in content["criteria"]]
    policy = Policy.of(parse(content))
    return set(route(values(*ratings), policy.criteria["E02"], policy.watches["E02"]))


@pytest.mark.parametrize(
    ("ratings", "triggers"),
    [
        ((1, 2), set()),
        ((3, 4, 4), set()),
        ((2, 3), {"good_boundary"}),
        ((1, 3), {"spread2", "good_boundary"}),
        ((2, 3, 4), {"spread2", "good_boundary"}),
        ((1, None), set()),
        ((4,), set()),
        ((None, None), set()),
    ],
)
def test_quality_ratings_fire_spread_and_boundary(ratings: tuple[int | None, ...], triggers: set[str]) -> None:
    assert fired("E01", *values(*ratings)) == triggers


def test_any_yes_no_split_goes_to_moderation() -> None:
    assert fired("B01", *values(0, 1, 1)) == {"compliance_split"}
    assert fired("B01", *values(1, 1)) == set()


def test_any_difference_on_the_overall_judgement_goes_to_moderation() -> None:
    assert fired("O01", *values(3, 4)) == {"overall_split"}
    assert fired("O01", *values(3, 3)) == set()


def test_applicable_for_one_and_not_for_another_is_a_disagreement() -> None:
    assert fired("D01", Mark(3), Mark(non_score="not_applicable")) == {"na_split"}
    assert fired("D01", Mark(non_score="not_applicable"), Mark(non_score="not_applicable")) == set()


@pytest.mark.parametrize("missing", ["no_evidence", "outside_discipline"])
def test_missing_judgements_are_not_disagreements(missing: str) -> None:
    assert fired("D01", Mark(3), Mark(non_score=missing)) == set()
    assert fired("D01", Mark(non_score="not_applicable"), Mark(non_score=missing)) == set()


def test_unanswered_questions_are_not_disagreements() -> None:
    assert fired("D01", Mark(3), Mark(), Mark(3)) == set()
    assert fired("D01", Mark(non_score="not_applicable"), Mark()) == set()


def test_advice_each_discipline_rates_for_itself_is_never_compared() -> None:
    assert fired("K02", *values(1, 4, 2)) == set()
    assert not comparable(values(1, 4), POLICY.criteria["K02"])
    assert settle_undiscussed(values(1, 4), POLICY.criteria["K02"]) is None


def test_the_flag_of_a_concern_is_not_a_meeting_item() -> None:
    keys = {trigger.key for watches in POLICY.watches.values() for trigger in watches}
    assert "safeguarding" not in keys and "calibration" not in keys


def test_interval_scales_differ_from_two_upwards() -> None:
    interval = {"kind": "interval", "minimum": 1, "maximum": 5}
    assert fired_on(interval, 1, 3) == {"spread2"}
    assert fired_on(interval, 3, 4) == set()
    tenths = {"kind": "interval", "minimum": 10, "maximum": 50, "decimals": 1}
    assert fired_on(tenths, 30, 49) == set()
    assert fired_on(tenths, 30, 50) == {"spread2"}


def test_levels_are_counted_not_subtracted() -> None:
    bands = {"kind": "ordinal", "levels": [{"value": value, "key": f"b{value}", "label": str(value)} for value in (0, 20, 40, 60)]}
    assert fired_on(bands, 0, 20) == set()
    assert fired_on(bands, 0, 40) == {"spread2"}


def test_nominal_scales_of_any_size_split() -> None:
    colours = {"kind": "nominal", "levels": [{"value": value, "key": f"c{value}", "label": str(value)} for value in (1, 2, 3)]}
    assert fired_on(colours, 1, 3) == {"compliance_split"}


def test_low_confidence_is_routed_where_the_framework_asks_for_it() -> None:
    content = builtin()
    content["defaults"]["moderation_triggers"].append(
        {"id": "unsure", "kind": "low_confidence", "share": 0.5, "rule": "most not sure"}
    )
    policy = Policy.of(parse(content))
    unsure, sure = Mark(3, confidence="not_sure"), Mark(3, confidence="sure")
    assert route([unsure, unsure, sure], policy.criteria["E01"], policy.watches["E01"]) == ("unsure",)
    assert route([unsure, sure], policy.criteria["E01"], policy.watches["E01"]) == ()
    assert route([unsure], policy.criteria["E01"], policy.watches["E01"]) == ()


def test_a_share_of_nought_is_a_share_and_not_the_usual_half() -> None:
    content = builtin()
    content["defaults"]["moderation_triggers"] += [{"id": "unsure", "kind": "low_confidence", "share": 0, "rule": "any not sure"}]
    policy = Policy.of(parse(content))
    marks = [Mark(3, confidence="not_sure"), Mark(3, confidence="sure"), Mark(3, confidence="sure")]
    assert route(marks, policy.criteria["E01"], policy.watches["E01"]) == ("unsure",)


def test_routing_does_not_depend_on_the_order_of_the_auditors() -> None:
    dice = random.Random(5)
    for _ in range(200):
        marks = [Mark(dice.choice([1, 2, 3, 4, None])) for _ in range(4)]
        assert fired("F02", *marks) == fired("F02", *reversed(marks))


def test_a_tenth_of_the_agreed_plans_is_drawn_and_nobody_can_foresee_which() -> None:
    agreed = {f"P{place:03}": ["A01", "E01", "F02"] for place in range(200)} | {"empty": []}
    drawn = calibration_sample(agreed, 0.1, "key")
    assert len(drawn) == 20 and drawn == calibration_sample(dict(reversed(agreed.items())), 0.1, "key")
    assert drawn.keys() != calibration_sample(agreed, 0.1, "another key").keys()
    assert set(drawn.values()) == {"A01", "E01", "F02"}
    assert calibration_sample({}, 0.1, "key") == {}


def test_one_agreed_plan_is_enough_for_a_sample() -> None:
    assert calibration_sample({"P1": ["A01"]}, 0.1, "key") == {"P1": "A01"}


def test_an_agency_is_named_before_the_decision_from_three_auditors_on() -> None:
    assert agencies_to_show({"schools": 3, "nhs": 2, "social care": 5}) == {"schools", "social care"}


def test_a_quorum_is_one_person_from_each_kind_of_agency_in_the_round() -> None:
    needed = [AgencyKind.CARE, AgencyKind.EDUCATION, AgencyKind.HEALTH, AgencyKind.CARE]
    assert quorum_missing(needed, {AgencyKind.EDUCATION: 2, AgencyKind.HEALTH: 1, AgencyKind.OTHER: 1}) == (AgencyKind.CARE,)
    assert quorum_missing(needed, dict.fromkeys(needed, 1)) == ()
    assert quorum_missing([], {}) == ()


@pytest.mark.parametrize(("ratings", "middle"), [((3,), 3), ((2, 3), 2), ((4, 1, 3), 3), ((1, 4, 2, 3), 2), ((2.5, 3.5), 2.5)])
def test_the_lower_median(ratings: tuple[float, ...], middle: float) -> None:
    assert lower_median(ratings) == middle


def test_a_cell_nobody_discussed_gets_the_lower_median_and_says_so() -> None:
    e01 = POLICY.criteria["E01"]
    assert settle_undiscussed(values(2, 3), e01) == Outcome(2, None, Basis.NOT_DISCUSSED)
    assert settle_undiscussed([Mark(3), Mark(non_score="no_evidence")], e01) == Outcome(3, None, Basis.ONE_OPINION)
    assert settle_undiscussed([Mark(non_score="no_evidence"), Mark()], e01) is None
    assert settle_undiscussed([Mark(), Mark()], e01) is None


def test_a_cell_that_most_say_does_not_apply_does_not_apply() -> None:
    inapplicable, e01 = Mark(non_score="not_applicable"), POLICY.criteria["D01"]
    assert settle_undiscussed([inapplicable, inapplicable, Mark(3)], e01) == Outcome(None, "not_applicable", Basis.NOT_DISCUSSED)
    assert settle_undiscussed([inapplicable, Mark(3)], e01) == Outcome(3, None, Basis.NOT_DISCUSSED)
    assert settle_undiscussed([inapplicable], e01) == Outcome(None, "not_applicable", Basis.ONE_OPINION)


def test_nothing_leads_out_of_a_decision() -> None:
    for state in DECIDED:
        assert DISAGREEMENT_MOVES[state] == frozenset()
        with pytest.raises(Refused, match=state.words):
            move_disagreement(state, DisagreementState.LISTED)


def test_every_state_has_its_moves_and_its_words() -> None:
    assert set(DISAGREEMENT_MOVES) == set(DisagreementState) and all(state.words for state in DisagreementState)
    assert set(MEETING_MOVES) == set(MeetingState) and all(basis.words for basis in Basis)


def test_a_meeting_is_held_before_it_is_concluded() -> None:
    assert move_meeting(MeetingState.PLANNED, MeetingState.IN_SESSION) is MeetingState.IN_SESSION
    with pytest.raises(Refused, match="planned"):
        move_meeting(MeetingState.PLANNED, MeetingState.CONCLUDED)


def test_a_moderator_who_scored_the_plan_is_refused_with_the_plans_named() -> None:
    refuse_conflicted([])
    with pytest.raises(Refused, match="NF-1, NF-2"):
        refuse_conflicted(["NF-2", "NF-1"])


def test_publishing_waits_for_every_disagreement() -> None:
    refuse_unsettled(0)
    with pytest.raises(Refused, match=r"^1 disagreement is"):
        refuse_unsettled(1)
    with pytest.raises(Refused, match=r"^12 disagreements are"):
        refuse_unsettled(12)


def test_items_move_one_place_and_stop_at_the_ends() -> None:
    assert moved(["a", "b", "c"], "b", -1) == ["b", "a", "c"]
    assert moved(["a", "b", "c"], "b", 1) == ["a", "c", "b"]
    assert moved(["a", "b", "c"], "a", -1) == ["a", "b", "c"]
    assert moved(["a", "b", "c"], "c", 1) == ["a", "b", "c"]
