"""The rules that send an answer to a meeting, as the lead sets them for a framework version: which are on, how far apart is far,
and between which levels a boundary lies. What a framework says is where they start. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from moderation.register.criteria import Framework, Trigger, TriggerKind
from moderation.words import InvalidInput, Problem

from .policy import Policy
from .rules import TRIGGER_WORDS

# Rules that every framework is offered, whether it has one of the kind or not; these start switched off.
STANDARD = (
    Trigger("low_confidence", TriggerKind.LOW_CONFIDENCE, "more than half of those who chose a level were not sure", share=0.5),
    Trigger("calibration", TriggerKind.RANDOM_AGREED, "a random share of what auditors agreed on", share=0.1),
)
AMOUNTS: Mapping[TriggerKind, tuple[str, str, int, int]] = {  # words before and after the number, least, most
    TriggerKind.SPREAD: ("Levels apart, at least", "levels", 1, 9),
    TriggerKind.LOW_CONFIDENCE: ("More than this share were not sure", "%", 10, 90),
    TriggerKind.RANDOM_AGREED: ("Share of plans with one answer drawn", "%", 1, 50),
}


@dataclass(frozen=True)
class Setting:
    """One rule as the lead set it. `amount` counts levels, or percent, or is the highest level below a boundary; None where the
    kind has no number."""

    key: str
    is_on: bool
    amount: int | None = None


@dataclass(frozen=True)
class RoutingRule:
    """One rule as a page offers it."""

    trigger: Trigger
    setting: Setting
    lines: Mapping[int, str]  # where a boundary may lie: the level below it, and both its sides in words

    @property
    def title(self) -> str:
        return TRIGGER_WORDS[self.trigger.kind]

    @property
    def is_fixed(self) -> bool:
        """A safeguarding or data-breach flag goes to the named person at once: nobody can switch that off."""
        return self.trigger.kind is TriggerKind.FLAG

    @property
    def words(self) -> str:
        """What it looks for. Where the boundary lies stands in its own field, which may say something else by now."""
        return "some auditors are below the boundary, and others above it" if self.lines else self.trigger.rule

    @property
    def said(self) -> str:
        """The rule as it is set, for the list of changes."""
        if not self.setting.is_on:
            return f"{self.title}: off"
        return f"{self.title}: {self.amount_said or 'on'}"

    @property
    def amount_said(self) -> str:
        before, unit = (self.amount_words or ("", ""))[:2]
        if self.lines:
            return f"between {self.lines.get(self.setting.amount or 0, 'no levels')}"
        return f"{before[:1].lower()}{before[1:]} {self.setting.amount}{unit if unit == '%' else ''}" if before else ""

    @property
    def amount_words(self) -> tuple[str, str, int, int] | None:
        return AMOUNTS.get(self.trigger.kind)


def offered(framework: Framework) -> tuple[Trigger, ...]:
    """The framework's own rules, and the standard ones of kinds that it lacks."""
    kinds = {trigger.kind for trigger in framework.triggers}
    keys = {trigger.key for trigger in framework.triggers}
    more = [one for one in STANDARD if one.kind not in kinds and one.key not in keys]
    return (*framework.triggers, *more)


def rules_of(framework: Framework, settings: Sequence[Setting] | None) -> tuple[RoutingRule, ...]:
    """Every rule on offer with its setting; without settings, as the framework says."""
    chosen = {setting.key: setting for setting in settings or ()}
    own = {trigger.key for trigger in framework.triggers}
    starts = {one: Setting(one.key, one.key in own, amount_of(one)) for one in offered(framework)}
    return tuple(_rule(one, chosen.get(one.key, start), lines_of(framework, one)) for one, start in starts.items())


def _rule(trigger: Trigger, setting: Setting, lines: Mapping[int, str]) -> RoutingRule:
    """Settings from before a boundary could be moved, or from a version with other levels, keep the framework's boundary."""
    fits = not lines or setting.amount in lines
    return RoutingRule(trigger, setting if fits else replace(setting, amount=trigger.boundary), lines)


def lines_of(framework: Framework, trigger: Trigger) -> dict[int, str]:
    """Where the boundary of a trigger can lie: between any two neighbours of the one scale of levels that it looks at."""
    if trigger.kind is not TriggerKind.BOUNDARY:
        return {}
    scales = {criterion.scale.key: criterion.scale for criterion in framework.criteria if trigger.watches(criterion)}
    levels = [sorted(scale.levels, key=lambda level: level.value) for scale in scales.values()]
    return {below.value: f"{below.label} and {above.label}" for below, above in pairwise(levels[0])} if len(levels) == 1 else {}


def amount_of(trigger: Trigger) -> int | None:
    if trigger.kind is TriggerKind.SPREAD:
        return trigger.at_least or 1
    if trigger.kind is TriggerKind.BOUNDARY:
        return trigger.boundary
    return round(100 * trigger.part) if trigger.kind in AMOUNTS else None


def policy_with(framework: Framework, settings: Sequence[Setting] | None) -> Policy:
    """Routing and grading under the framework with these settings."""
    if settings is None:
        return Policy.of(framework)
    on = [rule for rule in rules_of(framework, settings) if rule.setting.is_on or rule.is_fixed]
    return Policy.of(replace(framework, triggers=tuple(_set(rule.trigger, rule.setting.amount) for rule in on)))


def _set(trigger: Trigger, amount: int | None) -> Trigger:
    """The trigger with the lead's number, if its kind has one."""
    if amount is None:
        return trigger
    match trigger.kind:
        case TriggerKind.SPREAD:
            return replace(trigger, at_least=amount)
        case TriggerKind.BOUNDARY:
            return replace(trigger, boundary=amount)
        case kind:
            return replace(trigger, share=amount / 100) if kind in AMOUNTS else trigger


def check(framework: Framework, settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """The settings if they can be used: known rules, numbers within their limits, and something left to look for."""
    known = {trigger.key: trigger for trigger in offered(framework)}
    given = [setting for setting in settings if setting.key in known]
    problems = [problem for one in given if (problem := _wrong(known[one.key], one, lines_of(framework, known[one.key])))]
    if not any(one.is_on and known[one.key].kind not in (TriggerKind.FLAG, TriggerKind.RANDOM_AGREED) for one in given):
        problems.append(Problem("on", "Keep at least one rule that finds disagreements"))
    if problems:
        raise InvalidInput(problems)
    return tuple(given)


def _wrong(trigger: Trigger, setting: Setting, lines: Mapping[int, str]) -> Problem | None:
    """What is wrong with the number of one rule. A rule that is off keeps its number, so a boundary has to be one even then."""
    field, called = f"amount-{trigger.key}", TRIGGER_WORDS[trigger.kind]
    if lines:
        return None if setting.amount in lines else Problem(field, f"{called}: choose between which levels the boundary lies")
    limits = AMOUNTS.get(trigger.kind)
    if limits is None or not setting.is_on:
        return None
    _, unit, least, most = limits
    if setting.amount is not None and least <= setting.amount <= most:
        return None
    return Problem(field, f"{called}: enter a whole number from {least} to {most}{'' if unit == 'levels' else unit}")


def changed(before: Sequence[RoutingRule], after: Sequence[RoutingRule]) -> tuple[str, ...]:
    """What a change of the rules did, in words."""
    former = {rule.trigger.key: rule.said for rule in before}
    return tuple(rule.said for rule in after if former.get(rule.trigger.key) != rule.said)


def stored(settings: Iterable[Setting]) -> list[dict[str, Any]]:
    """What the database keeps."""
    return [{"key": one.key, "on": one.is_on, "amount": one.amount} for one in settings]


def loaded(kept: Iterable[Mapping[str, Any]]) -> tuple[Setting, ...]:
    return tuple(Setting(one["key"], one["on"], one["amount"]) for one in kept)
