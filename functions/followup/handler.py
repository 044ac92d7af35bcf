"""Lambda entry of follow-ups: a schedule whose time has come, or the sweep over what schedules have lost."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from balas import llm
from balas.agent.chat import ChatMessage, Completion
from balas.aws import mail, schedules
from balas.aws.schedules import Wake
from balas.db import open_follow_ups
from balas.db.database import Database
from balas.errors import BalasError, Unavailable
from balas.mail_texts import Letter
from functions.followup import settings, tell
from functions.followup.decide import Again, decide

SWEEP = {"sweep": True}
GRACE = timedelta(minutes=1)
"""For so long the sweep leaves a follow-up to its own schedule."""
BATCH = 200
LEFT_FOR_ONE_S = 60
"""The sweep begins none with less time than this: the next sweep is near."""

logger = Logger()
config = settings.load(os.environ)
database = Database(config.database_url)


@logger.inject_lambda_context
def handle(event: dict[str, object], context: LambdaContext) -> None:
    """Decides the follow-up that a schedule names; the event of the rate rule sweeps all shops."""
    if event == SWEEP:
        _tell_owners()
        _sweep(context)
    else:
        _follow_up(schedules.parse(event))


def _tell_owners() -> None:
    now = datetime.now(UTC)
    try:
        digests = tell.plan_digests(database, now)
        mailed = tell.mail_of_dead_devices(database, _post, config.public_origin, now)
    except BalasError as error:
        logger.warning("owners were not told", extra={"code": error.code})
        return
    logger.info("owners were told", extra={"digests": digests, "mailed": mailed})


def _sweep(context: LambdaContext) -> None:
    with database.routing_tx() as tx:
        due = open_follow_ups.list_due(tx, datetime.now(UTC) - GRACE, BATCH)
    for one in due:
        if context.get_remaining_time_in_millis() < LEFT_FOR_ONE_S * 1000:
            return
        try:
            _follow_up(Wake(one.tenant_id, one.follow_up_id))
        except Exception as error:  # noqa: BLE001 - one shop must not end the others' sweep
            code = error.code if isinstance(error, BalasError) else type(error).__name__
            fields = {"follow_up_id": str(one.follow_up_id), "code": code}
            logger.warning("a follow-up was not decided", extra=fields)


def _follow_up(wake: Wake) -> None:
    decided = decide(wake, database, _ask, datetime.now(UTC))
    if decided.again:
        _wake_again(wake, decided.again)
    logger.info(
        "a follow-up was decided", extra={"follow_up_id": str(wake.follow_up_id), "result": decided.code}
    )


def _wake_again(wake: Wake, again: Again) -> None:
    """Without a schedule the sweep finds it, up to five minutes later."""
    try:
        config.schedules.set(again.chat, wake, again.at)
    except Unavailable:
        logger.warning("a follow-up has no schedule", extra={"follow_up_id": str(wake.follow_up_id)})


def _post(address: str, letter: Letter) -> None:
    mail.send(config.mail_sender, address, letter.subject, letter.text)


def _ask(messages: Sequence[ChatMessage]) -> Completion:
    return llm.complete(messages, config.model, llm.CALL_TIMEOUT_S)
