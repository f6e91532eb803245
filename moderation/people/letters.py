"""The letters about accounts, as plain text: subject and body. Nothing in them says what anybody rated."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


def invitation(name: str, area: str, link: str, days: int) -> Text:
    """To somebody who has no password yet."""
    return Text(
        f"{area}: you are invited to audit EHC plans",
        f"""Hello {name},

{area} has given you an account for EHC plan moderation.

Choose a password to start:
{link}

The link works once, for {days} days. If it has run out, ask the person who invited you to send it again.

If you did not expect this email, you do not need to do anything.
""",
    )


def welcome(name: str, area: str, link: str) -> Text:
    """To somebody who already has an account, in another area."""
    return Text(
        f"{area}: you have access to EHC plan moderation",
        f"""Hello {name},

{area} has given you access to its EHC plan moderation. Sign in with the email address and password you already use:
{link}

After signing in, choose {area} under "Change area".

If you did not expect this email, tell the administrator of the area you work in now.
""",
    )


def reset(name: str, link: str, hours: int) -> Text:
    return Text(
        "Choose a new password",
        f"""Hello {name},

Somebody, probably you, asked for a new password for your account for EHC plan moderation.

Choose it here:
{link}

The link works once, for {hours} hours. If you did not ask for it, you do not need to do anything: your password has not changed.
""",
    )


def password_changed(name: str, link: str) -> Text:
    """A warning, in case it was somebody else."""
    return Text(
        "Your password was changed",
        f"""Hello {name},

The password of your account for EHC plan moderation was changed, and you were signed out everywhere else.

If it was not you, choose a new password at once and tell your administrator:
{link}
""",
    )
