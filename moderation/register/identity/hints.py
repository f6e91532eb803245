"""Names in what a file is called: its own name, its title and its author often say whom it is about, or who wrote it."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from .contexts import Mention
from .folding import Folded, fold
from .kinds import RoleToken
from .lexicon import AMBIGUOUS, ORDINARY
from .places import GENERIC

WORD = re.compile(r"[A-Za-z][A-Za-z']*")
SHORTEST = 3
PAPERS = frozenset(
    (
        "ehc ehcp ehcna send sen docx pdf doc microsoft word powerpoint adobe acrobat scan scanned scanner copy signed redacted anonymised "
        "appendix section chronology letter form template untitled user admin owner author office windows zip folder pack audit "
        "slt salt camhs ofsted nhs icb council county borough "
    ).split()
)


def hinted(called: Iterable[str], pages: Iterable[Folded]) -> Iterator[Mention]:
    """Whom these titles name, as far as the pages name them too. None of it is sure: a title may be anything."""
    named = {word.lower() for page in pages for word in WORD.findall(page.cased) if word[0].isupper()}
    for title in called:
        for is_name, words in groupby(WORD.findall(fold(title).cased.replace("_", " ")), key=lambda word: _may_name(word, named)):
            if is_name:
                yield Mention(0, 0, " ".join(word.capitalize() for word in words), RoleToken.PERSON, sure=False)


def _may_name(word: str, named: set[str]) -> bool:
    plain = word.lower()
    ordinary = (plain in ORDINARY and plain not in AMBIGUOUS) or plain in GENERIC or plain in PAPERS
    return len(word) >= SHORTEST and plain in named and not ordinary
