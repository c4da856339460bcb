"""<Redirect> (plivo-xml 3.11)."""

import pytest

from tests.fakes.documents import Asked
from tests.xml.scene import Scene, document
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.outcome import End, UrlKind
from voiceplat.core.errors import DocumentError, NotADocument

NEXT = "https://e.com/next"


@pytest.mark.statement(263, 30)
async def test_its_url_is_requested_by_post_and_the_xml_runs() -> None:
    scene = Scene(pages={NEXT: "<Speak>second</Speak>"})

    end = await scene.obey(f"<Redirect>{NEXT}</Redirect>")

    assert scene.documents.asked == [Asked(UrlKind.REDIRECT, NEXT, "POST", {})]
    assert scene.heard == ["second"]
    assert end == End(CAUSES[4010])


@pytest.mark.statement(264)
@pytest.mark.parametrize("method", ["GET", "get", " Get "])
async def test_method_get_makes_a_get(method: str) -> None:
    scene = Scene(pages={NEXT: ""})

    await scene.obey(f'<Redirect method="{method}">{NEXT}</Redirect>')

    assert [asked.method for asked in scene.documents.asked] == ["GET"]


@pytest.mark.statement(265)
async def test_elements_after_it_never_run() -> None:
    scene = Scene(pages={NEXT: "<Speak>second</Speak>"})

    await scene.obey(f"<Redirect>{NEXT}</Redirect><Speak>never</Speak>")

    assert scene.heard == ["second"]


@pytest.mark.statement(266)
async def test_an_unreachable_url_ends_with_7014() -> None:
    scene = Scene()

    assert await scene.obey(f"<Redirect>{NEXT}</Redirect>") == End(CAUSES[7014])


@pytest.mark.statement(267)
@pytest.mark.parametrize("body", [b"<Response>", b"", b"<Response><Foo/></Response>"])
async def test_bad_xml_ends_with_8014(body: bytes) -> None:
    scene = Scene(pages={NEXT: body})

    assert await scene.obey(f"<Redirect>{NEXT}</Redirect>") == End(CAUSES[8014])


async def test_an_answer_that_is_no_document_ends_with_8014() -> None:
    scene = Scene(pages={NEXT: NotADocument(NEXT, "text/html", status=200)})

    assert await scene.obey(f"<Redirect>{NEXT}</Redirect>") == End(CAUSES[8014])


@pytest.mark.statement(268)
@pytest.mark.parametrize(
    "url", ["/next", "next.xml", "ftp://e.com/", "//e.com/", "http://", "http://[::1"]
)
async def test_a_url_that_is_not_absolute_http_ends_with_7024(url: str) -> None:
    scene = Scene()

    assert await scene.obey(f"<Redirect>{url}</Redirect>") == End(CAUSES[7024])
    assert scene.documents.asked == []


async def test_a_method_that_is_none_ends_with_7034() -> None:
    scene = Scene()

    end = await scene.obey(f'<Redirect method="PUT">{NEXT}</Redirect>')

    assert end == End(CAUSES[7034])
    assert scene.documents.asked == []


@pytest.mark.statement(269)
@pytest.mark.parametrize("empty", ["<Redirect/>", "<Redirect> </Redirect>"])
def test_an_empty_body_fails_the_document(empty: str) -> None:
    with pytest.raises(DocumentError, match="<Redirect>: its body is missing"):
        document(empty)


async def test_as_first_element_it_does_not_answer() -> None:
    scene = Scene(pages={NEXT: "<Hangup/>"})

    await scene.obey(f"<Redirect>{NEXT}</Redirect>")

    assert not scene.leg.answered
