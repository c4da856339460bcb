"""client.account, client.applications, client.endpoints and client.numbers."""

import re
from collections.abc import Callable

import plivo
import pytest
from plivo.exceptions import ForbiddenError, ResourceNotFoundError, ValidationError

from tests.compat.conftest import RunningApi
from voiceplat.db.models import Number
from voiceplat.db.repositories import NumberRepository
from voiceplat.services.access_token import check_token
from voiceplat.services.load_inventory import load_inventory
from voiceplat.services.load_prices import load_prices
from voiceplat.services.open_account import Credentials
from voiceplat.services.sync_directory import changed

pytestmark = [pytest.mark.compat, pytest.mark.redis]


def make_application(client: plivo.RestClient, name: str = "shop") -> str:
    made = client.applications.create(
        app_name=name, answer_url="https://app.example/answer"
    )
    assert made.message == "created"
    app_id: str = made.app_id
    return app_id


# --- account -------------------------------------------------------------------------


def test_the_account_is_shown_and_changed(
    client: plivo.RestClient, account: Credentials
) -> None:
    before = client.account.get()

    changed = client.account.update(city="Bonn")

    assert before.auth_id == account.auth_id
    assert before.cash_credits == "0.00000"
    assert changed.message == "changed"
    after = client.account.get()
    assert (after.name, after.city) == ("acme", "Bonn")


# --- pricing -------------------------------------------------------------------------


def test_the_pricing_of_a_country_is_shown(
    server: RunningApi, client: plivo.RestClient
) -> None:
    table = (
        "prefix,outbound_per_minute,country_iso,country\n1,0.0085,US,United States\n"
    )
    server.store(lambda tx: load_prices(tx, table))

    found = client.pricing.get("US")

    assert found.country == "United States"
    assert found.voice.outbound.local.rate == "0.00850"
    assert found.voice.outbound.rates[0].prefix == ["1"]
    with pytest.raises(ResourceNotFoundError, match="no pricing for country FR"):
        client.pricing.get("FR")


# --- tokens --------------------------------------------------------------------------


def test_a_token_is_issued_and_good(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    server.do(server.platform.directory.tell(*changed("account", account.auth_id)))

    made = client.token.create(
        account.auth_id, sub="alice", incoming_allow=True, outgoing_allow=True
    )

    platform = server.platform
    directory, security = platform.bus.directory, platform.settings.security
    access = server.do(check_token(made.token, directory, security))
    assert access.username == "alice"
    assert (access.incoming, access.outgoing) == (True, True)


# --- subaccounts ---------------------------------------------------------------------


def test_a_subaccount_is_created_used_changed_and_deleted(
    client: plivo.RestClient,
    point_sdk_at: Callable[[Credentials], plivo.RestClient],
) -> None:
    made = client.subaccounts.create(name="shop", enabled=True)
    changed = client.subaccounts.update(made.auth_id, name="new", enabled=True)
    shown = client.subaccounts.get(made.auth_id)
    with point_sdk_at(Credentials(made.auth_id, made.auth_token)) as sub:
        itself = sub.account.get()

    assert (made.message, changed.message) == ("created", "changed")
    assert (shown.name, shown.auth_token) == ("new", made.auth_token)
    assert itself.auth_id == made.auth_id
    assert [row.auth_id for row in client.subaccounts.list()] == [made.auth_id]
    assert client.subaccounts.delete(made.auth_id, cascade=True) is None
    with pytest.raises(ResourceNotFoundError, match="not found"):
        client.subaccounts.get(made.auth_id)


# --- applications --------------------------------------------------------------------


def test_an_application_is_created_shown_changed_and_deleted(
    client: plivo.RestClient,
) -> None:
    app_id = make_application(client)

    shown = client.applications.get(app_id)
    changed = client.applications.update(
        app_id, answer_url="https://app.example/new", answer_method="GET"
    )

    assert shown.id == app_id
    assert shown.sip_uri == f"sip:{app_id}@app.plivo.com"
    assert changed.message == "changed"
    again = client.applications.get(app_id)
    assert (again.answer_url, again.answer_method) == ("https://app.example/new", "GET")
    assert client.applications.delete(app_id, cascade=True) is None
    with pytest.raises(ResourceNotFoundError, match="not found"):
        client.applications.get(app_id)


def test_applications_are_listed_by_name_and_iterated(client: plivo.RestClient) -> None:
    ids = {make_application(client, f"shop{n}") for n in range(22)}
    other = make_application(client, "other")

    found = client.applications.list(app_name="shop", limit=5)

    assert found.meta.total_count == 22
    assert {app.app_id for app in client.applications} == ids | {other}


def test_an_application_acts_through_its_object(client: plivo.RestClient) -> None:
    app = client.applications.get(make_application(client))

    app.update(answer_url="https://app.example/b")
    app.delete()

    assert client.applications.list().objects == []


def test_an_application_goes_to_a_subaccount(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    sub = server.open_account(parent=account)

    made = client.applications.create(app_name="a", subaccount=sub.auth_id)

    found = client.applications.list(subaccount=sub.auth_id)
    assert [app.app_id for app in found] == [made.app_id]


def test_an_application_that_is_wrong_is_a_validation_error(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ValidationError, match="app_name parameter is invalid"):
        client.applications.create(app_name="my shop")


def test_an_application_is_created_in_async_mode(client: plivo.RestClient) -> None:
    made = client.applications.create(
        app_name="a", callback_url="https://app.example/done"
    )

    assert made.message == "async api spawned"


# --- endpoints -----------------------------------------------------------------------


def test_an_endpoint_is_created_shown_changed_and_deleted(
    client: plivo.RestClient,
) -> None:
    app_id = make_application(client)

    made = client.endpoints.create(
        username="alice", password="s3cret", alias="Alice", app_id=app_id
    )
    shown = client.endpoints.get(made.endpoint_id)
    changed = client.endpoints.update(made.endpoint_id, alias="Bob")

    assert made.message == "created"
    assert re.fullmatch(r"alice\d{12}", made.username)
    assert shown.application.endswith(f"/Application/{app_id}/")
    assert shown.sip_registered == "false"
    assert changed.message == "changed"
    [listed] = client.endpoints.list()
    assert listed.alias == "Bob"
    assert client.endpoints.delete(made.endpoint_id) is None
    with pytest.raises(ResourceNotFoundError, match="not found"):
        client.endpoints.get(made.endpoint_id)


def test_an_endpoint_that_is_wrong_is_a_validation_error(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ValidationError, match="password parameter is invalid"):
        client.endpoints.create(username="alice", password="1", alias="a")


def test_an_endpoint_of_an_unknown_application_is_not_found(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ResourceNotFoundError, match="Application 1 not found"):
        client.endpoints.create(
            username="alice", password="s3cret", alias="a", app_id="1"
        )


# --- numbers -------------------------------------------------------------------------


@pytest.fixture
def number(server: RunningApi, account: Credentials) -> str:
    row = Number(number="14155550100", account_id=account.auth_id)
    return server.store(lambda tx: NumberRepository(tx).add(row)).number


def test_numbers_are_listed_shown_and_changed(
    client: plivo.RestClient, number: str
) -> None:
    app_id = make_application(client)

    changed = client.numbers.update(number, app_id=app_id, alias="desk")

    assert changed.message == "changed"
    shown = client.numbers.get(number)
    assert (shown.number, shown.alias) == (number, "desk")
    assert shown.application.endswith(f"/Application/{app_id}/")
    found = client.numbers.list(
        number_startswith="1415", alias="desk", services=["voice"]
    )
    assert [row.number for row in found] == [number]
    assert [row.number for row in client.numbers] == [number]
    client.numbers.update(number, app_id="")
    assert client.numbers.get(number).application is None


def test_a_number_is_searched_bought_and_given_back(
    server: RunningApi, client: plivo.RestClient
) -> None:
    table = "number,country_iso,country_code\n14155550177,US,1\n"
    server.store(lambda tx: load_inventory(tx, table))
    app_id = make_application(client)

    found = client.numbers.search("US", pattern="415", type="local")
    bought = client.numbers.buy("14155550177", app_id=app_id)

    assert [row.number for row in found] == ["14155550177"]
    assert bought.status == "fulfilled"
    assert bought.numbers[0].status == "Success"
    assert client.numbers.search("US").objects == []
    [row] = client.numbers.list(services=["voice"])
    assert row.application.endswith(f"/Application/{app_id}/")
    assert client.numbers.delete("14155550177") is None
    assert client.numbers.list().objects == []


def test_numbers_are_added_as_the_sdk_spells_a_list(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ForbiddenError, match="a trunk of its own"):
        client.numbers.create(["33123456789"], carrier="c", region="Paris")


def test_a_number_that_is_not_ours_is_not_found(client: plivo.RestClient) -> None:
    with pytest.raises(ResourceNotFoundError, match="not found"):
        client.numbers.get("14155550111")
    with pytest.raises(ResourceNotFoundError, match="not found"):
        client.numbers.update("14155550111", alias="x")
