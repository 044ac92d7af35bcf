"""The model behind any OpenAI-compatible server: a chat in, one raw text out. The only importer of openai.

Servers differ in how far they can be held to a schema, so the request steps down a ladder, json_schema ->
json_object with the schema in the prompt -> plain text, and each endpoint's rung is remembered. A server may
also accept a schema and ignore it: prose instead of JSON moves it one rung down for the next call.
Nothing is retried here: retries belong to the queue.
"""

import json
import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, ValidationError

from balas.agent import output
from balas.agent.chat import ChatMessage, Completion, Rung
from balas.cost import Tariff
from balas.errors import ModelFailed

if TYPE_CHECKING:
    from openai import APIResponse, APIStatusError, OpenAI

    Create = Callable[..., AbstractContextManager[APIResponse[object]]]

CALL_TIMEOUT_S = 20.0
LEAST_USEFUL_S = 1.0
MAX_COMPLETION_TOKENS = 1200
MAX_BODY_BYTES = 1_000_000
TEMPERATURE = 0.2
_LADDER: tuple[Rung, ...] = ("json_schema", "json_object", "plain")
_REASONING = re.compile(r"(?:^|[/-])(?:o\d|gpt-5|r1|reasoner)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ModelSettings:
    """Where the model is, and what it costs; `base_url` ends in /v1. The key is in no repr."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    tariff: Tariff = Tariff()  # noqa: RUF009 - frozen


@dataclass(frozen=True)
class _Dialect:
    """What an endpoint has shown to understand."""

    rung: Rung
    takes_temperature: bool


class _StepDown(Exception):
    """The endpoint does not understand this request; `dialect` is what to try next."""

    def __init__(self, dialect: _Dialect | None) -> None:
        super().__init__()
        self.dialect = dialect


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _PromptDetails(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _PromptDetails | None = None


class _Response(BaseModel):
    """A chat completion, as leniently as servers write it."""

    choices: list[_Choice] = []
    model: str = ""
    usage: _Usage | None = None


_dialects: dict[tuple[str, str], _Dialect] = {}


def complete(messages: Sequence[ChatMessage], settings: ModelSettings, deadline_s: float) -> Completion:
    """The answer to `messages` within about `deadline_s` seconds, or ModelFailed with a reason."""
    ends_at = time.monotonic() + deadline_s
    endpoint = (settings.base_url, settings.model)
    dialect = _dialects.get(endpoint) or _Dialect("json_schema", not _REASONING.search(settings.model))
    while True:
        try:
            completion = _call(messages, settings, dialect, ends_at)
        except _StepDown as step:
            if step.dialect is None:
                raise ModelFailed(
                    "the model's endpoint refused the request in every form", "model_error"
                ) from step
            dialect = step.dialect
        else:
            _dialects[endpoint] = (
                dialect if "{" in completion.text else replace(dialect, rung=_below(dialect.rung))
            )
            return completion


def _call(
    messages: Sequence[ChatMessage], settings: ModelSettings, dialect: _Dialect, ends_at: float
) -> Completion:
    began = time.monotonic()
    timeout_s = min(CALL_TIMEOUT_S, ends_at - began)
    if timeout_s < LEAST_USEFUL_S:
        raise ModelFailed("no time was left to ask the model", "model_timeout")
    with _translated(dialect):
        body = _post(_request(messages, settings, dialect), settings, timeout_s)
    response = _response(body)
    usage = response.usage or _Usage()
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    cached = (usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens) or 0
    return Completion(
        text=_text(response),
        model=response.model or settings.model,
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=completion,
        latency_ms=round((time.monotonic() - began) * 1000),
        rung=dialect.rung,
        cost_millirupiah=settings.tariff.millirupiah(
            settings.model, prompt=prompt, cached=cached, completion=completion
        ),
    )


def _post(request: dict[str, object], settings: ModelSettings, timeout_s: float) -> bytes:
    """The response body. It is read piece by piece: some servers drip white space while they think, which
    no read timeout ever ends."""
    give_up_at = time.monotonic() + timeout_s
    body = bytearray()
    completions = _client(settings).chat.completions
    create = cast("Create", completions.with_streaming_response.create)  # the request is a dict, rung by rung
    with create(**request, timeout=timeout_s) as response:
        for piece in response.iter_bytes():
            body += piece
            if time.monotonic() > give_up_at or len(body) > MAX_BODY_BYTES:
                raise ModelFailed("the model did not finish its answer in time", "model_timeout")
    return bytes(body)


def _request(
    messages: Sequence[ChatMessage], settings: ModelSettings, dialect: _Dialect
) -> dict[str, object]:
    request: dict[str, object] = {"model": settings.model, "messages": list(messages)}
    if dialect.rung == "plain":
        return {**request, "messages": _with_schema(messages)}
    request["max_completion_tokens"] = MAX_COMPLETION_TOKENS
    if dialect.takes_temperature:
        request["temperature"] = TEMPERATURE
    if dialect.rung == "json_object":
        return {**request, "messages": _with_schema(messages), "response_format": {"type": "json_object"}}
    schema = {"name": "answer", "strict": True, "schema": output.json_schema()}
    return {**request, "response_format": {"type": "json_schema", "json_schema": schema}}


def _with_schema(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The chat with the schema at the end of its system message."""
    first, *rest = messages
    schema = json.dumps(output.json_schema(), separators=(",", ":"))
    return [
        {"role": first["role"], "content": f"{first['content']}\n\n<json_schema>\n{schema}\n</json_schema>"},
        *rest,
    ]


@cache
def _client(settings: ModelSettings) -> "OpenAI":
    from openai import OpenAI  # noqa: PLC0415 - 0.7 s of import that a silent turn need not pay

    return OpenAI(base_url=settings.base_url, api_key=settings.api_key, max_retries=0)


@contextmanager
def _translated(dialect: _Dialect) -> Generator[None]:
    """Turns what openai and its transport raise into ModelFailed, an unknown request form into _StepDown."""
    import httpx2  # noqa: PLC0415 - openai's transport: a body read in pieces raises its errors bare
    import openai  # noqa: PLC0415

    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        raise ModelFailed("the model did not answer in time", "model_timeout") from error
    except openai.APIStatusError as error:
        if error.status_code in {400, 422}:
            raise _StepDown(_next(dialect, error)) from error
        raise _refused(error) from error
    except (openai.APIError, httpx2.HTTPError) as error:
        raise ModelFailed(
            "the model's endpoint cannot be reached: check OPENAI_BASE_URL", "model_error"
        ) from error


def _next(dialect: _Dialect, error: "APIStatusError") -> _Dialect | None:
    if error.param == "temperature" and dialect.takes_temperature:
        return replace(dialect, takes_temperature=False)
    return None if dialect.rung == "plain" else replace(dialect, rung=_below(dialect.rung))


def _below(rung: Rung) -> Rung:
    return _LADDER[min(_LADDER.index(rung) + 1, len(_LADDER) - 1)]


def _refused(error: "APIStatusError") -> ModelFailed:
    """What a status means; the server's own words may quote the chat and are left out."""
    match error.status_code:
        case 401 | 403:
            return ModelFailed(
                "the model's endpoint refused the key: check OPENAI_API_KEY", "model_unauthorized"
            )
        case 402:
            return ModelFailed("the model account has no credit left", "model_quota")
        case 404:
            return ModelFailed(
                "no such model or address: check OPENAI_MODEL and OPENAI_BASE_URL", "model_error"
            )
        case 429 if error.code == "insufficient_quota":
            return ModelFailed("the model account has no credit left", "model_quota")
        case 429:
            return ModelFailed("the model's endpoint says: too many requests", "model_rate_limited")
        case status:
            return ModelFailed(f"the model's endpoint answered {status}", "model_error")


def _response(body: bytes) -> _Response:
    try:
        return _Response.model_validate_json(body)
    except ValidationError as error:
        raise ModelFailed(
            "the endpoint's answer is no chat completion: check OPENAI_BASE_URL", "model_error"
        ) from error


def _text(response: _Response) -> str:
    if not response.choices:
        raise ModelFailed("the model returned no choice", "model_bad_output")
    choice = response.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ModelFailed("the model refused to answer", "model_refused")
    if not (choice.message.content or "").strip():
        raise ModelFailed("the model returned an empty text", "model_bad_output")
    return cast("str", choice.message.content)
