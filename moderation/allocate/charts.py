"""The charts of this stage: what each auditor was given, as bars."""

from collections.abc import Sequence

from moderation.web.charts import Chart, CountRow, Label, count_bars
from moderation.words import AgencyKind

from .draft import AgencyLoad, Load

MARKS = {AgencyKind.EDUCATION: "c-e", AgencyKind.HEALTH: "c-h", AgencyKind.CARE: "c-c"}


def load_chart(agencies: Sequence[AgencyLoad]) -> Chart:
    """Plans given to each auditor within what they can take, agency by agency."""
    rows = [row for agency in agencies for row in (_heading(agency), *(_bar(load) for load in agency.loads))]
    full = [load.name for agency in agencies for load in agency.loads if load.full]
    finding = "Plans per auditor against the number each can take. " + (f"Full: {', '.join(full)}." if full else "Nobody is full.")
    return count_bars(rows, Label("load", "Plans per auditor", finding))


def _heading(agency: AgencyLoad) -> CountRow:
    return CountRow(agency.name, (), 0, f"{agency.filled} of {agency.places}")


def _bar(load: Load) -> CountRow:
    return CountRow(load.name, ((load.plans, MARKS.get(load.kind, "c-done")),), load.capacity, load.words)
