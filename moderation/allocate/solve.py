"""A problem in, an allocation or its explained shortfall out: the pipeline of a draw."""

from .arrays import Arrays, Flags, arrays
from .cautions import cautions
from .design import measured
from .fill import filled
from .problem import Allocation, Outcome, Problem, Shortfall
from .sharpen import sharpened
from .shortfall import shortfalls
from .swaps import swapped
from .terms import SLIDER, Setting, Terms, terms_of
from .triads import parted


def allocate(problem: Problem, seed: int | str = 1) -> Outcome:
    """Cover every plan, as evenly as the limits allow, with the right expertise and a design that links auditors."""
    laid_out = arrays(problem, seed)
    return outcome(laid_out, drawn(laid_out, terms_of(problem)))


def drawn(laid_out: Arrays, terms: Terms) -> Flags:
    """The pairs to make: cheapest first, then swaps for the sake of the design."""
    start = filled(laid_out, terms.linking_share, chain=terms.designed)
    if not terms.designed:
        return start.chosen
    chosen = swapped(laid_out, start.chosen, start.fixed, terms.pair_price)
    if terms.precision_price:
        chosen = sharpened(laid_out, chosen, terms)
    return parted(laid_out, chosen, start.fixed, terms.pair_price)


def trade_off(problem: Problem, seed: int | str = 1) -> tuple[tuple[Setting, Outcome], ...]:
    """What each position of the slider between expertise and independence would give."""
    return tuple((setting, allocate(setting.of(problem), seed)) for setting in SLIDER)


def outcome(laid_out: Arrays, chosen: Flags) -> Outcome:
    """Say what a choice of pairs (beside the locked ones) amounts to."""
    problem = laid_out.problem
    everything = chosen | laid_out.locked
    allocations = _allocations(laid_out, everything)
    short = explained(laid_out, chosen)
    return Outcome(
        allocations=allocations,
        cost=sum(problem.expertise_cost.get(one.auditor, {}).get(one.plan, 0) for one in allocations),
        loads=_loads(laid_out, everything),
        design=measured(laid_out, everything),
        shortfalls=short,
        warnings=cautions(laid_out, chosen),
        seed=laid_out.seed,
        inputs_sha256=problem.sha256,
    )


def explained(laid_out: Arrays, chosen: Flags) -> tuple[Shortfall, ...]:
    return tuple(short for desk in laid_out.desks for short in shortfalls(laid_out, desk, chosen[:, desk.columns]))


def _allocations(laid_out: Arrays, everything: Flags) -> tuple[Allocation, ...]:
    agency_of = laid_out.problem.agency_of
    pairs = [*laid_out.pairs(everything), *laid_out.seed_pairs]
    made = [Allocation(plan, auditor, agency_of[auditor]) for plan, auditor in pairs]
    return tuple(sorted(made, key=lambda one: (one.plan, one.agency, one.auditor)))


def _loads(laid_out: Arrays, everything: Flags) -> dict[str, int]:
    totals = everything.sum(axis=0) + laid_out.seeded.sum(axis=0)
    return {auditor: int(total) for auditor, total in sorted(zip(laid_out.auditors, totals, strict=True))}
