"""On which days before a round closes somebody is reminded of the plans they have not finished: their own choice."""

from collections.abc import Collection, Iterable, Mapping

from sqlmodel import Session, col, select

from ..ledger import Transaction
from . import rules
from .events import ReminderDaysChosen
from .tables import Account

NAMES = {7: "a week before", 2: "2 days before", 1: "the day before", 0: "on the last day"}


def own_reminder_days(session: Session, account_id: str) -> tuple[int, ...]:
    """On which days somebody is reminded, the earliest first."""
    return rules.reminder_days(session.get_one(Account, account_id).reminder_days)


def reminder_days_of(session: Session, account_ids: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    """The same for several people."""
    chosen = select(Account.id, Account.reminder_days).where(col(Account.id).in_(set(account_ids)))
    return {account_id: rules.reminder_days(kept) for account_id, kept in session.exec(chosen)}


def in_words(days: Collection[int]) -> str:
    """ "a week before, 2 days before and on the last day"; empty for no days."""
    names = [NAMES[day] for day in rules.REMINDER_DAYS if day in days]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def choose_reminder_days(tx: Transaction, account_id: str, days: Collection[int]) -> None:
    """The same choice again changes nothing."""
    account, kept = tx.session.get_one(Account, account_id), rules.kept_reminder_days(days)
    if account.reminder_days != kept:
        account.reminder_days = kept
        tx.record(ReminderDaysChosen(account_id))
