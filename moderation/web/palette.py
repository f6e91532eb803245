"""The colours a local area may choose from: each has its class in `static/css/app.css` and stands out on white and on black."""

COLOURS: tuple[tuple[str, str], ...] = (
    ("navy", "Navy"),
    ("teal", "Teal"),
    ("green", "Green"),
    ("olive", "Olive"),
    ("brown", "Brown"),
    ("maroon", "Maroon"),
    ("plum", "Plum"),
    ("violet", "Violet"),
    ("slate", "Slate"),
)
