"""The clerk's page: who may use it, and what a clerk does there in a real browser."""

from __future__ import annotations

import asyncio
import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image, ImageDraw

from kiosk.centre.contract import CaseState, CorrectionRecord, Event, Rating
from kiosk.centre.live import LiveChannel
from kiosk.centre.server.setup import create_clerk

from .conftest import APPLICANT, CLERK, RunningCentre, SampleCase, wait_for

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def picture(text: str, size: tuple[int, int] = (800, 500)) -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((40, 40), text, fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def browser_like(running: RunningCentre) -> httpx.Client:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    return httpx.Client(base_url=running.url, headers=headers, trust_env=False)


def sign_in(http: httpx.Client, password: str = CLERK[2]) -> httpx.Response:
    return http.post("/console/sign-in", data={"account": CLERK[0], "password": password})


def complete_case(running: RunningCentre) -> SampleCase:
    case = running.case().open()
    case.send(picture("front"), "id_card")
    case.send(picture("back"), "id_card")
    case.send(picture("form", (500, 800)), "form")
    case.hand_over()
    return case


# -- who may ----------------------------------------------------------------------------------------------------------


def test_nothing_is_shown_before_signing_in(centre: RunningCentre) -> None:
    case = complete_case(centre)
    page = next(iter(case.entries))
    with browser_like(centre) as http:
        assert http.get("/").headers["location"] == "/console/"
        assert http.get("/console/").headers["location"] == "/console/sign-in"
        for address in ("rows", "live", f"cases/{case.case_id}/parts"):
            assert http.get(f"/console/{address}").status_code == 401
        for address in (f"cases/{case.case_id}", f"cases/{case.case_id}/pages/{page}"):
            assert http.get(f"/console/{address}").status_code == 303
            assert http.get(f"/console/{address}", headers={"Accept": "*/*"}).status_code == 401
        for address in ("decide", "reveal", f"pages/{page}/mark"):
            assert http.post(f"/console/cases/{case.case_id}/{address}").status_code == 401
        assert http.post("/console/call-next").status_code == 401
    assert case.client.case_status(case.case_id).state is CaseState.COMPLETE


def test_the_cookie_stays_with_the_browser_and_the_page(centre: RunningCentre) -> None:
    centre.add_clerk()
    with browser_like(centre) as http:
        answer = sign_in(http)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/console" in cookie
        page = http.get("/console/")
        assert page.status_code == 200
        assert CLERK[1] in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        stolen = f"clerk={http.cookies['clerk']}"
        http.post("/console/sign-out")
        assert http.get("/console/", headers={"Cookie": stolen}).status_code == 303


def test_a_request_from_another_site_does_nothing(centre: RunningCentre) -> None:
    case = complete_case(centre)
    centre.add_clerk()
    decision = {"decision": "accept", "version": "1"}
    address = f"/console/cases/{case.case_id}/decide"
    with browser_like(centre) as http:
        sign_in(http)
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
        ):
            assert http.post(address, data=decision, headers=headers).status_code == 403
        del http.headers["Sec-Fetch-Site"]
        assert http.post(address, data=decision).status_code == 403
        assert http.post(address, data=decision, headers={"Origin": "http://elsewhere.example"}).status_code == 403
        assert case.client.case_status(case.case_id).state is CaseState.COMPLETE
        assert http.post(address, data=decision, headers={"Origin": centre.url}).status_code == 303
        assert http.post("/console/sign-in", data={"account": "x", "password": "y"}).status_code == 403
    assert case.client.case_status(case.case_id).state is CaseState.ACCEPTED


def test_an_account_is_locked_after_five_wrong_passwords(centre: RunningCentre) -> None:
    centre.add_clerk()
    with browser_like(centre) as http:
        for _ in range(5):
            assert "不对" in sign_in(http, "wrong").text
        locked = sign_in(http)
        assert (locked.status_code, "锁定" in locked.text) == (401, True)
        unknown = http.post("/console/sign-in", data={"account": "nobody", "password": "wrong"})
        assert "不对" in unknown.text
        create_clerk(centre.folder, *CLERK)
        assert sign_in(http).status_code == 303


def test_a_clerk_who_does_nothing_is_signed_out(make_centre: Callable[..., RunningCentre]) -> None:
    running = make_centre(idle_minutes=0.01)
    running.add_clerk()
    with browser_like(running) as http:
        sign_in(http)
        wait_for(lambda: http.get("/console/rows").status_code == 401)  # what the script asks for is not the clerk
        assert http.get("/console/").status_code == 303


def test_accounts_are_made_with_care(centre: RunningCentre) -> None:
    for account, name, password in (
        ("Li", "李样张", "long enough password"),
        ("li", "", "long enough password"),
        ("li", "李样张", "short"),
    ):
        with pytest.raises(ValueError, match="account|name|password"):
            create_clerk(centre.folder, account, name, password)


def test_whole_values_are_given_on_request_and_kept_in_the_record(centre: RunningCentre) -> None:
    case = complete_case(centre)
    centre.add_clerk()
    with browser_like(centre) as http:
        sign_in(http)
        address = f"/console/cases/{case.case_id}"
        before = http.get(address).text
        for secret in (APPLICANT.name, APPLICANT.id_number, APPLICANT.address, APPLICANT.telephone):
            assert secret not in before
        assert "张*" in before
        assert http.post(f"{address}/reveal").json()["applicant.id_number"] == APPLICANT.id_number
        assert "查看完整信息" in http.get(address).text


def test_decisions_are_refused_when_the_case_went_on(centre: RunningCentre) -> None:
    case = complete_case(centre)
    centre.add_clerk()
    address = f"/console/cases/{case.case_id}/decide"
    with browser_like(centre) as http:
        sign_in(http)
        assert http.post(address, data={"decision": "accept", "version": "2"}).status_code == 409
        assert http.post(address, data={"decision": "return", "version": "1", "reason": " "}).status_code == 422
        assert http.post(address, data={"decision": "correct", "version": "1"}).status_code == 422
        assert http.post(address, data={"decision": "burn", "version": "1"}).status_code == 422
        assert http.post(address, data={"decision": "accept", "version": "1"}).status_code == 303
        assert http.post(address, data={"decision": "return", "version": "1", "reason": "x"}).status_code == 409
    assert case.client.case_status(case.case_id).state is CaseState.ACCEPTED


def test_a_material_is_taken_along_as_one_pdf(centre: RunningCentre) -> None:
    case = complete_case(centre)
    centre.add_clerk()
    with browser_like(centre) as http:
        address = f"/console/cases/{case.case_id}"
        assert http.get(f"{address}/material.pdf?id=id_card", headers={"Accept": "*/*"}).status_code == 401
        sign_in(http)
        assert f"{address}/material.pdf?id=id_card" in http.get(address).text
        answer = http.get(f"{address}/material.pdf", params={"id": "id_card"})
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith(b"%PDF-")
        listed = [(entry.material_id, case.pages[page] in answer.content) for page, entry in case.entries.items()]
        assert listed == [("id_card", True), ("id_card", True), ("form", False)]
        assert http.get(f"{address}/material.pdf", params={"id": "nothing"}).status_code == 404
        assert "下载材料 PDF" in http.get(address).text


def test_a_material_that_is_no_photograph_offers_no_pdf(centre: RunningCentre) -> None:
    case = centre.case().open()
    case.send(b"\x89PNG sample", "signature", media_type="image/png")
    case.hand_over()
    centre.add_clerk()
    with browser_like(centre) as http:
        sign_in(http)
        address = f"/console/cases/{case.case_id}"
        assert "material.pdf" not in http.get(address).text
        assert http.get(f"{address}/material.pdf", params={"id": "signature"}).status_code == 404


def test_pages_and_cases_that_are_not_there(centre: RunningCentre) -> None:
    case = complete_case(centre)
    centre.add_clerk()
    with browser_like(centre) as http:
        sign_in(http)
        nobody = "00000000-0000-4000-8000-000000000000"
        assert http.get(f"/console/cases/{nobody}").status_code == 404
        assert http.get(f"/console/cases/{case.case_id}/pages/{nobody}").status_code == 404
        assert http.get("/console/nothing").status_code == 404
        assert http.get("/console/?show=nothing").status_code == 404
        page = next(iter(case.entries))
        answer = http.get(f"/console/cases/{case.case_id}/pages/{page}")
        assert answer.content == case.pages[page]
        assert answer.headers["content-type"] == "image/jpeg"


# -- in a real browser ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(centre: RunningCentre, tmp_path: Path) -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=str(CHROMIUM),
            args=FLAGS,
            viewport={"width": 1366, "height": 768},
            locale="zh-CN",
        )
        context.set_default_timeout(20_000)
        page = context.pages[0]
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
        )
        page.on(
            "request",
            lambda request: (
                problems.append(request.url) if urlsplit(request.url).hostname not in ("127.0.0.1", None) else None
            ),
        )
        yield page
        context.close()
        assert problems == []


@pytest.fixture
def clerk(page: Any, centre: RunningCentre) -> Any:
    account, _, password = centre.add_clerk()
    page.goto(f"{centre.url}/")
    page.fill("[name=account]", account)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("#link[data-state=up]")
    return page


class Station:
    """A live channel in a thread of its own."""

    def __init__(self, running: RunningCentre) -> None:
        self.events: list[Event] = []
        self._loop = asyncio.new_event_loop()
        channel = LiveChannel(running.url, running.station, running.token, 0, self.events.append, lambda _up: None)
        self._task = self._loop.create_task(channel.run())
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)


@pytest.fixture
def station(centre: RunningCentre) -> Iterator[Station]:
    listening = Station(centre)
    yield listening
    listening.stop()


@pytest.mark.browser
def test_a_clerk_sees_pages_arrive_and_accepts(clerk: Any, centre: RunningCentre) -> None:
    case = centre.case().open()
    row = clerk.locator("tr.row", has_text="就医记录册申领")
    row.wait_for()  # it came by itself
    row.click()
    clerk.wait_for_selector("#link[data-state=up]")
    case.send(picture("front"), "id_card")
    clerk.wait_for_selector("[data-page]")
    wait_for(lambda: clerk.evaluate("document.querySelector('#stage img')?.naturalWidth === 800"))
    case.send(picture("form", (500, 800)), "form")
    clerk.locator("[data-page]").nth(1).wait_for()
    clerk.locator("[data-page]").nth(1).click()
    wait_for(lambda: clerk.evaluate("document.querySelector('#stage img')?.naturalWidth === 500"))
    fitted = clerk.inner_text("#zoom")
    clerk.keyboard.press("+")
    assert clerk.inner_text("#zoom") != fitted
    clerk.keyboard.press("r")
    wait_for(lambda: clerk.evaluate("document.querySelector('#stage img').style.transform.includes('rotate(90deg)')"))
    case.hand_over()
    clerk.click("[data-open=accept-dialog]")
    clerk.keyboard.press("Enter")  # the button has the focus
    clerk.locator(".decided.accepted").wait_for()
    assert case.client.case_status(case.case_id).state is CaseState.ACCEPTED
    case.client.rate(case.case_id, Rating(level=5, comment="很好"))
    clerk.locator(".rating", has_text="非常满意").wait_for()


@pytest.mark.browser
def test_a_marked_page_reaches_the_station_as_a_correction(clerk: Any, centre: RunningCentre, station: Station) -> None:
    case = complete_case(centre)
    ticket = case.client.draw_ticket(case.case_id)
    clerk.locator(".ticket", has_text=ticket.number).wait_for()
    clerk.click("text=叫下一号")
    clerk.wait_for_selector("#link[data-state=up]")
    second = list(case.entries)[1]
    clerk.click(f'[data-page="{second}"]')
    clerk.click("#mark-open")
    clerk.click("text=反光")
    clerk.click("dialog[open] .button.warn")
    clerk.locator(f'.page.marked[data-page="{second}"]').wait_for()
    clerk.click("[data-open=correct-dialog]")
    clerk.fill("dialog[open] textarea", "请避开灯光")
    clerk.click("dialog[open] .button.warn")
    clerk.locator(".decided.correction_requested").wait_for()

    def told() -> Event | None:
        for event in station.events:
            if event.status is not None and event.status.state is CaseState.CORRECTION_REQUESTED:
                return event
        return None

    event = wait_for(told)
    assert isinstance(event, Event)
    assert event.status is not None
    assert event.status.reason == "请避开灯光"
    assert [(mark.page_id, mark.reason) for mark in event.status.marked_pages] == [(second, "反光")]
    assert any(event.ticket is not None and event.ticket.state == "called" for event in station.events)

    case.open(version=2)
    new = case.send(picture("back again"), "id_card").page_id
    base = case.record()
    case.client.put_correction(
        CorrectionRecord(
            case_id=case.case_id,
            version=2,
            pages=(case.entries[new],),
            replaces={second: (new,)},
            assistant="王示范",
            consent_at=base.consent_at,
            finished_at=base.finished_at,
        )
    )
    clerk.locator(f'[data-page="{new}"] em').wait_for()
    clerk.locator(f'[data-page="{second}"]').wait_for(state="detached")
    clerk.click("[data-open=accept-dialog]")  # the page was never loaded anew
    clerk.click("dialog[open] .button.good")
    clerk.locator(".decided.accepted").wait_for()
    assert case.client.case_status(case.case_id).version == 2


@pytest.mark.browser
def test_whole_values_are_hidden_again(clerk: Any, centre: RunningCentre) -> None:
    case = complete_case(centre)
    clerk.goto(f"{centre.url}/console/cases/{case.case_id}")
    assert APPLICANT.id_number not in clerk.content()
    clerk.click("#reveal")
    clerk.locator("dd", has_text=APPLICANT.id_number).wait_for()
    clerk.click("#reveal")
    clerk.locator("dd", has_text=APPLICANT.id_number).wait_for(state="detached")


@pytest.mark.browser
def test_words_of_the_station_are_text_never_markup(clerk: Any, centre: RunningCentre) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    case = centre.case().open()
    case.send(picture("page"), evil)
    case.client.put_record(
        case.record(item_name=evil, assistant=evil, applicant=APPLICANT.model_copy(update={"name": evil}))
    )
    clerk.goto(f"{centre.url}/console/cases/{case.case_id}")
    clerk.wait_for_selector("#link[data-state=up]")
    clerk.click("#reveal")
    clerk.locator("dd.revealed").first.wait_for()
    assert clerk.locator("h1").inner_text() == evil
    assert clerk.title() not in ("1", "2")
    assert clerk.locator("main script, main img[src=x]").count() == 0
