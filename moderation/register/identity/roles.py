"""Which role the words around a name give its owner."""

import re

from .kinds import RoleToken

LABELS: tuple[tuple[RoleToken, str], ...] = (
    (RoleToken.CHILD, r"(?:full\s|preferred\s|legal\s|first\s|child's\s|child\s|pupil\s|pupil's\s|young\sperson's\s|student\s|student's\s|family\s|last\s)?"
                      r"(?:name(?:\sof\s(?:the\s)?(?:child|pupil|young\sperson|student)[a-z\s]{0,24})?|forenames?|surname)|known\sas|child(?:\sor\syoung\sperson)?|young\sperson|pupil"),
    (RoleToken.PARENT, r"parents?(?:\s?(?:/|or|and|\()\s?(?:carers?|guardians?)\)?)?|mother|father|mum|mam|dad|carer|guardian|next\sof\skin"),
    (RoleToken.SIBLING, r"siblings?|brothers?|sisters?"),
    (RoleToken.EP, r"(?:educational|ed)\.?\spsychologist|psychologist|ep"),
    (RoleToken.SENCO, r"senco|sendco|inclusion\s(?:lead|manager)"),
    (RoleToken.HEAD, r"head\s?teacher|headteacher|principal"),
    (RoleToken.TEACHER, r"(?:class\s|form\s)?(?:teacher|tutor)"),
    (RoleToken.DOCTOR, r"gp|consultant|pa?ediatrician|doctor"),
    (RoleToken.THERAPIST, r"(?:speech\sand\slanguage\s|occupational\s)?therapist|physiotherapist"),
    (RoleToken.SOCIAL_WORKER, r"social\sworker|allocated\sworker"),
    (RoleToken.OFFICER, r"(?:ehc\s?p?\s?(?:plan\s)?)?(?:coordinator|co-ordinator|case\s?worker|case\sofficer|plan\swriter)|send\sofficer|officer"),
    (RoleToken.STAFF, r"author|(?:report|completed|written|prepared|produced|assessed|reviewed|approved|undertaken|signed|provided)\sby|signed|signature|print\sname|name\s\(print\)"
                      r"|key\s?worker|contact|from|advice\sgiver|name\sof\s(?:author|professional|worker)|on\sbehalf\sof"),
)  # fmt: skip
STAFF_ROLES = {"OT": RoleToken.THERAPIST, "SALT": RoleToken.THERAPIST, "SLT": RoleToken.THERAPIST, "EP": RoleToken.EP,
               "SENCO": RoleToken.SENCO, "SENDCO": RoleToken.SENCO}  # fmt: skip
RELATIONS: tuple[tuple[str, RoleToken], ...] = (
    ("grand", RoleToken.RELATIVE), ("aunt", RoleToken.RELATIVE), ("uncle", RoleToken.RELATIVE), ("gran", RoleToken.RELATIVE), ("nan", RoleToken.RELATIVE),
    ("cousin", RoleToken.RELATIVE), ("neph", RoleToken.RELATIVE), ("niece", RoleToken.RELATIVE), ("partner", RoleToken.RELATIVE),
    ("husband", RoleToken.RELATIVE), ("wife", RoleToken.RELATIVE), ("mother", RoleToken.PARENT), ("mum", RoleToken.PARENT), ("mam", RoleToken.PARENT), ("father", RoleToken.PARENT),
    ("dad", RoleToken.PARENT), ("carer", RoleToken.PARENT), ("friend", RoleToken.OTHER_CHILD), ("classmate", RoleToken.OTHER_CHILD),
    ("brother", RoleToken.SIBLING), ("sister", RoleToken.SIBLING), ("sibling", RoleToken.SIBLING), ("twin", RoleToken.SIBLING),
    ("son", RoleToken.CHILD), ("daughter", RoleToken.CHILD),
)  # fmt: skip
ROLE_WORDS: tuple[tuple[str, RoleToken], ...] = (
    ("psychologist", RoleToken.EP), ("senco", RoleToken.SENCO), ("sendco", RoleToken.SENCO), ("head teacher", RoleToken.HEAD), ("headteacher", RoleToken.HEAD),
    ("assistant", RoleToken.ASSISTANT), ("therapist", RoleToken.THERAPIST), ("teacher", RoleToken.TEACHER), ("social worker", RoleToken.SOCIAL_WORKER),
    ("nurse", RoleToken.NURSE), ("health visitor", RoleToken.NURSE), ("paediatrician", RoleToken.DOCTOR), ("pediatrician", RoleToken.DOCTOR),
    ("consultant", RoleToken.DOCTOR), ("coordinator", RoleToken.OFFICER), ("co-ordinator", RoleToken.OFFICER), ("caseworker", RoleToken.OFFICER),
    ("case worker", RoleToken.OFFICER), ("mother", RoleToken.PARENT), ("father", RoleToken.PARENT), ("mum", RoleToken.PARENT), ("dad", RoleToken.PARENT),
    ("parent", RoleToken.PARENT), ("physio", RoleToken.THERAPIST), ("ep", RoleToken.EP), ("ta", RoleToken.ASSISTANT), ("gp", RoleToken.DOCTOR),
    ("key", RoleToken.STAFF), ("officer", RoleToken.OFFICER),
)  # fmt: skip


def titled_role(text: str, match: re.Match[str]) -> RoleToken:
    """What follows says it best ("Dr Shah, educational psychologist"), then what stands before, then the title."""
    after = text[match.end() : match.end() + 45].lower().split("\n\n")[0]
    before = text[max(0, match.start() - 45) : match.start()].lower()
    below = after[1:].split("\n")[0] if after.startswith("\n") else ""  # as in a signature, not a sentence about somebody else
    says = after if after[:3].strip()[:1] in (",", "(", "-") else "" if ":" in below or "'s" in below else below
    found = _first_role(says)
    found = found or _last_role(before)
    default = {"dr": RoleToken.DOCTOR, "doctor": RoleToken.DOCTOR, "nurse": RoleToken.NURSE}.get(
        match["title"].lower(), RoleToken.PERSON
    )
    return found or default


def _first_role(text: str) -> RoleToken | None:
    ends = {word: "(?![a-z])" if len(word) < 4 else "" for word, _ in ROLE_WORDS}  # `ta` is no part of `targets`
    places = [(found.start(), role) for word, role in ROLE_WORDS if (found := re.search(rf"(?<![a-z]){word}{ends[word]}", text))]
    return min(places, key=lambda place: place[0])[1] if places else None


def _last_role(text: str) -> RoleToken | None:
    places = [(text.rfind(word), role) for word, role in ROLE_WORDS if word in text and (len(word) > 3 or _is_label(word, text))]
    return max(places, key=lambda place: place[0])[1] if places else None


def _is_label(word: str, text: str) -> bool:
    return re.search(rf"(?<![a-z]){word}\s?:\s?$", text) is not None


def role_in(text: str) -> RoleToken | None:
    return next((role for word, role in ROLE_WORDS if word in text), None)


def relation_role(text: str) -> RoleToken:
    return next((role for word, role in RELATIONS if word in text), RoleToken.RELATIVE)
