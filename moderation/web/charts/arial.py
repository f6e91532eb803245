"""How wide a text is in Arial: label collisions and line breaks are settled on the server. Thousandths of the type size."""

# fmt: off
# the printable ASCII characters, from the space on
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)
# fmt: on
_OTHER = 600


def width(text: str, size: float = 16, bold: bool = False) -> float:
    """Pixels that a text takes; unknown characters count as a wide letter."""
    table = _BOLD if bold else _REGULAR
    return sum(table[ord(c) - 32] if 32 <= ord(c) < 127 else _OTHER for c in text) * size / 1000


def wrap(text: str, limit: float, size: float = 16, bold: bool = False) -> tuple[str, ...]:
    """Lines no wider than the limit, broken at spaces; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold) <= limit:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def shortened(text: str, limit: float, size: float = 16, bold: bool = False) -> str:
    """The text if it fits, else as many of its words as do, and dots."""
    if width(text, size, bold) <= limit:
        return text
    return wrap(text, limit - width("...", size, bold), size, bold)[0] + "..."


def spread(positions: list[float], gap: float) -> list[float]:
    """Label positions at least a gap apart, moved as little as possible: neighbours that touch move as one block."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    blocks: list[tuple[list[int], float]] = []
    for index in order:
        blocks.append(([index], positions[index]))
        while len(blocks) > 1 and _touch(blocks[-2], blocks[-1], gap):
            (later, _), (earlier, _) = blocks.pop(), blocks.pop()
            members = earlier + later
            blocks.append((members, sum(positions[i] for i in members) / len(members)))
    placed = [0.0] * len(positions)
    for members, centre in blocks:
        for rank, index in enumerate(members):
            placed[index] = centre + gap * (rank - (len(members) - 1) / 2)
    return placed


def _touch(above: tuple[list[int], float], below: tuple[list[int], float], gap: float) -> bool:
    half = gap * (len(above[0]) + len(below[0])) / 2
    return below[1] - above[1] < half


def fitted(text: str, limit: float, most: int, size: float = 16, bold: bool = False) -> tuple[str, ...]:
    """The text on at most so many lines; what is left over is cut off with dots.

    >>> fitted("Social care provision under the Chronically Sick and Disabled Persons Act", 136, 2)
    ('Social care', 'provision under...')
    """
    lines = wrap(text, limit, size, bold)
    if len(lines) <= most:
        return lines
    return (*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), limit, size, bold))
