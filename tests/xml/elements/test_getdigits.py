"""<GetDigits> (plivo-xml 3.4)."""

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.prompts import FakePrompts
from tests.xml.scene import Scene, document, now
from voiceplat.calls.leg import CallEnded
from voiceplat.core.errors import DocumentError
from voiceplat.xml.elements.getdigits import GetDigits

URL = "https://e.com/keys"
NEXT = "<Speak>next</Speak>"


def pressing(*presses: tuple[float, str], **script: object) -> FakeLeg:
    return FakeLeg(answered=True, presses=presses, **script)  # type: ignore[arg-type]


async def entered(leg: FakeLeg, attributes: str = "", inside: str = "") -> str | None:
    """The Digits that action got; None when it was not asked."""
    scene = Scene(leg, pages={URL: "<Hangup/>"})

    await scene.obey(f'<GetDigits action="{URL}" {attributes}>{inside}</GetDigits>')

    if not scene.documents.asked:
        return None
    (asked,) = scene.documents.asked
    assert (asked.kind, asked.method) == ("action", "POST")
    return asked.params["Digits"]


@pytest.mark.statement(101, 42)
async def test_four_keys_and_the_finish_key_are_posted_as_four_digits() -> None:
    assert await entered(pressing((1, "1234#")), 'numDigits="4"') == "1234"


@pytest.mark.statement(102)
async def test_a_fifth_key_is_dropped_when_four_are_wanted() -> None:
    assert await entered(pressing((1, "12345")), 'numDigits="4"') == "1234"


async def test_what_was_dropped_is_not_taken_by_the_next_element() -> None:
    scene = Scene(pressing((1, "123"), (4, "9#")))

    await scene.obey(
        f'<GetDigits action="{URL}" redirect="false" numDigits="2"/>'
        f'<GetDigits action="{URL}" redirect="false"/>'
    )

    assert [it.params["Digits"] for it in scene.documents.told] == ["12", "9"]


@pytest.mark.statement(103)
async def test_the_hash_key_ends_the_entry_and_is_not_part_of_it() -> None:
    leg = pressing((1, "12#3"))

    assert await entered(leg) == "12"
    assert now() == 1


@pytest.mark.statement(104)
@pytest.mark.parametrize("none", ["none", ""])
async def test_without_a_finish_key_the_hash_key_is_a_digit(none: str) -> None:
    leg = pressing((1, "1#2"))

    assert await entered(leg, f'finishOnKey="{none}"') == "1#2"


@pytest.mark.statement(105)
async def test_another_key_may_end_the_entry() -> None:
    assert await entered(pressing((1, "1#*")), 'finishOnKey="*"') == "1#"


@pytest.mark.statement(106, 109)
async def test_without_a_key_for_five_seconds_the_next_element_runs() -> None:
    scene = Scene(pressing())

    await scene.obey(f'<GetDigits action="{URL}"/>{NEXT}')

    assert scene.documents.asked == []
    assert [(it.name, it.began) for it in scene.leg.played] == [("next", 5)]


async def test_the_time_for_the_first_key_begins_after_the_prompts() -> None:
    scene = Scene(pressing(lengths={"menu": 8}))

    await scene.obey(
        f'<GetDigits action="{URL}" timeout="3"><Speak>menu</Speak></GetDigits>{NEXT}'
    )

    assert scene.leg.played[1].began == 11


@pytest.mark.statement(107)
async def test_a_longer_gap_ends_the_entry_and_posts_what_there_is() -> None:
    leg = pressing((1, "1"), (2.5, "2"), (4.6, "3"))

    assert await entered(leg) == "12"
    assert now() == pytest.approx(4.5)


async def test_the_gap_can_be_set() -> None:
    leg = pressing((1, "1"), (4, "2"))

    assert await entered(leg, 'digitTimeout="4"') == "12"


@pytest.mark.statement(108, 109)
async def test_the_prompts_are_repeated_as_often_as_there_are_retries() -> None:
    scene = Scene(pressing(lengths={"menu": 2}))

    await scene.obey(
        f'<GetDigits action="{URL}" retries="3" timeout="4">'
        f"<Speak>menu</Speak></GetDigits>{NEXT}"
    )

    assert [it.began for it in scene.leg.played] == [0, 6, 12, 18]
    assert scene.heard == ["menu", "menu", "menu", "next"]
    assert scene.documents.asked == []
    assert len(scene.prompts.spoken) == 2, "the prompt was made once"


@pytest.mark.statement(110)
@pytest.mark.parametrize(
    "prompt", ["<Speak>menu</Speak>", "<Play>https://e.com/menu</Play>"]
)
async def test_the_first_key_cuts_the_prompts(prompt: str) -> None:
    leg = pressing((1.5, "7"), lengths={"menu": 60})

    assert await entered(leg, 'numDigits="1"', prompt + "<Speak>b</Speak>") == "7"
    assert [(it.name, it.ended) for it in leg.played] == [("menu", 1.5)]


async def test_a_key_cuts_a_prompt_that_plays_for_ever() -> None:
    leg = pressing((100, "7"))

    inside = '<Speak loop="0">again</Speak>'

    assert await entered(leg, 'numDigits="1"', inside) == "7"


@pytest.mark.statement(111)
async def test_a_beep_follows_the_prompts() -> None:
    scene = Scene(pressing())

    await scene.obey('<GetDigits playBeep="true"><Speak>menu</Speak></GetDigits>')

    assert scene.heard == ["menu", "beep"]


@pytest.mark.statement(112)
async def test_a_key_that_is_not_valid_is_refused_with_a_sound_and_is_no_digit() -> (
    None
):
    leg = pressing((1, "19"), (5, "2"))
    attributes = (
        'validDigits="123" retries="2" invalidDigitsSound="https://e.com/no.wav"'
    )

    assert await entered(leg, attributes, "<Speak>menu</Speak>") == "2"
    assert [it.name for it in leg.played] == ["menu", "no.wav", "menu"]


async def test_a_key_that_is_not_valid_spends_the_round() -> None:
    scene = Scene(pressing((1, "9")))

    await scene.obey(f'<GetDigits action="{URL}" validDigits="1"/>{NEXT}')

    assert scene.documents.asked == []
    assert scene.leg.played[0].began == 1


async def test_a_key_during_the_refusal_begins_the_next_round() -> None:
    leg = pressing((1, "9"), (2, "1"), lengths={"no.wav": 10})
    attributes = 'validDigits="1" retries="2" invalidDigitsSound="https://e.com/no.wav"'

    assert await entered(leg, attributes, "<Speak>menu</Speak>") == "1"
    assert [it.name for it in leg.played] == ["menu", "no.wav"]


@pytest.mark.parametrize("sound", ["https://e.com/gone.wav", "/no.wav"])
async def test_a_refusal_that_cannot_be_played_is_passed_over(sound: str) -> None:
    leg = pressing((1, "9"), (2, "1#"))
    prompts = FakePrompts(missing=["https://e.com/gone.wav"])
    scene = Scene(leg, prompts=prompts, pages={URL: "<Hangup/>"})

    await scene.obey(
        f'<GetDigits action="{URL}" validDigits="1" retries="2" '
        f'invalidDigitsSound="{sound}"/>'
    )

    assert scene.documents.asked[0].params["Digits"] == "1"


async def test_the_finish_key_alone_is_no_input() -> None:
    scene = Scene(pressing((1, "#")))

    await scene.obey(f'<GetDigits action="{URL}"/>{NEXT}')

    assert scene.documents.asked == []
    assert scene.leg.played[0].began == 1


@pytest.mark.statement(113)
def test_numdigits_0_is_a_format_error_and_200_is_99() -> None:
    with pytest.raises(DocumentError, match="numDigits must be 1 or more"):
        document('<GetDigits numDigits="0"/>')

    assert document('<GetDigits numDigits="200"/>').elements == (GetDigits(),)


@pytest.mark.statement(114, 115)
@pytest.mark.parametrize("name", ["retries", "timeout"])
def test_retries_and_timeout_below_1_are_format_errors(name: str) -> None:
    with pytest.raises(DocumentError, match=f"{name} must be 1 or more"):
        document(f'<GetDigits {name}="0"/>')


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('numDigits="x"', GetDigits()),
        ('timeout="soon"', GetDigits()),
        ('digitTimeout="0"', GetDigits(digit_timeout=1)),
        ('finishOnKey="hash"', GetDigits()),
        ('validDigits="abc"', GetDigits()),
        ('numdigits="3"', GetDigits()),
        ('playBeep="TRUE"', GetDigits()),
    ],
)
def test_values_that_cannot_be_read_count_as_their_defaults(
    written: str, read: GetDigits
) -> None:
    assert document(f"<GetDigits {written}/>").elements == (read,)


@pytest.mark.statement(13)
def test_the_names_of_attributes_are_case_sensitive() -> None:
    (element,) = document('<GetDigits numdigits="4" numDigits="5"/>').elements

    assert element == GetDigits(num_digits=5)


@pytest.mark.statement(116, 43)
async def test_without_redirect_the_digits_are_told_and_the_next_element_runs() -> None:
    scene = Scene(pressing((1, "5#")))

    await scene.obey(f'<GetDigits action="{URL}" redirect="false"/>{NEXT}')

    assert [it.params["Digits"] for it in scene.documents.told] == ["5"]
    assert scene.documents.asked == []
    assert scene.heard == ["next"]


@pytest.mark.statement(118)
def test_play_speak_and_wait_may_stand_inside_and_dial_may_not() -> None:
    inside = "<Play>https://e.com/a</Play><Speak>b</Speak><Wait/>"

    assert document(f"<GetDigits>{inside}</GetDigits>").elements

    with pytest.raises(DocumentError, match="may not stand in <GetDigits>"):
        document("<GetDigits><Dial/></GetDigits>")


@pytest.mark.statement(120, 47)
async def test_without_action_the_digits_are_dropped_and_the_next_element_runs() -> (
    None
):
    scene = Scene(pressing((1, "5#")))

    await scene.obey(f"<GetDigits/>{NEXT}")

    assert scene.documents.asked == scene.documents.told == []
    assert scene.heard == ["next"]


@pytest.mark.statement(121)
async def test_its_prompts_play_in_order_and_wait_is_a_pause() -> None:
    leg = pressing(lengths={"a.wav": 2, "b": 3})
    scene = Scene(leg)

    await scene.obey(
        '<GetDigits><Play>https://e.com/a.wav</Play><Wait length="4"/>'
        "<Speak>b</Speak></GetDigits>"
    )

    assert [(it.name, it.began) for it in leg.played] == [("a.wav", 0), ("b", 6)]


async def test_a_key_ends_a_wait_among_the_prompts() -> None:
    leg = pressing((2, "1"))

    assert await entered(leg, 'numDigits="1"', '<Wait length="60"/>') == "1"
    assert now() == 2


async def test_it_answers_when_its_prompts_are_ready() -> None:
    scene = Scene(FakeLeg(presses=[(9, "1#")]), prompts=FakePrompts(takes_s=4))

    await scene.obey("<GetDigits><Speak>menu</Speak></GetDigits>")

    assert scene.leg.answered_at == 4
    assert scene.leg.played[0].began == 4


async def test_keys_pressed_before_it_are_not_taken() -> None:
    scene = Scene(pressing((1, "9"), (4, "1#")), pages={URL: "<Hangup/>"})

    await scene.obey(f'<Wait length="3"/><GetDigits action="{URL}"/>')

    assert scene.documents.asked[0].params["Digits"] == "1"


@pytest.mark.parametrize("when", [1, 3])
async def test_a_hangup_stops_it_and_action_is_not_asked(when: float) -> None:
    scene = Scene(pressing((2, "1"), hangs_up_at=when), pages={URL: "<Hangup/>"})

    with pytest.raises(CallEnded):
        await scene.obey(f'<GetDigits action="{URL}"><Wait length="9"/></GetDigits>')

    assert scene.documents.asked == []
    assert now() == when


@pytest.mark.statement(281)
async def test_inside_preanswer_it_takes_keys_before_the_answer() -> None:
    scene = Scene(FakeLeg(presses=[(1, "3#")]), pages={URL: "<Hangup/>"})

    await scene.obey(f'<PreAnswer><GetDigits action="{URL}"/></PreAnswer>')

    assert scene.documents.asked[0].params["Digits"] == "3"
    assert not scene.leg.answered


@pytest.mark.statement(117)
@pytest.mark.parametrize("log", ["true", "false"])
async def test_the_digits_are_in_no_log_line_and_still_posted(
    log: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = "48151623"

    assert await entered(pressing((1, digits + "#")), f'log="{log}"') == digits

    said = caplog.text + "".join(capsys.readouterr())
    assert digits not in said
