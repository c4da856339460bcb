"""What comes of an element's action URL (plivo-xml 2.7), shown with GetDigits."""

import pytest

from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene
from voiceplat.core.errors import FetchError
from voiceplat.xml.elements.getdigits import GetDigits
from voiceplat.xml.elements.getinput import GetInput

URL = "https://e.com/keys"


def scene_with(page: str | bytes | FetchError) -> Scene:
    leg = FakeLeg(answered=True, presses=[(1, "5#")])
    return Scene(leg, pages={URL: page})


async def ended_with(
    page: str | bytes | FetchError, attributes: str = "", url: str = URL
) -> int:
    scene = scene_with(page)

    end = await scene.obey(
        f'<GetDigits action="{url}" {attributes}/><Speak>next</Speak>'
    )

    assert scene.heard == []
    return end.cause.code


@pytest.mark.statement(41)
def test_redirect_is_the_default() -> None:
    assert GetDigits().redirect
    assert GetInput(action=URL, input_type="dtmf").redirect


@pytest.mark.statement(42)
async def test_the_document_of_action_replaces_the_rest() -> None:
    scene = scene_with("<Speak>chosen</Speak>")

    await scene.obey(f'<GetDigits action="{URL}"/><Speak>next</Speak>')

    assert scene.heard == ["chosen"]


async def test_an_empty_document_of_action_ends_the_call_with_4010() -> None:
    assert await ended_with("") == 4010


@pytest.mark.statement(45)
async def test_an_unreachable_action_ends_the_call_with_7012() -> None:
    assert await ended_with(FetchError(URL, "answered 500", status=500)) == 7012


@pytest.mark.statement(46)
async def test_a_bad_document_of_action_ends_the_call_with_8012() -> None:
    assert await ended_with(b"<Response><Speak>") == 8012


@pytest.mark.statement(19)
async def test_a_method_that_is_neither_get_nor_post_ends_the_call_with_7032() -> None:
    assert await ended_with("<Hangup/>", 'method="PUT"') == 7032


@pytest.mark.parametrize("method", ["get", " GET "])
async def test_a_method_is_read_in_any_case(method: str) -> None:
    scene = scene_with("<Hangup/>")

    await scene.obey(f'<GetDigits action="{URL}" method="{method}"/>')

    assert scene.documents.asked[0].method == "GET"


@pytest.mark.statement(29)
@pytest.mark.parametrize("url", ["/keys", "keys", "ftp://e.com/", "http://"])
async def test_an_action_that_is_no_web_url_ends_the_call_with_7022(url: str) -> None:
    assert await ended_with("<Hangup/>", url=url) == 7022


@pytest.mark.statement(43, 44)
async def test_without_redirect_it_is_told_and_its_answer_is_nobodys_business() -> None:
    scene = scene_with(FetchError(URL, "answered 500", status=500))

    end = await scene.obey(
        f'<GetDigits action="{URL}" method="get" redirect="false"/><Speak>next</Speak>'
    )

    (told,) = scene.documents.told
    assert (told.url, told.method, told.params) == (URL, "GET", {"Digits": "5"})
    assert scene.heard == ["next"]
    assert end.cause.code == 4010


@pytest.mark.parametrize("attributes", ['action="/keys"', f'action="{URL}" method="X"'])
async def test_without_redirect_what_cannot_be_told_is_passed_over(
    attributes: str,
) -> None:
    scene = scene_with("<Hangup/>")

    await scene.obey(f'<GetDigits {attributes} redirect="false"/><Speak>next</Speak>')

    assert scene.documents.told == []
    assert scene.heard == ["next"]


@pytest.mark.parametrize("redirect", ["false", "False", "no", ""])
async def test_whatever_is_not_true_is_false(redirect: str) -> None:
    scene = scene_with("<Hangup/>")

    await scene.obey(f'<GetDigits action="{URL}" redirect="{redirect}"/>')

    assert len(scene.documents.told) == 1
