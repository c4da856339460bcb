"""The API does what /openapi.json says: requests made up from it, judged by it.

The seed is fixed and the examples are few, so that a run takes its time and no more.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.compat.conftest import RunningApi
from tests.servers.redis import PATIENCE, RedisServer
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import Settings
from voiceplat.services.open_account import Credentials

pytestmark = pytest.mark.redis

EXAMPLES: Final = 6
"""For each operation."""
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def server(redis: RedisServer, tmp_path: Path) -> Iterator[RunningApi]:
    """One that refuses nobody for asking often."""
    values = {
        "database": {"url": f"sqlite:///{tmp_path}/voiceplat.db"},
        "redis": {"url": redis.url, **PATIENCE},
        "security": {"secret_key": new_secret_key()},
        "api": {"requests_per_window": 1_000_000, "command_timeout_ms": 200},
    }
    with RunningApi(Settings.model_validate(values)) as running:
        yield running


def operations(schema: BaseSchema) -> Iterator[Any]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def test_nothing_is_answered_that_the_description_does_not_say(
    server: RunningApi, account: Credentials
) -> None:
    url = server.url.removesuffix("/v1/Account")
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    statuses: list[int] = []
    for operation in operations(schema):

        @seed(1)
        @settings(
            max_examples=EXAMPLES,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answers_as_described(case: Any) -> None:  # noqa: ANN401 - of any operation
            if "auth_id" in case.path_parameters:
                case.path_parameters["auth_id"] = account.auth_id
            answer = case.call_and_validate(
                base_url=url,
                auth=(account.auth_id, account.auth_token),
                checks=CHECKS,
            )
            statuses.append(answer.status_code)

        answers_as_described()

    assert len(statuses) > 200
    assert {200, 201, 202, 204, 400, 404} <= set(statuses)
