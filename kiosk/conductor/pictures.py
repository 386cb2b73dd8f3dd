"""Pictures for the screen, in memory only: thumbnails, the picture under review, the signature."""

from __future__ import annotations

import threading


class Pictures:
    """Encoded pictures (JPEG or PNG bytes) by path below ``image://page/``. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pictures: dict[str, bytes] = {}

    def put(self, path: str, data: bytes) -> None:
        with self._lock:
            self._pictures[path] = data

    def get(self, path: str) -> bytes | None:
        with self._lock:
            return self._pictures.get(path)

    def drop(self, prefix: str) -> None:
        """Forget every picture whose path begins so; "" forgets all."""
        with self._lock:
            for path in [path for path in self._pictures if path.startswith(prefix)]:
                del self._pictures[path]

    def __len__(self) -> int:
        with self._lock:
            return len(self._pictures)
