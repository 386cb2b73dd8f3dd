"""A clerk for the played visit: signs in at the centre's own page and works there as a browser would."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import requests

SECONDS: Final = 10.0


class Clerk:
    """Blocking; not for the GUI thread.

    Raises:
        requests.RequestException: from every call, when the centre does not answer or refuses.
    """

    def __init__(self, url: str, account: str, password: str) -> None:
        self._root = f"{url}/console"
        self._session = requests.Session()
        self._session.headers["Origin"] = url
        self._post("/sign-in", account=account, password=password)

    def close(self) -> None:
        self._session.close()

    def accept(self, case_id: UUID, version: int = 1) -> None:
        """受理."""
        self._post(f"/cases/{case_id}/decide", decision="accept", version=str(version))

    def ask_again(self, case_id: UUID, page_id: UUID, reason: str, version: int = 1) -> None:
        """Mark one page as unreadable and ask for a correction (补正)."""
        self._post(f"/cases/{case_id}/pages/{page_id}/mark", reason=reason)
        self._post(f"/cases/{case_id}/decide", decision="correct", reason=reason, version=str(version))

    def page(self, case_id: UUID, page_id: UUID) -> bytes:
        """A page's bytes as the centre stored them."""
        answer = self._session.get(f"{self._root}/cases/{case_id}/pages/{page_id}", timeout=SECONDS)
        answer.raise_for_status()
        return answer.content

    def _post(self, path: str, **form: str) -> None:
        self._session.post(f"{self._root}{path}", data=form, timeout=SECONDS).raise_for_status()
