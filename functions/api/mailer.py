"""Sends letters, after the transaction that they tell of; one that fails is logged, and nothing else."""

from aws_lambda_powertools import Logger
from pydantic import BaseModel

from balas.errors import Unavailable
from balas.mail_texts import NOBODY, Letter
from functions.api.settings import Settings

logger = Logger()


class Accepted(BaseModel):
    """What an operation that sends mail answers; `message` is what the owner reads."""

    message: str


def send(settings: Settings, to: str | None, letter: Letter) -> None:
    """Sends a letter to an address; to None it goes nowhere, at the same cost."""
    from balas.aws import mail  # noqa: PLC0415 - slow to import, and few requests send mail

    try:
        mail.send(settings.mail_sender, to or NOBODY, letter.subject, letter.text)
    except Unavailable:
        logger.error("mail not sent", kind=letter.kind)
