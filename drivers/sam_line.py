"""A SAM_V module on a serial line: one command and its answer at a time, and its speed where it is not given.

A reply does not say which command it answers. After any fault of the line nothing is sent before the line has been
silent, so that a late answer is never taken for the next one.

The protocol's only check is one XOR byte: of the frames that noise has damaged in several places about one in 256 still
passes. While a line is known to be disturbed a card's text therefore has to be read twice and be the same.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping

from drivers import sam_v
from drivers.driver import DeviceError, DeviceLost
from drivers.recording.recorder import Tap
from drivers.sam_module import LineError
from drivers.sam_v import Command, Damaged, FrameReader, Reply
from drivers.transport.address import Address
from drivers.transport.serial_port import SerialPort

log = logging.getLogger(__name__)

SPEEDS = (115200, 57600, 38400, 19200, 9600)
"""Those a module can be set to, in the order they are tried (hardware reference 1.4)."""

AUTOMATIC = "auto"

DETECT_SECONDS = 0.4
"""For the answer to the status command at one speed, its time on the wire added; a later one is still understood
while the line is waited to be silent. All five speeds take 5 × (0.4 + 0.3) s = 3.5 s without any answer."""

SILENCE_SECONDS = 0.3
NOISE_SECONDS = 3.0
"""A line that is not silent for so long is not waited for."""

SLICE_SECONDS = 0.2

DISTURBED_SECONDS = 600.0
"""So long after its last fault a line is not trusted with a single reading."""

LIMITS = {Command.READ: (3.0, 2321), Command.NEWEST_ADDRESS: (2.0, 81)}
"""Seconds for the module, and the longest reply in bytes, whose time on the wire is added. All others: DEFAULT_LIMIT"""
DEFAULT_LIMIT = (1.0, 27)


class SamLine:
    """``serial:…?baud=115200``, or ``baud=auto`` (which no baud at all means too); the port is opened alone.

    The speed that answered is tried first at the next opening.
    """

    def __init__(self, address: Address, stopping: Callable[[], bool]) -> None:
        """Only remember where the line is.

        Args:
            address: See above.
            stopping: Asked while an answer is waited for; True ends the wait.

        Raises:
            AddressError: the speed is neither a number nor ``auto``.
        """
        options = dict(address.options)
        automatic = options.get("baud", AUTOMATIC) == AUTOMATIC
        if automatic:
            options.pop("baud", None)
        self._port = SerialPort(dataclasses.replace(address, options=options))
        # Behind a network converter the converter has the speed, and whatever is set here has no effect.
        self._detects = automatic and "://" not in self._port.name
        self._stopping = stopping
        self._frames = FrameReader()
        self._unsettled = False
        self._understood = False
        self._disturbed_at: float | None = None

    def record_with(self, tap: Tap) -> None:
        """Have a tap told what goes over the line."""
        self._port.tap = tap

    @property
    def detail(self) -> Mapping[str, str | int | float]:
        return {"baud": self._port.baud}

    @property
    def speed(self) -> int:
        """Bits per second: given, or found out last."""
        return self._port.baud

    def begin_with(self, speed: int) -> None:
        """Try this speed first, because another one before this found it."""
        if self._detects:
            self._port.baud = speed

    def open(self) -> None:
        """Open the port and find the speed, where it is not given.

        Raises:
            DeviceLost, DeviceError: as ``SerialPort.open``; ``id_card_reader.noise``.
            DeviceError: ``id_card_reader.silent`` at every speed, or ``id_card_reader.not_a_reader``: something
                answered, but never in frames.
        """
        self._port.open()
        self._unsettled = False
        self._understood = False
        self._frames.clear()
        if self._detects:
            self._find_speed()

    def close(self) -> None:
        self._port.close()

    def exchange(self, command: Command) -> Reply:
        if self._unsettled:
            if not self._port.wait_for_silence(SILENCE_SECONDS, NOISE_SECONDS):
                raise DeviceLost("id_card_reader.noise")
            self._unsettled = False
        self._send(command)
        seconds, longest = LIMITS.get(command, DEFAULT_LIMIT)
        until = time.monotonic() + seconds + longest * 10 / self._port.baud
        received = 0
        self._unsettled = True
        while (left := until - time.monotonic()) > 0:
            if self._stopping():
                raise DeviceLost("device.stopped")
            data = self._port.read(min(left, SLICE_SECONDS))
            received += len(data)
            found = self._feed(data)
            if found is None:
                continue
            if isinstance(found, Damaged) or not sam_v.fits(command, found):
                self._disturb()
                raise LineError("id_card_reader.line", command=command.name)
            self._understood = True
            self._unsettled = bool(self._frames.waiting)
            return found
        self._disturb()
        if not received:
            raise LineError("id_card_reader.silent", command=command.name)
        if not self._understood:
            raise LineError("id_card_reader.not_a_reader", port=self._port.name)
        raise LineError("id_card_reader.line", command=command.name)

    def sam_number(self, reply: Reply) -> str:
        return sam_v.sam_id_text(reply.data)

    def must_confirm(self, doubts: tuple[str, ...]) -> bool:
        """On a disturbed line, and for a text that no chip should hold: the line may have made it so."""
        at = self._disturbed_at
        return bool(doubts) or (at is not None and time.monotonic() - at < DISTURBED_SECONDS)

    def _send(self, command: Command) -> None:
        self._port.discard_input()
        self._frames.clear()
        self._port.write(sam_v.frame(command.payload))

    def _feed(self, data: bytes) -> Reply | Damaged | None:
        skipped, preambles = self._frames.skipped, self._frames.preambles
        found = next(self._frames.feed(data), None)
        if self._frames.skipped != skipped:
            self._disturb()
        self._understood = self._understood or self._frames.preambles != preambles
        return found

    def _disturb(self) -> None:
        self._disturbed_at = time.monotonic()

    # -- the speed ---------------------------------------------------------------------------------------------

    def _find_speed(self) -> None:
        known = self._port.baud
        received = 0
        for speed in (known, *(speed for speed in SPEEDS if speed != known)):
            self._port.change_speed(speed)
            understood, heard = self._answers_here()
            received += heard
            if understood:
                log.info("id_card_reader: the module answers at %d", speed)
                # What was garbage at another speed says nothing about this one.
                self._disturbed_at = None
                return
        self._port.change_speed(known)
        code = "id_card_reader.not_a_reader" if received else "id_card_reader.silent"
        raise DeviceError(code, port=self._port.name)

    def _answers_here(self) -> tuple[bool, int]:
        """Whether anything understood comes back at the speed that is set; and how many bytes came at all.

        Returns only when the line is silent: nothing that belongs to this speed is left for the next.
        """
        self._send(Command.STATUS)
        received = 0
        now = time.monotonic()
        until, limit = now + DETECT_SECONDS + 27 * 10 / self._port.baud, now + NOISE_SECONDS
        while True:
            if self._stopping():
                raise DeviceLost("device.stopped")
            left = until - time.monotonic()
            data = self._port.read(left if left > 0 else SILENCE_SECONDS)
            received += len(data)
            if self._feed(data) is not None:
                self._unsettled = bool(self._frames.waiting)
                return True, received
            if not data and left <= 0:
                return False, received
            if time.monotonic() > limit:
                raise DeviceLost("id_card_reader.noise")
