"""Words that help to tell names from other words: common given names, ordinary words of plans, particles of names."""

from pathlib import Path

HERE = Path(__file__).parent


def _words(name: str) -> frozenset[str]:
    return frozenset((HERE / name).read_text(encoding="utf-8").split())


GIVEN_NAMES = _words("given_names.txt")
PARTICLES = frozenset(
    (
        "al el ap ab bin bint ibn de da di la le van von der den ten ul ur dos du af abu umm st o mac mc y e i and & the jr sr "
    ).split()
)
TITLES = frozenset(("mr mrs ms miss mx dr doctor prof professor sir dame lady rev cllr nurse ").split())
# Names that are words as well, and so are looked for with a capital only.
AMBIGUOUS = frozenset(
    (
        "amber angel april art august autumn bay bell belle bill brook carter chase clay coral crystal daisy dale dawn dean "
        "drew eve faith fern finch forest frank gale gene grace grant guy hazel heath heather holly honor hope hunter "
        "iris ivy jasmine jay jean jewel jo joy june junior lane lily mark marley mason may mercy merry miles mill misty "
        "olive parker pat patience paige penny poppy precious prince ray reed river robin rose rosemary rowan ruby "
        "saffron sandy sage sky sol star summer sunny sydney tanner taylor tina violet will willow wren young zion brown "
        "green white black king long short wood woods stone field hill day little good best page price power small sharp "
        "bird fish fox lamb wolf moss cook baker miller smith bishop pope abbot law child childs parent teacher nurse "
        "reader read walker head english french holland wales west east north south hall strong "
    ).split()
)
# Those of them that a label may also be followed by: what somebody is, or a subject, a side, a measure.
FUNCTIONS = frozenset(
    "art child childs parent teacher nurse head reader read page english french day short long good best little small power".split()
)
# Ordinary words that are surnames too, believed behind a title only: "Mrs Park" beside the park.
SURNAMES = frozenset("park house ireland england key kitchen march story street welsh quick close christian easter friday".split())
DATED = frozenset("april may june august autumn summer".split())
# Given names that are words: with a capital within a sentence such a word is mostly somebody.
GIVEN_WORDS = frozenset(
    (
        "amber angel april august autumn belle bill brook carter clay coral crystal daisy dale dawn dean drew eve faith fern frank gene grace guy "
        "hazel heather holly honor hope hunter iris ivy jasmine jay jean jewel jo joy june lily mark marley mason may mercy miles "
        "misty olive paige pat patience penny poppy ray reed river robin rose rosemary rowan ruby saffron sage sandy summer sunny sydney "
        "tanner taylor tina violet will willow wren zion "
    ).split()
)
# At the start of a sentence these are the thing more often than the child: "Hope is", "Clay helps".
THINGS = DATED | frozenset("amber bill clay coral crystal faith hope jewel joy mercy patience reed river sage".split())
ORDINARY = (_words("ordinary_words.txt") | AMBIGUOUS) - frozenset(("tobi", "mae"))
