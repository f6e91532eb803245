"""Which rules send an answer to a meeting, what they found in a round, and what other rules would have found."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlmodel import Session, col, select

from moderation.allocate.rules import RoundState
from moderation.allocate.tables import Round
from moderation.people.tables import Account
from moderation.register.criteria import Framework
from moderation.register.framework_views import framework_versions
from moderation.register.lookups import framework_row
from moderation.register.tables import VersionState
from moderation.score.questions import framework_of
from moderation.words import NotFound

from . import finding
from .packing import MINUTES_EACH
from .policy import Policy
from .queries import MISSING, closed_rounds, released_cells
from .routing import RoutingRule, Setting, changed, loaded, policy_with, rules_of
from .tables import RoutedRound, RoutingRules

PUBLISHED = (RoundState.PUBLISHED, RoundState.ARCHIVED)


@dataclass(frozen=True)
class RoutingInForce:
    """The lead's rules for a framework version: number (0: never changed here) and settings (None: its own)."""

    number: int
    settings: tuple[Setting, ...] | None


@dataclass(frozen=True)
class RoutingChange:
    """What one change of the rules did, in words."""

    number: int
    made_at: datetime
    made_by: str
    did: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What rules find in a round, in numbers: by rule, and altogether."""

    by_rule: Mapping[str, int]
    cells: int
    plans: int

    @property
    def minutes(self) -> int:
        return MINUTES_EACH * self.cells


@dataclass(frozen=True)
class Preview:
    """The rules tried on the latest published round: what was found with the rules in force, and with those tried."""

    round_name: str
    plans: int
    cells: int
    now: Found
    tried: Found


@dataclass(frozen=True)
class RoutingPage:
    framework_version_id: str
    version: int
    title: str
    number: int
    rules: tuple[RoutingRule, ...]
    changes: tuple[RoutingChange, ...]
    preview: Preview | None
    open_rounds: tuple[str, ...]


def routing_of(session: Session, area_id: str, framework_version_id: str) -> RoutingInForce:
    """The rules in force. A new version of the framework starts with the rules of the one it is based on."""
    newest = _rows(session, area_id, framework_version_id)
    if newest:
        return RoutingInForce(newest[0][0].number, loaded(newest[0][0].settings))
    return RoutingInForce(0, _inherited(session, area_id, framework_version_id))


def _inherited(session: Session, area_id: str, framework_version_id: str) -> tuple[Setting, ...] | None:
    base = framework_row(session, area_id, framework_version_id).based_on_id
    return routing_of(session, area_id, base).settings if base else None


def _rows(session: Session, area_id: str, framework_version_id: str) -> Sequence[tuple[RoutingRules, str | None]]:
    chosen = (
        select(RoutingRules, Account.name)
        .join(Account, col(Account.id) == RoutingRules.made_by, isouter=True)
        .where(RoutingRules.area_id == area_id, RoutingRules.framework_version_id == framework_version_id)
        .order_by(col(RoutingRules.number).desc())
    )
    return session.exec(chosen).all()


def routing_policy(session: Session, area_id: str, round_id: str) -> Policy:
    """Routing of a round by the rules that held when it was looked through, or else by those in force."""
    version = session.exec(select(Round.framework_version_id).where(Round.area_id == area_id, Round.id == round_id)).first()
    if version is None:
        raise NotFound(MISSING)
    chosen = select(RoutedRound).where(RoutedRound.area_id == area_id, RoutedRound.round_id == round_id)
    routed = session.exec(chosen).first()
    kept = None if routed is None or routed.rules is None else loaded(routed.rules)
    settings = routing_of(session, area_id, version).settings if routed is None else kept
    return policy_with(framework_of(session, area_id, version), settings)


def routing_page(session: Session, area_id: str, framework_version_id: str, tried: Sequence[Setting] | None = None) -> RoutingPage:
    """The rules of a published version; NotFound for a draft. `tried`: settings to try on the latest published round."""
    row = framework_row(session, area_id, framework_version_id)
    if row.state is not VersionState.PUBLISHED:
        raise NotFound(MISSING)
    framework, force = framework_of(session, area_id, row.id), routing_of(session, area_id, row.id)
    changes = _changes(framework, _inherited(session, area_id, row.id), _rows(session, area_id, row.id))
    shown = rules_of(framework, force.settings if tried is None else tried)
    preview = _preview(session, area_id, row.id, force.settings, tried)
    return RoutingPage(row.id, row.number, row.title, force.number, shown, changes, preview, _open(session, area_id, row.id))


def newest_version(session: Session, area_id: str) -> str:
    """The framework version that the next round uses."""
    found = next((line.id for line in framework_versions(session, area_id) if not line.is_draft), None)
    if found is None:
        raise NotFound(MISSING)
    return found


def _changes(
    framework: Framework, start: Sequence[Setting] | None, rows: Sequence[tuple[RoutingRules, str | None]]
) -> tuple[RoutingChange, ...]:
    """Newest first; each compared with the state before it, the first with what the version started with."""
    states = [*(loaded(row.settings) for row, _ in rows), start]
    ruled = [rules_of(framework, state) for state in states]
    return tuple(
        RoutingChange(row.number, row.made_at, name or "", changed(before, after))
        for (row, name), (after, before) in zip(rows, pairwise(ruled), strict=True)
    )


def _preview(
    session: Session, area_id: str, framework_version_id: str, force: Sequence[Setting] | None, tried: Sequence[Setting] | None
) -> Preview | None:
    """Numbers only, and only of a published round: what was rated in any other is not for whoever allocated it."""
    last = next((facts for facts in closed_rounds(session, area_id) if facts.is_published), None)
    if last is None:
        return None
    cells = released_cells(session, area_id, last.round_id)
    framework = framework_of(session, area_id, framework_version_id)
    now, then = (_found(session, area_id, last.round_id, cells, policy_with(framework, each)) for each in (force, tried or force))
    return Preview(last.name, len(cells), sum(map(len, cells.values())), now, then)


def _found(session: Session, area_id: str, round_id: str, cells: finding.Cells, policy: Policy) -> Found:
    secret = session.exec(select(Round.secret).where(Round.area_id == area_id, Round.id == round_id)).one()
    fired = finding.route_cells(cells, policy, secret)
    return Found(Counter(key for keys in fired.values() for key in keys), len(fired), len({plan for plan, _ in fired}))


def _open(session: Session, area_id: str, framework_version_id: str) -> tuple[str, ...]:
    chosen = select(Round.name).where(Round.area_id == area_id, Round.framework_version_id == framework_version_id)
    return tuple(session.exec(chosen.where(Round.state == RoundState.OPEN).order_by(col(Round.number))))
