"""From the elements of a drawn slip to those of the printer's driver."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.receipt_printer import Cut, Element, QrCode, Raster
from kiosk.receipts.draw import SlipElement, SlipQr, SlipRaster


def for_printer(elements: Sequence[SlipElement]) -> list[Element]:
    """The same slip in the driver's words."""
    job: list[Element] = []
    for element in elements:
        if isinstance(element, SlipRaster):
            job.append(Raster(element.rows))
        elif isinstance(element, SlipQr):
            job.append(QrCode(element.data, element.module_size))
        else:
            job.append(Cut())
    return job
