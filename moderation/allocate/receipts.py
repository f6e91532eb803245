"""The receipt of a draw as a file: given out once the round is published, because it gives the secret away."""

from sqlmodel import Session, select

from moderation.words import NotFound

from .drawing import draw_secret
from .problem import Allocation, Design, Outcome
from .queries import get_round
from .rules import RoundState
from .tables import Draw

GIVEN_OUT = (RoundState.PUBLISHED, RoundState.ARCHIVED)


def receipt_file(session: Session, area_id: str, round_id: str, number: int, signing_key: bytes) -> bytes:
    """One draw's signed receipt. There is none before publication, nor for a round that was allocated elsewhere."""
    from .reading import parse_problem  # late: the solver's libraries take a second to load
    from .receipt import receipt

    found = get_round(session, area_id, round_id)
    chosen = select(Draw).where(Draw.area_id == area_id, Draw.round_id == round_id, Draw.number == number)
    draw = session.exec(chosen).first()
    if draw is None or found.state not in GIVEN_OUT or draw.outcome.get("given"):
        raise NotFound("Page not found")
    secret = draw_secret(found.secret, number)
    return receipt(parse_problem(draw.inputs), _outcome(draw), secret, signing_key, number=number, reason=draw.reason)


def service_key(signing_key: bytes) -> str:
    """The public key by which the service's receipts can be told from forged ones."""
    from .receipt import public_key

    return public_key(signing_key)


def _outcome(draw: Draw) -> Outcome:
    """The outcome as it was stored; why places stayed empty is worked out again by whoever checks."""
    stored = draw.outcome
    return Outcome(
        allocations=tuple(Allocation(one["plan"], one["auditor"], one["agency"]) for one in stored["allocations"]),
        cost=stored["cost"],
        loads=stored["loads"],
        design=Design(**{field: stored[field] for field in Design.__dataclass_fields__}),
        shortfalls=(),
        warnings=(),
        seed=stored["seed"],
        inputs_sha256=stored["inputs_sha256"],
    )
