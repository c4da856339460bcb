"""Play's audio, from the customer's server to a WAV in the cache."""

import asyncio
import gzip

import pytest

from tests.speech.sounds import listen, mp3, tone, wav
from tests.speech_service.conftest import MakeFetcher
from tests.speech_service.site import Reply, Site
from voiceplat.core.errors import MediaError
from voiceplat.core.settings import PlaySettings
from voiceplat.speech_service.fetching import Fetcher

pytestmark = pytest.mark.real_time

BEEP = wav(tone(440, 0.5), 8000)
BOOP = wav(tone(880, 0.5), 8000)


@pytest.mark.statement(94)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(wav(tone(440, 2, 8000), 8000), id="wav 8k"),
        pytest.param(wav(tone(440, 2, 16000), 16000), id="wav 16k"),
        pytest.param(wav(tone(440, 2, 44100, 2), 44100), id="wav 44.1k stereo"),
        pytest.param(wav(tone(440, 2, 48000, 6), 48000, "PCM_24"), id="wav 5.1"),
        pytest.param(wav(tone(440, 2, 8000), 8000, "ULAW"), id="wav mu-law"),
        pytest.param(wav(tone(440, 2, 8000), 8000, "GSM610"), id="wav GSM"),
        pytest.param(wav(tone(440, 2, 22050), 22050, "FLOAT"), id="wav float"),
        pytest.param(mp3(tone(440, 2, 8000), 8000), id="mp3 8k"),
        pytest.param(mp3(tone(440, 2, 16000), 16000), id="mp3 16k"),
        pytest.param(mp3(tone(440, 2, 44100, 2), 44100), id="mp3 44.1k stereo"),
    ],
)
async def test_mp3_and_wav_become_what_the_workers_play(
    fetcher: Fetcher, web: Site, content: bytes
) -> None:
    url = web.serves("/tone", Reply(content))

    heard = listen(await fetcher.fetch(url))

    assert (heard.rate_hz, heard.channels, heard.sample_bytes) == (8000, 1, 2)
    assert heard.seconds == pytest.approx(2, abs=0.15)
    assert heard.loudest_hz == pytest.approx(440, abs=2)
    assert heard.level == pytest.approx(0.354, rel=0.1)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><p>Not here", "neither MP3 nor WAV but HTML"),
        (b'\n{"error": "no"}', "neither MP3 nor WAV but JSON"),
        (b"OggS" + bytes(500), "neither MP3 nor WAV but Ogg"),
        (b"\0\0\0\x20ftypM4A " + bytes(500), "neither MP3 nor WAV but MP4"),
        (bytes(range(256)), "neither MP3 nor WAV$"),
        (b"ID3" + b"garbage" * 200, "it cannot be decoded"),
        (b"\xff\xfb" + bytes(1000), "it cannot be decoded"),
        (BEEP[:30], "it cannot be decoded"),
        (wav(tone(440, 0), 8000), "there is no sound in it"),
        (wav(tone(440, 1, 2000), 2000), "its rate of 2000 Hz is not played"),
        (wav(tone(440, 1, 8000, 9), 8000), "its 9 channels are not played"),
    ],
)
async def test_what_is_no_sound_is_refused_with_what_it_is(
    fetcher: Fetcher, web: Site, content: bytes, why: str
) -> None:
    url = web.serves("/sound", Reply(content))

    with pytest.raises(MediaError, match=why):
        await fetcher.fetch(url)


async def test_sound_that_lasts_too_long_is_refused(
    make_fetcher: MakeFetcher, web: Site
) -> None:
    url = web.serves("/long", Reply(wav(tone(440, 2.1), 8000)))

    async with make_fetcher(duration_max_s=2) as fetcher:
        with pytest.raises(MediaError, match="it is longer than 2 s"):
            await fetcher.fetch(url)


async def test_a_failure_is_tried_once_more(fetcher: Fetcher, web: Site) -> None:
    url = web.serves("/sound", Reply(status=500), Reply(BEEP))

    heard = listen(await fetcher.fetch(url))

    assert heard.loudest_hz == pytest.approx(440, abs=3)
    assert len(web.asked) == 2


@pytest.mark.statement(40)
async def test_a_fragment_changes_nothing_about_the_fetch(
    fetcher: Fetcher, web: Site
) -> None:
    url = web.serves("/sound", Reply(status=503, wait_s=0.3))

    with pytest.raises(MediaError):
        await fetcher.fetch(url + "#rt=100&rc=5&rp=all")

    assert [asked.path for asked in web.asked] == ["/sound", "/sound"]
    limits = PlaySettings()
    assert limits.connect_timeout_ms == 2_000
    assert limits.read_timeout_ms == 120_000
    assert limits.retries == 1


async def test_a_body_that_breaks_off_is_tried_once_more(
    fetcher: Fetcher, web: Site
) -> None:
    whole = str(len(BEEP))
    url = web.serves(
        "/sound", Reply(BEEP[:100], headers={"Content-Length": whole}), Reply(BEEP)
    )

    heard = listen(await fetcher.fetch(url))

    assert heard.seconds == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("status", [404, 403, 500, 204, 304])
async def test_an_answer_without_sound_is_an_error_after_two_tries(
    fetcher: Fetcher, web: Site, status: int
) -> None:
    url = web.serves("/sound", Reply(b"", status=status))

    with pytest.raises(MediaError, match=f"the server answered {status}"):
        await fetcher.fetch(url)

    assert len(web.asked) == 2


@pytest.mark.parametrize("endless", [True, False])
async def test_a_file_that_is_too_large_is_given_up_at_once(
    make_fetcher: MakeFetcher, web: Site, *, endless: bool
) -> None:
    url = web.serves("/large", Reply(bytes(60_000), endless=endless))

    async with make_fetcher(file_max_bytes=50_000) as fetcher:
        with pytest.raises(MediaError, match="it is larger than 50000 bytes"):
            await fetcher.fetch(url)

    assert len(web.asked) == 1


@pytest.mark.parametrize("slow", [Reply(BEEP, wait_s=5), Reply(BEEP, trickle_s=0.05)])
async def test_a_server_that_is_too_slow_is_given_up(
    make_fetcher: MakeFetcher, web: Site, slow: Reply
) -> None:
    url = web.serves("/slow", slow)

    async with make_fetcher(
        connect_timeout_ms=100, read_timeout_ms=200, retries=0
    ) as fetcher:
        with pytest.raises(MediaError, match="the server took too long"):
            await fetcher.fetch(url)


async def test_a_server_that_is_away_is_an_error(fetcher: Fetcher) -> None:
    with pytest.raises(MediaError, match=r"http://127\.0\.0\.1:1/a\.mp3: "):
        await fetcher.fetch("http://127.0.0.1:1/a.mp3")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/a.mp3", "a.mp3", "http://", "hello\n", ""]
)
async def test_only_http_urls_are_fetched(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(MediaError):
        await fetcher.fetch(url)


async def test_a_private_address_is_refused(
    make_fetcher: MakeFetcher, web: Site
) -> None:
    url = web.serves("/sound", Reply(BEEP))

    async with make_fetcher(allow_private=False) as fetcher:
        for name in ("127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(MediaError, match="is a private address"):
                await fetcher.fetch(url.replace("127.0.0.1", name))

    assert web.asked == []


async def test_a_redirect_is_followed(fetcher: Fetcher, web: Site) -> None:
    web.serves("/sound", Reply(BEEP))
    url = web.serves("/moved", Reply(status=302, headers={"Location": "/sound"}))

    assert listen(await fetcher.fetch(url)).level > 0.1


async def test_a_redirect_to_a_private_address_is_refused(
    make_fetcher: MakeFetcher, web: Site
) -> None:
    """127.0.0.1 is allowed by name, 127.0.0.2 is not."""
    private = web.serves("/sound", Reply(BEEP)).replace("127.0.0.1", "127.0.0.2")
    url = web.serves("/moved", Reply(status=302, headers={"Location": private}))

    async with make_fetcher(allow_private=False, allowed=["127.0.0.1/32"]) as fetcher:
        with pytest.raises(MediaError, match=r"127\.0\.0\.2 is a private address"):
            await fetcher.fetch(url)


async def test_an_encoded_answer_is_refused(fetcher: Fetcher, web: Site) -> None:
    """A small answer cannot become a big one here."""
    bomb = gzip.compress(bytes(50 * 1024 * 1024))
    reply = Reply(bomb, headers={"Content-Encoding": "gzip"})

    with pytest.raises(MediaError, match="encoded"):
        await fetcher.fetch(web.serves("/sound", reply))


async def test_a_redirect_out_of_http_is_not_followed(
    fetcher: Fetcher, web: Site
) -> None:
    moved = Reply(status=302, headers={"Location": "file:///etc/passwd"})

    with pytest.raises(MediaError):
        await fetcher.fetch(web.serves("/moved", moved))


async def test_an_error_does_not_repeat_what_may_be_secret(
    fetcher: Fetcher, web: Site
) -> None:
    url = web.url.replace("//", "//user:word@") + "/a.mp3?token=hidden"

    with pytest.raises(MediaError) as caught:
        await fetcher.fetch(url)

    assert str(caught.value) == f"{web.url}/a.mp3: the server answered 404"


async def test_many_callers_of_one_file_fetch_it_once(
    fetcher: Fetcher, web: Site
) -> None:
    url = web.serves("/sound", Reply(BEEP, wait_s=0.1))

    paths = await asyncio.gather(*(fetcher.fetch(url) for _ in range(20)))

    assert len(web.asked) == 1
    assert len(set(paths)) == 1


async def test_a_fresh_sound_is_played_without_asking(
    fetcher: Fetcher, web: Site
) -> None:
    fresh = {"Cache-Control": "max-age=60"}
    url = web.serves("/sound", Reply(BEEP, headers=fresh))

    assert await fetcher.fetch(url) == await fetcher.fetch(url)
    assert len(web.asked) == 1


async def test_a_known_sound_is_asked_about_and_not_downloaded_again(
    fetcher: Fetcher, web: Site
) -> None:
    marks = {"ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    url = web.serves("/sound", Reply(BEEP, headers=marks), Reply(status=304))

    first = await fetcher.fetch(url)
    again = [await fetcher.fetch(url) for _ in range(2)]

    assert again == [first, first]
    for asked in web.asked[1:]:
        assert asked.headers["if-none-match"] == '"v1"'
        assert asked.headers["if-modified-since"] == marks["Last-Modified"]


async def test_a_sound_that_has_changed_is_played_as_it_is_now(
    fetcher: Fetcher, web: Site
) -> None:
    url = web.serves(
        "/sound",
        Reply(BEEP, headers={"ETag": '"v1"'}),
        Reply(BOOP, headers={"ETag": '"v2"'}),
        Reply(status=304),
    )

    heard = [listen(await fetcher.fetch(url)).loudest_hz for _ in range(3)]

    assert heard == pytest.approx([440, 880, 880], abs=3)
    assert web.asked[2].headers["if-none-match"] == '"v2"'


async def test_a_sound_that_was_swept_away_is_downloaded_again(
    fetcher: Fetcher, web: Site
) -> None:
    marks = {"ETag": '"v1"', "Cache-Control": "max-age=60"}
    url = web.serves("/sound", Reply(BEEP, headers=marks))
    (await fetcher.fetch(url)).unlink()

    assert listen(await fetcher.fetch(url)).level > 0.1
    assert "if-none-match" not in web.asked[1].headers


async def test_the_same_bytes_are_decoded_once(fetcher: Fetcher, web: Site) -> None:
    first = await fetcher.fetch(web.serves("/a", Reply(BEEP)))
    made = first.stat().st_ino

    second = await fetcher.fetch(web.serves("/b", Reply(BEEP)))

    assert second == first
    assert second.stat().st_ino == made
