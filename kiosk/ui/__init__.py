"""The front end: Qt Quick screens (``resources/qml/Doorstep``), their view models, and what starts them.

The only package that imports Qt. Everything here runs on the GUI thread unless a docstring says otherwise.
"""
