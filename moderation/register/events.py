"""What can have happened to frameworks, plans and audit packs. Ids, keys and states only."""

from dataclasses import dataclass

from moderation.words import Event


@dataclass(frozen=True)
class FrameworkInstalled(Event):
    """An area got the built-in framework as its first published version."""

    framework_version_id: str
    content_sha256: str


@dataclass(frozen=True)
class FrameworkDrafted(Event):
    framework_version_id: str
    based_on_id: str


@dataclass(frozen=True)
class CriterionChanged(Event):
    framework_version_id: str
    criterion_key: str


@dataclass(frozen=True)
class FrameworkRetitled(Event):
    framework_version_id: str


@dataclass(frozen=True)
class DraftDiscarded(Event):
    framework_version_id: str


@dataclass(frozen=True)
class FrameworkPublished(Event):
    framework_version_id: str
    number: int
    content_sha256: str


@dataclass(frozen=True)
class PlanRegistered(Event):
    """A version of a case's plan came onto the register."""

    plan_version_id: str
    case_id: str
    number: int


@dataclass(frozen=True)
class DocumentAttached(Event):
    document_id: str
    plan_version_id: str
    kind: str
    sha256: str


@dataclass(frozen=True)
class DocumentRemoved(Event):
    document_id: str
    plan_version_id: str


@dataclass(frozen=True)
class DocumentRendered(Event):
    document_id: str
    pages: int
    readable: bool


@dataclass(frozen=True)
class SectionsPlaced(Event):
    """The lead said where these sections begin in a document, or that they are not in it."""

    document_id: str
    sections: tuple[str, ...]


@dataclass(frozen=True)
class FilesUploaded(Event):
    """Files wait to be matched to plans and added."""

    batch_id: str
    files: int


@dataclass(frozen=True)
class FileChecked(Event):
    """An uploaded file turned out to be fit for an audit pack, or not."""

    batch_id: str
    file_id: str
    fit: bool


@dataclass(frozen=True)
class FilesMatched(Event):
    """Somebody said which plans the files of a batch belong to."""

    batch_id: str


@dataclass(frozen=True)
class FilesAdded(Event):
    batch_id: str
    documents: int


@dataclass(frozen=True)
class FilesThrownAway(Event):
    batch_id: str
    files: int


@dataclass(frozen=True)
class DocumentRead(Event):
    """Somebody downloaded the original."""

    document_id: str
    plan_version_id: str


@dataclass(frozen=True)
class PlanHeld(Event):
    plan_version_id: str
    holder: str


@dataclass(frozen=True)
class PlanLetGo(Event):
    plan_version_id: str
    holder: str


@dataclass(frozen=True)
class PeopleNamed(Event):
    """The lead said who is in the plan. Their names are in the store, under a key of their own."""

    plan_version_id: str


@dataclass(frozen=True)
class PackSearched(Event):
    plan_version_id: str
    findings: int
    pages_to_look_at: int


@dataclass(frozen=True)
class FindingsDecided(Event):
    plan_version_id: str
    decision: str
    findings: int


@dataclass(frozen=True)
class FindingsAdded(Event):
    plan_version_id: str
    findings: int


@dataclass(frozen=True)
class TokenChanged(Event):
    plan_version_id: str
    findings: int


@dataclass(frozen=True)
class PageLookedAt(Event):
    """A person looked at a page that the search could not read, or left it out."""

    document_id: str
    page: int
    left_out: bool


@dataclass(frozen=True)
class NamesChecked(Event):
    """The lead compared names and dates with the register. The answers are on the gate."""

    plan_version_id: str


@dataclass(frozen=True)
class GatePassed(Event):
    """A person released the pack; the copies are made next."""

    plan_version_id: str
    document_ids: tuple[str, ...]


@dataclass(frozen=True)
class PackReleased(Event):
    """The copies are there: auditors of the plan can read them."""

    plan_version_id: str
    copy_sha256s: tuple[str, ...]


@dataclass(frozen=True)
class ReleaseFailed(Event):
    plan_version_id: str


@dataclass(frozen=True)
class GateClosed(Event):
    """The copies are gone; the pack has to be released anew."""

    plan_version_id: str


@dataclass(frozen=True)
class OriginalPageRead(Event):
    """Somebody looked at a page of the original."""

    document_id: str
    plan_version_id: str
    page: int


@dataclass(frozen=True)
class NamesSeen(Event):
    """Somebody was shown what was found in a pack, or who is in it, by name; noted once a day for each person."""

    plan_version_id: str


@dataclass(frozen=True)
class ErasurePlanned(Event):
    """The leads are told that a pack nobody uses will be erased soon. The day is on the plan."""

    plan_version_id: str


@dataclass(frozen=True)
class ErasureCalledOff(Event):
    """Somebody uses the pack after all."""

    plan_version_id: str


@dataclass(frozen=True)
class PackErased(Event):
    """Nobody had used the pack for as long as the installation keeps documents: they, their copies and their keys are gone."""

    plan_version_id: str
    document_ids: tuple[str, ...]
