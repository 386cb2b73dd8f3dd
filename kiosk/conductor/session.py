"""Who works here: first start, sign-on, the idle clock, the privacy cover (DESIGN.md section 7)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType

from kiosk.conductor.core import Core
from kiosk.conductor.snapshot import CoverState, CoverView, Screen, StaffView
from kiosk.settings import IdleSection
from kiosk.staff.book import Account, Role, StaffBook
from kiosk.staff.errors import StaffError
from kiosk.staff.idle import IdleStage, IdleWatch

log = logging.getLogger(__name__)

_COVERS = {
    IdleStage.OPEN: CoverState.OPEN,
    IdleStage.WARNING: CoverState.WARNING,
    IdleStage.COVERED: CoverState.COVERED,
    IdleStage.SIGNED_OFF: CoverState.COVERED,
}


class Session:
    """The signed-on person and what time does to them. Every method runs on the engine thread.

    ``place`` is the screen when no visit is on; ``Conductor`` moves it.
    """

    def __init__(self, core: Core, book: StaffBook, idle: IdleSection, large_print: bool) -> None:
        self._core = core
        self._book = book
        self._idle = IdleWatch(
            core.time.monotonic(),
            warn=idle.warn,
            warn_large_print=idle.warn_large_print,
            countdown=idle.countdown,
            sign_off=idle.sign_off,
            large_print=large_print,
        )
        self.place = Screen.STARTING
        self.account: Account | None = None
        self.cover = CoverView()
        self.code = ""
        self.detail: Mapping[str, str | int | float] = MappingProxyType({})
        self.accounts: tuple[StaffView, ...] = ()

    @property
    def covered(self) -> bool:
        return self.cover.state is CoverState.COVERED

    @property
    def acting(self) -> bool:
        """Somebody is signed on and not hidden behind the cover."""
        return self.account is not None and not self.covered

    @property
    def staff(self) -> StaffView | None:
        return staff_view(self.account) if self.account else None

    @property
    def may_open_cases(self) -> bool:
        """A technician looks after devices and opens no case."""
        return self.account is not None and self.account.role is not Role.TECHNICIAN

    @property
    def may_set_up_devices(self) -> bool:
        """What a device is connected to is for those who installed it."""
        return self.account is not None and self.account.role in (Role.TECHNICIAN, Role.ADMINISTRATOR)

    async def begin(self) -> None:
        """Decide the first screen."""
        await self._read_accounts()
        empty = not self.accounts and not self.code
        self.place = Screen.SETUP if empty else Screen.SIGN_ON
        self._core.changed()

    async def look_again(self) -> None:
        """Accounts may be added by the command line while nobody is signed on."""
        if self.account is None and self.place in (Screen.SETUP, Screen.SIGN_ON):
            before = self.accounts
            await self._read_accounts()
            if self.accounts and self.place is Screen.SETUP:
                self._allow()
                self.place = Screen.SIGN_ON
            if self.accounts != before:
                self._core.changed()

    async def _read_accounts(self) -> None:
        try:
            accounts = await self._core.keep(self._book.accounts)
        except StaffError as error:
            self._refuse(error)
            return
        self.accounts = tuple(staff_view(account) for account in accounts)

    def _refuse(self, error: StaffError) -> None:
        log.info("sign-on refused: %s", error.code)
        self.code, self.detail = error.code, error.detail
        self._core.changed()

    def _allow(self) -> None:
        self.code, self.detail = "", MappingProxyType({})

    # -- sign-on -----------------------------------------------------------------------------------------------

    async def make_administrator(self, account: str, name: str, pin: str) -> bool:
        """Only at the first start; True when the administrator is made and signed on."""
        if self.place is not Screen.SETUP:
            return False
        try:
            if not await self._core.prove(self._book.is_empty):
                await self.begin()
                return False
            made = await self._core.prove(self._book.add, account, name, Role.ADMINISTRATOR, pin)
        except StaffError as error:
            self._refuse(error)
            return False
        await self._read_accounts()
        self._enter(made)
        return True

    async def sign_on(self, account: str, pin: str) -> bool:
        if self.place is not Screen.SIGN_ON:
            return False
        try:
            known = await self._core.prove(self._book.verify, account, pin)
        except StaffError as error:
            self._refuse(error)
            return False
        self._enter(known)
        return True

    def _enter(self, account: Account) -> None:
        self.account = account
        self._allow()
        self._idle.restart(self._core.time.monotonic())
        self.cover = CoverView()
        self.place = Screen.HOME
        self._core.changed()

    async def sign_off(self) -> None:
        """The caller has put the visit away."""
        self.account = None
        self.cover = CoverView()
        self._allow()
        self.place = Screen.SIGN_ON
        await self._read_accounts()
        self._core.changed()

    async def unlock(self, pin: str) -> None:
        """The PIN of the person signed on takes the cover away."""
        account = self.account
        if account is None or not self.covered:
            return
        self._idle.touched(self._core.time.monotonic())
        try:
            await self._core.prove(self._book.verify, account.account, pin)
        except StaffError as error:
            self._refuse(error)
            return
        self._allow()
        self._idle.unlock(self._core.time.monotonic())
        self.tick(busy=False)
        self._core.changed()

    # -- time --------------------------------------------------------------------------------------------------

    def touched(self) -> None:
        if self.account is not None:
            self._idle.touched(self._core.time.monotonic())
            if self.cover.state is CoverState.WARNING:
                self.tick(busy=False)

    def set_large_print(self, on: bool) -> None:
        self._idle.large_print = on

    def tick(self, *, busy: bool) -> bool:
        """Let time pass; True when the person has to be signed off now."""
        if self.account is None:
            return False
        state = self._idle.tick(self._core.time.monotonic(), busy)
        left = state.seconds_left if state.stage is IdleStage.WARNING else 0
        cover = CoverView(_COVERS[state.stage], left)
        if cover != self.cover:
            if cover.state is CoverState.COVERED and not self.covered:
                self._allow()  # an old refusal has nothing to do with this cover
            self.cover = cover
            self._core.changed()
        return state.stage is IdleStage.SIGNED_OFF


def staff_view(account: Account) -> StaffView:
    return StaffView(account.account, account.name, account.role.value)
