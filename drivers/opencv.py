"""The one place that imports OpenCV: ``from drivers.opencv import cv2`` (the application: ``from kiosk.opencv``).

Importing the desktop wheel points Qt at OpenCV's own Qt 5 plugins and fonts and puts its folder into the library path
of programs we start; both are undone here, right after the import (opencv-python issues #736 and #447).

``setNumThreads(1)``: the station is a 2-core machine on which several threads see pictures at once. One thread each
costs less in sum than OpenCV's pool, and the GUI keeps its core. OpenCV releases the GIL while it works.
"""

from __future__ import annotations

import os
from pathlib import Path

_SETTINGS = {
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # AV_LOG_QUIET: corrupt frames are counted by the driver, not printed
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # Windows: opening takes 5 to 60 s otherwise (opencv #17687)
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",  # seconds a silent camera may hold its thread; 10 by default
    "OPENCV_FFMPEG_IS_THREAD_SAFE": "1",  # or one stream that hangs in open() holds up every other (opencv #20114)
}
_TOUCHED = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "LD_LIBRARY_PATH")

for _name, _value in _SETTINGS.items():
    os.environ.setdefault(_name, _value)
_before = {name: os.environ.get(name) for name in _TOUCHED}

import cv2  # noqa: E402

_folder = str(Path(cv2.__file__).parent)
for _name, _old in _before.items():
    if _old is not None and not any(part.startswith(_folder) for part in _old.split(os.pathsep)):
        os.environ[_name] = _old
    else:
        os.environ.pop(_name, None)

cv2.setNumThreads(1)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
