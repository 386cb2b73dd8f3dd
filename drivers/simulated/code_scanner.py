"""A serial code scanner on a pseudo terminal, in presentation mode: hold something up and it sends what it says."""

from __future__ import annotations

from drivers.simulated.pseudo_terminal import PseudoTerminal


class SimulatedCodeScanner:
    """Methods may be called from any thread; each sends before it returns. POSIX only."""

    def __init__(self, *, baud: int = 115200) -> None:
        self.terminal = PseudoTerminal(name="code-scanner", baud=baud)

    @property
    def address(self) -> str:
        """Connection string for the driver, the same before and after a replug."""
        return self.terminal.address

    def start(self) -> None:
        self.terminal.start()

    def stop(self) -> None:
        self.terminal.stop()

    def unplug(self) -> None:
        self.terminal.unplug()

    def replug(self) -> None:
        self.terminal.replug()

    def scan(self, raw: bytes, suffix: bytes = b"\r", prefix: bytes = b"") -> None:
        """Read a code; ``suffix`` b"" is a scanner set to send none."""
        self.terminal.send(prefix + raw + suffix)

    def scan_half(self, raw: bytes) -> None:
        """The first half of a code, and then nothing more."""
        self.terminal.send(raw[: len(raw) // 2])

    def flood(self, size: int) -> int:
        """Send so many bytes without a pause; how many were taken."""
        block = bytes(range(32, 127)) * 100
        sent = 0
        while sent < size and self.terminal.plugged:
            sent += self.terminal.send(block[: size - sent])
        return sent
