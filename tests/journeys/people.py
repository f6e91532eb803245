"""People at their browsers: what each role does, in the words of the pages."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from moderation.commands import main as command
from moderation.commands.demo_documents import as_pdf, plan_html
from moderation.register.codes import PrimaryNeed
from moderation.register.columns import COLUMNS
from moderation.register.framework import builtin, parse
from tests.journeys.conftest import Story

PASSWORD = "seven quiet herons fishing"


def address_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"


@dataclass
class Somebody:
    """A person of the story, with a window of their own."""

    story: Story
    email: str
    page: Page
    password: str = PASSWORD

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.story.live.url + path)
        self.look()

    def look(self) -> None:
        self.story.windows.look(self.page)

    def press(self, name: str, exact: bool = False) -> None:
        """A button, by its words; then a look at the page that comes."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()
        self.look()

    def follow(self, name: str) -> None:
        """A link of the page's body, by its words; some look like buttons."""
        self.page.locator("#main-content a, .govuk-breadcrumbs a").filter(has_text=name).first.click()
        self.page.wait_for_load_state()
        self.look()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def fill_date(self, group: str, day: date) -> None:
        fields = self.page.get_by_role("group", name=group)
        for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            fields.get_by_label(part).fill(str(value))

    def sees(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def sign_in(self) -> None:
        self.go("/sign-in")
        self.fill("Email address", self.email)
        self.fill("Password", self.password)
        self.press("Sign in")
        assert "/sign-in" not in self.page.url

    def sign_in_later(self) -> None:
        """After a pause that ended the session."""
        self.page.context.clear_cookies()
        self.sign_in()

    def choose_password(self, link: str) -> None:
        self.go(link)
        self.fill("New password", PASSWORD)
        self.press("Save password")
        self.sign_in()

    def post(self, address: str, **form: str) -> None:
        """What a form of the page would send, without the page: for work that a browser would only repeat."""
        token = self.page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
        answer = self.page.request.post(address, form={"csrf_token": token, **form})
        assert answer.ok, f"{address}: {answer.status}"


def an_administrator(story: Story, name: str, monkeypatch, capsys, script: bool = True) -> Somebody:  # type: ignore[no-untyped-def]
    """The first account is made on the command line; its link is followed in the browser."""
    sam = Somebody(story, address_of(name), story.windows.open(script=script))
    for key, value in story.live.environment().items():
        monkeypatch.setenv(key, value)
    assert command(["account", "create", "--email", sam.email, "--name", name]) == 0
    sam.choose_password(re.findall(r"http://\S+", capsys.readouterr().out)[0])
    return sam


def set_up_area(sam: Somebody, name: str, authority: str) -> None:
    sam.sees("Local authority")
    sam.fill("Name of the council or partnership", name)
    place = sam.page.get_by_label("Local authority", exact=True)
    place.select_option(place.locator("option", has_text=authority).first.get_attribute("value"))
    sam.press("Set up the area")
    sam.sees("is set up. You are its administrator")


def invite(sam: Somebody, names: Sequence[str], role: str, agency: str = "") -> None:
    sam.go("/people/invite")
    sam.fill("Who do you want to invite?", "\n".join(f"{name}, {address_of(name)}" for name in names))
    sam.page.get_by_label(role, exact=True).check()
    if agency:
        sam.page.get_by_label("Agency", exact=True).select_option(label=agency)
    sam.press("Send invitations")
    sam.sees("You have invited")


def arrive(story: Story, name: str, script: bool = True) -> Somebody:
    """Somebody who was invited follows the link in their letter."""
    person = Somebody(story, address_of(name), story.windows.open(script=script))
    person.choose_password(story.mailbox.link_for(person.email))
    return person


# --- the lead -----------------------------------------------------------------------------------------------------------------


def import_plans(grace: Somebody, folder: Path, references: Sequence[str]) -> None:
    """A CSV file with the columns of the template that the page offers."""
    grace.go("/plans/import")
    with grace.page.expect_download() as download:
        grace.page.get_by_role("link", name=re.compile("CSV")).first.click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file))
    example = {column.key: column.example for column in COLUMNS}
    rows = [[reference, *(example[title] for title in header[1:])] for reference in references]
    path = folder / "plans.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    grace.page.get_by_label("CSV or Excel file").set_input_files(path)
    grace.press("Import")
    grace.sees(f"{len(references)} plans imported")


def add_pack(grace: Somebody, reference: str, pdf: bytes) -> None:
    grace.go("/plans")
    grace.follow(reference)
    grace.follow("Add a document")
    grace.page.get_by_label("PDF or Word file").set_input_files(
        {"name": "Plan of J.pdf", "mimeType": "application/pdf", "buffer": pdf}
    )
    grace.page.get_by_label("Final plan", exact=True).check()
    grace.press("Add document")
    grace.sees("Document added")


def pass_gate(grace: Somebody, reference: str) -> None:
    """Say who is in the plan, decide what was found, compare with the register, release."""
    _to_gate(grace, reference)
    for button in ("Replace all findings", "Replace(?! everywhere)"):
        while grace.page.get_by_role("button", name=re.compile(f"^{button}")).count():
            grace.page.get_by_role("button", name=re.compile(f"^{button}")).first.click()
    grace.follow("Compare names and dates with the register")
    for choice in grace.page.get_by_label("Yes", exact=True).all():
        choice.check()
    grace.press("Save", exact=True)
    grace.sees("Answers saved")
    grace.press("Release the audit pack")
    grace.page.get_by_label("I have looked at what is replaced").check()
    grace.press("Release", exact=True)
    grace.sees("The copies are made now")


def looks_at_release(grace: Somebody, reference: str) -> None:
    """What auditors will read."""
    _to_gate(grace, reference)
    grace.follow("Final plan, as released")
    expect(grace.page.locator("main img").first).to_be_visible()


def _to_gate(grace: Somebody, reference: str) -> None:
    grace.go("/plans")
    grace.follow(reference)
    link = grace.page.get_by_role("button", name="De-identify the audit pack").or_(
        grace.page.get_by_role("link", name="See what was replaced")
    )
    link.first.click()


def a_plan() -> bytes:
    return as_pdf(plan_html(PrimaryNeed.SLCN))


def create_round(grace: Somebody, name: str, opens: date, closes: date, plans: int) -> str:
    """Name, dates, agencies, auditors, sample and allocation; returns the address of the round."""
    grace.go("/rounds/new")
    grace.fill("Name of the round", name)
    grace.fill_date("Opening date", opens)
    grace.fill_date("Closing date", closes)
    grace.press("Create")
    grace.sees("The round is created")
    here = grace.page.url
    _task(grace, here, "agencies")
    _fill_numbers(grace, 1)
    _task(grace, here, "auditors")
    _fill_numbers(grace, plans)
    _task(grace, here, "sample")
    grace.fill("How many plans?", str(plans))
    grace.press("Draw")
    grace.sees(f"{plans} plans drawn")
    return here


def _fill_numbers(grace: Somebody, number: int) -> None:
    for field in grace.page.locator("input[name^=n_]").all():
        field.fill(str(number))
    grace.press("Save", exact=True)
    grace.sees("are saved")


def _task(grace: Somebody, here: str, name: str) -> None:
    """A task of the round's list, by where it leads."""
    grace.go(here)
    grace.page.locator(f'main a[href$="/{name}"]').first.click()
    grace.page.wait_for_load_state()
    grace.look()


def allocate_and_open(grace: Somebody, here: str) -> None:
    _task(grace, here, "allocation")
    grace.press("Draw")
    grace.sees("Draft allocation 1 is drawn")
    grace.press("Open")
    grace.sees("The round is open")


# --- auditors -----------------------------------------------------------------------------------------------------------------

LEVELS = {criterion.key: sorted(criterion.scale.values) for criterion in parse(builtin()).criteria}


def accept_all(auditor: Somebody) -> None:
    auditor.go("/my-plans")
    accept = auditor.page.get_by_role("button", name="Accept")
    while waiting := accept.count():
        accept.first.click()
        expect(accept).to_have_count(waiting - 1)  # in place: the page stays
        auditor.sees("You have accepted plan")
        auditor.look()


def score_one(auditor: Somebody, nth_level: int) -> int:
    """A whole sheet by clicking, with the page of the plan beside it; returns how many questions."""
    auditor.go("/my-plans")
    auditor.press("Start")
    auditor.sees("What in the plan shows this?")
    expect(auditor.page.locator("#document img").first).to_be_visible()
    count = 0
    while "/questions/" in auditor.page.url:
        levels = auditor.page.locator(".desk-level__label")
        levels.nth(min(nth_level, levels.count() - 1)).click()
        auditor.page.locator("#evidence").fill("Page 1: the provision is named and counted.")
        before = auditor.page.locator("h1").inner_text()
        auditor.page.locator("button[name=go][value=next]").click()
        expect(auditor.page.locator("h1")).not_to_have_text(before)
        count += 1
    return count


def submit(auditor: Somebody) -> None:
    auditor.look()
    auditor.page.get_by_label("These are my own judgements").check()
    auditor.press("Submit and lock")
    assert auditor.page.url.endswith("/thanks")


def score_one_by_keyboard(auditor: Somebody) -> None:
    """Start, every question, the check and the submission, without a pointer."""
    auditor.go("/my-plans")
    _tab_to(auditor, "button:has-text('Start')")
    auditor.page.keyboard.press("Enter")
    auditor.page.wait_for_url("**/questions/*")
    while "/questions/" in auditor.page.url:
        before = auditor.page.locator("h1").inner_text()
        auditor.page.keyboard.press("2")
        auditor.page.keyboard.press("e")
        expect(auditor.page.locator("#evidence")).to_be_focused()
        auditor.page.keyboard.type("Page 2")
        auditor.page.keyboard.press("Tab")
        auditor.page.keyboard.press("n")
        expect(auditor.page.locator("h1")).not_to_have_text(before)
        if "/questions/" in auditor.page.url:
            expect(auditor.page.locator("h1")).to_be_focused()  # the new question is there and has the keyboard
    _tab_to(auditor, "#own")
    auditor.page.keyboard.press("Space")
    _tab_to(auditor, "button:has-text('Submit and lock')")
    auditor.page.keyboard.press("Enter")
    auditor.page.wait_for_url("**/thanks")


def _tab_to(auditor: Somebody, target: str) -> None:
    """Press Tab until this has the focus."""
    wanted = auditor.page.locator(target).first
    for _ in range(300):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        auditor.page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with the keyboard")


def score_the_rest(auditor: Somebody, nth_level: int) -> None:
    """The other sheets through the forms' addresses."""
    auditor.go("/my-plans")
    while auditor.page.get_by_role("button", name="Start").count():
        auditor.press("Start")
        _answer_and_submit(auditor, auditor.page.url.partition("/questions/")[0], nth_level)
        auditor.go("/my-plans")


def _answer_and_submit(auditor: Somebody, sheet: str, nth_level: int) -> None:
    auditor.go(f"{sheet}/check")
    links = auditor.page.locator(".desk-answer a[href*='/questions/']").all()
    for key in [(link.get_attribute("href") or "").rpartition("/")[2] for link in links]:
        level = LEVELS[key][min(nth_level, len(LEVELS[key]) - 1)]
        auditor.post(f"{sheet}/questions/{key}", answer=str(level), evidence="Page 1", version="0", go="stay")
    auditor.go(f"{sheet}/check")
    submit(auditor)


# --- the moderator ------------------------------------------------------------------------------------------------------------


def plan_meeting(priya: Somebody, round_name: str, items: int, day: date) -> None:
    priya.go("/disagreements")
    priya.follow(round_name)
    for box in priya.page.locator("input[name=disagreement]").all()[:items]:
        box.check()
    priya.press("Add to meeting")
    priya.fill_date("Date", day)
    priya.fill("Start", "10am")
    priya.press("Plan the meeting")
    priya.sees("The meeting is planned")


def hold_meeting(priya: Somebody, items: int) -> None:
    """Everybody is here; each item is decided, one with a dissent and a lesson; the minutes come by themselves."""
    priya.follow("Start the meeting")
    for box in priya.page.locator("input[name=present]").all():
        box.check()
    priya.press("Start the meeting")
    for number in range(items):
        priya.page.locator("label.app-choice").nth(1).click()
        priya.page.get_by_label("Unanimous").check()
        priya.page.locator("#reason").fill("Section F names who, how much and how often.")
        if number == 0:
            priya.page.get_by_text("Dissent (optional)").click()
            priya.page.get_by_label("Record without a name").check()
            priya.page.locator("#dissent_text").fill("One member still sees too little detail.")
            priya.page.locator("#lesson").fill("“As needed” is not a quantity.")
        priya.press("Record")
    priya.sees("Every item is settled")
    priya.follow("Conclude the meeting")
    priya.press("Conclude the meeting")
    priya.sees("The meeting is concluded. These are its minutes.")
    priya.sees("One member still sees too little detail.")


def leave_the_rest(priya: Somebody, round_name: str) -> None:
    priya.go("/disagreements")
    priya.follow(round_name)
    priya.follow("Leave the rest to the independent ratings")
    priya.press("Defer")
    priya.sees("left to the independent ratings")


# --- publication and after ----------------------------------------------------------------------------------------------------


def publish(grace: Somebody, round_name: str) -> None:
    grace.go("/disagreements")
    grace.follow(round_name)
    grace.follow("Publish the round")
    grace.press("Publish the round")
    grace.sees("The round is published.")


def download_table(reader: Somebody) -> list[list[str]]:
    """The first CSV file that the page offers."""
    with reader.page.expect_download() as download:
        reader.page.locator("main a[href*='.csv']").first.click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
