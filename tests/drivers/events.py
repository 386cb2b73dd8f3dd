"""A listener for driver tests: keeps every event and waits for conditions instead of sleeping."""

import threading
import time

from drivers.driver import StatusChanged

LIMIT = 30


class Events:
    """Call it as a driver's listener; wait on it from the test."""

    def __init__(self):
        self.all = []
        self._changed = threading.Condition()
        self._seen_states = 0

    def __call__(self, event):
        with self._changed:
            self.all.append(event)
            self._changed.notify_all()

    def of(self, kind):
        return [event for event in self.all if isinstance(event, kind)]

    def wait(self, kind, number=1):
        """The number-th event of a kind (1 = first)."""
        self.wait_until(lambda: len(self.of(kind)) >= number)
        return self.of(kind)[number - 1]

    def wait_status(self, wanted):
        """The next status, after those already waited for, that is wanted."""
        found = []

        def look():
            statuses = self.of(StatusChanged)
            for index in range(self._seen_states, len(statuses)):
                if wanted(statuses[index].status):
                    self._seen_states = index + 1
                    found.append(statuses[index].status)
                    return True
            return False

        self.wait_until(look)
        return found[0]

    def wait_state(self, state):
        return self.wait_status(lambda status: status.state is state)

    def wait_until(self, condition):
        until = time.monotonic() + LIMIT
        with self._changed:
            while not condition():
                left = until - time.monotonic()
                assert left > 0, f"did not happen within {LIMIT} s; events: {self.all}"
                self._changed.wait(min(left, 0.02))
