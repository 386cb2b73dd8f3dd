"""Collected in the machine only: outside there are no such devices. The gadgets live as long as the run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.drivers import events

if "DOORSTEP_GUEST_MODULES" in os.environ:
    from .kernel import PRINTER_ID, Gadget, modprobe

    events.LIMIT = 120  # seconds; a processor without acceleration, shared with others, is slow
else:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def _scanner() -> Gadget:
    modprobe("cdc-acm")
    return Gadget(0, "1eab", "1d06", "S001", "acm.0")


@pytest.fixture
def scanner_gadget(_scanner: Gadget) -> Iterator[Gadget]:
    """A scanner's serial line on USB, not plugged in yet."""
    yield _scanner
    _scanner.unplug()


@pytest.fixture(scope="session")
def _bridge() -> Gadget:
    modprobe("cdc-acm")
    return Gadget(2, "1a86", "55d4", "B001", "acm.1")


@pytest.fixture
def bridge_gadget(_bridge: Gadget) -> Iterator[Gadget]:
    """Another serial line, of a bridge that anything may be behind."""
    yield _bridge
    _bridge.unplug()


@pytest.fixture(scope="session")
def printer_gadget() -> Gadget:
    modprobe("usblp")
    return Gadget(1, "0416", "5011", "P001", "printer.0", pnp_string=PRINTER_ID, q_len="8")
