"""A page that lists the operations, self-contained: it works without the internet and without a script."""

import html
import json
from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter()

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Balas API</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
h2 {{ font: 600 1rem ui-monospace, monospace; margin: 2rem 0 0 }}
pre {{ background: #8881; padding: .5rem 1rem; overflow: auto }}
:root {{ color-scheme: light dark }}
</style>
<h1>Balas API</h1>
<p>The whole contract, for programs: <a href="openapi.json">openapi.json</a>. Send the
<code>access_token</code> of a sign-in as <code>Authorization: Bearer …</code>.
Errors are RFC 9457 problems.</p>
{operations}
"""
OPERATION = "<h2>{method} {path}</h2><p>{summary}</p>{body}"
BODY = "<pre>{schema}</pre>"
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}

Node = dict[str, object]


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Every operation with the fields of its body."""
    document = cast(Node, request.app.openapi())
    paths = cast("dict[str, dict[str, Node]]", document["paths"])
    schemas = cast("dict[str, dict[str, Node]]", document["components"])["schemas"]
    operations = "\n".join(
        _operation(method, path, operation, schemas)
        for path, methods in paths.items()
        for method, operation in methods.items()
    )
    return HTMLResponse(PAGE.format(operations=operations), headers=HEADERS)


def _operation(method: str, path: str, operation: Node, schemas: dict[str, Node]) -> str:
    body = operation.get("requestBody")
    return OPERATION.format(
        method=method.upper(),
        path=html.escape(path),
        summary=html.escape(str(operation.get("description", ""))),
        body=_body(json.dumps(body), schemas) if body else "",
    )


def _body(request_body: str, schemas: dict[str, Node]) -> str:
    name = request_body.partition("#/components/schemas/")[2].partition('"')[0]
    properties = cast(Node, schemas[name]["properties"])
    return BODY.format(schema=html.escape(json.dumps(properties, indent=1, ensure_ascii=False)))
