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
class PackAttested(Event):
    plan_version_id: str
    document_ids: tuple[str, ...]


@dataclass(frozen=True)
class AttestationWithdrawn(Event):
    plan_version_id: str


@dataclass(frozen=True)
class PlanHeld(Event):
    plan_version_id: str
    holder: str


@dataclass(frozen=True)
class PlanLetGo(Event):
    plan_version_id: str
    holder: str
