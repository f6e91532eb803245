"""What can identify somebody, and the role tokens that stand for it in a released copy."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of findings, in the order in which the lead sees them."""

    NAME = "name"
    POSSIBLE_NAME = "possible_name"
    INITIALS = "initials"
    BIRTH = "birth"
    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    NUMBER = "number"
    POSTCODE = "postcode"
    ADDRESS = "address"
    TELEPHONE = "telephone"
    EMAIL = "email"
    URL = "url"
    SETTING = "setting"
    ADDED = "added"
    AREA = "area"


KIND_NAMES = {
    Kind.NAME: "Names",
    Kind.POSSIBLE_NAME: "Possible names",
    Kind.INITIALS: "Initials",
    Kind.BIRTH: "Dates of birth",
    Kind.NHS_NUMBER: "NHS numbers",
    Kind.UPN: "Unique pupil numbers",
    Kind.NUMBER: "Other numbers of a person or case",
    Kind.POSTCODE: "Postcodes",
    Kind.ADDRESS: "Addresses",
    Kind.TELEPHONE: "Telephone numbers",
    Kind.EMAIL: "Email addresses",
    Kind.URL: "Web addresses",
    Kind.SETTING: "Schools and other settings",
    Kind.ADDED: "Words that you added",
    Kind.AREA: "Parts of a page that you marked",
}


class RoleToken(StrEnum):
    """Who somebody is in the plan. The same person has the same token in every document of a pack."""

    CHILD = "CHILD"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    RELATIVE = "RELATIVE"
    OTHER_CHILD = "OTHER CHILD"
    EP = "EP"
    SENCO = "SENCO"
    HEAD = "HEAD TEACHER"
    TEACHER = "TEACHER"
    ASSISTANT = "TEACHING ASSISTANT"
    THERAPIST = "THERAPIST"
    DOCTOR = "DOCTOR"
    NURSE = "NURSE"
    SOCIAL_WORKER = "SOCIAL WORKER"
    OFFICER = "OFFICER"
    STAFF = "STAFF"
    PERSON = "PERSON"
    SETTING = "SETTING"


DOB_MATCHES, DOB_DIFFERS, DOB = "DOB: matches register", "DOB: differs", "DOB"
FIXED = (DOB_MATCHES, DOB_DIFFERS, DOB, "CHILD", "INITIALS", "NHS NUMBER", "UPN", "NUMBER", "POSTCODE", "ADDRESS", "TELEPHONE",
         "EMAIL", "WEB ADDRESS", "SIGNATURE", "REMOVED")  # fmt: skip
NUMBERED = tuple(role.value for role in RoleToken if role is not RoleToken.CHILD)
TOKEN = re.compile(f"(?:{'|'.join(map(re.escape, FIXED))})|(?:{'|'.join(NUMBERED)}) [1-9][0-9]?")

PLACEHOLDER = re.compile(  # what somebody replaced before us, and what a template would have filled in
    r"\[[A-Za-z][A-Za-z: ]*\d{0,2}\]|\{\{[^{}\n]{1,80}\}\}|\u00ab[^\u00ab\u00bb\n]{1,80}\u00bb|<<[^<>\n]{1,80}>>"
)


def is_token(text: str) -> bool:
    """A token is made of known words only, so that none can name anybody."""
    return TOKEN.fullmatch(text) is not None


@dataclass(frozen=True)
class Person:
    """Somebody whom the lead names: the full name first, then every other name they go by."""

    role: RoleToken
    names: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What is known of a plan's people before the search."""

    people: tuple[Person, ...] = ()
    born: date | None = None
    settings: tuple[str, ...] = ()
    called: tuple[str, ...] = ()  # names, titles and authors of the files


@dataclass(frozen=True)
class Hit:
    """A part of one page's folded text that identifies somebody."""

    start: int
    end: int
    kind: Kind
    token: str
    weak: bool = False  # a word that names somebody only where something around it says so


@dataclass(frozen=True)
class Found:
    """The same in the page's own text: document and page counted from 0."""

    document: int
    page: int
    start: int
    end: int
    kind: Kind
    token: str
