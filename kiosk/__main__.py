"""``python -m kiosk``: the same as the installed command ``kiosk``."""

from kiosk.cli import program

program()
