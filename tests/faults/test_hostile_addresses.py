"""Addresses and forms that no page of ours would ever send: they find nothing, and nothing breaks."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from moderation.words import AgencyKind
from tests.build import World, also_auditor, an_open_round

ODD = ("\0", "9" * 40, "x" * 3000, "\u202e..%2f'; --")


def addresses(app: Flask, odd: str) -> Iterator[tuple[str, set[str]]]:
    """Every address with the odd text in place of each of its parts, and the methods it answers."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static" or not rule.arguments:
                continue
            whole = {name: _fitting(rule._converters[name], odd) for name in rule.arguments}
            built = app.url_map.bind("localhost").build(rule.endpoint, whole, method=None) if all(whole.values()) else None
            if built:
                yield built, rule.methods or set()


def _fitting(converter: object, odd: str) -> str | int | None:
    if type(converter).__name__ == "IntegerConverter":
        return int(odd) if odd.isdecimal() else 10**30
    return odd


@pytest.fixture
def everybody(engine: Engine, world: World, sign_in) -> list[FlaskClient]:  # type: ignore[no-untyped-def]
    """Clients with every role between them."""
    an_open_round(engine, world)
    also_auditor(engine, world, world.grace, world.agencies[AgencyKind.CARE])
    return [sign_in(world.people[name]) for name in ("grace", "priya", "sam")]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd[:9]))
def test_odd_addresses_find_nothing(app: Flask, everybody: list[FlaskClient], odd: str) -> None:
    for address, methods in addresses(app, odd):
        for client in everybody:
            for method in sorted(methods & {"GET", "POST"}):
                answer = client.open(
                    address,
                    query_string={"round": odd, "page": odd},
                    method=method,
                    data={"reason": odd, "meeting": odd, "disagreement": odd} if method == "POST" else None,
                )
                assert answer.status_code < 500, f"{method} {address[:200]}: {answer.status_code}"
