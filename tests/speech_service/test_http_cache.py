"""How long a download may be played without asking again."""

from datetime import UTC, datetime

import httpx
import pytest

from voiceplat.speech_service.http_cache import fresh_until

NOW = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
DATE = {"Date": "Mon, 02 Mar 2026 11:59:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": 'Public, Max-Age="60"'}, 60),
        ({"Cache-Control": "max-age=60", "Age": "45"}, 15),
        ({"Cache-Control": "max-age=60", "Age": "90"}, 0),
        ({"Cache-Control": "max-age=60, s-maxage=5"}, 5),
        ({"Cache-Control": "max-age=60, no-cache"}, 0),
        ({"Cache-Control": "no-store, max-age=60"}, 0),
        ({"Cache-Control": "max-age=soon"}, 0),
        ({"Cache-Control": "max-age=-5"}, 0),
        ({"Cache-Control": "max-age=99999999999"}, 365 * 86400),
        ({"Cache-Control": "max-age=" + "9" * 500}, 0),
        ({"Expires": "Mon, 02 Mar 2026 12:00:00 GMT", **DATE}, 60),
        ({"Expires": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30),
        ({"Expires": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0),
        ({"Expires": "0"}, 0),
        ({"Expires": "Mon, 02 Mar 2026 12:01:00 GMT", "Cache-Control": "max-age=5"}, 5),
    ],
)
def test_a_sound_is_fresh_as_long_as_its_server_says(
    headers: dict[str, str], seconds: int
) -> None:
    until = fresh_until(httpx.Headers(headers), NOW)

    assert (until - NOW).total_seconds() == seconds
