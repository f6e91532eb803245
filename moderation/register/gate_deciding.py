"""What a person says at the gate: who is in the plan, what becomes of each finding, what else is covered, what was compared."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from moderation.instants import london, today
from moderation.ledger import Transaction, history
from moderation.store import Stored
from moderation.words import InvalidInput, NotFound, Problem, StaleWrite

from . import events
from .gate_rows import discard, documents_of, findings_of, looks_of, new_finding, open_gate, place_in, searched_gate
from .gate_rules import CheckAnswer, check_token, covers, overlaps, seen_of, union
from .gate_tables import Decision, Finding, LookState, Origin
from .identity.kinds import Found, Kind
from .tables import Document, PlanVersion


@dataclass(frozen=True)
class AreaPlace:
    """A rectangle that a lead marked on a page, in ten-thousandths of it."""

    document_id: str
    page: int
    left: int
    top: int
    right: int
    bottom: int


def name_people(tx: Transaction, plan_version_id: str, version: int, kept: Stored) -> None:
    """Who is in the plan, for a new search."""
    gate = open_gate(tx, plan_version_id)
    tx.fresh(gate, version, mine={"people": "what you entered"})
    if gate.people_path is not None:
        discard(tx, gate.people_path)
    gate.people_path, gate.people_key = kept.path, kept.wrapped_key
    gate.asked, gate.searched_at, gate.fault = gate.asked + 1, None, None
    tx.record(events.PeopleNamed(gate.plan_version_id))


def note_names_seen(tx: Transaction, plan_version_id: str) -> None:
    """Somebody is shown names out of the originals. Once a day for each person: the overview is loaded after every decision."""
    plan = tx.get(PlanVersion, plan_version_id)
    seen = (line for line in history(tx.session, tx.area_id, plan.id) if line.name == events.NamesSeen.__name__)
    if not any(line.actor_id == tx.actor.account_id and london(line.at).date() == today() for line in seen):
        tx.record(events.NamesSeen(plan.id))


def decide(tx: Transaction, plan_version_id: str, finding_ids: Collection[str], decision: Decision, seen: str | None = None) -> int:
    """Replace these findings by their tokens, or keep the words as they are. Returns how many changed.

    `seen` says what the page had seen of them; without it only those are decided that wait.
    """
    searched_gate(tx, plan_version_id)
    chosen = _chosen(tx, plan_version_id, finding_ids)
    rows = [row for row in chosen if row.decision is not decision and (seen is not None or row.decision is Decision.WAITING)]
    if rows and seen is not None:
        _check_seen(chosen, seen, decision.value)
    for row in rows:
        row.decision = decision
        row.version += 1
    if rows:
        tx.record(events.FindingsDecided(plan_version_id, decision.value, len(rows)))
    return len(rows)


def change_token(tx: Transaction, plan_version_id: str, finding_ids: Collection[str], token: str, seen: str) -> int:
    """Let another token stand for these findings."""
    check_token(token)
    searched_gate(tx, plan_version_id)
    chosen = _chosen(tx, plan_version_id, finding_ids)
    rows = [row for row in chosen if row.token != token]
    if rows:
        _check_seen(chosen, seen, f"[{token}]")
        tx.record(events.TokenChanged(plan_version_id, len(rows)))
    for row in rows:
        row.token, row.is_own_token = token, True
        row.version += 1
    return len(rows)


def _check_seen(rows: Sequence[Finding], seen: str, mine: str) -> None:
    """Another lead may have decided meanwhile: what each wanted is shown, and nothing is undone unseen."""
    if seen != seen_of({row.id: row.version for row in rows}):
        theirs = Counter(f"{row.decision.value} [{row.token}]" for row in rows)
        raise StaleWrite({"decision": mine}, {"decision": ", ".join(f"{times} × {words}" for words, times in theirs.items())})


def add_findings(tx: Transaction, plan_version_id: str, found: Sequence[Found], token: str) -> int:
    """Replace words that a lead pointed at, wherever they stand. `Found.document` counts the documents of the pack."""
    check_token(token)
    searched_gate(tx, plan_version_id)
    documents = documents_of(tx, plan_version_id)
    rows = findings_of(tx, [document.id for document in documents])
    added = 0
    for one in found:
        document_id, page = documents[one.document].id, one.page + 1
        here = [(row, place) for row in rows if (row.document_id, row.page) == (document_id, page) and (place := place_in(row))]
        there = [(row, place) for row, place in here if overlaps(place, (one.start, one.end))]
        if any(row.decision is Decision.REPLACE and covers(place, (one.start, one.end)) for row, place in there):
            continue
        added += 1
        start, end = union([(one.start, one.end), *(place for _, place in there)])
        _put(
            tx,
            [row for row, _ in there] or [new_finding(tx, document_id, page, start, end, Kind.ADDED, token)],
            (start, end),
            token,
        )
    if added:
        tx.record(events.FindingsAdded(plan_version_id, added))
    return added


def _put(tx: Transaction, rows: Sequence[Finding], place: tuple[int, int], token: str) -> None:
    """One finding in the place of these: it covers the words that were pointed at, and all that was covered there before."""
    first, *others = rows
    first.starts, first.ends = place
    first.token, first.is_own_token = token, True
    first.origin, first.decision, first.version = Origin.ADDED, Decision.REPLACE, first.version + 1
    tx.session.add(first)
    for row in others:
        tx.session.delete(row)


def mark_area(tx: Transaction, place: AreaPlace, token: str) -> str:
    """Cover a rectangle of a page: a signature, a photograph, words in a picture."""
    check_token(token)
    document = tx.get(Document, place.document_id)
    open_gate(tx, document.plan_version_id)
    if not (
        1 <= place.page <= document.pages and 0 <= place.left < place.right <= 10_000 and 0 <= place.top < place.bottom <= 10_000
    ):
        raise InvalidInput([Problem("left", "The rectangle must lie on the page, and end after it begins")])
    row = Finding(
        area_id=tx.area_id, document_id=document.id, page=place.page,
        area_left=place.left, area_top=place.top, area_right=place.right, area_bottom=place.bottom,
        kind=Kind.AREA, token=token, origin=Origin.ADDED, decision=Decision.REPLACE,
    )  # fmt: skip
    tx.session.add(row)
    tx.record(events.FindingsAdded(document.plan_version_id, 1))
    return row.id


def look_at(tx: Transaction, document_id: str, page: int, state: LookState) -> None:
    """A person has looked at a page that could not be searched, or leaves it out of the copy."""
    document = tx.get(Document, document_id)
    open_gate(tx, document.plan_version_id)
    row = next((look for look in looks_of(tx, [document.id]) if look.page == page), None)
    if row is None:
        raise NotFound("Page not found")
    if row.state is not state:
        row.state = state
        tx.record(events.PageLookedAt(document.id, page, state is LookState.LEFT_OUT))


def answer_checks(tx: Transaction, plan_version_id: str, version: int, answers: Mapping[str, CheckAnswer]) -> None:
    """What the lead says after comparing names and dates with the register."""
    gate = open_gate(tx, plan_version_id)
    tx.fresh(gate, version, mine={"checks": "what you chose"})
    gate.checks = {name: answer.value for name, answer in answers.items()}
    tx.record(events.NamesChecked(plan_version_id))


def _chosen(tx: Transaction, plan_version_id: str, finding_ids: Collection[str]) -> list[Finding]:
    """Those of the findings that belong to this plan; one that does not is not there."""
    wanted = set(finding_ids)
    rows = [row for row in findings_of(tx, [document.id for document in documents_of(tx, plan_version_id)]) if row.id in wanted]
    if wanted and not rows:
        raise NotFound("Page not found")
    return rows
