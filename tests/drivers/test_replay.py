"""Recordings are played to the real drivers, which must say what they said then.

Every file in ``recordings`` is such a regression test. To add one: record a device on the technician's screen, copy
the file there; it holds nobody's data (tests/drivers/test_recording.py). ``python -m tests.drivers.record_samples``
makes those of the simulated devices anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.driver import DeviceKind
from drivers.recording.tape import Entry, Tape, What, load
from drivers.simulated.pcsc_service import PcscService, why_unavailable
from tests.drivers.replaying import replay, said_then

pytestmark = pytest.mark.timeout(240)  # a card service of another test may have to end first

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))


@pytest.fixture
def service() -> Iterator[PcscService]:
    if why := why_unavailable():
        pytest.skip(why)
    running = PcscService(lock_seconds=150.0)
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_the_driver_says_what_it_said_then(path: Path, request: pytest.FixtureRequest) -> None:
    tape = load(path)
    needed = tape.kind == DeviceKind.SOCIAL_SECURITY_CARD
    said, mismatch = replay(tape, request.getfixturevalue("service") if needed else None)
    assert mismatch == ""
    assert said_then(tape)
    later = iter(said)  # how often a state comes between depends on the moment; their order does not
    assert [one for one in said_then(tape) if one not in later] == []


def test_there_is_a_recording_of_every_kind() -> None:
    assert {load(path).kind for path in RECORDINGS} >= {
        str(kind) for kind in DeviceKind if kind is not DeviceKind.DOCUMENT_CAMERA
    }


def test_another_answer_on_the_tape_makes_the_driver_say_something_else() -> None:
    """So that the test above can fail: the same card reader, whose read command is refused."""
    tape = load(next(path for path in RECORDINGS if "id_card" in path.stem))
    said, _ = replay(replace(tape, entries=tuple(_without_event(tape))))
    assert "IdCardRead" not in {name for name, _, _ in said}


def _without_event(tape: Tape) -> Iterator[Entry]:
    for entry in tape.entries:
        if entry.what is What.RECEIVED and len(entry.data) > 200:
            yield replace(entry, data=bytes(len(entry.data)))
        elif entry.what is not What.EVENT:
            yield entry
