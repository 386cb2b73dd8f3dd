"""What the front end may ask for. Every call returns at once, from any thread; the answer is the next Snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from drivers.driver import DeviceKind

Corners = Sequence[tuple[float, float]]
Stroke = Sequence[tuple[float, float]]


class Commands(Protocol):
    """Implemented by the conductor. A command that does not fit the present screen changes nothing."""

    # staff
    def make_administrator(self, account: str, name: str, pin: str) -> None: ...
    def sign_on(self, account: str, pin: str) -> None: ...
    def sign_off(self) -> None: ...
    def unlock(self, pin: str) -> None:
        """Take the privacy cover away; the visit is as it was."""

    def touched(self) -> None:
        """Somebody is here: a touch, a key, our own keyboard. Restarts the idle clock."""

    def set_large_print(self, on: bool) -> None:
        """Large print is on or off: the idle rules wait longer for those who use it."""

    # around a visit
    def start_visit(self) -> None: ...
    def resume_draft(self, case_id: str) -> None: ...
    def open_todo(self) -> None: ...
    def open_correction(self, case_id: str) -> None: ...
    def print_what_to_bring(self, case_id: str) -> None: ...
    def open_reprint(self) -> None: ...
    def find_receipts(self, text: str) -> None:
        """Narrow the list of REPRINT to a part of a case number or item; "" shows all."""

    def reprint_receipt(self, case_id: str) -> None:
        """Print a finished visit's receipt once more, marked 重打; on REPRINT only, kept in the audit record."""

    def new_roll(self) -> None:
        """Somebody put a full roll of paper in: its count begins anew."""

    def open_technician(self) -> None: ...
    def run_self_test(self, quick: bool = False) -> None:
        """On TECHNICIAN; the quick one neither prints nor needs a hand."""

    def cancel_self_test(self) -> None: ...
    def skip_check(self, check_id: str) -> None:
        """Leave out a step of the running self-test; without a needed step it does not pass."""

    def print_self_test(self) -> None: ...
    def make_support_bundle(self) -> None:
        """One file for support, to a memory stick where one is plugged in; on TECHNICIAN."""

    def record_device(self, kind: str, on: bool) -> None:
        """Begin or end recording a piece's wire; refused while a resident is signed in, ended when one comes."""

    def delete_recording(self, name: str) -> None: ...
    def export_self_test(self) -> None:
        """The report as a PDF, to a memory stick where one is plugged in."""

    def open_device_set_up(self) -> None:
        """From TECHNICIAN, for technicians and administrators; ``open_technician`` leads back."""

    # set-up of devices; on DEVICE_SET_UP only. Nothing is kept but by ``set_up_keep``
    def set_up_choose(self, kind: DeviceKind) -> None: ...
    def set_up_find(self) -> None: ...
    def set_up_try(self, connection: str) -> None:
        """Connect on trial; "none" = this station has no such piece."""

    def set_up_probe(self, connection: str, listening: bool) -> None:
        """Ask a serial line what it is; ``listening``: codes are scanned meanwhile."""

    def set_up_stop_probe(self) -> None: ...
    def set_up_printer(self, paper_mm: int, status: bool) -> None: ...
    def set_up_print_line(self) -> None: ...
    def set_up_keep(self) -> None: ...
    def set_up_restore(self) -> None: ...
    def go_home(self) -> None: ...
    def back(self) -> None: ...
    def next(self) -> None:
        """Leave the present step when it is complete; otherwise ``VisitView.next_code`` says why not."""

    def cancel_visit(self) -> None:
        """Give up: the draft and its pages are destroyed. The front end asks first."""

    def help(self, show: bool) -> None: ...
    def dismiss_notice(self) -> None: ...

    # identify; cards and codes come from the devices by themselves
    def identify_by_hand(self, name: str, id_number: str, reason: str) -> None: ...
    def wedge_code(self, text: str) -> None:
        """A code typed by a keyboard-wedge scanner, as the key filter recognised it."""

    # item and guide
    def choose_item(self, item_id: str) -> None: ...
    def set_acting_for_other(self, acting: bool) -> None: ...
    def set_consent(self, agreed: bool) -> None: ...
    def print_checklist(self) -> None:
        """Print what the chosen item asks for, to take along; on GUIDE only."""

    # capture
    def choose_material(self, material_id: str) -> None: ...
    def add_material(self, name: str) -> None: ...
    def remove_material(self, material_id: str) -> None:
        """Only one the assistant added."""

    def set_automatic(self, on: bool) -> None: ...
    def take_picture(self) -> None: ...
    def move_corners(self, corners: Corners) -> None:
        """New corners of the picture under review, fractions 0..1."""

    def use_whole_picture(self) -> None: ...
    def rotate_review(self) -> None:
        """A quarter turn clockwise."""

    def accept_picture(self, override_reason: str = "") -> None: ...
    def retake_picture(self) -> None: ...
    def delete_page(self, page_id: str) -> None: ...
    def rotate_page(self, page_id: str) -> None: ...

    # fields, signature
    def set_field(self, field_id: str, value: str) -> None: ...
    def sign(self, strokes: Sequence[Stroke], width: int, height: int) -> None:
        """Strokes in pixels of a pad of the given size."""

    def clear_signature(self) -> None: ...

    # after the hand-over
    def print_receipt(self) -> None: ...
    def print_ticket(self) -> None:
        """The number in the queue on paper; on WAITING only."""

    def leave_waiting(self) -> None:
        """The resident need not wait: go on to the receipt."""

    def rate(self, level: int, comment: str = "") -> None:
        """1 (非常不满意) to 5 (非常满意); 0 = no rating given."""

    def finish_visit(self) -> None: ...
