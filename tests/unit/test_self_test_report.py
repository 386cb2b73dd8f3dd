"""A self-test passes only when everything that is needed was finished; its report holds nothing personal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.selftest.report import DESIGN, Line, ReportBuilder, SelfTestKind, SelfTestReport, StepState

FINISHED = (StepState.PASSED, StepState.NOT_POSSIBLE)


def builder(*required: str, optional: tuple[str, ...] = ()) -> ReportBuilder:
    return ReportBuilder("test-0001", SelfTestKind.FULL, required, optional)


def test_all_passed_is_a_pass_and_the_report_survives_the_wire() -> None:
    collected = builder("disk", "clock")
    collected.add(Line("disk", StepState.PASSED, "selftest.disk", {"free_mb": 900}, {"free_mb": 900.0}))
    collected.add(Line("clock", StepState.RUNNING))
    collected.add(Line("clock", StepState.PASSED, "selftest.clock", {"seconds": 0.1}))
    report = collected.finish()
    assert report.passed
    assert report.open_steps == ()
    again = SelfTestReport.model_validate_json(report.model_dump_json())
    assert again == report
    assert again.measurements == {"disk.free_mb": 900.0}


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_step_begun_and_not_finished_has_failed(cancelled: bool) -> None:
    collected = builder("disk", "clock", "memory")
    collected.add(Line("disk", StepState.PASSED))
    collected.add(Line("clock", StepState.RUNNING, "selftest.waits", {"x": 1}))
    report = collected.finish(cancelled=cancelled)
    assert not report.passed
    code = "selftest.cancelled" if cancelled else "selftest.unfinished"
    assert [(step.check, step.state, step.code) for step in report.results][1:] == [
        ("clock", StepState.FAILED, code),
        ("memory", StepState.FAILED, code),
    ]
    assert report.cancelled is cancelled


def test_skipping_what_is_needed_gives_no_pass_and_says_who() -> None:
    collected = builder("disk", "webcam")
    collected.add(Line("disk", StepState.PASSED))
    collected.add(Line("webcam", StepState.SKIPPED, "selftest.skipped", skipped_by="jishu"))
    report = collected.finish()
    assert not report.passed
    assert [step.skipped_by for step in report.open_steps] == ["jishu"]


def test_a_piece_left_out_by_design_does_not_stand_in_the_way() -> None:
    collected = builder("disk", "webcam")
    collected.add(Line("disk", StepState.NOT_POSSIBLE, "selftest.no_certificate"))
    collected.add(Line("webcam", StepState.SKIPPED, "device.none_by_design", skipped_by=DESIGN))
    assert collected.finish().passed


def test_an_empty_report_is_no_pass() -> None:
    assert not builder().finish().passed


def test_what_looks_personal_never_stands_in_a_report() -> None:
    collected = builder("disk")
    collected.add(
        Line(
            "disk",
            StepState.FAILED,
            "x.y",
            {"a": "no 000000190001010017", "b": "13800000000", "c": "z" * 999, "d": "http://a:geheim@h/s"},
        )
    )
    text = collected.finish().model_dump_json()
    assert "000000190001010017" not in text
    assert "13800000000" not in text
    assert "geheim" not in text
    assert len(json.loads(text)["results"][0]["detail"]["c"]) == 200


STATES = st.dictionaries(st.sampled_from(["a1", "b1", "c1", "d1"]), st.sampled_from(StepState))


@given(STATES, st.sets(st.sampled_from(["a1", "b1", "c1", "d1"])))
def test_the_verdict_is_the_rule(states: dict[str, StepState], required: set[str]) -> None:
    collected = builder(*sorted(required), optional=tuple(sorted(states)))
    for check, state in states.items():
        collected.add(Line(check, state))
    report = collected.finish()
    unfinished_required = [check for check in required if states.get(check) not in FINISHED]
    failed = [check for check, state in states.items() if state in (StepState.FAILED, StepState.RUNNING)]
    listed = set(states) | required
    assert report.passed is (bool(listed) and not unfinished_required and not failed)
    assert all(step.state is not StepState.RUNNING for step in report.results)
    assert {step.check for step in report.results} == listed
