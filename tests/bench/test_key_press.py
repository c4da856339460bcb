from bench.key_press import DOWN_PACKETS, END_PACKETS, EVENT, KeyPress
from bench.rtp import HEADER


def _packet(number: int) -> bytes:
    return HEADER.pack(0x80, 0, number, number * 160, 7) + bytes(160)


def test_a_key_takes_the_place_of_the_sound_then_the_sound_goes_on() -> None:
    press = KeyPress(key=5, first=2)
    packets = [_packet(number) for number in range(2 + DOWN_PACKETS + END_PACKETS + 1)]

    sent = [press.instead_of(packet) for packet in packets]

    assert sent[:2] == packets[:2]
    assert sent[-1] == packets[-1]
    assert [HEADER.unpack_from(it)[2] for it in sent] == list(range(len(packets)))


def test_all_packets_of_a_key_have_its_beginning_and_the_last_ones_its_end() -> None:
    press = KeyPress(key=5, first=0)

    sent = [press.instead_of(_packet(it)) for it in range(DOWN_PACKETS + END_PACKETS)]
    headers = [HEADER.unpack_from(it) for it in sent]
    events = [EVENT.unpack_from(it, HEADER.size) for it in sent]

    assert [kind for _, kind, *_ in headers] == [101 | 0x80] + [101] * 7
    assert {timestamp for *_, timestamp, _ in headers} == {0}
    assert [key for key, _, _ in events] == [5] * 8
    assert [bool(flags & 0x80) for _, flags, _ in events] == [False] * 5 + [True] * 3
    assert [down for *_, down in events][:6] == [160, 320, 480, 640, 800, 800]
