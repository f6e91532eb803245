"""What a framework version says differently from the one it is based on."""

from dataclasses import dataclass, replace

from moderation.words import AGENCY_NAMES

from .criteria import Criterion, Framework


@dataclass(frozen=True)
class FieldChange:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class CriterionChange:
    """One criterion that was changed, added (no `before`) or taken out (no `after`)."""

    key: str
    title: str
    fields: tuple[FieldChange, ...]


def changes(before: Framework, after: Framework) -> tuple[CriterionChange, ...]:
    """The criteria that differ, in the order of the later framework."""
    # Comparability is said of each step anew: what the earlier version said about its own predecessor is no difference.
    old = {criterion.key: replace(criterion, comparable_with_previous=True) for criterion in before.criteria}
    new = {criterion.key: criterion for criterion in after.criteria}
    both = [_change(old.get(key), criterion) for key, criterion in new.items()]
    gone = [_change(criterion, None) for key, criterion in old.items() if key not in new]
    return tuple(change for change in (*both, *gone) if change.fields)


def _change(before: Criterion | None, after: Criterion | None) -> CriterionChange:
    named = [criterion for criterion in (after, before) if criterion]
    return CriterionChange(named[0].key, named[0].title, differing_fields(before, after))


def differing_fields(before: Criterion | None, after: Criterion | None) -> tuple[FieldChange, ...]:
    """Where two texts of a criterion differ, in words."""
    said, says = _said(before), _said(after)
    fields = [FieldChange(name, said.get(name, ""), says.get(name, "")) for name in {**said, **says}]
    return tuple(field for field in fields if field.before != field.after)


def _said(criterion: Criterion | None) -> dict[str, str]:
    """Everything a criterion says, in words, by the name that pages use for it."""
    if criterion is None:
        return {}
    levels = {f"Level: {level.label}": level.descriptor for level in criterion.levels}
    rulings = {f"Ruling {place} ({ruling.adopted_on})": ruling.text for place, ruling in enumerate(criterion.rulings, start=1)}
    return {
        "Title": criterion.title,
        "Question": criterion.question,
        "Guidance": criterion.guidance,
        **levels,
        "Good example": criterion.good_example,
        "Not yet example": criterion.not_yet_example,
        "Not applicable": criterion.na_rule,
        "Year groups": criterion.applies_when.in_words or "All",
        "Scored by": ", ".join(AGENCY_NAMES[kind] for kind in criterion.scorers),
        "Weight": f"{criterion.weight:g}",
        "Statutory": _yes(criterion.statutory),
        "Critical": _yes(criterion.critical),
        "May be compared with the version before": _yes(criterion.comparable_with_previous),
        **rulings,
    }


def _yes(is_so: bool) -> str:
    return "Yes" if is_so else "No"
