"""The API as an ASGI app."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from balas.db.database import Database
from functions.api import docs_page, openapi, problems
from functions.api.edge import Edge
from functions.api.routes import (
    ai_config,
    audit_log,
    auth,
    contacts,
    conversations,
    corrections,
    device,
    email,
    faqs,
    follow_ups,
    knowledge,
    me,
    messages,
    orders,
    password,
    ping,
    products,
    realtime,
    sessions,
    trials,
    usage,
)
from functions.api.settings import Settings

PREFIX = "/api/v1"
ROUTERS = (
    ping,
    auth,
    me,
    password,
    email,
    sessions,
    audit_log,
    device,
    ai_config,
    trials,
    products,
    faqs,
    knowledge,
    conversations,
    messages,
    corrections,
    orders,
    follow_ups,
    contacts,
    usage,
    realtime,
)


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The API over one database; opens no connection by itself."""
    app = routed()
    app.state.settings = settings
    app.state.database = database
    return app


def routed() -> FastAPI:
    """Every operation, with nothing behind it yet."""
    app = FastAPI(
        title="Balas",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    api = APIRouter(prefix=PREFIX)
    for resource in ROUTERS:
        api.include_router(resource.router)
    app.include_router(api)
    app.include_router(docs_page.router, prefix=PREFIX)
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Edge)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
