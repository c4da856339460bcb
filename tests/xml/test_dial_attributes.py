"""The attributes of <Dial>, <Number> and <User> (plivo-xml 3.6)."""

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.session import a_call
from tests.xml.dial_scene import (
    ONE,
    TELL,
    TWO,
    DialScene,
    answering,
    numbers,
    refusing,
    ringing,
)
from tests.xml.scene import document
from voiceplat.calls.leg import CallEnded, Credentials
from voiceplat.core.errors import DocumentError, FetchError
from voiceplat.xml.digit_patterns import DigitWatch
from voiceplat.xml.elements.dial import Dial, User

approx = pytest.approx
SOUND = "https://e.com/sound"
USER = "sip:anna1@phone.plivo.com"


@pytest.mark.statement(152, 153, 154)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", 14400),
        ("0", 14400),
        ("-5", 14400),
        ("x", 14400),
        ("60", 60),
        ("86400", 86400),
        ("100000", 86400),
    ],
)
def test_the_time_limit_is_four_hours_by_default_and_a_day_at_most(
    written: str, read: int
) -> None:
    attribute = f'timeLimit="{written}"' if written else ""

    assert document(f"<Dial {attribute}/>").elements == (Dial(time_limit=read),)


@pytest.mark.parametrize(("written", "read"), [("", 120), ("0", 120), ("20", 20)])
def test_the_callees_ring_for_two_minutes_unless_it_says_otherwise(
    written: str, read: int
) -> None:
    attribute = f'timeout="{written}"' if written else ""

    assert document(f"<Dial {attribute}/>").elements == (Dial(timeout=read),)


@pytest.mark.statement(157)
@pytest.mark.parametrize(
    ("dial", "number", "shown"),
    [
        ("", "", "15550100"),
        ('callerId="+15559999"', "", "15559999"),
        ('callerId="15559999"', 'callerId="15558888"', "15558888"),
        ('callerId="none"', "", ""),
    ],
)
async def test_the_caller_shown_is_the_a_legs_unless_another_is_given(
    dial: str, number: str, shown: str
) -> None:
    scene = DialScene({ONE: refusing(486)})

    await scene.dial(f"<Number {number}>{ONE}</Number>", dial)

    assert scene.dialler.targets[0].caller_id == shown


async def test_an_endpoint_that_calls_is_shown_by_its_username() -> None:
    scene = DialScene({ONE: refusing(486)}, call=a_call(from_=USER))

    await scene.dial()

    assert scene.dialler.targets[0].caller_id == "anna1"


@pytest.mark.statement(158)
async def test_a_callers_name_has_fifty_characters() -> None:
    scene = DialScene({ONE: refusing(486)}, call=a_call(caller_name="Anna"))

    await scene.obey(
        f'<Dial callerName="{"n" * 60}">{numbers(ONE)}</Dial>'
        f"<Dial>{numbers(ONE)}</Dial>"
        f'<Dial callerName="none">{numbers(ONE)}</Dial>'
    )

    assert [it.caller_name for it in scene.dialler.targets] == ["n" * 50, "Anna", ""]


@pytest.mark.statement(185)
@pytest.mark.parametrize(
    ("body", "to"),
    [
        ("15551111,15552222", "15551111"),
        ("15551111|15552222", "15551111"),
        (" +1 (555) 1111 ", "15551111"),
    ],
)
async def test_a_number_is_cut_at_the_first_comma_or_bar(body: str, to: str) -> None:
    scene = DialScene({})

    await scene.dial(f"<Number>{body}</Number>")

    assert [it.to for it in scene.dialler.targets] == [to]


@pytest.mark.statement(182)
async def test_custom_headers_of_dial_reach_all_those_of_a_user_only_that_leg() -> None:
    scene = DialScene({ONE: refusing(486), USER: refusing(486)})

    await scene.dial(
        f'{numbers(ONE)}<User sipHeaders="b=2">{USER}</User>', 'sipHeaders="a=1"'
    )

    assert [dict(it.sip_headers) for it in scene.dialler.targets] == [
        {"a": "1"},
        {"a": "1", "b": "2"},
    ]


@pytest.mark.statement(183)
@pytest.mark.parametrize(
    ("username", "password", "pair"),
    [
        ("anna", "p" * 8, True),
        ("anna", "p" * 128, True),
        ("anna", "p" * 7, False),
        ("anna", "p" * 129, False),
        ("anna", "", False),
        ("", "p" * 8, False),
    ],
)
def test_sip_credentials_come_as_a_pair(
    username: str, password: str, *, pair: bool
) -> None:
    user = User(text=USER, sip_auth_username=username, sip_auth_password=password)

    assert user.credentials == (Credentials(username, password) if pair else None)
    assert not password or password not in repr(user)


@pytest.mark.statement(179)
async def test_digits_are_sent_to_the_b_leg_after_it_has_answered() -> None:
    scene = DialScene({ONE: answering(at=4, hangs_up_at=20)})

    await scene.dial(f'<Number sendDigits="ww1 2">{ONE}</Number>')

    assert [key for _, key in scene.b().fake.sent] == ["1", "2"]
    assert scene.b().fake.sent[0][0] == approx(5)


@pytest.mark.statement(180)
@pytest.mark.parametrize("spelling", ["sendOnPreanswer", "sendOnPreAnswer"])
async def test_digits_may_be_sent_on_early_media(spelling: str) -> None:
    callee = ringing(answers_at=8, hangs_up_at=20)
    scene = DialScene({ONE: callee})
    callee.far.ring()
    callee.early_media_at = 0.0

    await scene.dial(f'<Number sendDigits="12" {spelling}="true">{ONE}</Number>')

    assert [key for _, key in callee.sent] == ["1", "2"]
    assert callee.sent[-1][0] < 8


@pytest.mark.statement(160, 161)
async def test_the_confirm_sound_is_heard_by_the_b_leg_alone_before_the_talk() -> None:
    inside = "<Speak>for you</Speak><Hangup/><Wait length='2'/><Speak>on</Speak>"
    scene = DialScene({ONE: answering(at=2, hangs_up_at=20)}, pages={SOUND: inside})

    await scene.dial(attributes=f'confirmSound="{SOUND}"')

    assert [it.name for it in scene.b().fake.played] == ["for you", "on"]
    assert [it.began for it in scene.b().fake.played] == approx([2, 5])
    assert scene.heard == []
    assert scene.leg.bridged[0].began == approx(6)
    asked = scene.documents.asked[0]
    assert (asked.url, asked.method) == (SOUND, "POST")


@pytest.mark.statement(163)
async def test_a_b_leg_that_does_not_confirm_is_not_connected() -> None:
    scene = DialScene(
        {ONE: answering(at=2, presses=[(4, "2")])},
        pages={SOUND: "<Speak>press 1</Speak>"},
    )

    await scene.dial(
        attributes=f'confirmSound="{SOUND}" confirmKey="1" confirmTimeout="10"'
    )

    assert scene.b().fake.ended_at == approx(12)
    assert scene.ends() == {ONE: 9110}
    assert scene.leg.bridged == []
    assert scene.result["DialStatus"] == "failed"
    assert scene.event("hangup")["DialBLegHangupCauseCode"] == "9110"


def test_the_time_to_confirm_is_two_minutes() -> None:
    assert Dial().confirm_timeout == 120


@pytest.mark.statement(164)
async def test_the_first_to_press_the_key_is_connected() -> None:
    callees = {
        ONE: answering(at=2, presses=[(9, "1")], hangs_up_at=30),
        TWO: answering(at=3, presses=[(6, "1")], hangs_up_at=20),
    }
    scene = DialScene(callees, pages={SOUND: "<Speak>press 1</Speak>"})

    await scene.dial(numbers(ONE, TWO), f'confirmSound="{SOUND}" confirmKey="1"')

    assert scene.ends() == {ONE: 9000, TWO: 4000}
    assert scene.leg.bridged[0].began == approx(6)


@pytest.mark.statement(162)
async def test_a_confirm_key_without_a_sound_has_no_effect() -> None:
    scene = DialScene({ONE: answering(at=2, hangs_up_at=9)})

    await scene.dial(attributes='confirmKey="1"')

    assert scene.leg.bridged[0].began == approx(2)


async def test_a_confirm_sound_that_cannot_be_had_is_silence() -> None:
    scene = DialScene({ONE: answering(at=2, presses=[(5, "1")], hangs_up_at=9)})

    await scene.dial(attributes=f'confirmSound="{SOUND}" confirmKey="1"')

    assert scene.leg.bridged[0].began == approx(5)


@pytest.mark.statement(166)
async def test_the_music_of_a_document_is_heard_by_a_until_b_answers() -> None:
    scene = DialScene(
        {ONE: answering(at=7, hangs_up_at=9)},
        pages={SOUND: "<Speak>hold</Speak><Wait length='1'/>"},
    )

    await scene.dial(attributes=f'dialMusic="{SOUND}"')

    assert scene.heard == ["hold"] * 4
    assert scene.leg.responses == [180, 183, 200]
    assert not scene.leg.played[0].answered
    assert scene.leg.played[-1].ended == approx(7)


@pytest.mark.statement(167)
@pytest.mark.parametrize(
    "page", [FetchError(SOUND, "answered 500", status=500), b"<Resp", "<Hangup/>"]
)
async def test_music_that_cannot_be_had_is_ringback(page: str | FetchError) -> None:
    scene = DialScene(
        {ONE: answering(at=7, hangs_up_at=9)},
        FakeLeg(answered=True),
        pages={SOUND: page},
    )

    await scene.dial(attributes=f'dialMusic="{SOUND}"')

    assert set(scene.heard) == {"ringback"}


async def test_an_answered_caller_hears_our_ringback_and_an_unanswered_its_own() -> (
    None
):
    answered = DialScene({ONE: answering(at=3, hangs_up_at=9)}, FakeLeg(answered=True))
    unanswered = DialScene({ONE: answering(at=3, hangs_up_at=9)})

    await answered.dial()
    await unanswered.dial()

    assert set(answered.heard) == {"ringback"}
    assert unanswered.heard == []


@pytest.mark.statement(165)
async def test_real_music_is_the_b_legs_own_early_media() -> None:
    callee = ringing(answers_at=8, hangs_up_at=20)
    scene = DialScene({ONE: callee})
    callee.early_media_at = 0.0

    await scene.dial(attributes='dialMusic="real"')

    early, talk = scene.leg.bridged
    assert early.other is callee
    assert early.ended == approx(8)
    assert talk.began == approx(8)
    assert scene.leg.early_media_at == approx(0)


@pytest.mark.statement(175)
async def test_digits_of_the_a_leg_that_match_are_told() -> None:
    leg = FakeLeg(presses=[(4, "3"), (5, "22"), (6, "1")])
    scene = DialScene({ONE: answering(at=2, hangs_up_at=20)}, leg)

    await scene.dial(attributes='digitsMatch="1, 22,,x"')

    told = [it.params for it in scene.documents.told if "DialDigitsMatch" in it.params]
    assert [it["DialDigitsMatch"] for it in told] == ["22", "1"]
    assert {it["DialAction"] for it in told} == {"digits"}
    assert {it["DialDigitsPressedBy"] for it in told} == {"ALeg"}


@pytest.mark.statement(176)
async def test_digits_of_the_b_leg_that_match_are_told() -> None:
    callee = answering(at=2, hangs_up_at=20, presses=[(4, "55")])
    scene = DialScene({ONE: callee})

    await scene.dial(attributes='digitsMatchBLeg="55"')

    assert scene.event("digits")["DialDigitsPressedBy"] == "BLeg"


@pytest.mark.statement(177)
async def test_without_a_callback_url_nobody_is_told_of_digits() -> None:
    leg = FakeLeg(presses=[(4, "1")])
    scene = DialScene({ONE: answering(at=2, hangs_up_at=20)}, leg)

    await scene.obey(f'<Dial digitsMatch="1">{numbers(ONE)}</Dial>')

    assert scene.documents.told == []


def test_the_longest_pattern_that_ends_there_counts_and_keys_count_once() -> None:
    watch = DigitWatch(["2", "12", "122"])

    assert [watch.press(key) for key in "1222"] == ["", "12", "2", "2"]


@pytest.mark.parametrize("url", ["/events", "", "ftp://e.com"])
async def test_a_callback_url_that_is_none_is_told_nothing(url: str) -> None:
    scene = DialScene({ONE: answering(at=2, hangs_up_at=9)})

    await scene.obey(f'<Dial callbackUrl="{url}">{numbers(ONE)}</Dial>')

    assert scene.documents.told == []


@pytest.mark.parametrize(("written", "used"), [("get", "GET"), ("", "POST")])
async def test_the_callback_method_is_post_unless_it_says_get(
    written: str, used: str
) -> None:
    attribute = f'callbackMethod="{written}"' if written else ""
    scene = DialScene({ONE: answering(at=2, hangs_up_at=9)})

    await scene.dial(attributes=attribute)

    told = [it for it in scene.documents.told if it.url == TELL]
    assert {it.method for it in told} == {used}


@pytest.mark.statement(186)
def test_machine_detection_and_call_type_are_accepted() -> None:
    (dial,) = document('<Dial machineDetection="true" callType="voice"/>').elements

    assert isinstance(dial, Dial)


@pytest.mark.statement(22)
@pytest.mark.parametrize("child", ["<Speak>a</Speak>", "<Dial/>", "<Hangup/>"])
def test_only_number_and_user_may_stand_inside(child: str) -> None:
    with pytest.raises(DocumentError, match="may not stand in <Dial>"):
        document(f"<Dial>{child}</Dial>")


async def test_a_caller_who_leaves_during_the_confirmation_is_missed_by_nobody() -> (
    None
):
    scene = DialScene(
        {ONE: answering(at=2)},
        FakeLeg(hangs_up_at=4),
        pages={SOUND: "<Wait length='60'/>"},
    )

    with pytest.raises(CallEnded):
        await scene.dial(attributes=f'confirmSound="{SOUND}" confirmKey="1"')

    assert scene.b().fake.ended_at == approx(4)
    assert scene.ends() == {ONE: 1000}
