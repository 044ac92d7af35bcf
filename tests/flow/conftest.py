"""A scene for every test of the flow."""

from collections.abc import Iterator

import pytest

from balas.db.database import Database
from tests import model_server, shops
from tests.flow.scene import ADD_PRODUCTS, Scene
from tests.model_server import ModelServer


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server.start() as server:
        yield server


@pytest.fixture
def scene(app_db: Database, fleet_db: Database, model: ModelServer) -> Scene:
    shop = shops.make(app_db)
    with app_db.tenant_tx(shop.tenant_id) as tx:
        tx.run(ADD_PRODUCTS)
    return Scene(app_db, fleet_db, shop, model)
