"""What customers say of a call (plivo-rest 2.8)."""

from datetime import timedelta

import httpx
import pytest

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from tests.db.ended import ended_call
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid
from voiceplat.db.models import CallFeedback
from voiceplat.db.repositories import CallFeedbackRepository, CallRepository

pytestmark = pytest.mark.redis


@pytest.fixture
async def over(server: Server) -> CallUuid:
    """A call that is over."""
    main = server.main.auth_id
    ended = ended_call(account=main, main=main, at=utc_now() - timedelta(minutes=1))
    async with server.db.transaction() as tx:
        await CallRepository(tx).add_once(ended)
    return ended.call.uuid


async def give(api: Client, uuid: str, **feedback: object) -> httpx.Response:
    return await api.post(f"http://api/v1/Call/{uuid}/Feedback/", json=feedback)


async def given(server: Server, uuid: CallUuid) -> CallFeedback | None:
    async with server.db.reading() as tx:
        return await CallFeedbackRepository(tx).get(uuid)


async def test_the_last_word_on_a_call_counts(
    server: Server, api: Client, over: CallUuid
) -> None:
    await give(api, over, rating="2", issues="audio-lag")

    answer = await give(api, over, rating=5, issues=["a", "b"], notes="fine now")

    assert answer.status_code == 202
    assert answer.json()["message"] == "success"
    found = await given(server, over)
    assert found is not None
    assert (found.rating, found.issues, found.notes) == (5, ["a", "b"], "fine now")
    assert found.account_id == server.main.auth_id


async def test_a_call_that_runs_can_be_judged(server: Server, api: Client) -> None:
    uuid = (await api.post("Call/", json=ORDER)).json()["request_uuid"]

    assert (await give(api, uuid, rating=3)).status_code == 202


@pytest.mark.parametrize("rating", [0, 6, "", "good", None])
async def test_a_rating_goes_from_one_to_five(
    api: Client, over: CallUuid, rating: object
) -> None:
    answer = await give(api, over, rating=rating)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("rating parameter is")


async def test_others_calls_are_not_found(server: Server, over: CallUuid) -> None:
    for who in (server.stranger, server.sub):
        async with server.client(who) as client:
            assert (await give(client, over, rating=1)).status_code == 404

    assert await given(server, over) is None


async def test_a_stranger_without_credentials_is_refused(
    server: Server, over: CallUuid
) -> None:
    url = f"http://api/v1/Call/{over}/Feedback/"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server.app)) as nobody:
        answer = await nobody.post(url, json={"rating": 1})

    assert answer.status_code == 401
