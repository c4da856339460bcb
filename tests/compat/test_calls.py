"""client.calls, client.live_calls and client.queued_calls."""

from datetime import timedelta

import plivo
import pytest
from plivo.exceptions import (
    PlivoRestError,
    ResourceNotFoundError,
    ValidationError,
)

from tests.compat.conftest import RunningApi
from tests.db.ended import ended_call
from tests.servers.redis import RedisServer
from voiceplat.bus.commands import Hangup
from voiceplat.calls.call import EndedCall
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid
from voiceplat.db.repositories import CallRepository
from voiceplat.services.open_account import Credentials

pytestmark = [pytest.mark.compat, pytest.mark.redis]

ANSWER = "https://app.example/answer"


def call(client: plivo.RestClient, to: str = "14155550199", **more: object) -> str:
    made = client.calls.create(from_="14155550100", to_=to, answer_url=ANSWER, **more)
    uuid: str = made.request_uuid
    return uuid


def record(server: RunningApi, account: Credentials) -> EndedCall:
    ended = ended_call(
        account=account.auth_id,
        main=account.auth_id,
        at=utc_now() - timedelta(minutes=5),
    )
    server.store(lambda tx: CallRepository(tx).add_once(ended))
    return ended


def depth(server: RunningApi, account: Credentials) -> int:
    return server.do(server.bus.queue.depth(account.auth_id))


def test_create_gives_a_request_uuid_that_is_the_call_uuid(
    server: RunningApi, client: plivo.RestClient
) -> None:
    made = client.calls.create(
        from_="14155550100", to_="14155550199", answer_url=ANSWER
    )

    assert made.message == "call queued"
    assert made.api_id
    shown = client.queued_calls.get(made.request_uuid)
    assert shown.call_uuid == shown.request_uuid == made.request_uuid


def test_create_takes_every_argument_of_the_sdk(
    server: RunningApi, client: plivo.RestClient
) -> None:
    uuid = call(
        client,
        answer_method="GET",
        ring_url="https://app.example/ring",
        ring_method="GET",
        hangup_url="https://app.example/hangup",
        hangup_method="GET",
        fallback_url="https://app.example/fallback",
        fallback_method="GET",
        caller_name="Bob",
        send_digits="12w3",
        send_on_preanswer=True,
        time_limit=30,
        hangup_on_ring=10,
        machine_detection="true",
        machine_detection_time=6000,
        machine_detection_url="https://app.example/machine",
        machine_detection_method="GET",
        sip_headers="a=1",
        ring_timeout=20,
        parent_call_uuid="00000000-0000-4000-8000-000000000000",
        error_if_parent_not_found=False,
    )

    live = server.do(server.bus.live.get(CallUuid(uuid)))

    assert live is not None
    assert live.call.send_on_preanswer
    assert live.call.time_limit == timedelta(seconds=30)
    assert live.call.ring_timeout == timedelta(seconds=20)
    assert live.call.sip_headers == {"a": "1"}


def test_create_of_several_gives_a_list_of_uuids(client: plivo.RestClient) -> None:
    made = client.calls.create(
        from_="14155550100", to_="14155550101<14155550102", answer_url=ANSWER
    )

    assert made.message == "calls fired"
    assert len(made.request_uuid) == 2


def test_a_missing_answer_url_is_a_validation_error(client: plivo.RestClient) -> None:
    with pytest.raises(ValidationError, match="to parameter is invalid"):
        call(client, to="nobody")


def test_a_call_in_async_mode_is_only_spawned(client: plivo.RestClient) -> None:
    made = client.calls.create(
        from_="14155550100",
        to_="14155550199",
        answer_url=ANSWER,
        callback_url="https://app.example/done",
    )

    assert made.message == "async api spawned"


def test_queued_calls_are_listed_shown_and_cancelled(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    first, second = call(client), call(client)

    assert client.queued_calls.list_ids().calls == [first, second]
    assert client.calls.queued_call_list_ids().calls == [first, second]
    assert client.calls.queued_call_get(first).call_status == "queued"
    assert client.calls.cancel(first) is None
    assert client.calls.delete(second) is None
    assert depth(server, account) == 0
    with pytest.raises(ResourceNotFoundError, match="call not found"):
        client.calls.cancel(first)


def test_live_calls_are_listed_shown_and_hung_up(
    server: RunningApi, client: plivo.RestClient
) -> None:
    with server.working() as worker:
        uuid = call(client)
        server.do(worker.begun())
        server.do(server.bus.live.answered(CallUuid(uuid)))

        assert client.live_calls.list_ids().calls == [uuid]
        assert client.calls.live_call_list_ids().calls == [uuid]
        assert client.live_calls.get(uuid).call_status == "in-progress"
        shown = client.calls.live_call_get(uuid)
        assert shown.session_start
        assert shown.__dict__["from"] == "14155550100"
        assert client.calls.hangup(uuid) is None
        assert worker.commands == [Hangup(cause=4000, source="API Request")]
        assert client.live_calls.list_ids().calls == []
    with pytest.raises(ResourceNotFoundError):
        client.live_calls.get(uuid)


def test_records_are_listed_and_iterated(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    ended = {record(server, account).call.uuid for _ in range(23)}

    page = client.calls.list(limit=5, offset=0)

    assert page.meta.total_count == 23
    assert page.meta.next.startswith(f"/v1/Account/{account.auth_id}/Call/?limit=5")
    assert len(page.objects) == 5
    assert page.objects[0].call_uuid in ended
    assert {row.call_uuid for row in client.calls} == ended


def test_a_record_is_shown(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    ended = record(server, account)

    shown = client.calls.get(ended.call.uuid)

    assert shown.call_uuid == ended.call.uuid
    assert (shown.bill_duration, shown.hangup_cause_name) == (5, "Normal Hangup")
    with pytest.raises(ResourceNotFoundError, match="call not found"):
        client.calls.get("00000000-0000-4000-8000-000000000000")


def test_records_are_filtered_as_the_sdk_asks(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    record(server, account)
    since = utc_now() - timedelta(hours=1)

    found = client.calls.list(
        call_direction="outbound",
        from_number="1415",
        to_number="4930<14155550199",
        bill_duration="5",
        end_time__gt=since.replace(tzinfo=None),
        hangup_cause_code=4000,
        hangup_source="Callee",
    )
    nothing = client.calls.list(to_number="4930<49401")

    assert found.meta.total_count == 1
    assert nothing.objects == []


def test_a_window_that_is_too_wide_is_a_validation_error(
    client: plivo.RestClient,
) -> None:
    with pytest.raises(ValidationError, match="30 days"):
        client.calls.list(
            end_time__gt="2026-01-01 00:00:00", end_time__lt="2026-03-01 00:00:00"
        )


def test_the_sdk_repeats_nothing_after_a_call_was_accepted(
    server: RunningApi,
    client: plivo.RestClient,
    account: Credentials,
    capsys: pytest.CaptureFixture[str],
) -> None:
    queue = server.bus.queue
    broken = queue._dispatching(wake="")._replace(keys=[])
    queue._dispatching = lambda wake: broken  # type: ignore[method-assign]

    uuid = call(client)

    assert "dispatch_left_to_supervisors" in capsys.readouterr().out
    assert client.queued_calls.list_ids().calls == [uuid]
    assert depth(server, account) == 1


def test_while_redis_is_away_the_sdk_repeats_and_no_call_is_placed(
    redis: RedisServer,
    server: RunningApi,
    client: plivo.RestClient,
    account: Credentials,
    capsys: pytest.CaptureFixture[str],
) -> None:
    redis.kill()

    with pytest.raises(PlivoRestError, match="503"):
        call(client)

    assert capsys.readouterr().out.count("Fallback for URL") >= 2
    redis.start()
    assert depth(server, account) == 0


def test_a_call_is_judged(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    uuid = record(server, account).call.uuid

    told = client.call_feedback.create(uuid, 4, issues=["audio-lag"], notes="fine")

    assert told.message == "success"
