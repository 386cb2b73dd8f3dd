"""The front end: Qt Quick screens (``resources/qml/Doorstep``), their view models, and what starts them.

The only package that imports Qt. Everything here runs on the GUI thread unless a docstring says otherwise.
"""

import os

# PySide 6.11 makes each of its types when it is first needed, and two threads that need one at once end the process
# with a segmentation fault (measured: 9 of 14 processes; here Qt's thread asks for pictures while a touch is worked
# on). With 0 all types are made on import, which costs some 60 ms. It counts only before PySide is first imported.
os.environ["PYSIDE6_OPTION_LAZY"] = "0"
