"""Each error reaches the SDK's caller as the class that Plivo's own would be."""

from collections.abc import Callable

import plivo
import pytest
from plivo.exceptions import (
    AuthenticationError,
    PlivoRestError,
    PlivoServerError,
    ResourceNotFoundError,
    ValidationError,
)

from tests.compat.conftest import RunningApi
from tests.servers.redis import RedisServer
from voiceplat.services.open_account import Credentials

pytestmark = [pytest.mark.compat, pytest.mark.redis]

Lister = Callable[[plivo.RestClient], object]
LISTS: list[Lister] = [
    lambda client: client.calls.list(),
    lambda client: client.applications.list(),
    lambda client: client.endpoints.list(),
    lambda client: client.numbers.list(),
]


@pytest.mark.parametrize("listed", LISTS)
def test_a_wrong_token_is_an_authentication_error_on_lists_too(
    point_sdk_at: Callable[[Credentials], plivo.RestClient],
    account: Credentials,
    listed: Lister,
) -> None:
    with (
        point_sdk_at(Credentials(account.auth_id, "wrong")) as client,
        pytest.raises(AuthenticationError),
    ):
        listed(client)


def test_a_wrong_token_is_an_authentication_error(
    point_sdk_at: Callable[[Credentials], plivo.RestClient], account: Credentials
) -> None:
    with (
        point_sdk_at(Credentials(account.auth_id, "wrong")) as client,
        pytest.raises(AuthenticationError, match="authentication failed"),
    ):
        client.account.get()


def test_a_resource_that_we_do_not_have_is_not_found_on_lists_too(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ResourceNotFoundError):
        client.multi_party_calls.list()
    with pytest.raises(ResourceNotFoundError):
        client.pricing.get("US")


def test_a_filter_that_is_wrong_is_a_validation_error(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ValidationError, match="end_time__gt parameter is invalid"):
        client.calls.list(end_time__gt="yesterday")


def test_a_fault_of_ours_is_a_server_error(
    server: RunningApi, client: plivo.RestClient
) -> None:
    platform = server.platform
    server.break_down()

    with pytest.raises(PlivoServerError, match="internal error"):
        client.account.get()

    server.mend(platform)
    assert client.account.get().name == "acme"


def test_a_main_account_that_asks_too_often_hears_429(
    redis: RedisServer, server: RunningApi, client: plivo.RestClient
) -> None:
    allowed = server.platform.settings.api.requests_per_window
    for _ in range(3):
        client.account.get()
    with redis.client() as counts:
        [key] = counts.keys("vp:turns:*")
        counts.incrby(key, allowed)

    with pytest.raises(PlivoRestError, match="429"):
        client.account.get()


def test_a_subaccount_works_with_its_own_credentials(
    server: RunningApi,
    point_sdk_at: Callable[[Credentials], plivo.RestClient],
    account: Credentials,
) -> None:
    sub = server.open_account(parent=account)

    with point_sdk_at(sub) as client:
        made = client.calls.create(
            from_="14155550100",
            to_="14155550199",
            answer_url="https://app.example/answer",
        )
        assert client.queued_calls.list_ids().calls == [made.request_uuid]

    with point_sdk_at(account) as main:
        assert main.queued_calls.list_ids().calls == [made.request_uuid]
