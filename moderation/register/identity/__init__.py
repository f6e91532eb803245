"""Finds what identifies somebody in the text of an audit pack. Pure: no network, no model, no database.

`search.search` puts it together: known people (`names`), people known by their context (`contexts`), and what has a form of its
own: numbers, dates of birth, addresses, settings (`patterns`, `places`). `wordlike` says when a word is a name as well, `seams`
reads over the end of a page.
"""
