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
        "amber angel april august autumn bay bell belle bill brook carter chase clay coral crystal daisy dale dawn dean "
        "drew eve faith fern finch forest frank gale gene grace grant guy hazel heath heather holly honor hope hunter "
        "iris ivy jasmine jay jean jewel jo joy june junior lane lily mark marley mason may mercy merry miles mill misty "
        "olive parker pat patience paige penny poppy precious prince ray reed river robin rose rosemary rowan ruby "
        "saffron sandy sage sky sol star summer sunny sydney tanner taylor tina violet will willow wren young zion brown "
        "green white black king long short wood woods stone field hill day little good best page price power small sharp "
        "bird fish fox lamb wolf moss cook baker miller smith bishop pope abbot law child childs parent teacher nurse "
        "reader read walker head english french holland wales west east north south "
    ).split()
)
ORDINARY = (_words("ordinary_words.txt") | AMBIGUOUS) - frozenset(("tobi", "mae"))
