"""What holds for every operation: the document, the problems, the headers, the way in through Lambda."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from fastapi.testclient import TestClient
from mangum.types import LambdaContext
from pydantic import SecretStr

from balas.db.bootstrap import RoleUrls
from balas.errors import Misconfigured
from functions.api import edge, settings
from functions.api.app import routed
from tests.api.owner import Owner, code_of

NO_SECRETS = dict[str, dict[str, str]]().__getitem__
ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "openapi.json"
NOT_SECRET = ("PUBLIC_ORIGIN", "MAIL_SENDER", "OPENAI_BASE_URL", "OPENAI_MODEL")
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://x",
    "TOKEN_KEY": "k" * 32,
    "PUBLIC_ORIGIN": "http://127.0.0.1:8000",
    "MAIL_SENDER": "balas@toko.example",
    "OPENAI_BASE_URL": "https://model.example/v1",
    "OPENAI_MODEL": "gpt-5-mini",
    "OPENAI_API_KEY": "kunci",
}


def test_the_committed_document_is_the_apps_own() -> None:
    why = "run `make openapi`"
    assert json.loads(COMMITTED.read_text()) == routed().openapi(), why


def test_every_operation_documents_its_errors_as_problems() -> None:
    paths = cast("dict[str, dict[str, dict[str, dict[str, object]]]]", routed().openapi()["paths"])
    for methods in paths.values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(cast("dict[str, dict[str, object]]", response)["content"]) == [
                        "application/problem+json"
                    ]


def test_only_ping_and_the_way_in_are_public() -> None:
    paths = cast("dict[str, dict[str, dict[str, object]]]", routed().openapi()["paths"])
    public = {
        operation["operationId"]
        for methods in paths.values()
        for operation in methods.values()
        if "security" not in operation
    }
    assert public == {"ping", "register", "login", "forgot_password", "reset_password", "verify_email"}


def test_ping_needs_no_database(refused: Owner) -> None:
    assert refused.get("ping").json() == {"status": "ok"}


def test_a_server_with_a_lifespan_starts_and_stops_it() -> None:
    with TestClient(routed()) as client:
        assert client.get("/api/v1/ping").status_code == 200


def test_the_docs_page_works_offline(refused: Owner) -> None:
    client = refused.client
    page = client.get("/api/v1/docs")
    assert "/api/v1/conversations/{conversation_id}/takeover" in page.text
    assert "http" not in page.text.replace("<!doctype html>", "")
    assert "<script" not in page.text
    assert client.get("/api/v1/openapi.json").json() == routed().openapi()


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/api/v1/nothing", "/api/v1/products/", "/api/v2/ping"]
)
def test_an_unknown_address_is_a_problem(refused: Owner, path: str) -> None:
    answer = refused.client.get(path)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_wrong_method_is_a_problem(refused: Owner) -> None:
    answer = refused.client.delete("/api/v1/products")
    assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[" * 100_000, 400),
        (b'{"name": "\xff"}', 400),
        (b'{"price": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": "Teh", "price": NaN}', 422),
        (b'{"name": "Teh", "price": 1e400}', 422),
        (b'"' + b"x" * 1_100_000 + b'"', 413),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(refused: Owner, content: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {refused.token}", "Content-Type": "application/json"}
    answer = refused.client.post("/api/v1/products", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert code_of(answer)


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("products", edge.MAX_BODY_BYTES, 422),
        ("products", edge.MAX_BODY_BYTES + 1, 413),
        ("knowledge/import", edge.MAX_UPLOAD_BYTES, 400),
        ("knowledge/import", edge.MAX_UPLOAD_BYTES + edge.MULTIPART_BYTES + 1, 413),
    ],
)
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_has_a_limit_whether_it_announces_its_size_or_not(
    refused: Owner, path: str, size: int, status: int, *, announced: bool
) -> None:
    start, end = (b'{"name": "', b'"}') if path == "products" else (b"--x\r\n", b"\r\n--x--\r\n")
    body = start + b"x" * (size - len(start + end)) + end
    kind = "application/json" if path == "products" else "multipart/form-data; boundary=x"
    headers = {"Authorization": f"Bearer {refused.token}", "Content-Type": kind}
    content = body if announced else iter([body[: size // 2], body[size // 2 :]])
    answer = refused.client.post(f"/api/v1/{path}", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert code_of(answer)


def test_a_text_is_not_json(refused: Owner) -> None:
    headers = {"Authorization": f"Bearer {refused.token}", "Content-Type": "text/plain"}
    answer = refused.client.post("/api/v1/products", content=b'{"name": "Teh", "price": 1}', headers=headers)
    assert answer.status_code == 422


def test_every_operation_answers_with_the_security_headers(refused: Owner) -> None:
    """Here each fails, for nothing is behind it: an answer of any kind carries them."""
    expected = {(name.lower(), value) for name, value in edge.HEADERS.items()}
    for path, methods in routed().openapi()["paths"].items():
        for method in methods:
            answer = refused.client.request(method.upper(), path, headers={"Authorization": "Bearer x"})
            assert answer.headers.items() >= expected, (method, path)


def test_every_answer_carries_the_security_headers(client: TestClient, owner: Owner) -> None:
    for answer in (
        client.get("/api/v1/ping"),
        client.get("/nothing"),
        owner.get("me"),
        owner.post("faqs", {}),
    ):
        assert answer.headers.items() >= {(k.lower(), v) for k, v in edge.HEADERS.items()}


def test_a_refused_payload_is_not_sent_back(refused: Owner) -> None:
    body = {"email": "rahasia@toko.example", "password": "rahasia\x00"}
    assert "rahasia" not in refused.post("auth/login", body).text


def test_what_nobody_foresaw_is_a_500_that_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    app = routed()

    def broken() -> None:
        raise ValueError("nomor 6281200000001")

    app.add_api_route("/broken", broken)
    answer = TestClient(app).get("/broken")
    assert (answer.status_code, code_of(answer)) == (500, "internal")
    assert "6281200000001" not in answer.text + "".join(capsys.readouterr())


def test_a_database_that_is_away_is_a_503(refused: Owner) -> None:
    answer = refused.get("me")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")


def test_the_app_imports_only_what_its_package_holds() -> None:
    absent = ("boto3", "neonize", "openai")
    program = f"import sys, functions.api.app; print(*set({absent}) & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, stdout=subprocess.PIPE)
    assert answer.stdout.split() == []


def test_settings_come_from_the_secret_or_the_environment() -> None:
    direct = settings.read(ENVIRONMENT, NO_SECRETS)
    named = {
        "SECRETS_NAME": "balas/test/api",
        **{name: ENVIRONMENT[name] for name in NOT_SECRET},
    }
    secret = {"database_url": "postgresql://x", "token_key": "k" * 32, "openai_api_key": "kunci"}
    assert settings.read(named, {"balas/test/api": secret}.__getitem__) == direct
    assert "postgresql" not in repr(direct)
    assert "kunci" not in repr(direct) + repr(direct.model)
    assert direct.token_key == SecretStr("k" * 32)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN_KEY", "pendek"),
        ("TOKEN_KEY", None),
        ("DATABASE_URL", None),
        ("PUBLIC_ORIGIN", "balas.example"),
        ("MAIL_SENDER", "balas.example"),
        ("OPENAI_BASE_URL", None),
        ("OPENAI_MODEL", None),
        ("OPENAI_API_KEY", None),
        ("AI_PRICE", "murah"),
    ],
)
def test_a_missing_or_short_setting_is_named_and_not_shown(name: str, value: str | None) -> None:
    environment = {key: text for key, text in {**ENVIRONMENT, name: value}.items() if text is not None}
    with pytest.raises(Misconfigured) as refusal:
        settings.read(environment, NO_SECRETS)
    assert name in str(refusal.value)
    assert value is None or value not in str(refusal.value)


def test_the_lambda_answers_an_event_of_the_http_api(monkeypatch: pytest.MonkeyPatch, urls: RoleUrls) -> None:
    for key, value in {**ENVIRONMENT, "DATABASE_URL": urls.app}.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("SECRETS_NAME", raising=False)
    from functions.api import handler  # noqa: PLC0415 - it reads the environment when imported

    body = {"business_name": "Toko", "name": "Pemilik", "email": "a@toko.example", "password": "kata-sandi"}
    context = cast(LambdaContext, _Context())
    made = handler.handle(_event("/api/v1/auth/register", json.dumps(body)), context)
    assert made["statusCode"] == 201
    cookie = cast("list[str]", made["cookies"])[0].partition(";")[0]
    refreshed = handler.handle(_event("/api/v1/auth/refresh", "", cookie=cookie), context)
    assert refreshed["statusCode"] == 200
    handler._database.close()  # pyright: ignore[reportPrivateUsage] - nothing else ends a Lambda
    asyncio.get_event_loop().close()  # Mangum opens one on this thread, for the life of a Lambda
    asyncio.set_event_loop(None)


def _event(path: str, body: str, **headers: str) -> dict[str, object]:
    http = {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"}
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "body": body,
        "headers": {"content-type": "application/json", "host": "127.0.0.1", **headers},
        "isBase64Encoded": False,
        "requestContext": {"http": http, "stage": "$default", "requestId": "1", "domainName": "127.0.0.1"},
    }  # fmt: skip


class _Context:
    """What powertools and Mangum read of a Lambda's context."""

    function_name = "balas-local-api"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:balas-local-api"
    aws_request_id = "1"
