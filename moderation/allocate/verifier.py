"""An independent check of an allocation, in plain Python: it shares no code with what made the allocation.

It reads nothing but the problem and the result, counts again, and says in sentences what is wrong.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .problem import Allocation, Problem, Shortfall


def violations(problem: Problem, allocations: Sequence[Allocation], shortfalls: Iterable[Shortfall] = ()) -> list[str]:
    """Everything in which an allocation breaks the rules; empty when it stands."""
    agency_of = {auditor: agency for agency, auditors in problem.agencies.items() for auditor in auditors}
    unknown = list(_unknown(problem, agency_of, allocations))
    if unknown:
        return unknown
    short = list(shortfalls)
    return [
        *_repeated(allocations),
        *_conflicted(problem, allocations),
        *_moved(problem, allocations),
        *_overloaded(problem, allocations),
        *_uncovered(problem, agency_of, allocations, short),
        *_unproved(problem, agency_of, allocations, short),
        *_seeds_missed(problem, agency_of, allocations),
    ]


def _unknown(problem: Problem, agency_of: dict[str, str], allocations: Sequence[Allocation]) -> Iterator[str]:
    plans = {*problem.plans, *problem.seeds}
    for one in allocations:
        if one.plan not in plans:
            yield f"There is no plan {one.plan}."
        if agency_of.get(one.auditor) != one.agency:
            yield f"{one.auditor} does not work for {one.agency}."


def _repeated(allocations: Sequence[Allocation]) -> Iterator[str]:
    for (plan, auditor), times in Counter((one.plan, one.auditor) for one in allocations).items():
        if times > 1:
            yield f"{auditor} has {plan} {times} times."


def _conflicted(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    reasons = {(conflict.plan, conflict.auditor): conflict.reason for conflict in problem.conflicts}
    for one in allocations:
        if (one.plan, one.auditor) in reasons:
            yield f"{one.auditor} has {one.plan} in spite of a conflict ({reasons[one.plan, one.auditor] or 'no reason given'})."


def _moved(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    made = {(one.plan, one.auditor) for one in allocations}
    for plan, auditor in problem.locked:
        if (plan, auditor) not in made:
            yield f"{auditor} has begun {plan} and lost it."


def _overloaded(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    begun = Counter(auditor for _, auditor in problem.locked)
    for auditor, load in Counter(one.auditor for one in allocations).items():
        if load > max(_capacity(problem, auditor), begun[auditor]):
            yield f"{auditor} has {load} plans, with room for {_capacity(problem, auditor)}."


def _capacity(problem: Problem, auditor: str) -> int:
    everything = len(problem.plans) + len(problem.seeds)
    window = problem.load_window.get(auditor, (0, everything))
    return min(problem.capacity.get(auditor, everything), window[1])


def _wanted(problem: Problem, agency_of: dict[str, str]) -> Counter[tuple[str, str]]:
    """How many auditors of each agency each plan needs: more than asked for where more have begun."""
    seeds = set(problem.seeds)
    wanted = Counter(
        {
            (plan, agency): problem.auditors_per_plan.get(agency, 1)
            for agency in problem.agencies
            for plan in problem.plans
            if plan not in seeds
        }
    )
    for plan, agency in problem.extra:
        if plan not in seeds:
            wanted[plan, agency] += 1
    begun = Counter((plan, agency_of[auditor]) for plan, auditor in problem.locked if plan not in seeds)
    return wanted | begun


def _open(problem: Problem, agency_of: dict[str, str], allocations: Sequence[Allocation]) -> Counter[tuple[str, str]]:
    """The places of each plan and agency that nobody fills; negative where too many do."""
    seeds = set(problem.seeds)
    places = _wanted(problem, agency_of)
    places.subtract(Counter((one.plan, one.agency) for one in allocations if one.plan not in seeds))
    return places


def _uncovered(
    problem: Problem, agency_of: dict[str, str], allocations: Sequence[Allocation], shortfalls: list[Shortfall]
) -> Iterator[str]:
    """Places that are open without an explanation, places filled twice, and explanations of places that are filled."""
    places = _open(problem, agency_of, allocations)
    places.subtract(Counter((plan, short.agency) for short in shortfalls for plan in short.unfilled))
    for (plan, agency), number in places.items():
        if number:
            yield f"{plan} has {abs(number)} auditors too {'few' if number > 0 else 'many'} of {agency}, unexplained."


def _unproved(
    problem: Problem, agency_of: dict[str, str], allocations: Sequence[Allocation], shortfalls: list[Shortfall]
) -> Iterator[str]:
    """Explanations whose plans do not need more places than there are (Hall's condition), counted from the problem."""
    barred = {(conflict.plan, conflict.auditor) for conflict in problem.conflicts} | set(problem.locked)
    begun = Counter((plan, agency_of[auditor]) for plan, auditor in problem.locked)
    seeds, wanted = set(problem.seeds), _wanted(problem, agency_of)
    engaged = Counter(auditor for _, auditor in problem.locked)
    engaged.update(one.auditor for one in allocations if one.plan in seeds and (one.plan, one.auditor) not in barred)
    for short in shortfalls:
        need = sum(wanted[plan, short.agency] - begun[plan, short.agency] for plan in short.plans)
        have = sum(
            min(max(_capacity(problem, who) - engaged[who], 0), sum((plan, who) not in barred for plan in short.plans))
            for who in problem.agencies[short.agency]
        )
        if (need, have) != (short.need, short.have) or need - have != len(short.unfilled):
            yield f"{short.agency} is said to lack {short.need} - {short.have} places; counted again: {need} - {have}."


def _seeds_missed(problem: Problem, agency_of: dict[str, str], allocations: Sequence[Allocation]) -> Iterator[str]:
    """Auditors with room for another plan who lack a seed that they may score."""
    barred = {(conflict.plan, conflict.auditor) for conflict in problem.conflicts}
    made = {(one.plan, one.auditor) for one in allocations}
    load = Counter(one.auditor for one in allocations)
    for seed in problem.seeds:
        for auditor in agency_of:
            if (seed, auditor) not in made | barred and load[auditor] < _capacity(problem, auditor):
                yield f"{auditor} could score the seed {seed} and does not."
