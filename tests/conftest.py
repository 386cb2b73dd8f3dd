"""For every test: a property is right or wrong, however long a busy computer takes over one example."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("doorstep", deadline=None)
settings.load_profile("doorstep")
