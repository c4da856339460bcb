"""<GetInput> (plivo-xml 3.5). The recogniser is a script; the real one is in e2e."""

import pytest

from tests.fakes.ears import FakeEars
from tests.xml.input_scene import (
    BOTH,
    DTMF,
    SPEECH,
    TELL,
    URL,
    a_scene,
    result,
    saying,
)
from tests.xml.scene import now
from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    Understood,
)
from voiceplat.calls.leg import CallEnded

approx = pytest.approx


@pytest.mark.statement(122, 140)
async def test_keys_are_posted_as_dtmf_with_empty_speech() -> None:
    assert await result(a_scene((1, "12#")), DTMF) == {
        "InputType": "dtmf",
        "Digits": "12",
        "Speech": "",
        "SpeechConfidenceScore": "0.00",
        "BilledAmount": "0.00000",
    }


@pytest.mark.statement(123, 124, 140)
async def test_speech_is_posted_with_its_confidence_and_empty_digits() -> None:
    scene = a_scene(says=saying("sales please", at=1, until=3))

    assert await result(scene, SPEECH) == {
        "InputType": "speech",
        "Digits": "",
        "Speech": "sales please",
        "SpeechConfidenceScore": "0.87",
        "BilledAmount": "0.00000",
    }


@pytest.mark.statement(125)
async def test_a_key_that_comes_first_turns_speech_off() -> None:
    scene = a_scene((1, "1"), (4, "2"), says=saying("sales", at=1.5, until=2))

    got = await result(scene, BOTH + ' digitEndTimeout="5"')

    assert got
    assert (got["InputType"], got["Digits"], got["Speech"]) == ("dtmf", "12", "")


@pytest.mark.statement(126)
async def test_speech_that_comes_first_turns_keys_off() -> None:
    scene = a_scene((2, "1"), says=saying("sales", at=1, until=3))

    got = await result(scene, BOTH)

    assert got
    assert (got["InputType"], got["Digits"], got["Speech"]) == ("speech", "", "sales")


async def test_keys_say_nothing_where_only_speech_is_wanted() -> None:
    scene = a_scene((1, "1#"), says=saying("sales", at=2, until=3))

    got = await result(scene, SPEECH)

    assert got
    assert got["Speech"] == "sales"


async def test_speech_says_nothing_where_only_keys_are_wanted() -> None:
    scene = a_scene((4, "1#"), says=saying("sales", at=1, until=2))

    got = await result(scene, DTMF)

    assert got
    assert got["Digits"] == "1"
    assert scene.ears.wanted == []


async def test_a_noise_is_no_input_and_both_kinds_are_open_again() -> None:
    noise = saying("", at=1, until=2)
    scene = a_scene((1.5, "9"), (3, "1#"), says=noise)

    got = await result(scene, BOTH)

    assert got
    assert got["Digits"] == "1", "a key during the noise is not kept"


async def test_a_noise_does_not_give_more_time() -> None:
    scene = a_scene(says=saying("", at=3, until=4))

    assert await result(scene, BOTH + ' executionTimeout="6"') is None
    assert scene.leg.played[-1].began == approx(6)


@pytest.mark.statement(127, 128, 146)
async def test_without_input_for_15_s_after_the_prompts_the_next_element_runs() -> None:
    scene = a_scene(lengths={"menu": 4})

    assert await result(scene, BOTH, "<Speak>menu</Speak>") is None
    assert scene.heard == ["menu", "next"]
    assert scene.leg.played[1].began == approx(19)


async def test_what_begins_in_time_may_end_later() -> None:
    scene = a_scene(says=saying("a long story", at=4, until=20))

    got = await result(scene, SPEECH + ' executionTimeout="5"')

    assert got
    assert got["Speech"] == "a long story"


async def test_so_many_keys_end_the_entry() -> None:
    scene = a_scene((1, "123456"))

    got = await result(scene, DTMF + ' numDigits="4"')

    assert got
    assert got["Digits"] == "1234"
    assert now() == approx(1)


@pytest.mark.statement(137, 138)
async def test_interim_results_are_told_and_numbered_while_the_caller_speaks() -> None:
    says: list[tuple[float, Heard]] = [
        (1, SpeechStarted()),
        (2, Interim("", "I want", 0.1)),
        (3, Interim("I want", "to pay", 0.9)),
        (4, Understood("I want to pay", 0.9)),
    ]
    scene = a_scene(says=says)

    got = await result(scene, f'{SPEECH} interimSpeechResultsCallback="{TELL}"')

    assert got
    assert got["Speech"] == "I want to pay"
    assert {(it.url, it.method) for it in scene.documents.told_now} == {(TELL, "POST")}
    assert [dict(it.params) for it in scene.documents.told_now] == [
        {
            "StableSpeech": "",
            "UnstableSpeech": "I want",
            "Stability": "0.10",
            "SequenceNumber": "0",
        },
        {
            "StableSpeech": "I want",
            "UnstableSpeech": "to pay",
            "Stability": "0.90",
            "SequenceNumber": "1",
        },
    ]


@pytest.mark.statement(141, 43)
async def test_without_redirect_the_result_is_told_and_the_next_element_runs() -> None:
    scene = a_scene(says=saying("sales", at=1, until=2))

    assert await result(scene, SPEECH + ' redirect="false"') is None
    assert [it.params["Speech"] for it in scene.documents.told] == ["sales"]
    assert scene.heard == ["next"]


@pytest.mark.statement(142)
@pytest.mark.parametrize("how", ["key", "speech"])
async def test_prompts_are_cut_by_a_key_and_by_speech(how: str) -> None:
    inside = '<Speak>menu</Speak><Play>https://e.com/a.wav</Play><Wait length="9"/>'
    key = [(1.5, "1#")] if how == "key" else []
    says = saying("yes", at=1.5, until=2.5) if how == "speech" else []
    scene = a_scene(*key, says=says, lengths={"menu": 1, "a.wav": 60})

    assert await result(scene, BOTH, inside)
    assert scene.heard == ["menu", "a.wav"]
    assert scene.leg.played[1].ended == approx(1.5)


async def test_the_recogniser_knows_while_a_prompt_plays() -> None:
    scene = a_scene(says=saying("yes", at=5, until=6), lengths={"menu": 3})

    await result(scene, SPEECH, "<Speak>menu</Speak>")

    assert scene.ears.guarded == [(0, True), (approx(3), False)]


@pytest.mark.statement(143)
@pytest.mark.parametrize("log", ["true", "false"])
async def test_input_is_in_no_log_line_and_still_posted(
    log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "my card is four eight fifteen"
    scene = a_scene(says=saying(secret, at=1, until=2))

    got = await result(scene, f'{SPEECH} log="{log}"')

    assert got
    assert got["Speech"] == secret
    assert secret not in "".join(capsys.readouterr())


@pytest.mark.statement(145)
async def test_retries_repeat_the_prompts() -> None:
    scene = a_scene(says=saying("yes", at=8, until=9), lengths={"menu": 1})

    got = await result(
        scene, BOTH + ' executionTimeout="5" retries="2"', "<Speak>menu</Speak>"
    )

    assert got
    assert scene.heard == ["menu", "menu"]
    assert scene.leg.played[1].began == approx(6)


async def test_the_finish_key_alone_is_no_input() -> None:
    scene = a_scene((1, "#"))

    assert await result(scene, BOTH) is None
    assert scene.leg.played[-1].began == approx(1)


async def test_it_listens_for_no_longer_than_it_runs() -> None:
    scene = a_scene(says=saying("yes", at=1, until=2))

    await result(scene, SPEECH)

    assert scene.ears.open == 0
    assert scene.ears.frames == approx(100, abs=1)


async def test_a_language_that_nobody_understands_leaves_the_keys() -> None:
    scene = a_scene((1, "1#"), ears=FakeEars(deaf=True))

    got = await result(scene, BOTH)

    assert got
    assert got["Digits"] == "1"


async def test_where_nobody_can_listen_the_next_element_runs_after_the_prompts() -> (
    None
):
    scene = a_scene(ears=FakeEars(deaf=True), lengths={"menu": 2})

    assert await result(scene, SPEECH, "<Speak>menu</Speak>") is None
    assert scene.leg.played[-1].began == approx(2)


async def test_a_recogniser_that_breaks_leaves_the_keys() -> None:
    scene = a_scene((8, "1#"), ears=FakeEars(breaks_at=3))

    got = await result(scene, BOTH)

    assert got
    assert got["Digits"] == "1"


async def test_a_recogniser_that_breaks_while_somebody_speaks_is_no_input() -> None:
    ears = FakeEars([(2, SpeechStarted())], breaks_at=3)
    scene = a_scene(ears=ears)

    assert await result(scene, SPEECH + ' executionTimeout="5"') is None
    assert scene.leg.played[-1].began == approx(5)


@pytest.mark.parametrize("when", [1, 3])
async def test_a_hangup_stops_it_and_action_is_not_asked(when: float) -> None:
    scene = a_scene(says=saying("I want to", at=2, until=9), hangs_up_at=when)

    with pytest.raises(CallEnded):
        await scene.obey(f'<GetInput action="{URL}" {SPEECH}/>')

    assert scene.documents.asked == []
    assert scene.ears.open == 0
    assert now() == approx(when)
