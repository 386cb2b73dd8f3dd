"""What lies where below the station's data folder (``[station] data``)."""

from __future__ import annotations

KEY_FILE = "storage.key"
OUTBOX_FOLDER = "outbox"
STAFF_FILE = "staff.json"
AUDIT_FILE = "audit.jsonl"
CATALOGUE_FILE = "catalogue-last-good.json"
LOG_FOLDER = "log"
SELF_TEST_FOLDER = "self-tests"
RECORDING_FOLDER = "recordings"
CAMERAS_FILE = "cameras.json"
