"""The whole search: pages of a pack in, everything that may identify somebody out, each with its place, kind and token."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from .cast import Cast
from .contexts import TITLE, Mention, mentions, shortened
from .folding import Folded, fold, folded_words
from .hints import hinted
from .kinds import PLACEHOLDER, Found, Hit, Kind, Known, RoleToken
from .lexicon import GIVEN_NAMES, ORDINARY
from .names import Form, Forms
from .patterns import births, labelled_births, shapes
from .places import CHURCHES, GENERIC, addresses, labelled_settings, settings
from .seams import Pack, Piece, pieces_of
from .telephones import telephones
from .wordlike import is_somebody

_Hits = defaultdict[tuple[int, int], list[Hit]]  # by document and page, in the page's own text
# Of two that overlap the earlier kind stays: what has a check digit before what has only a form.
ORDER = (Kind.EMAIL, Kind.URL, Kind.NHS_NUMBER, Kind.UPN, Kind.BIRTH, Kind.NUMBER, Kind.TELEPHONE, Kind.ADDRESS, Kind.POSTCODE,
         Kind.SETTING, Kind.NAME, Kind.POSSIBLE_NAME, Kind.INITIALS)  # fmt: skip
NOT_INITIALS = frozenset(("ta ep ot pe sen ks it la ai hi vi pd md cp ld nc la eh sp cd dj tv pc us uk eu pm am ad bc ok ").split())
NOT_LATIN = (
    r"[^\W\d_\u0000-\u02ff][^\s\u0000-\u02ff\u2000-\u206f]+"  # a letter, and more that is not Latin, its vowel signs included
)
OTHER_SCRIPT = re.compile(rf"{NOT_LATIN}(?:[ '-]{NOT_LATIN})*")
INITIAL = re.compile(r"(?:(?P<word>[A-Za-z]{2,})\s)?(?P<initial>(?<![A-Za-z'-])(?:[A-Z](?:\.\s?|[ ])){1,3})$")
BEHIND = re.compile(r"(?P<comma>,?)[ ](?P<letters>(?:[A-Z]\.[ ]?){0,2}[A-Z]\.|[A-Z]{1,2}(?![A-Za-z'-]))")
TITLED_LETTER = re.compile(r"(?<![A-Za-z])(?P<title>(?i:Mr|Mrs|Mx|Dr)|Ms|Miss|MISS)\b\.?\s(?P<letter>[A-Z])(?![A-Za-z'-])")
LETTERED = frozenset(  # whose letter is no initial: "as in Section F. Marlow likes"
    "section sections part year appendix annex stage table class form group unit room option plan level band type".split()
)
AT_A_PLACE = (
    r"(?<![A-Za-z])(?i:at|to|from|in|left|leaves|leaving|joined|joins|attend(?:s|ed|ing)?|of|visit(?:s|ed)?)\s(?:[Tt]he\s)?"
)
NEEDS_CAPITAL = 2  # words of a setting's name up to which it is looked for with a capital only
WORDS = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)


def search(pack: Pack, known: Known, today: date) -> list[Found]:
    """Everything found, in reading order. The same person has the same token in all documents."""
    pages, over = pieces_of(pack)
    texts, pieces = [page.text for page in pages], [*pages, *over]
    ordinary = _ordinary(texts)
    met = [[one for one in mentions(piece.text, ordinary) if piece.is_new(one.end)] for piece in pieces]
    cast = Cast(known)
    cast.meet([*hinted(known.called, texts), *(mention for there in met for mention in there)])
    cast.settle()
    cast.shorten(each for page in texts for each in shortened(page))
    forms, born = Forms(cast.forms()), frozenset(day for piece in pieces for day in labelled_births(piece.text, today))
    schools = _Settings(known.settings, pieces, ordinary, cast)
    hits: _Hits = defaultdict(list)
    for piece, there in zip(pieces, met, strict=True):
        page = piece.text
        found = [*shapes(page), *telephones(page), *addresses(page), *births(page, known.born, born, today), *schools.find(page)]
        _spread([*found, *_people(page, forms, cast, there), *_initials(page, cast), *_other_scripts(page)], piece, hits)
    return _in_order(hits, pages, pack)


def occurrences(pack: Pack, words: str, kind: Kind, token: str) -> list[Found]:
    """Every form of these words in a pack: what a lead adds once is found everywhere.

    Each is whole on its page: what is added is looked for again in documents that come later, and half a word would be found in others.
    """
    forms = Forms([Form(" ".join(folded_words(words).split()), token, 9, capital=False)])
    pages = ((d, p, fold(text)) for d, document in enumerate(pack) for p, text in enumerate(document))
    return [Found(d, p, *page.span(hit.start, hit.end), kind, token) for d, p, page in pages for hit in forms.find(page)]


def _spread(found: Iterable[Hit], piece: Piece, hits: _Hits) -> None:
    """Put each under its page, with its place in the page's own text; over a page's end, under both."""
    for hit in (hit for hit in found if hit.start < hit.end and piece.is_new(hit.end)):
        for page, start, end in piece.places(hit.start, hit.end):
            hits[piece.document, page].append(replace(hit, start=start, end=end))


def _in_order(hits: _Hits, pages: Sequence[Piece], pack: Pack) -> list[Found]:
    found = []
    for piece in pages:
        page = piece.parts[0][0]
        apart = _apart(hits[piece.document, page], piece.text, pack[piece.document][page])
        found += [Found(piece.document, page, hit.start, hit.end, hit.kind, hit.token) for hit in apart]
    return found


def _ordinary(pages: Iterable[Folded]) -> frozenset[str]:
    """Words that this pack writes in small letters more than once: no names, unless they are common given names."""
    counts = Counter(word for page in pages for word in re.findall(r"(?<![A-Za-z@.])[a-z]{3,}(?![a-z@])", page.cased))
    return frozenset(word for word, count in counts.items() if count > 1 and word not in GIVEN_NAMES)


def _people(page: Folded, forms: Forms, cast: Cast, met: Sequence[Mention]) -> list[Hit]:
    """Names wherever they stand. Behind a title a shared surname is the adult's; what only looks like a name is said to."""
    unsure = cast.unsure()
    titled = {match.start("name"): match["title"].lower() for match in TITLE.finditer(page.cased)}
    hits = []
    for start, hit in ((_with_initial(page, hit, titled, cast), hit) for hit in forms.find(page)):
        surname, initial = page.text[hit.start : hit.end], page.text[start] if start < hit.start else ""
        token = hit.token
        if hit.weak and not initial and not _is_met(page, hit, met):
            continue
        if start in titled and " " not in surname:
            token = cast.titled(titled[start], surname, initial) or token
        elif initial:
            token = cast.initialled(initial, surname) or token
        end = _with_letters(page, hit, cast)
        hits.append(Hit(start, end, Kind.POSSIBLE_NAME if token in unsure else Kind.NAME, token))
    return hits


def _is_met(page: Folded, hit: Hit, met: Sequence[Mention]) -> bool:
    """Is a word that is a name as well somebody here?"""
    in_place = any(one.start < hit.end and hit.start < one.end for one in met)
    return in_place or is_somebody(page.cased, hit.start, hit.end, known=True)


def _with_initial(page: Folded, hit: Hit, titled: Container[int], cast: Cast) -> int:
    """Where a surname begins with the initial before it: behind a title, with a dot, or the letter of somebody so called."""
    before = INITIAL.search(page.cased, max(0, hit.start - 24), hit.start)
    surname = page.text[hit.start : hit.end]
    if before is None or cast.is_given_name(surname.split()[0]):
        return hit.start
    start, letters = before.start("initial"), before["initial"]
    if len(letters.replace(".", "").split()) == 1 and (before["word"] or "").lower() in LETTERED:  # "Section F. Marlow"
        return start if start in titled else hit.start
    is_theirs = "." in letters or len(letters.split()) > 1 or cast.initialled(page.text[start], surname)
    return start if start in titled or is_theirs else hit.start


def _with_letters(page: Folded, hit: Hit, cast: Cast) -> int:
    """Where a name ends with the letters behind it: `Marlow, T.`, `Marlow TJ`, `Tobi F.`"""
    behind = BEHIND.match(page.cased, hit.end)
    if behind is None:
        return hit.end
    letters = behind["letters"].lower()
    if cast.has_letter(page.text[hit.start : hit.end].split()[-1], letters[0]):
        return hit.end if letters in NOT_INITIALS else behind.end()
    is_somebodys = not behind["comma"] and len(letters.strip(".")) == 1 and " " not in page.text[hit.start : hit.end]
    return behind.end() if is_somebodys and "." in letters else hit.end


def _initials(page: Folded, cast: Cast) -> Iterator[Hit]:
    """`T.M.` of anybody with a full name; `TM` of those who were named to us or whom the text itself shortens ("Clare Whitfield (CW)"); `Miss J`."""
    for match in TITLED_LETTER.finditer(page.cased):
        token = cast.lettered(match["title"].lower(), match["letter"].lower())
        yield Hit(*match.span("letter"), Kind.INITIALS, token or "INITIALS")
    for letters, (token, is_known) in cast.initials().items():
        between = r"(?:\.\s?|\s)?".join(map(re.escape, letters.upper()))
        for match in re.finditer(rf"(?<![A-Za-z.'-]){between}\b(?!\.[A-Z])\.?(?![A-Za-z-])", page.cased):
            plain = match.group().rstrip(".")
            if "\n" in plain and not match.group().endswith("."):  # "in Section G.\nA sentence"
                continue
            if "." in plain:
                yield Hit(*match.span(), Kind.INITIALS, token)
            elif is_known and letters not in NOT_INITIALS and len(plain) == len(letters):
                yield Hit(match.start(), match.start() + len(plain), Kind.INITIALS, token)


def _other_scripts(page: Folded) -> Iterator[Hit]:
    """Words in letters that are not Latin: in an English plan they mostly name somebody, and no context of theirs is known here."""
    return (Hit(*match.span(), Kind.POSSIBLE_NAME, "REMOVED") for match in OTHER_SCRIPT.finditer(page.text))


class _Settings:
    """Schools and other settings of a pack: each has one number, and its short name is found as well."""

    def __init__(self, known: Sequence[str], pieces: Sequence[Piece], ordinary: frozenset[str], cast: Cast) -> None:
        self._ordinary = ordinary
        self._tokens: dict[str, str] = {}
        self._shorts: dict[str, str] = {}
        for name in known:
            self._number(folded_words(name))
        for piece in pieces:
            for hit in settings(piece.text, ordinary, cast.has_all_of):
                if piece.is_whole(hit.start, hit.end):
                    self._number(piece.text.text[hit.start : hit.end])
        self._lone = frozenset(self._unconfirmed({*map(folded_words, known)}, pieces))
        both = {name: token for name, token in {**self._shorts, **self._tokens}.items() if name not in self._lone}
        both |= {f"saint {name.removeprefix('st ')}": token for name, token in both.items() if name.startswith("st ")}
        forms = (Form(name, token, 9, capital=len(name.split()) <= NEEDS_CAPITAL) for name, token in both.items())
        self._forms = Forms(form for form in forms if len(form.words) > 2)

    def _number(self, name: str) -> None:
        name = " ".join(re.sub(r"\bsaint\b", "st", name.replace("st.", "st")).split())
        short = _short(name)
        there = (
            self._tokens.get(name)
            or self._shorts.get(short)
            or next((t for n, t in self._tokens.items() if _short(n) == short), None)
        )
        token = there or f"{RoleToken.SETTING.value} {len({*self._tokens.values()}) + 1}"
        self._tokens.setdefault(name, token)
        if _is_proper(short):
            self._shorts.setdefault(short, token)

    def find(self, page: Folded) -> Iterator[Hit]:
        """Every form of their names; a single word that only its label calls a setting, in that place only."""
        yield from (replace(hit, kind=Kind.SETTING) for hit in self._forms.each(page))
        for hit in labelled_settings(page, self._ordinary) if self._lone else ():
            name = page.text[hit.start : hit.end]
            if name in self._lone:
                yield replace(hit, token=self._tokens[name])

    def _unconfirmed(self, known: Container[str], pieces: Iterable[Piece]) -> Iterator[str]:
        """Single words that nothing else in the pack makes a place: "School: Oakfield" without "he left Oakfield"."""
        single = [name for name in self._tokens if " " not in name and name not in known]
        texts = [piece.text.cased for piece in pieces] if single else []
        for name in single:
            place = re.compile(rf"{AT_A_PLACE}{re.escape(name[:1].upper())}(?i:{re.escape(name[1:])})(?![A-Za-z])")
            is_short = any(other != name and _short(other) == name for other in self._tokens)
            if not is_short and not any(place.search(text) for text in texts):
                yield name


def _short(name: str) -> str:
    """The proper part of a setting's name: `beck lane` of `beck lane primary school`."""
    words = name.split()
    while len(words) > 1 and (words[-1] in GENERIC or words[-1].strip("().") in CHURCHES):
        words.pop()
    return " ".join(words)


def _is_proper(short: str) -> bool:
    """May it be looked for by itself? Two words that are not both ordinary, a saint, or one unusual word."""
    words = short.split()
    if len(words) == 1:
        return len(short) > 3 and short not in ORDINARY and short not in GENERIC and short not in GIVEN_NAMES
    return not all(word in ORDINARY or word in GENERIC for word in words)


def _apart(hits: list[Hit], page: Folded, text: str) -> list[Hit]:
    """Hits without overlaps, in reading order; nothing inside a token that stands in the text already.

    Of two that overlap the lower one keeps what the other leaves of it: nothing that was found is left in sight.
    """
    taken = [page.span(*match.span()) for match in PLACEHOLDER.finditer(page.cased)]
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (ORDER.index(hit.kind), hit.start - hit.end, hit.start)):
        rest = [replace(hit, start=start, end=end) for start, end in _left(hit.start, hit.end, taken, text)]
        kept += rest
        taken += [(one.start, one.end) for one in rest]
    return sorted(kept, key=lambda hit: hit.start)


def _left(start: int, end: int, taken: list[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """What of a place is not taken: whole if nothing is, else its pieces without blanks and marks around them."""
    meeting = sorted((a, b) for a, b in taken if a < end and start < b)
    if not meeting:
        yield start, end
        return
    for a, b in zip([start, *(b for _, b in meeting)], [*(a for a, _ in meeting), end], strict=True):
        inner = WORDS.search(text, a, b) if a < b else None
        if inner:
            yield inner.span()
