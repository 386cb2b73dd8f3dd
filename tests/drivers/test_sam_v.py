import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import sam_v
from drivers.sam_v import Command, Damaged, FrameReader, Reply

PUBLISHED = {
    Command.RESET: "AA AA AA 96 69 00 03 10 FF EC",
    Command.STATUS: "AA AA AA 96 69 00 03 11 FF ED",
    Command.SAM_ID: "AA AA AA 96 69 00 03 12 FF EE",
    Command.FIND: "AA AA AA 96 69 00 03 20 01 22",
    Command.SELECT: "AA AA AA 96 69 00 03 20 02 21",
    Command.READ: "AA AA AA 96 69 00 03 30 01 32",
    Command.NEWEST_ADDRESS: "AA AA AA 96 69 00 03 30 03 30",
}

replies = st.builds(
    Reply,
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=1400).filter(lambda data: b"\xaa\xaa\xaa" not in data),
)
noise = st.binary(max_size=60).filter(lambda data: b"\x96" not in data)


def wire(reply):
    return sam_v.frame(bytes([reply.sw1, reply.sw2, reply.sw3]) + reply.data)


def in_pieces(data, cuts):
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in zip(places, places[1:], strict=False)]


@pytest.mark.parametrize("command", Command)
def test_frames_are_those_of_the_manuals(command):
    assert sam_v.frame(command.payload) == bytes.fromhex(PUBLISHED[command])


@pytest.mark.parametrize(
    ("frame", "sw3", "length"),
    [
        ("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97", 0x9F, 4),
        ("AA AA AA 96 69 00 04 00 00 90 94", 0x90, 0),
        ("AA AA AA 96 69 00 04 00 00 80 84", 0x80, 0),
        ("AA AA AA 96 69 00 04 00 00 91 95", 0x91, 0),
        ("AA AA AA 96 69 00 04 00 00 41 45", 0x41, 0),
    ],
)
def test_published_replies(frame, sw3, length):
    [reply] = FrameReader().feed(bytes.fromhex(frame))
    assert isinstance(reply, Reply)
    assert (reply.sw3, len(reply.data)) == (sw3, length)


@given(st.lists(st.tuples(noise, replies), max_size=4), noise, st.lists(st.integers(0, 10_000), max_size=12))
def test_replies_are_found_in_noise_however_they_are_cut(items, tail, cuts):
    stream = b"".join(before + wire(reply) for before, reply in items) + tail
    reader = FrameReader()
    found = [item for piece in in_pieces(stream, cuts) for item in reader.feed(piece)]
    assert found == [reply for _, reply in items]


@given(replies, st.integers(0, 10_000), st.integers(1, 255), replies)
def test_a_spoiled_reply_is_never_taken_for_a_good_one(reply, place, flip, following):
    body = bytearray(wire(reply))
    index = 7 + place % (len(body) - 7)  # payload or checksum; a spoiled length only makes the reader wait
    body[index] ^= flip
    reader = FrameReader()
    found = list(reader.feed(bytes(body)))
    assert found == [Damaged()]
    assert list(reader.feed(wire(following))) == [following]


@given(replies, st.integers(0, 10_000))
def test_half_a_reply_is_none(reply, cut):
    whole = wire(reply)
    reader = FrameReader()
    assert list(reader.feed(whole[: cut % len(whole)])) == []
    reader.clear()
    assert list(reader.feed(whole)) == [reply]


@given(st.binary(max_size=6000))
def test_any_bytes_leave_little_behind(data):
    reader = FrameReader()
    list(reader.feed(data))
    assert reader.waiting <= 7 + sam_v.LONGEST


def test_an_impossible_length_is_noise():
    reader = FrameReader()
    good = sam_v.frame(b"\0\0\x90")
    for length in (0, 3, 4097, 0xFFFF):
        assert list(reader.feed(sam_v.PREAMBLE + length.to_bytes(2, "big") + good)) == [Reply(0, 0, 0x90, b"")]


@pytest.mark.parametrize(
    ("command", "sw3", "length", "fits"),
    [
        (Command.STATUS, 0x90, 0, True),
        (Command.SAM_ID, 0x90, 0, False),  # the late answer to a status command
        (Command.SAM_ID, 0x90, 16, True),
        (Command.FIND, 0x9F, 4, True),
        (Command.SELECT, 0x9F, 4, False),
        (Command.SELECT, 0x90, 8, True),
        (Command.READ, 0x90, 70, False),
        (Command.READ, 0x90, 1284, True),
        (Command.READ, 0x90, 260, True),  # without a photo
        (Command.NEWEST_ADDRESS, 0x91, 0, True),
        (Command.STATUS, 0x91, 0, False),
        (Command.NEWEST_ADDRESS, 0x90, 70, True),
        (Command.READ, 0x41, 0, True),
        (Command.READ, 0x41, 5, False),
    ],
)
def test_only_an_answer_the_command_can_have_fits(command, sw3, length, fits):
    assert sam_v.fits(command, Reply(0, 0, sw3, bytes(length))) is fits


def test_sam_number_as_printed():
    data = bytes.fromhex("0500 0300") + b"".join(n.to_bytes(4, "little") for n in (20240101, 12345678, 987654321))
    assert sam_v.sam_id_text(data) == "05.03-20240101-0012345678-0987654321"


def test_base_information_without_whole_text_is_refused():
    with pytest.raises(ValueError, match="no whole text"):
        sam_v.split_base_information(bytes.fromhex("0080 0400") + bytes(1200))
    text, photo = sam_v.split_base_information(bytes.fromhex("0100 0002") + b"t" * 256 + b"pp")
    assert (text, photo) == (b"t" * 256, b"pp")
