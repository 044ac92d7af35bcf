"""What the OpenAPI document says beyond what FastAPI sees: problems, and how one signs in."""

from typing import cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from functions.api import problems
from functions.api.problems import Problem

Node = dict[str, object]

ERRORS = {
    400: "The body could not be read.",
    401: "Sign in again.",
    403: "Another site's page sent this, or the password is wrong.",
    404: "Not there, another shop's, or a link that is no longer good.",
    409: "Not possible in the present state.",
    413: "The body is over 1 MB.",
    422: "Something in the request is wrong: `errors` says what.",
    429: "Too many attempts: `Retry-After` says when to come back.",
    503: "Something behind the API did not answer; try again in a moment.",
}


def install(app: FastAPI) -> None:
    """Makes the app describe its errors as they are: problems, on every operation that can answer so."""
    document: Node = {}

    def describe() -> Node:
        if not document:
            document.update(get_openapi(title=app.title, version=app.version, routes=app.routes))
            _describe_errors(document)
        return document

    app.openapi = describe  # pyright: ignore[reportAttributeAccessIssue] - FastAPI's own way to extend it


def _describe_errors(document: Node) -> None:
    components = cast("dict[str, Node]", document["components"])
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= cast(Node, schema.pop("$defs")) | {"Problem": schema}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for path, operations in cast("dict[str, dict[str, Node]]", document["paths"]).items():
        for operation in operations.values():
            responses = cast(Node, operation["responses"])
            responses.pop("422", None)
            for status in sorted(_errors_of(path, operation)):
                responses[str(status)] = _problem(ERRORS[status])


def _errors_of(path: str, operation: Node) -> set[int]:
    errors: set[int] = set()
    if "requestBody" in operation:
        errors |= {400, 413, 422}
    if "parameters" in operation:
        errors |= {422}
    if "security" in operation:
        errors |= {401, 503}
    if "{" in path:
        errors |= {404}
    return errors | _OF_OPERATION.get(str(operation["operationId"]), set())


_OF_OPERATION = {
    "register": {409, 429, 503},
    "login": {401, 429, 503},
    "refresh": {403},
    "logout": {403},
    "forgot_password": {429, 503},
    "reset_password": {404, 429, 503},
    "change_password": {403, 409, 429},
    "verify_email": {404, 409, 429, 503},
    "resend_verification": {429},
    "change_email": {403, 429},
    "create_product": {409},
    "replace_product": {409},
    "send_message": {409},
    "try_agent": {409, 429},
    "send_draft": {409},
    "discard_draft": {409},
    "change_order": {409},
    "correct_answer": {409},
    "change_follow_up": {409},
    "delete_follow_up": {409},
    "create_ticket": {429},
}


def _problem(description: str) -> Node:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {problems.MEDIA_TYPE: {"schema": schema}}}
