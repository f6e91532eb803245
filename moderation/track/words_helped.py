"""What "Did it help?" says in words. "Cannot tell" is an answer; "helped" is said only where the whole interval says so."""

from moderation.web.filters import join_words, number, percent, plural, points
from stats import Difference
from stats.adjusted import AdjustedChange

from .queries.helped import Fate, FollowUp, HelpedView, Voted

DISCUSSED = "Discussed against not discussed"
ENOUGH = 0.05  # an interval inside five points either way says that there was little to see


def answer(view: HelpedView) -> tuple[str, str]:
    """The verdict, from the next round alone, and what it rests on."""
    found = view.follow_up
    if found is None:
        return "It is too early to tell.", "What tells is the next round: whether auditors, each alone, then agree more."
    return verdict(found.discussed), f"{_grounds(found)} {_guidance(found)}"


def verdict(test: AdjustedChange) -> str:
    if test.value is None or test.low is None or test.high is None:
        return "We cannot tell whether the meetings helped."
    if test.low > 0:
        return "The meetings helped."
    if test.high < 0:
        return "After the meetings auditors agreed less on what was discussed."
    if test.low > -ENOUGH and test.high < ENOUGH:
        return "The meetings made little difference to the next round."
    return "We cannot tell whether the meetings helped."


def _grounds(found: FollowUp) -> str:
    test = found.discussed
    if test.value is None:
        return f"{test.undefined} (Questions that were discussed because auditors differed, and questions that nobody discussed.)"
    ends = f"{_points(test.low)} to {_points(test.high)}"
    often = f"{_points(abs(test.value)).lstrip('+')} percentage points {'more' if test.value > 0 else 'less'} often ({ends})"
    return (
        f"In {found.next.name} two auditors gave the same answer {often} on {plural(test.treated, 'question')} that had been "
        f"discussed than on {test.untreated} that had not, allowing for where each started. Without any meeting the discussed ones "
        f"would have changed by {_points(test.by_itself)} points."
    )


def _guidance(found: FollowUp) -> str:
    test = found.reworded
    if not any(one.reworded for one in found.questions):
        return "No question in both rounds had its guidance changed in between."
    if test.value is None:
        few = sum(one.reworded for one in found.questions)
        return f"Guidance was changed for {plural(few, 'question')} in between: too few to tell whether that helped."
    said = "rose more" if test.low is not None and test.low > 0 else "fell" if test.high is not None and test.high < 0 else None
    ends = f"{_points(test.value)} points, {_points(test.low)} to {_points(test.high)}"
    if said is None:
        return f"Whether the new guidance helped, we cannot tell ({ends})."
    return f"Where guidance was changed, agreement {said} than elsewhere ({ends})."


def _points(share: float | None) -> str:
    return points(share, "not known")


def follow_up_heading(found: FollowUp) -> str:
    return f"{verdict(found.discussed).rstrip('.')}: the next round on {plural(found.count(Fate.DIFFERED), 'discussed question')}"


def votes_heading(view: HelpedView) -> str:
    """Which questions clearly fell or rose in the vote; those that fell are named first."""
    fell, rose = ([row for row in view.voted if _clearly(row, way)] for way in (-1, 1))
    if fell:
        more = f", and more on {plural(len(rose), 'question')}" if rose else ""
        return f"After discussion auditors agreed less on {join_words(f'‘{row.name}’' for row in fell[:3])}{more}"
    if rose:
        return f"After discussion auditors gave the same answer more often on {plural(len(rose), 'question')}"
    whole = view.everything.same if view.everything else None
    if whole is not None and whole.is_clear:
        way = "more" if (whole.value or 0) > 0 else "less"
        both = f"{percent(whole.before.value)}, then {percent(whole.after.value)}"
        return f"After discussion auditors gave the same answer {way} often: {both}"
    return "Whether the discussion changed the votes, we cannot tell"


def _told(row: Voted) -> Difference | None:
    """The coefficient where there is one, because the share of same answers takes no account of chance."""
    return row.alpha if row.alpha is not None and row.alpha.value is not None and row.alpha.low is not None else row.same


def _clearly(row: Voted, way: int) -> bool:
    found = _told(row)
    return found is not None and found.is_clear and (found.value or 0) * way > 0


def voted_words(row: Voted) -> str:
    """Rose, fell, or cannot tell; a fall that is not clear is called lower."""
    found = _told(row)
    if found is None or found.value is None:
        return "cannot tell"
    if found.is_clear:
        return "rose" if found.value > 0 else "fell"
    way = "higher" if found.value > 0 else "lower" if found.value < 0 else "the same"
    return f"{way}, too little to tell"


def summary(view: HelpedView) -> str:
    """The votes in one sentence: how many questions rose, fell, or cannot be told."""
    said = [voted_words(row) for row in view.voted if row.same is not None]
    if not said:
        return "Fewer than five plans of any question were voted on, so no single question is shown."
    counts = {word: sum(one == word for one in said) for word in ("rose", "fell")}
    rest = len(said) - sum(counts.values())
    return (
        f"Of {plural(len(said), 'question')}, {counts['rose']} rose, {counts['fell']} fell, and for {number(rest)} we cannot tell."
    )
