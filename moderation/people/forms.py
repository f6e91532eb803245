"""The forms about accounts, areas and roles."""

from typing import Any

from markupsafe import Markup

from ..web.fields import Checkboxes, DateParts, Email, Form, Hidden, Password, Radios, Select, Text, TextArea, Tick, Version
from ..web.keeping import LONGEST_SEALED
from ..web.palette import COLOURS
from ..words import AGENCY_NAMES, ROLE_NAMES, AgencyKind, Role
from .places import authority_choices
from .queries import AgencyView, Member
from .rules import Post

ROLE_HINTS = {
    Role.LEAD: "Sets up audit rounds, imports plans and allocates them. Never sees a rating before release.",
    Role.AUDITOR: "Rates the plans allocated to them, without seeing anybody else's ratings.",
    Role.MODERATOR: "Runs the meetings that settle disagreements.",
    Role.AREA_LEAD: "Follows agreement and plan quality over time.",
    Role.OBSERVER: "A parent-carer representative: attends meetings they are invited to, sees no names or agencies, does not vote.",
    Role.ADMINISTRATOR: "Invites people and decides who may do what. Never sees ratings.",
}
ROLE_CHOICES = [(role, ROLE_NAMES[role], hint) for role, hint in ROLE_HINTS.items()]
COLOUR_CHOICES = [
    (key, Markup('<span class="app-area app-area--{} app-swatch"></span> {}').format(key, name)) for key, name in COLOURS
]
NARROW = {"classes": "govuk-!-width-two-thirds"}
NARROW_GROUP = {"formGroup": {"classes": "govuk-!-width-two-thirds"}}
NEW_PASSWORD = NARROW_GROUP | {"autocomplete": "new-password"}


class SignIn(Form):
    email = Email("Email address", needed="Enter your email address", look=NARROW | {"autocomplete": "username"})
    password = Password("Password", needed="Enter your password", look=NARROW_GROUP)
    next = Hidden()
    typed = Hidden(limit=2 * LONGEST_SEALED)  # what was sent when the session had ended


class Forgotten(Form):
    email = Email("Email address", needed="Enter your email address", look=NARROW)


class ChoosePassword(Form):
    password = Password(
        "New password",
        needed="Enter a password",
        look=NEW_PASSWORD,
        hint="At least 12 characters. Three random words make a good one. It must not be your email address.",
    )


class ChangePassword(Form):
    current = Password("Current password", needed="Enter your current password", look=NARROW_GROUP)
    password = Password(
        "New password",
        needed="Enter a new password",
        look=NEW_PASSWORD,
        hint="At least 12 characters. Three random words make a good one. It must not be your email address.",
    )


class OwnDetails(Form):
    name = Text("Full name", needed="Enter your name", limit=120, look=NARROW | {"autocomplete": "name"})
    shortcuts = Tick("Use single-key shortcuts on the scoring page", hint="Turn this off if you dictate or use switch controls.")
    goes_on = Tick(
        "Go to the next question when I press the key of an answer",
        hint="One key for each question. Where the answer needs evidence, you are taken to the box for it instead.",
    )
    version = Version()


class AwayDates(Form):
    starts_on = DateParts("First day away", called="First day away", needed="Enter the first day you are away")
    ends_on = DateParts("Last day away", called="Last day away", hint="Leave this empty if you are away for one day.")


class ReminderDays(Form):
    days = Checkboxes(
        "When do you want an email about plans you have not finished?",
        choices=[(7, "A week before the round closes"), (2, "2 days before"), (1, "The day before"), (0, "On the last day")],
        coerce=int,
        hint="Emails come in the morning. Choose none if you do not want them. Your QA lead can still send you one.",
    )


class ChooseArea(Form):
    area = Radios("Where do you want to work?", needed="Select an area")


class AreaDetails(Form):
    name = Text(
        "Name of the council or partnership",
        needed="Enter a name",
        limit=120,
        look=NARROW,
        hint="Shown at the top of every page, for example Northfield Local Area Partnership",
    )
    colour = Radios("Colour", choices=COLOUR_CHOICES, needed="Select a colour", look={"classes": "govuk-radios--small"})
    version = Version()


class NewAreaDetails(AreaDetails):
    la_code = Select(
        "Local authority",
        choices=authority_choices(),
        needed="Select a local authority",
        blank="Choose a local authority",
        hint="Its region comes with it.",
    )


class AgencyName(Form):
    name = Text("Name of the agency", needed="Enter a name", limit=120, look=NARROW)
    version = Version()


class NewAgency(AgencyName):
    kind = Radios("Kind of agency", choices=list(AGENCY_NAMES.items()), coerce=AgencyKind, needed="Select a kind of agency")


class PostForm(Form):
    """Roles, and the agency. `offer` fills in the agencies of the area."""

    roles = Checkboxes("Roles", choices=ROLE_CHOICES, coerce=Role, needed="Select at least one role")
    agency = Select("Agency", blank="No agency", hint="Needed for auditors. Moderators may belong to one as well.")
    was = Hidden()

    def offer(self, agencies: list[AgencyView]) -> "PostForm":
        self.agency.choices = [(agency.id, agency.name) for agency in agencies]
        return self

    @property
    def post(self) -> Post:
        return Post(frozenset(self.roles.data), self.agency.data or None)

    @staticmethod
    def of(member: Member) -> dict[str, Any]:
        """What the form shows about somebody."""
        return {"roles": list(member.post.roles), "agency": member.post.agency_id, "was": member.post.print}


class Invitation(PostForm):
    people = TextArea(
        "Who do you want to invite?",
        needed="Enter at least one name and email address",
        look={"rows": 6, "spellcheck": False},
        hint="One person a line: name, then email address. For example: Sam Lee, sam.lee@example.com",
    )
