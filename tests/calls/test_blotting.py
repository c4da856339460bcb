"""What cannot be read in a timeline, however it was written."""

import pytest

from voiceplat.calls.blotting import blotted_document, shown_url


@pytest.mark.parametrize(
    "text",
    [
        '<User sipAuthPassword="hush5">sip:a@b</User>',
        "<User sipAuthPassword = 'hush5'>sip:a@b</User>",
        '<User\n sipauthpassword="hush5',
        "<DTMF>hush5</DTMF>",
        '<DTMF async="a>b">hush5</DTMF>',
        "<DTMF>hush5",
        "<DTMF><![CDATA[hush5]]></DTMF>",
        '<DTMF digits="hush5"/>',
        '<Number sendDigits="hush5">1</Number>',
        "<Number sendDigits='hush5'>1</Number>",
    ],
)
def test_a_secret_is_not_in_a_document(text: str) -> None:
    assert "hush5" not in blotted_document(text, digits=False)


def test_all_else_is_left_as_it_is() -> None:
    text = '<Response><DTMF digits="1"/><Speak voice="x">Hi 5</Speak></Response>'

    blotted = blotted_document(text, digits=False)

    assert blotted == text.replace('digits="1"', 'digits="•"')


def test_digits_can_be_read_by_setting_and_passwords_never() -> None:
    text = '<DTMF>12</DTMF><User sendDigits="3" sipAuthPassword="hush5"/>'

    blotted = blotted_document(text, digits=True)

    assert blotted == text.replace("hush5", "•")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@e.com:8/a?b=1#rt=5", "https://e.com:8/a?b=1"),
        ("http://[bad", "(unusable URL)"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown_url(url) == shown
