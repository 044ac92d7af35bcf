"""The errors of Balas.

BalasError
├── NotFound            404  the thing is not there, or belongs to another tenant
├── Conflict            409  the thing is not in a state that allows this
├── InvalidInput        422  a payload that no retry will fix
├── Unauthenticated     401
├── Forbidden           403
├── RateLimited         429  carries `retry_after_s`
├── Misconfigured       500  a setting is missing or wrong: names the setting
└── Unavailable         503  Postgres, AWS, WhatsApp or the model did not answer
    └── ModelFailed     503  the model's endpoint failed; carries a `reason` for the owner
"""

from typing import Literal

ModelFailure = Literal[
    "model_timeout", "model_rate_limited", "model_quota", "model_error",
    "model_refused", "model_bad_output", "model_unauthorized",
]  # fmt: skip


class BalasError(Exception):
    """Something that Balas can explain: `status` for HTTP, `code` for programs, the message for people."""

    status = 500
    code = "internal"


class NotFound(BalasError):
    status = 404
    code = "not_found"


class Conflict(BalasError):
    status = 409
    code = "conflict"


class InvalidInput(BalasError):
    status = 422
    code = "invalid_input"


class Unauthenticated(BalasError):
    status = 401
    code = "unauthenticated"


class Forbidden(BalasError):
    status = 403
    code = "forbidden"


class RateLimited(BalasError):
    status = 429
    code = "rate_limited"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Misconfigured(BalasError):
    code = "misconfigured"


class Unavailable(BalasError):
    status = 503
    code = "unavailable"


class ModelFailed(Unavailable):
    code = "model_failed"

    def __init__(self, message: str, reason: ModelFailure) -> None:
        super().__init__(message)
        self.reason: ModelFailure = reason
