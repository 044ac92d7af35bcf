"""What each cloud can do: everything below, save what it lacks, and why it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Capability(StrEnum):
    """One row of the matrix."""

    CLOUDFORMATION = "what it takes of the AppStack"
    WHOLE_STACK = "the whole AppStack"
    OUR_FUNCTIONS = "our functions, database, model"
    HTTP_API = "HTTP API"
    WEBSOCKET_API = "WebSocket push and Gone"
    QUEUE_TO_FUNCTION = "queue to worker to outbox"
    PARTIAL_FAILURES = "partial batch failures"
    BACK_OFF = "back-off by visibility"
    DEAD_LETTERS = "dead letters and replay"
    REDRIVE = "SQS redrive"
    FAIR_QUEUES = "fair queues"
    DELAYED_JOBS = "delayed jobs"
    SCHEDULES = "schedules kept"
    SCHEDULES_FIRE = "schedules fire"
    SECRETS = "secrets"


@dataclass(frozen=True)
class Target:
    """`refused_types`: resource types, by prefix, that its CloudFormation does not know."""

    name: str
    lacks: Mapping[Capability, str] = field(default_factory=dict[Capability, str])
    refused_types: tuple[str, ...] = ()


PAID = "API Gateway v2 is a paid feature of LocalStack"
NOT_FIRED = "LocalStack's community edition stores schedules and never fires them"
IN_CONTAINERS = "a function in a container reaches neither the database nor the model on this machine"

MINISTACK = Target(
    "ministack",
    {Capability.REDRIVE: "MiniStack has no StartMessageMoveTask; our own replay does the same"},
)
LOCALSTACK_HOST = Target(
    "localstack-host",
    {
        Capability.WHOLE_STACK: f"{PAID}: deployed without it",
        Capability.HTTP_API: f"{PAID}: the same function is asked through a function URL",
        Capability.WEBSOCKET_API: PAID,
        Capability.SCHEDULES_FIRE: NOT_FIRED,
    },
    refused_types=("AWS::ApiGatewayV2::",),
)
LOCALSTACK_DOCKER = Target(
    "localstack-docker",
    {
        **LOCALSTACK_HOST.lacks,
        Capability.HTTP_API: PAID,
        Capability.OUR_FUNCTIONS: IN_CONTAINERS,
        Capability.QUEUE_TO_FUNCTION: IN_CONTAINERS,
    },
    refused_types=LOCALSTACK_HOST.refused_types,
)
AWS = Target(
    "aws",
    {
        Capability.OUR_FUNCTIONS: "the deployed database is in a private network, and the model costs money",
        Capability.QUEUE_TO_FUNCTION: "it would need rows in the deployed database",
        Capability.WEBSOCKET_API: "a ticket needs a user in the deployed database",
    },
)
TARGETS = {target.name: target for target in (MINISTACK, LOCALSTACK_HOST, LOCALSTACK_DOCKER, AWS)}
