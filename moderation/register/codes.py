"""The codes of the register: needs, settings, plan events, year groups; their names on pages and the spellings accepted."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class PrimaryNeed(StrEnum):
    """SENtype of the SEN2 return."""

    SPLD = "SPLD"
    MLD = "MLD"
    SLD = "SLD"
    PMLD = "PMLD"
    SEMH = "SEMH"
    SLCN = "SLCN"
    HI = "HI"
    VI = "VI"
    MSI = "MSI"
    PD = "PD"
    ASD = "ASD"
    DS = "DS"
    OTH = "OTH"


class SettingType(StrEnum):
    """Where the child or young person is educated: the published placement groups, and what SEN2 knows besides."""

    MAINSTREAM = "mainstream"
    MAINSTREAM_UNIT = "mainstream_unit"
    SPECIAL = "special"
    SPECIAL_INDEPENDENT = "special_independent"
    POST_16 = "post_16"
    ALTERNATIVE_PROVISION = "alternative_provision"
    EARLY_YEARS = "early_years"
    ARRANGED_BY_AUTHORITY = "arranged_by_authority"
    ARRANGED_BY_PARENTS = "arranged_by_parents"
    HOME_EDUCATED = "home_educated"
    NOT_IN_EDUCATION = "not_in_education"
    OTHER = "other"


class PlanEvent(StrEnum):
    """What this version of the plan came from; it decides the time limit."""

    NEW_PLAN = "new_plan"
    AMENDED_AFTER_REVIEW = "amended_after_review"
    PHASE_TRANSFER = "phase_transfer"
    TRANSFERRED_IN = "transferred_in"
    TRIBUNAL_ORDERED = "tribunal_ordered"


NEED_NAMES: Mapping[PrimaryNeed, str] = {
    PrimaryNeed.SPLD: "Specific learning difficulty",
    PrimaryNeed.MLD: "Moderate learning difficulty",
    PrimaryNeed.SLD: "Severe learning difficulty",
    PrimaryNeed.PMLD: "Profound and multiple learning difficulty",
    PrimaryNeed.SEMH: "Social, emotional and mental health",
    PrimaryNeed.SLCN: "Speech, language and communication needs",
    PrimaryNeed.HI: "Hearing impairment",
    PrimaryNeed.VI: "Vision impairment",
    PrimaryNeed.MSI: "Multi-sensory impairment",
    PrimaryNeed.PD: "Physical disability",
    PrimaryNeed.ASD: "Autistic spectrum disorder",
    PrimaryNeed.DS: "Down syndrome",
    PrimaryNeed.OTH: "Other difficulty",
}

SETTING_NAMES: Mapping[SettingType, str] = {
    SettingType.MAINSTREAM: "Mainstream school",
    SettingType.MAINSTREAM_UNIT: "Mainstream: SEN unit or resourced provision",
    SettingType.SPECIAL: "Special school",
    SettingType.SPECIAL_INDEPENDENT: "Independent or non-maintained special school",
    SettingType.POST_16: "Further education or other post-16",
    SettingType.ALTERNATIVE_PROVISION: "Alternative provision or pupil referral unit",
    SettingType.EARLY_YEARS: "Early years provider",
    SettingType.ARRANGED_BY_AUTHORITY: "Otherwise than in a school, arranged by the authority",
    SettingType.ARRANGED_BY_PARENTS: "Arranged by the parents, not at home",
    SettingType.HOME_EDUCATED: "Elective home education",
    SettingType.NOT_IN_EDUCATION: "Not in education, employment or training",
    SettingType.OTHER: "Other",
}

EVENT_NAMES: Mapping[PlanEvent, str] = {
    PlanEvent.NEW_PLAN: "New plan",
    PlanEvent.AMENDED_AFTER_REVIEW: "Amended after review",
    PlanEvent.PHASE_TRANSFER: "Phase transfer",
    PlanEvent.TRANSFERRED_IN: "Transferred in",
    PlanEvent.TRIBUNAL_ORDERED: "Ordered by the Tribunal",
}

# Other spellings that a return or a spreadsheet may hold (SENsetting codes of SEN2 among them).
ALIASES: Mapping[str, str] = {
    "eyp": SettingType.EARLY_YEARS,
    "ola": SettingType.ARRANGED_BY_AUTHORITY,
    "eotas": SettingType.ARRANGED_BY_AUTHORITY,
    "opa": SettingType.ARRANGED_BY_PARENTS,
    "ehe": SettingType.HOME_EDUCATED,
    "neet": SettingType.NOT_IN_EDUCATION,
    "niec": SettingType.NOT_IN_EDUCATION,
    "nieo": SettingType.NOT_IN_EDUCATION,
    "oth": SettingType.OTHER,
    "sen_unit": SettingType.MAINSTREAM_UNIT,
    "resourced_provision": SettingType.MAINSTREAM_UNIT,
    "fe": SettingType.POST_16,
    "ap": SettingType.ALTERNATIVE_PROVISION,
    "pru": SettingType.ALTERNATIVE_PROVISION,
    "tribunal": PlanEvent.TRIBUNAL_ORDERED,
    "new": PlanEvent.NEW_PLAN,
    "amended": PlanEvent.AMENDED_AFTER_REVIEW,
}

YOUNGEST, OLDEST = -4, 20
YEAR = re.compile(r"(?:year |yr |y|nc year )?(-?\d{1,2})", re.IGNORECASE)

Code = TypeVar("Code", bound=StrEnum)


def read_code(codes: type[Code], names: Mapping[Code, str], text: str) -> Code | None:
    """The code that a text means, whether it holds the code, its name or another spelling; None if none."""
    key = _key(text)
    for code in codes:
        if key in (_key(code.value), _key(names[code])):
            return code
    alias = ALIASES.get(key)
    return next((code for code in codes if code.value == alias), None)


def read_year_group(text: str) -> int | None:
    """A National Curriculum year: -4 to 20, Reception is 0. None if the text is none."""
    if text.strip().casefold() in ("r", "reception", "year r"):
        return 0
    match = YEAR.fullmatch(text.strip())
    year = int(match[1]) if match else None
    return year if year is not None and YOUNGEST <= year <= OLDEST else None


def year_name(year: int) -> str:
    """Year 9; Reception; the years before it by how many they are."""
    if year > 0:
        return f"Year {year}"
    return "Reception" if year == 0 else f"{-year} {'year' if year == -1 else 'years'} before Reception"


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
