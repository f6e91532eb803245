"""What pages show of one cell: Auditor A, B and C, and where their ratings stand on the scale. Plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation.register.criteria import Criterion, NonScore, TriggerKind
from moderation.words import AgencyKind

from .policy import Policy, level_name

FEW = 11
OFF_SCALE = {
    NonScore.NOT_APPLICABLE: ("Not applicable", "N/A"),
    NonScore.NO_EVIDENCE: ("No evidence in the pack", "No ev."),
    NonScore.OUTSIDE_DISCIPLINE: ("Outside my discipline", "Outs."),
}


@dataclass(frozen=True)
class AuditorView:
    """What Auditor A, B or C said. The agency is None where naming it could name the person."""

    letter: str
    agency_kind: AgencyKind | None
    agency_name: str
    value: int | None
    rating: str
    non_score: str | None
    confidence: str
    evidence: str
    quote: str
    quote_place: str

    @property
    def key(self) -> str:
        return answer_key(self.value, self.non_score)

    @property
    def spoken(self) -> str:
        agency = f" ({self.agency_name})" if self.agency_kind else ""
        return f"Auditor {self.letter}{agency}: {self.rating}."


def answer_key(value: float | None, non_score: str | None) -> str:
    """An answer as a form sends it: "3" or "not_applicable"."""
    return str(non_score) if value is None else str(int(value))


@dataclass(frozen=True)
class Column:
    """One answer that is possible, and who gave it. `edge`: the Good boundary lies before it."""

    key: str
    label: str
    short: str
    edge: bool = False
    off_scale: bool = False
    auditors: tuple[AuditorView, ...] = ()


@dataclass(frozen=True)
class Strip:
    """The ratings of a cell on their scale."""

    columns: tuple[Column, ...]
    spoken: str

    @property
    def wide(self) -> bool:
        """Few columns have room for longer words."""
        return sum(not column.off_scale for column in self.columns) <= 2


def strip_of(criterion: Criterion, auditors: Sequence[AuditorView], policy: Policy, agreed: str = "") -> Strip:
    """The levels of the scale, and of the other answers those that somebody gave or the meeting agreed."""
    given = {auditor.key for auditor in auditors} | {agreed}
    other = [answer for answer in NonScore if answer in given]
    columns = (*_on_scale(criterion, auditors, policy), *_off_scale(other))
    return Strip(_filled(columns, auditors), " ".join(auditor.spoken for auditor in auditors))


def choices_of(criterion: Criterion, auditors: Sequence[AuditorView], policy: Policy) -> Strip:
    """The same, with every answer that a meeting may agree on."""
    may_agree = [NonScore.NOT_APPLICABLE, NonScore.NO_EVIDENCE]
    given = {auditor.non_score for auditor in auditors}
    other = [answer for answer in NonScore if answer in given or (answer in may_agree and criterion.allows_non_score(answer))]
    columns = (*_on_scale(criterion, auditors, policy), *_off_scale(other))
    return Strip(_filled(columns, auditors), " ".join(auditor.spoken for auditor in auditors))


def _on_scale(criterion: Criterion, auditors: Sequence[AuditorView], policy: Policy) -> list[Column]:
    edge = _edge(criterion, policy)
    if criterion.levels:
        return [
            Column(str(level.value), level.label.replace(" - ", ", "), level.short, edge=level.value == edge)
            for level in criterion.levels
        ]
    scale = criterion.scale
    every = range(scale.lowest, scale.highest + 1)
    seen = sorted({auditor.value for auditor in auditors if auditor.value is not None})
    names = {value: level_name(scale, value) for value in (every if len(every) <= FEW else seen)}
    return [Column(str(value), name, name) for value, name in names.items()]


def _edge(criterion: Criterion, policy: Policy) -> int | None:
    """The first level above the boundary that a trigger watches; of two levels, the second."""
    values = sorted(level.value for level in criterion.levels)
    for trigger in policy.watches[criterion.key]:
        if trigger.kind is TriggerKind.BOUNDARY and trigger.boundary is not None:
            return next((value for value in values if value > (trigger.boundary or 0)), None)
    return values[1] if len(values) == 2 else None


def _off_scale(answers: Iterable[NonScore]) -> list[Column]:
    return [Column(answer.value, *OFF_SCALE[answer], off_scale=True) for answer in answers]


def _filled(columns: Iterable[Column], auditors: Sequence[AuditorView]) -> tuple[Column, ...]:
    return tuple(
        Column(
            one.key, one.label, one.short, one.edge, one.off_scale, tuple(auditor for auditor in auditors if auditor.key == one.key)
        )
        for one in columns
    )


@dataclass(frozen=True)
class ReasonView:
    """Why something is at stake: the title in bold, then the detail."""

    title: str
    detail: str


def reason_view(text: str) -> ReasonView:
    title, _, detail = text.partition(": ")
    return ReasonView(title, detail[:1].upper() + detail[1:])
