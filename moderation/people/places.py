"""The 153 local authorities of England and their regions, as the Department for Education codes them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Authority:
    """A local authority: DfE code and name, and its region."""

    code: str
    name: str
    region: str


@cache
def authorities() -> Mapping[str, Authority]:
    """Every local authority by its DfE code, in the order of their names."""
    text = files(__package__).joinpath("data/england_las.csv").read_text(encoding="utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["la_name"])
    return {row["dfe_la_code"]: Authority(row["dfe_la_code"], row["la_name"], row["region_name"]) for row in rows}


def authority_choices() -> list[tuple[str, str]]:
    """What a select box offers."""
    return [(authority.code, f"{authority.name} ({authority.region})") for authority in authorities().values()]
