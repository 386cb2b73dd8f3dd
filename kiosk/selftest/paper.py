"""A self-test's report on paper: the slip for the cabinet's door, and the same as a PDF on A4."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.pdf import dots_to_pdf
from kiosk.receipts.draw import DOTS_PER_MM, draw, preview
from kiosk.receipts.slip import Banner, Block, Fields, Listing, Paragraph, Rule, Section, Slip, Title
from kiosk.selftest.report import SelfTestReport, SelfTestStep, StepState
from kiosk.words import name_of_check, words

PDF_DOTS = 1480
"""185 mm at 8 dots a millimetre: an A4 page between its margins."""

KINDS = {"full": "完整自检", "quick": "快速自检"}


def report_slip(report: SelfTestReport, station_name: str) -> Slip:
    """What the technician takes along: the verdict, what has to be done, and every step with its measurements.

    Args:
        report: A finished self-test.
        station_name: Of this station.
    """
    local = report.ended_at.astimezone()
    seconds = round((report.ended_at - report.started_at).total_seconds())
    blocks: list[Block] = [Title(station_name, "自检报告", "Self-test report")]
    if report.passed:
        blocks.append(Banner("自检通过", "Passed"))
    else:
        blocks.append(Banner("自检未通过", "Not passed", solid=False))
    blocks += [
        Fields(
            (
                ("服务站", report.station_id),
                ("时间", f"{local:%Y-%m-%d %H:%M}"),
                ("种类", f"{KINDS[report.kind]}，用时 {seconds} 秒"),
                ("程序", report.program),
            )
        ),
        Rule(),
    ]
    if report.open_steps:
        blocks.append(Section("要处理", "To be done"))
        for step in report.open_steps:
            blocks += _trouble(step)
        blocks.append(Rule(dashed=True))
    blocks += [
        Section("检查项", "Checks"),
        Listing(tuple((name_of_check(step.check), _state(step)) for step in report.results), total=False),
    ]
    remarks = [step for step in report.results if step.code and step not in report.open_steps]
    if remarks:
        blocks += [Rule(dashed=True), Section("说明", "Details")]
        blocks += [
            Paragraph(f"{name_of_check(step.check)}：{words(step.code, 'zh', step.detail).say}", small=True)
            for step in remarks
        ]
    blocks.append(Paragraph(f"编号 {str(report.report_id)[:8]}", small=True, centred=True))
    return Slip(tuple(blocks))


def _trouble(step: SelfTestStep) -> Iterator[Block]:
    sentence = words(step.code, "zh", step.detail)
    yield Paragraph(f"■ {name_of_check(step.check)}：{sentence.say}")
    if sentence.do:
        yield Paragraph(sentence.do, small=True)


def _state(step: SelfTestStep) -> str:
    if step.state is StepState.SKIPPED and not step.required:
        return "本站没有"
    return words(f"front.check_state.{step.state}").say


def report_pdf(report: SelfTestReport, station_name: str) -> bytes:
    """The same on A4, to be filed or sent.

    Raises:
        FontsMissing: no CJK font is installed.
    """
    return dots_to_pdf(preview(draw(report_slip(report, station_name), PDF_DOTS), PDF_DOTS), DOTS_PER_MM)
