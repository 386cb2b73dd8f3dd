"""The visit's steps: what each one needs, where back and next lead, and that nothing gets lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.identity.person import Person
from kiosk.visit import events as ev
from kiosk.visit import machine, serialise
from kiosk.visit.model import (
    AUTHORITY_MATERIAL,
    AskedPage,
    Field,
    FieldKind,
    Item,
    Material,
    Page,
    Progress,
    Step,
    Visit,
)

AT = "2026-11-20T08:00:00+00:00"
ZHANG = Person(name="张示例", id_number="000000190001010017", source="id_card", sex="male", birth="1900-01-01")
LI = Person(name="李样张", id_number="000000190001010009", source="id_card", sex="female", birth="1900-01-01")

ITEM = Item(
    item_id="booklet",
    name="就医记录册",
    catalogue_version="1",
    materials=(Material("card", "社保卡", two_sided=True), Material("photo", "照片", required=False)),
    fields=(
        Field("name", "姓名", "Name", prefill="name", required=True),
        Field("telephone", "联系电话", "Telephone", FieldKind.TELEPHONE, required=True),
    ),
)
OTHER_ITEM = Item(item_id="other", name="敬老卡", materials=(Material("form", "申请表"),), fields=ITEM.fields)


def page(name: str, **other: object) -> Page:
    return Page(name, sha256=name.rjust(64, "0"), size=10, **other)  # type: ignore[arg-type]


def run(visit: Visit, *events: ev.VisitEvent) -> Visit:
    for event in events:
        visit = machine.apply(visit, event).visit
    return visit


def fresh() -> Visit:
    return machine.begin("00000000-0000-7000-8000-000000000001", AT)


NEXT = ev.Next(AT)
BACK = ev.Back()
TO_CAPTURE = (ev.Identified(ZHANG), NEXT, ev.ItemChosen(ITEM), NEXT, ev.Consent(AT), NEXT)
TO_SIGNATURE = (*TO_CAPTURE, ev.PageTaken("card", page("p1")), NEXT, ev.FieldSet("telephone", "021-12345678"))
TO_SUBMIT = (*TO_SIGNATURE, ev.FieldSet("telephone", "13800000000"), NEXT, NEXT, ev.Signed(page("s1")), NEXT)
TO_WAITING = (*TO_SUBMIT, ev.Committed(AT), ev.ProgressKnown(1, Progress.DELIVERED, "HN1"), NEXT)


def test_a_whole_visit_goes_through_every_step() -> None:
    visit = fresh()
    seen = [visit.step]
    for event in (*TO_WAITING, NEXT, NEXT, ev.Rated(5), NEXT):
        visit = run(visit, event)
        if visit.step is not seen[-1]:
            seen.append(visit.step)
    assert seen == [step for step in Step if step is not Step.APPLICANT]
    assert visit.rating == 5
    assert visit.handover.case_number == "HN1"


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ((), "visit.identity_missing"),
        (TO_CAPTURE[:2], "visit.item_missing"),
        (TO_CAPTURE[:4], "visit.consent_missing"),
        ((*TO_CAPTURE[:4], ev.ActingForOther(True), ev.Consent(AT), NEXT), "visit.applicant_missing"),
        (TO_CAPTURE, "visit.material_missing"),
        (TO_SIGNATURE[:-1], "visit.field_missing"),
        ((*TO_SIGNATURE[:-1], ev.FieldSet("telephone", "12")), "visit.field_wrong"),
        (TO_SUBMIT[:-2], "visit.signature_missing"),
        (TO_SUBMIT, "visit.handover_running"),
    ],
)
def test_next_says_what_is_missing_and_stays(events: tuple[ev.VisitEvent, ...], code: str) -> None:
    visit = run(fresh(), *events)
    applied = machine.apply(visit, NEXT)
    assert applied.code == code == machine.why_not_next(visit)
    assert applied.visit.step is visit.step
    assert applied.visit.show_errors
    assert not machine.can_next(visit)


def test_proxy_is_identified_first_and_brings_the_written_authority() -> None:
    visit = run(fresh(), *TO_CAPTURE[:4], ev.ActingForOther(True), ev.Consent(AT), NEXT)
    assert (visit.step, visit.proxy, visit.applicant) == (Step.APPLICANT, ZHANG, None)
    assert machine.apply(visit, ev.Identified(ZHANG)).code == "visit.same_person"
    visit = run(visit, ev.Identified(LI), NEXT)
    assert (visit.step, visit.applicant) == (Step.CAPTURE, LI)
    authority = visit.material(AUTHORITY_MATERIAL)
    assert authority is not None
    assert authority.required
    assert not authority.done
    assert next(field.value for field in visit.fields if field.field_id == "name") == "李样张"


def test_acting_for_oneself_again_brings_the_first_person_back() -> None:
    visit = run(fresh(), *TO_CAPTURE[:4], ev.ActingForOther(True), ev.ActingForOther(False))
    assert (visit.applicant, visit.proxy) == (ZHANG, None)
    assert visit.material(AUTHORITY_MATERIAL) is None


@pytest.mark.parametrize(
    "change",
    [
        (ev.FieldSet("telephone", "13900000000"),),
        (BACK, ev.PageTaken("photo", page("p2"))),
        (BACK, ev.PageDeleted("p1"), ev.PageTaken("card", page("p3"))),
        (BACK, ev.PageChanged("p1", page("p4"))),
        (BACK, BACK, BACK, ev.ItemChosen(OTHER_ITEM)),
    ],
)
def test_a_signature_is_void_once_anything_else_is_handed_over(change: tuple[ev.VisitEvent, ...]) -> None:
    signed = run(fresh(), *TO_SUBMIT[:-1], BACK, BACK)
    assert signed.step is Step.FIELDS
    assert signed.signature is not None
    looked = run(signed, BACK, ev.FieldSet("telephone", "13800000000"), NEXT, NEXT)
    assert looked.signature == signed.signature
    assert run(signed, *change).signature is None


def test_another_item_keeps_the_pages_and_asks_for_consent_again() -> None:
    visit = run(fresh(), *TO_CAPTURE, ev.PageTaken("card", page("p1")), BACK, BACK, ev.ItemChosen(OTHER_ITEM))
    assert [(material.material_id, len(material.pages), material.free) for material in visit.materials] == [
        ("form", 0, False),
        ("card", 1, True),
    ]
    assert not visit.consent_at
    assert not visit.opened_at


def test_what_was_typed_stays_and_what_an_earlier_card_said_goes() -> None:
    visit = run(fresh(), *TO_SIGNATURE, BACK, BACK, BACK, BACK, ev.Identified(LI))
    values = {field.field_id: field.value for field in visit.fields}
    assert visit.step is Step.IDENTIFY
    assert values == {"name": "李样张", "telephone": "021-12345678"}


def test_correction_takes_only_the_marked_page_again() -> None:
    visit = run(fresh(), *TO_CAPTURE, ev.PageTaken("card", page("p1")), ev.PageTaken("card", page("p2")))
    visit = run(visit, NEXT, ev.FieldSet("telephone", "13800000000"), NEXT, NEXT, ev.Signed(page("s1")), NEXT)
    visit = run(visit, ev.Committed(AT), ev.ProgressKnown(1, Progress.CORRECTION_REQUESTED, "HN1", "看不清"))
    visit = run(visit, ev.CorrectionBegun((AskedPage("p1", "card", "反光"),), "看不清", AT))
    assert (visit.step, visit.version, visit.correction) == (Step.CAPTURE, 2, True)
    assert machine.why_not_next(visit) == "visit.marked_page_missing"
    assert [one.page_id for one in visit.pages] == ["p2"]
    assert machine.apply(visit, ev.PageDeleted("p2")).code == "visit.page_fixed"

    visit = run(visit, ev.PageTaken("card", page("p3")))
    found = visit.page("p3")
    assert found is not None
    assert (found[1].replaces, found[1].version) == ("p1", 2)
    assert run(visit, ev.PageDeleted("p3")).materials[0].open_marks
    visit = run(visit, NEXT)
    assert visit.step is Step.REVIEW
    assert run(visit, BACK).step is Step.CAPTURE
    visit = run(visit, NEXT)
    assert visit.step is Step.SUBMIT
    assert visit.handover.progress is Progress.KEPT_HERE


def test_news_of_an_older_version_does_not_count() -> None:
    visit = run(fresh(), *TO_WAITING, ev.ProgressKnown(1, Progress.CORRECTION_REQUESTED, "HN1"))
    visit = run(visit, ev.CorrectionBegun((AskedPage("p1", "card", "暗"),), "", AT), ev.PageTaken("card", page("p3")))
    visit = run(visit, NEXT, NEXT, ev.Committed(AT), ev.ProgressKnown(1, Progress.RETURNED, "HN1"))
    assert visit.handover.progress is Progress.KEPT_HERE
    assert run(visit, ev.ProgressKnown(2, Progress.ACCEPTED, "HN1")).handover.progress is Progress.ACCEPTED


def test_late_word_of_arrival_does_not_take_a_decision_back() -> None:
    visit = run(fresh(), *TO_WAITING, ev.ProgressKnown(1, Progress.ACCEPTED, "HN1"))
    assert run(visit, ev.ProgressKnown(1, Progress.DELIVERED, "HN1")).handover.progress is Progress.ACCEPTED


def test_offline_the_visit_goes_from_submit_to_the_receipt() -> None:
    visit = run(fresh(), *TO_SUBMIT, ev.Committed(AT), NEXT)
    assert visit.step is Step.RECEIPT
    assert visit.handover.progress is Progress.KEPT_HERE


def test_a_refused_hand_over_can_be_left_backwards_and_a_committed_one_not() -> None:
    visit = run(fresh(), *TO_SUBMIT)
    assert run(visit, BACK).step is Step.SIGNATURE
    assert not machine.can_back(run(visit, ev.Committed(AT)))


def test_reopened_correction_asks_for_the_marked_page_only() -> None:
    visit = machine.reopen(
        "00000000-0000-7000-8000-000000000002",
        2,
        AT,
        item_id="booklet",
        item_name="就医记录册",
        materials=ITEM.materials,
        fields=ITEM.fields,
        asked=(AskedPage("p1", "card", "暗"), AskedPage("p9", "free-1", "缺角", "户口簿")),
        reason="请重拍",
        case_number="HN1",
        masked_name="张*",
    )
    assert machine.why_not_next(visit) == "visit.marked_page_missing"
    assert [material.name for material in visit.materials] == ["社保卡", "照片", "户口簿"]
    visit = run(visit, ev.PageTaken("card", page("n1")), ev.PageTaken("free-1", page("n2")), NEXT, NEXT)
    assert visit.step is Step.SUBMIT


def test_reopened_correction_without_marks_needs_something_new() -> None:
    visit = machine.reopen(
        "00000000-0000-7000-8000-000000000002",
        2,
        AT,
        item_id="booklet",
        item_name="就医记录册",
        materials=ITEM.materials,
        fields=ITEM.fields,
        asked=(),
        reason="电话不对",
        case_number="HN1",
        masked_name="张*",
    )
    visit = run(visit, NEXT, NEXT)
    assert machine.why_not_next(visit) == "visit.correction_empty"
    visit = run(visit, BACK, ev.FieldSet("telephone", "13800000001"), NEXT)
    assert machine.can_next(visit)


def test_finishing_holds_nobody() -> None:
    text = serialise.to_bytes(machine.finishing(run(fresh(), *TO_WAITING), "张*")).decode()
    assert "张示例" not in text
    assert ZHANG.id_number not in text
    assert "13800000000" not in text


def test_slips_are_counted_with_what_they_said() -> None:
    visit = run(fresh(), *TO_SUBMIT, ev.Committed(AT), NEXT, ev.SlipSent())
    visit = run(visit, ev.ProgressKnown(1, Progress.DELIVERED, "HN1"), ev.SlipSent(), ev.SlipNotSent())
    assert visit.slips == (Progress.KEPT_HERE,)


# -- any sequence of events ----------------------------------------------------------------------------------------

names = st.sampled_from(["card", "photo", "form", "free-1", "free-2", AUTHORITY_MATERIAL, ""])
page_ids = st.sampled_from([f"p{n}" for n in range(6)])
events = st.one_of(
    st.sampled_from([ev.Identified(ZHANG), ev.Identified(LI), NEXT, NEXT, NEXT, NEXT, BACK]),
    st.sampled_from([ev.ItemChosen(ITEM), ev.ItemChosen(OTHER_ITEM), ev.Consent(AT), ev.Consent(""), ev.Committed(AT)]),
    st.builds(ev.ActingForOther, st.booleans()),
    st.builds(ev.MaterialAdded, names, st.text(max_size=5)),
    st.builds(ev.MaterialRemoved, names),
    st.builds(ev.PageTaken, names, page_ids.map(page)),
    st.builds(ev.PageChanged, page_ids, page_ids.map(page)),
    st.builds(ev.PageDeleted, page_ids),
    st.builds(
        ev.FieldSet, st.sampled_from(["name", "telephone", "none"]), st.text(max_size=12) | st.just("13800000000")
    ),
    st.sampled_from(
        [ev.Signed(page("s1")), ev.SignatureCleared(), ev.SlipSent(), ev.SlipNotSent(), ev.TicketDrawn("A1")]
    ),
    st.builds(ev.ProgressKnown, st.integers(1, 3), st.sampled_from(Progress), st.just("HN1")),
    st.builds(
        ev.CorrectionBegun,
        st.lists(st.builds(AskedPage, page_ids, names, st.just("暗")), max_size=3).map(tuple),
        st.text(max_size=3),
        st.just(AT),
    ),
    st.builds(ev.Rated, st.integers(-1, 7)),
)
prefixes = st.sampled_from([(), TO_CAPTURE, TO_SIGNATURE, TO_SUBMIT, TO_WAITING])


@settings(max_examples=400, deadline=None)
@given(prefixes, st.lists(events, max_size=40))
def test_any_events_in_any_order_lose_no_page_and_keep_the_rules(
    prefix: tuple[ev.VisitEvent, ...], sequence: list[ev.VisitEvent]
) -> None:
    visit = run(fresh(), *prefix)
    for event in sequence:
        before, visit = visit, machine.apply(visit, event).visit
        gone = {one.page_id for one in before.pages} - {one.page_id for one in visit.pages}
        if isinstance(event, ev.PageDeleted | ev.PageChanged):
            assert gone <= {event.page_id}
        elif isinstance(event, ev.MaterialRemoved):
            removed = before.material(event.material_id)
            assert not gone or (removed is not None and removed.free)
        elif isinstance(event, ev.CorrectionBegun):
            assert gone <= {asked.page_id for asked in event.asked}
        else:
            assert not gone
        ids = [one.page_id for one in visit.pages]
        assert len(ids) == len(set(ids))
        if visit.committed:
            assert visit.step in (Step.SUBMIT, Step.WAITING, Step.RECEIPT, Step.RATING, Step.FAREWELL)
        returned = machine.apply(machine.apply(visit, BACK).visit, NEXT).visit
        if machine.can_back(visit) and not machine.why_not_next(machine.apply(visit, BACK).visit):
            assert replace(returned, show_errors=visit.show_errors, opened_at=visit.opened_at) == visit
        assert serialise.from_bytes(serialise.to_bytes(visit)) == visit
