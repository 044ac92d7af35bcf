"""Errors as RFC 9457 problems. `code` is for programs, `detail` is a sentence for the owner."""

import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from aws_lambda_powertools import Logger
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from balas.errors import BalasError, InvalidInput, RateLimited

MEDIA_TYPE = "application/problem+json"
GENERIC = "Ada yang salah di pihak kami. Coba lagi sebentar lagi."
SENTENCES = {
    HTTPStatus.NOT_FOUND: "Alamat ini tidak ada.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Alamat ini tidak melayani metode itu.",
    HTTPStatus.BAD_REQUEST: "Isi permintaan tidak bisa dibaca.",
}
FAULTS = {
    "missing": "Wajib diisi.",
    "string_type": "Harus berupa teks.",
    "string_too_short": "Terlalu pendek: paling sedikit {min_length} karakter.",
    "string_too_long": "Terlalu panjang: paling banyak {max_length} karakter.",
    "string_unicode": "Teks ini tidak bisa dibaca.",
    "string_pattern_mismatch": "Bentuknya tidak benar.",
    "int_type": "Harus berupa bilangan bulat.",
    "int_from_float": "Harus berupa bilangan bulat.",
    "bool_type": "Harus true atau false.",
    "greater_than_equal": "Paling kecil {ge}.",
    "less_than_equal": "Paling besar {le}.",
    "too_long": "Terlalu banyak: paling banyak {max_length}.",
    "literal_error": "Pilih salah satu: {expected}.",
    "uuid_parsing": "Bukan UUID.",
    "uuid_type": "Bukan UUID.",
    "json_invalid": "Bukan JSON yang benar.",
    "list_type": "Harus berupa daftar.",
    "dict_type": "Harus berupa objek.",
    "model_attributes_type": "Harus berupa objek JSON (Content-Type: application/json).",
}

logger = Logger()


class Fault(BaseModel):
    """One wrong value: where it stands (a JSON pointer in the body, or a parameter's name), and why."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] | None = None


class Faulty(InvalidInput):
    """A payload of the right form with wrong values in it: `faults` says which."""

    def __init__(self, message: str, faults: list[Fault]) -> None:
        super().__init__(message)
        self.faults = faults


def install(app: FastAPI) -> None:
    """Makes every error that a route can raise a problem."""
    app.add_exception_handler(BalasError, _balas_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)


def respond(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, code=code, detail=detail, errors=errors)
    content = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def unexpected(error: Exception) -> JSONResponse:
    """A 500 that tells nothing; the log tells where, without the message, which may quote a customer."""
    where = traceback.format_tb(error.__traceback__)
    logger.error("request failed unexpectedly", error=type(error).__name__, where=where)
    return respond(500, "internal", GENERIC)


def too_large() -> JSONResponse:
    return respond(413, "too_large", "Isi permintaan terlalu besar.")


def _balas_error(_: Request, error: Exception) -> JSONResponse:
    failure = cast(BalasError, error)
    if failure.status == 500:
        return unexpected(failure)
    headers: dict[str, str] = {}
    if failure.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(failure, RateLimited):
        headers["Retry-After"] = str(failure.retry_after_s)
    faults = failure.faults if isinstance(failure, Faulty) else None
    return respond(failure.status, failure.code, str(failure), errors=faults, headers=headers)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    faults = [fault(raw) for raw in cast(RequestValidationError, error).errors()]
    return respond(422, "invalid_input", "Ada isian yang belum benar.", errors=faults)


def fault(raw: Mapping[str, object]) -> Fault:
    """One of pydantic's errors, whose `loc` begins with the part of the request that it stands in."""
    place, *path = cast("tuple[str | int, ...]", raw["loc"])
    code = str(raw["type"])
    context = cast("Mapping[str, object]", raw.get("ctx") or {})
    sentence = FAULTS[code].format(**context) if code in FAULTS else str(raw["msg"])
    steps = "".join(f"/{step}" for step in path) if code != "json_invalid" else ""
    pointer = steps if place == "body" else "/".join(str(step) for step in path)
    return Fault(pointer=pointer, code=code, detail=sentence)


def _http_exception(request: Request, error: Exception) -> JSONResponse:
    failure = cast(HTTPException, error)
    status = HTTPStatus(failure.status_code)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large()
    headers = {"Allow": _allowed(request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else failure.headers
    return respond(status, status.name.lower(), SENTENCES.get(status, GENERIC), headers=headers)


def _allowed(request: Request) -> str:
    """Every method of the path: the framework names those of its first route only."""
    paths = cast("dict[str, dict[str, object]]", request.app.openapi()["paths"])
    for path, methods in paths.items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path):
            return ", ".join(sorted(map(str.upper, methods)))
    return "GET"
