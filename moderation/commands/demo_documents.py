"""Synthetic audit packs of the demo: invented EHC plans and advice, one per kind of need, with invented names, as PDF."""

import base64
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..register.codes import NEED_NAMES, PrimaryNeed
from ..register.gate_packs import People
from ..register.identity.kinds import RoleToken

STYLE = """
@page { size: A4; margin: 18mm 16mm; @bottom-right { content: counter(page) " of " counter(pages); font: 9pt Arial } }
body { font: 10.5pt/1.4 "Liberation Sans", Arial, sans-serif; color: #111 }
h1 { font-size: 19pt; margin: 0 0 4mm } h2 { font-size: 13pt; color: #fff; background: #33475b; padding: 2mm 3mm; break-after: avoid }
h3 { font-size: 11pt; margin-bottom: 1mm } table { width: 100%; border-collapse: collapse; margin: 2mm 0 }
th, td { border: 0.4pt solid #555; padding: 1.6mm 2mm; text-align: left; vertical-align: top } th { background: #e8edf1 }
.token { background: #e3e6e9; padding: 0 1mm } p { margin: 1.5mm 0 } .new { break-before: page }
"""


@dataclass(frozen=True)
class Child:
    """What the invented plans of one kind of need say."""

    likes: str
    hope: str
    need: str
    effect: str
    health: str
    care: str
    outcome: str
    provision: tuple[tuple[str, str, str], ...]  # what, who, how much and how often
    vague: str


CHILDREN: Mapping[PrimaryNeed, Child] = {
    PrimaryNeed.ASD: Child(
        "drawing maps of bus routes", "to travel into town with a friend", "understands instructions when they are short and written down",
        "leaves the classroom when the plan for the day changes without warning, three or four times a week",
        "sleeps about five hours a night; seen by the community paediatrician in March",
        "has no activity outside school since the youth club closed; parents take turns to supervise at night",
        "By July 2027 [CHILD] will follow a changed timetable with one prompt from an adult on four days out of five.",
        (
            ("A visual timetable, gone through at the start of the day", "Teaching assistant", "10 minutes every school day"),
            ("Social communication group of four pupils", "Speech and language therapist, then trained assistant", "45 minutes a week, 36 weeks"),
            ("Travel training on the bus into town", "Independence team", "1 hour a week for 12 weeks"),
        ),
        "access to a calm space as appropriate",
    ),
    PrimaryNeed.SLCN: Child(
        "football and telling jokes", "to talk to new people without an adult helping", "speaks in sentences of three to four words",
        "is understood by familiar adults about half of the time and gives up when asked to repeat",
        "hearing was checked in January and is within normal limits", "no social care needs were found by the early help assessment of May",
        "By July 2027 [CHILD] will retell an event of the day in four linked sentences to an unfamiliar adult, in three of four tries.",
        (
            ("Direct therapy on sentence building", "Speech and language therapist", "30 minutes a week, 36 weeks a year"),
            ("Practice of the therapy targets", "Trained teaching assistant", "15 minutes, four days a week"),
            ("Pre-teaching of subject words", "Class teacher", "20 minutes every Monday"),
        ),
        "opportunities to practise conversation",
    ),
    PrimaryNeed.SEMH: Child(
        "looking after the class guinea pigs", "to stay in one school until Year 11", "finds it hard to trust adults after several moves",
        "was sent home eleven times last term and reads two years below what tests of reasoning suggest",
        "waits for an assessment by the child and adolescent mental health service (referred in February)",
        "is supported by a child in need plan; respite weekends with [RELATIVE 1] once a month",
        "By the end of Year 9 [CHILD] will use an agreed signal to ask for a break instead of leaving, on nine of ten occasions.",
        (
            ("A named key adult who meets [CHILD] on arrival and before leaving", "Pastoral lead", "Two meetings of 15 minutes a day"),
            ("Trauma-informed supervision for staff who teach [CHILD]", "Educational psychologist", "90 minutes each half term"),
            ("Catch-up reading, one to one", "Specialist teacher", "Three sessions of 30 minutes a week"),
        ),
        "regular support from a mentor",
    ),
    PrimaryNeed.MLD: Child(
        "cooking and swimming", "to work in a cafe", "learns new steps after many repetitions and forgets them over holidays",
        "counts money to one pound and reads signs but not paragraphs", "takes medicine for absence seizures; an emergency plan is in place",
        "needs an adult nearby in the community; a support worker goes to the leisure centre with [CHILD] on Saturdays",
        "By July 2028 [CHILD] will pay for a meal of up to five pounds and check the change without help.",
        (
            ("Functional maths with real money", "Teacher and assistant", "Four lessons of 40 minutes a week"),
            ("Supported work experience", "College job coach", "One half day a week, 30 weeks"),
            ("Over-learning of each new step after holidays", "Teaching assistant", "20 minutes a day for two weeks"),
        ),
        "a differentiated curriculum",
    ),
    PrimaryNeed.PD: Child(
        "gaming and wheelchair rugby", "to study computing away from home", "uses a powered wheelchair and tires by early afternoon",
        "writes six words a minute by hand and thirty by keyboard", "has physiotherapy and a spinal review every six months",
        "needs two carers for transfers; the bathroom at home was adapted in 2024",
        "By July 2027 [CHILD] will complete a timed exam paper using speech recognition at the speed of classmates.",
        (
            ("Physiotherapy programme", "Physiotherapist plans; trained assistants carry it out", "20 minutes a day; review each term"),
            ("Training in speech recognition", "Assistive technology teacher", "1 hour a week for two terms"),
            ("Two trained staff for transfers", "School, trained by occupational therapist", "At each transfer; training every year"),
        ),
        "equipment as required",
    ),
}  # fmt: skip


def plan_html(need: PrimaryNeed) -> str:
    """The final plan of an invented child with this need, sections A to K."""
    child = CHILDREN[need]
    rows = "".join(
        f"<tr><td>F{n}</td><td>{w}</td><td>{who}</td><td>{much}</td></tr>" for n, (w, who, much) in enumerate(child.provision, 1)
    )
    body = f"""
    <h1>Education, health and care plan</h1>
    <p>Final plan for {_token("CHILD")}, {_token("DOB: matches register")}. Issued by the local authority. Signed by {_token("OFFICER 1")}.</p>
    <h2>Section A: Views, interests and aspirations</h2>
    <p>“I like {child.likes}. I want {child.hope}.” ({_token("CHILD")}, with symbols, to {_token("TEACHER 1")} in April.)</p>
    <p>{_token("PARENT 1")} hopes that school will “see the funny side of our child and not just the file”.</p>
    <h3>How to communicate with {_token("CHILD")}</h3><p>Give one instruction at a time, wait ten seconds, and write down what was agreed.</p>
    <h2>Section B: Special educational needs</h2>
    <p>B1. {_token("CHILD")}’s main need is {NEED_NAMES[need].lower()}. {_token("CHILD")} {child.need}.</p>
    <p>B2. In school {_token("CHILD")} {child.effect}.</p>
    <p>B3. Strengths: a good memory for places and people, and persistence when the reason for a task is clear.</p>
    <h2>Section C: Health needs related to SEN</h2><p>C1. {_token("CHILD")} {child.health}.</p>
    <h2>Section D: Social care needs related to SEN or disability</h2><p>D1. {_token("CHILD")} {child.care}.</p>
    <h2>Section E: Outcomes</h2><p>E1. {child.outcome}</p>
    <p>E2. {_token("CHILD")} will be happier and more confident at school.</p>
    <p>Progress is reviewed each term by {_token("SENCO 1")} with {_token("PARENT 1")}.</p>
    <h2>Section F: Special educational provision</h2>
    <table><tr><th>No.</th><th>Provision</th><th>Who</th><th>How much and how often</th></tr>{rows}
    <tr><td>F4</td><td>{_token("CHILD")} will have {child.vague}.</td><td>School staff</td><td>As needed</td></tr></table>
    <h2>Section G: Health care provision</h2>
    <p>G1. Review by the community paediatrician every six months; agreed by the integrated care board on 3 June.</p>
    <h2>Section H1: Social care provision under the 1970 Act</h2><p>H1.1 Support worker, 3 hours on Saturdays, 44 weeks a year.</p>
    <h2>Section H2: Other social care provision</h2><p>None at present, following the assessment of May.</p>
    <h2>Section I: Placement</h2><p>{_token("SETTING 1")}, the type of school named in the register.</p>
    <h2>Section J: Personal budget</h2><p>No personal budget or direct payment was requested.</p>
    <h2>Section K: Advice and information</h2>
    <table><tr><th>No.</th><th>Advice</th><th>Date</th></tr>
    <tr><td>K1</td><td>{_token("PARENT 1")}</td><td>2 March</td></tr><tr><td>K2</td><td>Head teacher of {_token("SETTING 1")}</td><td>9 March</td></tr>
    <tr><td>K3</td><td>Educational psychologist {_token("EP 1")}</td><td>20 March</td></tr>
    <tr><td>K4</td><td>Community paediatrician</td><td>9 April</td></tr><tr><td>K5</td><td>Social care</td><td>2 May</td></tr></table>
    """
    return _page("Education, health and care plan", body)


def advice_html(need: PrimaryNeed) -> str:
    """The advice that section K lists."""
    child = CHILDREN[need]
    body = f"""
    <h1>Section K: advice and information</h1>
    <h2>K2 Advice from the school</h2><p>{_token("CHILD")} {child.effect}. What helps: short written instructions and a quiet start to the day.</p>
    <h2>K3 Advice of the educational psychologist</h2>
    <p>{_token("CHILD")} {child.need}. I recommend: {"; ".join(f"{what.lower()} ({much.lower()})" for what, _, much in child.provision)}.</p>
    <p>Suggested outcome: {child.outcome}</p>
    <h2>K4 Medical advice</h2><p>{_token("CHILD")} {child.health}. Review every six months.</p>
    <h2>K5 Social care advice</h2><p>{_token("CHILD")} {child.care}.</p>
    """
    return _page("Section K advice", body)


BORN = date(2014, 5, 9)
NAMES: Mapping[PrimaryNeed, tuple[str, str]] = {
    PrimaryNeed.ASD: ("Tobi Marlow", "Mrs Sian Marlow"),
    PrimaryNeed.SLCN: ("Zofia Wilk", "Mrs Hanna Wilk"),
    PrimaryNeed.SEMH: ("Idris Okafor", "Mr Daniel Okafor"),
    PrimaryNeed.MLD: ("Mina Rahmani", "Mrs Laleh Rahmani"),
    PrimaryNeed.PD: ("Euan Fairley", "Mrs Morag Fairley"),
}
STAFF = (
    (RoleToken.OFFICER, "Dafydd Pritchard"),
    (RoleToken.TEACHER, "Ms Halima Anwar"),
    (RoleToken.SENCO, "Mr Peter Lund"),
    (RoleToken.EP, "Dr Meera Shah"),
    (RoleToken.RELATIVE, "Gwenllian"),
)
SCHOOL = "Beck Lane School"


def people_in(need: PrimaryNeed) -> People:
    """Who is in the invented plans of one kind of need, as a lead would enter it."""
    child, parent = NAMES[need]
    staff = tuple((role, (name,)) for role, name in STAFF)
    return People((child, child.split()[0]), BORN, ((parent,),), (), staff, (SCHOOL,))


def named(html: str, need: PrimaryNeed) -> str:
    """The document as it was before anybody replaced names by tokens."""
    child, parent = NAMES[need]
    names = {
        "CHILD": child.split()[0],
        "PARENT 1": parent,
        "SETTING 1": SCHOOL,
        "DOB: MATCHES REGISTER": f"born on {BORN:%d/%m/%Y}",
    }
    names |= {f"{role.value} 1": name for role, name in STAFF}
    plain = re.sub(r'<span class="token">(.*?)</span>', r"\1", html)
    return re.sub(r"\[([A-Za-z0-9: ]+)\]", lambda token: names[token[1].upper()], plain)


def cover_html(need: PrimaryNeed) -> str:
    """The first page of the plan that waits at the gate of the demo: everything that must not reach an auditor is on it."""
    child, parent = NAMES[need]
    family, first = child.split()[1], parent.split()[1]
    return f"""<h1>Northfield Council</h1><h2>Education, health and care plan: personal details</h2>
    <table><tr><th>Name</th><td>{child}</td><th>Date of birth</th><td>{BORN:%d %B %Y}</td></tr>
    <tr><th>NHS number</th><td>943 476 5919</td><th>UPN</th><td>B801200005001</td></tr>
    <tr><th>Address</th><td>14 Rowan Street, Northfield, NF1 4AP</td><th>Home telephone</th><td>01632 960 021</td></tr>
    <tr><th>Parent/carer</th><td>{parent}</td><th>Email</th><td>{first.lower()}.{family.lower()}@example.org</td></tr>
    <tr><th>School</th><td>{SCHOOL}</td><th>Website</th><td>www.becklane.example.sch.uk</td></tr></table>
    <p>{child.upper()} lives with {parent} and with a younger sister, Elin. {child.split()[0]}’s initials are used in some reports
    ({child[0]}.{family[0]}.). Mr {family} lives elsewhere and was asked for his views.</p>
    <p>Ellie will be supported at lunchtime by the same adult each day.</p>
    <p>Case reference: NF/2026/0193. Completed by: Joanna Price, telephone 01632 960 108.</p>"""


def with_cover(html: str, need: PrimaryNeed) -> str:
    """A document behind its page of personal details, and before a page that was scanned."""
    return (
        named(html, need)
        .replace("<body>", f"<body>{cover_html(need)}<div class='new'></div>")
        .replace("</body>", f"{_scan(need)}</body>")
    )


def _scan(need: PrimaryNeed) -> str:
    """A page that is a picture only, as of a form that was signed and scanned."""
    from PIL import Image, ImageDraw, ImageFont

    picture, file = Image.new("L", (600, 800), 250), io.BytesIO()
    draw = ImageDraw.Draw(picture)
    draw.text((60, 60), "Consent to share information", fill=40, font=ImageFont.load_default(26))
    draw.text((60, 400), "Signed", fill=40, font=ImageFont.load_default(20))
    draw.text((160, 380), NAMES[need][1], fill=60, font=ImageFont.load_default(38))
    picture.rotate(1, fillcolor=250).save(file, "PNG")
    return f'<div class="new"></div><img alt="" src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}">'


def as_pdf(html: str) -> bytes:
    """A PDF of a page of HTML."""
    from weasyprint import HTML  # late: it takes half a second to load

    content: bytes = HTML(string=html).write_pdf()
    return content


def _page(title: str, body: str) -> str:
    return f'<!doctype html><html lang="en-GB"><head><title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>'


def _token(role: str) -> str:
    return f'<span class="token">[{role}]</span>'
