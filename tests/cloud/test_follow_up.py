"""From the agent's wish to a message that waits in the outbox, through the real Scheduler."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import boto3
import pytest

from balas.agent.answer import FollowUpWish
from balas.agent.follow_up import HOW_TO_STOP
from balas.aws.schedules import Schedules, Wake
from balas.conversation import ConversationId
from balas.db import follow_ups
from tests.cloud.app_stack import AppStack
from tests.cloud.shop import Shop
from tests.cloud.targets import Capability
from tests.cloud.until import until
from tests.model_server import ModelServer

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

NEVER_NIGHT = "update ai_configs set profile = profile || jsonb_build_object('timezone', %(zone)s::text)"
MAKE_DUE = "update follow_ups set due_at = now() - interval '2 minutes' where tenant_id = %(tenant_id)s"
EARLY_S = 2


def planned(shop: Shop, chat: ConversationId, *, is_due: bool) -> Wake:
    """The follow-up of a customer who was answered, in a shop where it is day."""
    with shop.fleet.tenant_tx(shop.tenant_id) as tx:
        tx.run(NEVER_NIGHT, zone=_where_it_is_noon())
        follow_ups.note_wish(tx, chat, FollowUpWish(24, "tanya jam buka"), datetime.now(UTC))
        if is_due:
            tx.run(MAKE_DUE)
        pending = follow_ups.pending(tx, chat)
    assert pending
    return Wake(shop.tenant_id, pending.id)


def state(shop: Shop, wake: Wake) -> str:
    with shop.fleet.tenant_tx(shop.tenant_id) as tx:
        return follow_ups.read(tx, wake.follow_up_id).state


def _where_it_is_noon() -> str:
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


@pytest.fixture
def chat(shop: Shop, model: ModelServer) -> ConversationId:
    """A chat in which the customer asked and was answered."""
    job = shop.hears("buka sampai jam berapa?")
    shop.publish()
    until(lambda: shop.replies(job))
    model.says(reply="Halo kak, jadi mampir ke warung kami?")
    return job.conversation_id


@pytest.mark.proves(Capability.SCHEDULES_FIRE, Capability.OUR_FUNCTIONS)
def test_a_schedule_that_fires_sends_the_follow_up(shop: Shop, stack: AppStack, chat: ConversationId):
    wake = planned(shop, chat, is_due=True)
    schedules_of(stack).set(chat, wake, datetime.now(UTC) + timedelta(seconds=EARLY_S))
    until(lambda: state(shop, wake) == "sent", 90)
    texts = [message["text"] for message in shop.api.get(messages_of(chat)).json()["items"]]
    assert f"Halo kak, jadi mampir ke warung kami?\n\n{HOW_TO_STOP}" in texts


@pytest.mark.proves(Capability.SCHEDULES, Capability.OUR_FUNCTIONS)
def test_the_turn_that_wishes_it_sets_the_schedule(shop: Shop, stack: AppStack, model: ModelServer):
    model.says(needs_follow_up=True, follow_up_hours=24, follow_up_reason="tanya jam buka")
    job = shop.hears("nanti saya kabari ya")
    shop.publish()
    until(lambda: shop.replies(job))
    scheduler: EventBridgeSchedulerClient = boto3.client("scheduler")
    names = until(lambda: [s.get("Name") for s in scheduler.list_schedules(NamePrefix="f-")["Schedules"]])
    assert f"f-{job.conversation_id}" in names


@pytest.mark.proves(Capability.OUR_FUNCTIONS)
def test_what_no_schedule_fires_for_is_swept(shop: Shop, stack: AppStack, chat: ConversationId):
    wake = planned(shop, chat, is_due=True)
    functions: LambdaClient = boto3.client("lambda")
    for _ in range(2):
        answer = functions.invoke(FunctionName=stack.outputs["FollowUpName"], Payload='{"sweep": true}')
        assert "FunctionError" not in answer, answer["Payload"].read()
    assert state(shop, wake) == "sent"
    sent = [m for m in shop.api.get(messages_of(chat)).json()["items"] if HOW_TO_STOP in m["text"]]
    assert len(sent) == 1


def messages_of(chat: UUID) -> str:
    return f"/api/v1/conversations/{chat}/messages"


def schedules_of(stack: AppStack) -> Schedules:
    """The schedules as the deployed worker sets them."""
    functions: LambdaClient = boto3.client("lambda")
    configuration = functions.get_function_configuration(FunctionName=stack.outputs["AiWorkerName"])
    variables = configuration.get("Environment", {}).get("Variables", {})
    return Schedules(*(variables[n] for n in ("SCHEDULE_GROUP", "FOLLOW_UP_ARN", "SCHEDULER_ROLE_ARN")))
