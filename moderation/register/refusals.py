"""Why a file cannot be used."""


class Refusal(Exception):
    """This file cannot be used; the message finishes the sentence "The file ..."."""
