"""The rules that send an answer to a meeting, as the lead sets them for a framework version: which are on, and how far apart is
far. What a framework says is where they start. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moderation.register.criteria import Framework, Trigger, TriggerKind
from moderation.words import InvalidInput, Problem

from .rules import TRIGGER_WORDS, Policy

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
    """One rule as the lead set it. `amount` counts levels, or percent; None where the kind has no number."""

    key: str
    is_on: bool
    amount: int | None = None


@dataclass(frozen=True)
class RoutingRule:
    """One rule as a page offers it."""

    trigger: Trigger
    setting: Setting

    @property
    def title(self) -> str:
        return TRIGGER_WORDS[self.trigger.kind]

    @property
    def is_fixed(self) -> bool:
        """A safeguarding or data-breach flag goes to the named person at once: nobody can switch that off."""
        return self.trigger.kind is TriggerKind.FLAG

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
    return tuple(
        RoutingRule(one, chosen.get(one.key) or Setting(one.key, one.key in own, amount_of(one))) for one in offered(framework)
    )


def amount_of(trigger: Trigger) -> int | None:
    if trigger.kind is TriggerKind.SPREAD:
        return trigger.at_least or 1
    return round(100 * (trigger.share or 0.5)) if trigger.kind in AMOUNTS else None


def policy_with(framework: Framework, settings: Sequence[Setting] | None) -> Policy:
    """Routing and grading under the framework with these settings."""
    if settings is None:
        return Policy.of(framework)
    on = [rule for rule in rules_of(framework, settings) if rule.setting.is_on or rule.is_fixed]
    return Policy.of(replace(framework, triggers=tuple(_set(rule.trigger, rule.setting.amount) for rule in on)))


def _set(trigger: Trigger, amount: int | None) -> Trigger:
    if amount is None or trigger.kind not in AMOUNTS:
        return trigger
    return replace(trigger, at_least=amount) if trigger.kind is TriggerKind.SPREAD else replace(trigger, share=amount / 100)


def check(framework: Framework, settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """The settings if they can be used: known rules, numbers within their limits, and something left to look for."""
    known = {trigger.key: trigger for trigger in offered(framework)}
    given = [setting for setting in settings if setting.key in known]
    problems = [problem for one in given if (problem := _wrong(known[one.key], one))]
    if not any(one.is_on and known[one.key].kind not in (TriggerKind.FLAG, TriggerKind.RANDOM_AGREED) for one in given):
        problems.append(Problem("on", "Keep at least one rule that finds disagreements"))
    if problems:
        raise InvalidInput(problems)
    return tuple(given)


def _wrong(trigger: Trigger, setting: Setting) -> Problem | None:
    limits = AMOUNTS.get(trigger.kind)
    if limits is None or not setting.is_on:
        return None
    _, unit, least, most = limits
    if setting.amount is None or not least <= setting.amount <= most:
        called = TRIGGER_WORDS[trigger.kind]
        return Problem(
            f"amount-{trigger.key}", f"{called}: enter a whole number from {least} to {most}{'' if unit == 'levels' else unit}"
        )
    return None


def stored(settings: Iterable[Setting]) -> list[dict[str, Any]]:
    """What the database keeps."""
    return [{"key": one.key, "on": one.is_on, "amount": one.amount} for one in settings]


def loaded(kept: Iterable[Mapping[str, Any]]) -> tuple[Setting, ...]:
    return tuple(Setting(one["key"], one["on"], one["amount"]) for one in kept)
