"""Every command of the program, as a program: exit codes, help, JSON, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest
import requests

from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import document_scene, render, webcam_scene
from kiosk.cli import main
from kiosk.staff.book import Role, StaffBook
from kiosk.ui.demo.clerk import Clerk

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = ROOT / "resources" / "catalogue" / "catalogue.json"
COMMANDS = [
    [],
    ["run"],
    ["demo"],
    ["selftest"],
    ["centre"],
    ["centre", "serve"],
    ["centre", "add-station"],
    ["centre", "add-clerk"],
    ["outbox"],
    ["outbox", "list"],
    ["catalogue"],
    ["catalogue", "check"],
    ["page"],
    ["codes"],
    ["devices"],
    ["devices", "scan"],
    ["devices", "list"],
    ["card"],
    ["card", "read"],
    ["print-test"],
    ["staff"],
    ["staff", "add"],
]
NO_CARDS = 'social_security_card = ""'
PIN = "481592"


def kiosk(*words: str | Path, text: str = "", expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        input=text,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    if expect is not None:
        assert done.returncode == expect, (done.returncode, done.stdout[-1500:], done.stderr[-3000:])
    return done


def config(folder: Path, devices: str = NO_CARDS, more: str = "") -> Path:
    path = folder / "station.toml"
    path.write_text(
        f'[station]\nid = "test-0001"\nname = "示例村服务站"\ncentre_name = "示例中心"\n'
        f'data = "{folder / "data"}"\nfull_screen = false\n'
        f'[centre]\nurl = "http://127.0.0.1:{free_port()}"\n'
        f'[catalogue]\noffered = "all"\n[outbox]\nreserve_mb = 1\nballast_mb = 0\n[devices]\n{devices}\n{more}',
        encoding="utf-8",
    )
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*words: str | Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A command that goes on, and the lines of its standard error so far."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    lines: list[str] = []
    assert process.stderr is not None
    stream = process.stderr
    reader = threading.Thread(target=lambda: lines.extend(iter(stream.readline, "")), daemon=True)
    # extend() of an endless iterator appends line by line: what is there can be read meanwhile
    reader.start()
    try:
        yield process, lines
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join(10)
        stream.close()


def eventually(true: Any, what: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(60)


# -- help and refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "kiosk")
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: {' '.join(['kiosk', *words])}")
    assert len(said.splitlines()) >= 5, "a help that says nothing"


def test_the_help_of_the_program_names_every_command_and_the_exit_codes() -> None:
    said = kiosk("--help").stdout
    for name in ("run", "demo", "selftest", "centre", "outbox", "catalogue", "page", "codes", "card", "print-test"):
        assert re.search(rf"^ +{name}\b", said, re.MULTILINE), name
    assert "Exit codes" in said
    assert re.fullmatch(r"doorstep \d+\.\d+\S*\n", kiosk("--version").stdout)


@pytest.mark.parametrize("words", [["dance"], [], ["centre"], ["page"], ["selftest", "--loud"]])
def test_a_wrong_command_line_is_exit_code_2(words: list[str]) -> None:
    done = kiosk(*words, expect=2)
    assert "usage: kiosk" in done.stderr


BROKEN = {
    "missing": (None, "No such file"),
    "no TOML": ("[station\n", "line 1"),
    "not text": (b"\xff\xfe\x00", "station.toml"),
    "unknown key": ('[station]\nid="a-1"\nname="x"\ncentre_name="y"\ncolour="red"\n', "station.colour: Extra inputs"),
    "unknown section": ('[station]\nid="a-1"\nname="x"\ncentre_name="y"\n[robots]\n', "robots: Extra inputs"),
    "no name": ('[station]\nid="a-1"\ncentre_name="y"\n', "station.name: Field required"),
    "bad id": ('[station]\nid="Käfer"\nname="x"\ncentre_name="y"\n', "station.id: "),
    "bad connection": (
        '[station]\nid="a-1"\nname="x"\ncentre_name="y"\n[devices]\nwebcam="telepathy:1"\n',
        "devices.webcam: ",
    ),
    "bad number": (
        '[station]\nid="a-1"\nname="x"\ncentre_name="y"\n[outbox]\nreserve_mb="many"\n',
        "outbox.reserve_mb",
    ),
    "bad address": ('[station]\nid="a-1"\nname="x"\ncentre_name="y"\n[centre]\nurl="nowhere"\n', "centre.url: "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_station_toml_is_refused_with_key_and_reason(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content, reason = BROKEN[name]
    path = tmp_path / "station.toml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["run", "--config", str(path)]) == 2
    said = capsys.readouterr()
    assert "设置文件" in said.err
    assert str(path) in said.err
    assert reason in said.err
    assert said.out == ""


def test_a_broken_station_toml_ends_every_command_that_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("[station]\nid = 7\n", encoding="utf-8")
    for words in (
        ["run"],
        ["selftest"],
        ["outbox", "list"],
        ["card", "read"],
        ["print-test"],
        ["staff", "add", "a", "b"],
    ):
        done = kiosk(*words, "--config", path, text=f"{PIN}\n", expect=2)
        assert "station.id: Input should be a valid string" in done.stderr


# -- run -------------------------------------------------------------------------------------------------------------


def test_a_first_start_asks_for_the_administrator_and_ends_on_sigterm(tmp_path: Path) -> None:
    kinds = ("document_camera", "id_card_reader", "code_scanner", "receipt_printer", "webcam")
    path = config(tmp_path, "\n".join([*(f'{kind} = "simulated"' for kind in kinds), NO_CARDS]))
    log = tmp_path / "data" / "log" / "kiosk.log"
    with running("run", "--config", path) as (process, lines):
        eventually(lambda: process.poll() is not None or any("screen setup" in line for line in lines), "the set-up")
        assert process.poll() is None, lines[-20:]
        eventually(lambda: all(any(f"{kind}: ready" in line for line in lines) for kind in kinds[:2]), "the devices")
        assert stop(process) == 0
    assert "Traceback" not in "".join(lines)
    assert not any(re.search(r"(WARNING|ERROR|CRITICAL) qt ", line) for line in lines)
    assert "screen setup" in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "storage.key").stat().st_mode & 0o077 == 0


def test_with_staff_the_first_screen_is_the_sign_on_and_sigint_ends_it(tmp_path: Path) -> None:
    path = config(tmp_path)
    kiosk("staff", "add", "--config", path, "bangban", "帮办示例", "--role", "administrator", text=f"{PIN}\n")
    with running("run", "--config", path) as (process, lines):
        eventually(lambda: process.poll() is not None or any("screen sign_on" in line for line in lines), "sign-on")
        assert stop(process, signal.SIGINT) == 0
    assert "Traceback" not in "".join(lines)


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    path = config(tmp_path)
    (tmp_path / "data").write_text("a file is in the way", encoding="utf-8")
    done = kiosk("run", "--config", path, expect=1)
    assert str(tmp_path / "data") in done.stderr
    assert "数据" in done.stderr


# -- staff -----------------------------------------------------------------------------------------------------------


def test_staff_add_reads_the_pin_from_standard_input(tmp_path: Path) -> None:
    path = config(tmp_path)
    kiosk("staff", "add", "--config", path, "lin", "林样例", "--role", "technician", text=f"{PIN}\n")
    book = StaffBook(tmp_path / "data" / "staff.json")
    assert book.verify("lin", PIN).role is Role.TECHNICIAN
    assert PIN not in (tmp_path / "data" / "staff.json").read_text(encoding="utf-8")
    weak = kiosk("staff", "add", "--config", path, "wang", "王样例", text="123456\n", expect=2)
    assert "PIN" in weak.stderr or "密码" in weak.stderr or "数字" in weak.stderr
    again = kiosk("staff", "add", "--config", path, "lin", "林样例", text=f"{PIN}\n", expect=2)
    assert again.stderr.strip()
    assert len(book.accounts()) == 1


# -- centre ----------------------------------------------------------------------------------------------------------


def test_a_centre_is_set_up_serves_and_stops(tmp_path: Path) -> None:
    data = tmp_path / "centre"
    token = kiosk("centre", "add-station", "--data", data, "test-0001", "示例村服务站").stdout.strip()
    kiosk("centre", "add-clerk", "--data", data, "chuangkou", "窗口示例", text="a-long-password\n")
    short = kiosk("centre", "add-clerk", "--data", data, "zwei", "窗口示例", text="short\n", expect=2)
    assert "at least" in short.stderr
    wrong = kiosk("centre", "add-station", "--data", data, "Nicht gut", "示例", expect=2)
    assert "station id" in wrong.stderr
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("centre", "serve", "--data", data, "--port", str(port)) as (process, lines):
        eventually(lambda: process.poll() is not None or any("listens on" in line for line in lines), "the centre")

        def answers() -> bool:
            try:
                return requests.get(f"{url}/v1/time", timeout=5).status_code < 500
            except requests.ConnectionError:
                return False

        eventually(answers, "an answer")
        headers = {"Authorization": f"Bearer {token}", "Station-Id": "test-0001"}
        known = requests.post(f"{url}/v1/cases/find", json={"case_number": "x"}, headers=headers, timeout=5)
        stranger = requests.post(
            f"{url}/v1/cases/find",
            json={"case_number": "x"},
            headers={**headers, "Authorization": "Bearer x"},
            timeout=5,
        )
        assert stranger.status_code == 401
        assert known.status_code != 401
        Clerk(url, "chuangkou", "a-long-password").close()
        second = kiosk("centre", "serve", "--data", tmp_path / "other", "--port", str(port), expect=1)
        assert str(port) in second.stderr
        assert stop(process) == 0
    assert token not in "".join(lines)
    assert "a-long-password" not in "".join(lines)


# -- self-test, devices ----------------------------------------------------------------------------------------------


def test_the_self_test_of_simulated_devices_passes() -> None:
    done = kiosk("selftest", "--simulated", "--json")
    report = json.loads(done.stdout)
    states = {step["check"]: step["state"] for step in report["results"]}
    wanted = {"document_camera", "webcam", "id_card_reader", "code_scanner", "receipt_printer", "disk", "fonts"}
    assert wanted | {"centre", "clock", "network", "outbox", "memory", "catalogue"} <= set(states)
    # A machine whose own card service runs has no simulated one; and a demo's centre speaks plain http.
    assert states.pop("social_security_card") in ("passed", "skipped")
    assert states.pop("certificate") == "not_possible"
    assert set(states.values()) == {"passed"}, report
    assert report["passed"] is True
    assert all(step["say"] for step in report["results"])
    assert report["measurements"]["document_camera.dots_per_inch"] > 100


def test_a_fault_that_is_switched_on_is_what_the_self_test_finds() -> None:
    faults = ("--fault", "receipt_printer:cover_open", "--fault", "centre:down")
    done = kiosk("selftest", "--simulated", "--json", *faults, expect=1)
    report = json.loads(done.stdout)
    failed = {step["check"]: step["code"] for step in report["results"] if step["state"] == "failed"}
    assert failed == {"receipt_printer": "receipt_printer.cover_open", "centre": "centre.unreachable"}
    assert report["passed"] is False
    assert all(step["do"] for step in report["results"] if step["state"] == "failed")


def test_the_quick_self_test_says_its_lines_and_its_verdict() -> None:
    done = kiosk("selftest", "--simulated", "--quick")
    lines = done.stdout.splitlines()
    assert any(line.startswith("passed") and "打印机" in line for line in lines)
    assert not any("小票" in line for line in lines)
    assert "自检通过" in done.stderr


def test_faults_are_listed_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    listed = kiosk("selftest", "--list-faults").stdout
    assert "receipt_printer:paper_out" in listed
    assert "no-such:fault" in kiosk("selftest", "--simulated", "--fault", "no-such:fault", expect=2).stderr
    real = kiosk("selftest", "--config", config(tmp_path), "--fault", "disk:full", expect=2)
    assert "--simulated" in real.stderr


def test_the_self_test_of_a_station_without_devices_fails_with_reasons(tmp_path: Path) -> None:
    done = kiosk("selftest", "--config", config(tmp_path), expect=1)
    lines = done.stdout.splitlines()
    assert any(line.startswith("failed") and "打印机" in line for line in lines)
    assert any(line.startswith("passed") and "存放空间" in line for line in lines)
    assert any(line.startswith("failed") and "受理中心线路" in line for line in lines)


def test_a_self_test_by_command_is_kept_and_stands_in_the_support_bundle(tmp_path: Path) -> None:
    path = config(tmp_path)
    kiosk("selftest", "--quick", "--config", path, expect=1)
    written = Path(kiosk("support-bundle", "--config", path, "--out", tmp_path).stdout.strip())
    with zipfile.ZipFile(written) as archive:
        (report,) = json.loads(archive.read("self-tests.json"))
    assert report["kind"] == "quick"
    assert {step["check"]: step["state"] for step in report["results"]}["disk"] == "passed"


def test_card_read_masks_unless_told_otherwise(tmp_path: Path) -> None:
    reader = SimulatedIdCardReader()
    reader.start()
    try:
        reader.lay_card(SAMPLE_CARDS["valid"])
        path = config(tmp_path, f'{NO_CARDS}\nid_card_reader = "{reader.address}"')
        masked = kiosk("card", "read", "--config", path).stdout
        assert masked == "IdCard: 张* 000000********0017\n"
        reader.lay_card(SAMPLE_CARDS["valid"])  # a module does not find a card again that it has read
        whole = kiosk("card", "read", "--full", "--config", path).stdout
        assert whole == "IdCard: 张示例 000000190001010017\n"
        reader.lift_card()
        none = kiosk("card", "read", "--wait", "1", "--config", path, expect=1)
        assert none.stdout == ""
        assert none.stderr.strip()
    finally:
        reader.stop()


def test_print_test_is_done_only_when_the_printer_says_so(tmp_path: Path) -> None:
    printer = SimulatedReceiptPrinter()
    try:
        path = config(tmp_path, f'{NO_CARDS}\nreceipt_printer = "{printer.address}"')
        kiosk("print-test", "--config", path)
        assert len(printer.receipts) == 1
        printer.paper_out()
        done = kiosk("print-test", "--wait", "3", "--config", path, expect=1)
        assert "纸" in done.stderr
        assert len(printer.receipts) == 1
    finally:
        printer.stop()
    done = kiosk("print-test", "--wait", "3", "--config", path, expect=1)
    assert done.stderr.strip()


# -- files -----------------------------------------------------------------------------------------------------------


def test_page_reports_outline_and_quality(tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    cv2.imwrite(str(picture), render(document_scene("a4_form"), (1280, 960))[0])
    (report,) = json.loads(kiosk("page", "--json", picture).stdout)
    assert report["file"].endswith("page.png")
    assert len(report["outline"]["corners"]) == 4
    wrong = tmp_path / "not a picture.jpg"
    wrong.write_bytes(b"\xff\xd8 no more")
    done = kiosk("page", "--json", picture, wrong, expect=2)
    assert json.loads(done.stdout)[1]["error"]
    assert kiosk("page", tmp_path / "nothing.png", expect=2).stdout


def test_codes_reports_kinds(tmp_path: Path) -> None:
    picture = tmp_path / "phone.png"
    scene = webcam_scene("phone", code="https://example.invalid/")
    cv2.imwrite(str(picture), render(scene, (1280, 720))[0])
    (report,) = json.loads(kiosk("codes", "--json", picture).stdout)
    assert "https://example.invalid/" in json.dumps(report)
    assert kiosk("codes", "--json", tmp_path / "nothing.png", expect=2)


def test_catalogue_check_names_line_and_reason(tmp_path: Path) -> None:
    kiosk("catalogue", "check", CATALOGUE)
    data = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    data["items"][2]["colour"] = "red"
    path = tmp_path / "district.json"
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    done = kiosk("catalogue", "check", path, expect=2)
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if '"colour"' in text)
    assert "colour" in done.stderr
    assert str(line) in done.stderr or "items" in done.stderr
    assert kiosk("catalogue", "check", tmp_path / "nothing.json", expect=2).stderr.strip()


def test_outbox_list_of_an_empty_station(tmp_path: Path) -> None:
    path = config(tmp_path)
    with running("run", "--config", path) as (process, lines):
        eventually(lambda: process.poll() is not None or any("screen setup" in line for line in lines), "the set-up")
        assert json.loads(kiosk("outbox", "list", "--json", "--config", path).stdout) == []
        assert stop(process) == 0
    assert kiosk("outbox", "list", "--config", path).stdout == ""
