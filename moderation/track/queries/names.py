"""How sections are called where their letter stands beside the name."""

from moderation.register.framework import Section


def section_name(section: Section) -> str:
    """ "A - Views and aspirations" is Views and aspirations: the letter has a place of its own."""
    return section.label.removeprefix(f"{section.key} - ")
