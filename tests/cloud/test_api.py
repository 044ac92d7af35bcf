"""Requests from the internet to the API's function and back."""

import pytest

from tests.cloud.app_stack import AppStack
from tests.cloud.targets import Capability


@pytest.mark.proves(Capability.HTTP_API)
def test_the_api_answers_and_refuses_strangers(stack: AppStack):
    with stack.open_api() as api:
        assert api.get("/api/v1/ping").is_success
        refused = api.get("/api/v1/conversations")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
