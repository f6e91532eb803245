"""Samples are random, reproducible, and can be weighted back to the population."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.allocate.sampling import Candidate, draw_sample, proportional, stratum_name
from moderation.words import Refused

NEEDS = {"ASD": 50, "SEMH": 30, "SLCN": 20}
POPULATION = [Candidate(f"{need}{place}", {"primary_need": need}) for need, number in NEEDS.items() for place in range(number)]
BY_NEED = ("primary_need",)


def test_a_simple_sample_is_random_and_the_same_for_the_same_seed_in_any_order() -> None:
    sample = draw_sample(POPULATION, 10, "seed")
    assert len(set(sample.plans)) == 10 and sample.strata[0].population == 100
    assert draw_sample(list(reversed(POPULATION)), 10, "seed") == sample
    assert draw_sample(POPULATION, 10, "other") != sample


def test_strata_are_sampled_in_proportion() -> None:
    sample = draw_sample(POPULATION, 10, 1, stratify_by=BY_NEED)
    assert {one.name: one.drawn for one in sample.strata} == {"ASD": 5, "SEMH": 3, "SLCN": 2}
    assert {one.weight for one in sample.drawn} == {10.0}


def test_a_quota_oversamples_and_the_weights_give_the_population_back() -> None:
    sample = draw_sample(POPULATION, 20, 1, stratify_by=BY_NEED, quotas={"SLCN": 12})
    drawn = {one.name: one.drawn for one in sample.strata}
    assert drawn == {"ASD": 5, "SEMH": 3, "SLCN": 12}
    weighted = Counter()
    for one in sample.drawn:
        weighted[one.stratum] += one.weight
    assert {name: round(total) for name, total in weighted.items()} == NEEDS


def test_excluded_plans_are_kept_out_with_their_reason() -> None:
    sample = draw_sample(POPULATION, 99, 1, exclude={"ASD1": "tribunal"})
    assert "ASD1" not in sample.plans and sample.left_out == {"ASD1": "tribunal"}


def test_every_plan_has_the_same_chance() -> None:
    drawn = Counter(plan for seed in range(1000) for plan in draw_sample(POPULATION[:10], 3, seed).plans)
    assert all(240 < drawn[one.plan] < 360 for one in POPULATION[:10])


def test_a_larger_sample_with_the_same_seed_contains_the_smaller_one() -> None:
    assert set(draw_sample(POPULATION, 10, 1).plans) < set(draw_sample(POPULATION, 20, 1).plans)


def test_a_stratum_is_named_by_its_values() -> None:
    assert stratum_name({"need": "ASD", "phase": ""}, ("need", "phase")) == "ASD / not recorded"
    assert stratum_name({"need": "ASD"}, ()) == ""


@pytest.mark.parametrize(
    "size, quotas, words",
    [
        (101, {}, "101 plans cannot be drawn: 100 qualify"),
        (-1, {}, "cannot be drawn"),
        (10, {"MLD": 1}, "no plan is in that group"),
        (10, {"SLCN": 21}, "cannot be met"),
        (10, {"SLCN": 11}, "more than the 10 plans"),
        (90, {"SLCN": 1, "ASD": 1}, "leave 88 plans to draw from other groups, which have only 30"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(size: int, quotas: dict[str, int], words: str) -> None:
    with pytest.raises(Refused, match=words):
        draw_sample(POPULATION, size, 1, stratify_by=BY_NEED, quotas=quotas)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50)), st.data())
def test_shares_add_up_and_never_exceed_their_stratum(population: dict[str, int], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, sum(population.values())))
    shares = proportional(population, size)
    assert sum(shares.values()) == size and all(0 <= shares[name] <= population[name] for name in population)
