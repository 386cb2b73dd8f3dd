"""The virtual machine: kernel, first file system, start, and the way results come back."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "depmod": "kmod",
    "udevadm": "udev",  # libusb hears of a replugged device from it, and it makes the by-id names
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
}
KERNEL_PACKAGE = "linux-image-amd64"

FIRST_MODULES = (
    "virtio_ring",
    "virtio",
    "virtio_pci_modern_dev",
    "virtio_pci_legacy_dev",
    "virtio_pci",
    "netfs",
    "fscache",
    "9pnet",
    "9pnet_virtio",
    "9p",
    "overlay",
)
"""In this order: the least that mounts the host's file system."""

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
for module in {modules}; do insmod /modules/$module.ko || echo "no module $module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /lower || poweroff -f
mount -t tmpfs none /upper; mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work none /new || poweroff -f
mount -t devtmpfs none /new/dev; mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts none /new/dev/pts; mount -t tmpfs none /new/dev/shm
mount -t proc none /new/proc; mount -t sysfs none /new/sys
mount -t tmpfs none /new/tmp; mount -t tmpfs none /new/run; mkdir -p /new/run/lock /new/mnt
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 results /new/mnt || poweroff -f
ip link set lo up
chroot /new /bin/sh /mnt/run.sh > /new/mnt/output.txt 2>&1
sync
poweroff -f
"""

RUN = """
export HOME=/tmp PYTHONDONTWRITEBYTECODE=1 DOORSTEP_GUEST_MODULES={modules} PATH={path}
cd {root}
/lib/systemd/systemd-udevd --daemon
modprobe -d {modules} configfs && mount -t configfs none /sys/kernel/config
{python} -m pytest -p no:cacheprovider -o timeout=600 -o addopts= --import-mode=importlib -q -rA {tests}
echo $? > /mnt/exit
"""


class MachineError(Exception):
    """The machine cannot be made or did not come back; the text says why."""


def missing_tools() -> list[str]:
    """Debian packages that have to be installed first."""
    return sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})


def fetch_kernel(folder: Path) -> Path:
    """Unpack Debian's newest kernel package into ``folder``; a kernel that is there is used again.

    Returns:
        The folder with ``boot`` and ``lib/modules``.

    Raises:
        MachineError: no package source.
    """
    kernel = folder / "kernel"
    if not list(kernel.glob("boot/vmlinuz-*")):
        folder.mkdir(parents=True, exist_ok=True)
        said = subprocess.run(["apt-cache", "depends", KERNEL_PACKAGE], capture_output=True, text=True, check=False)
        names = [line.split()[-1] for line in said.stdout.splitlines() if "Depends: linux-image" in line]
        if not names:
            raise MachineError(f"no package {KERNEL_PACKAGE}: run apt-get update first")
        subprocess.run(["apt-get", "download", "-qq", names[0]], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        (package,) = folder.glob("linux-image-*.deb")
        subprocess.run(["dpkg-deb", "-x", package, kernel], check=True)
        package.unlink()
        (modules,) = (kernel / "lib" / "modules").iterdir()
        subprocess.run(["depmod", "-b", kernel, modules.name], check=True)
    return kernel


def _initial_files(kernel: Path, folder: Path) -> Path:
    """The first file system as a compressed archive."""
    root = folder / "first"
    for name in ("bin", "proc", "sys", "dev", "lower", "upper", "new", "modules"):
        (root / name).mkdir(parents=True)
    shutil.copy(shutil.which("busybox") or "", root / "bin" / "busybox")
    for module in FIRST_MODULES:
        found = list((kernel / "lib" / "modules").rglob(f"{module}.ko"))
        if found:
            shutil.copy(found[0], root / "modules")
    init = root / "init"
    init.write_text(INIT.format(modules=" ".join(FIRST_MODULES)))
    init.chmod(init.stat().st_mode | stat.S_IXUSR)
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    archive = folder / "first.cpio"
    with archive.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names.encode(), stdout=out, check=True)
    return archive


def run_inside(tests: Sequence[str], folder: Path, *, seconds: float = 2700.0) -> tuple[int, str]:
    """Run tests in the machine.

    Args:
        tests: Arguments for pytest, relative to the project.
        folder: For the kernel; kept between runs. Must not be below /tmp or /run, which the guest covers.
        seconds: After so long the machine is stopped.

    Returns:
        pytest's exit code and everything it said.

    Raises:
        MachineError: a tool is missing, or the machine ended without a result.
    """
    if missing := missing_tools():
        raise MachineError("missing: apt-get install " + " ".join(missing))
    kernel = fetch_kernel(folder)
    with tempfile.TemporaryDirectory(prefix="doorstep-guest-") as temporary:
        work = Path(temporary)
        results = work / "results"
        results.mkdir()
        run = RUN.format(
            root=ROOT,
            modules=kernel,
            python=sys.executable,
            tests=" ".join(tests),
            path=os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin",
        )
        (results / "run.sh").write_text(run)
        share = "local,security_model=none,multidevs=remap"
        (image,) = kernel.glob("boot/vmlinuz-*")
        command = [
            "qemu-system-x86_64",
            *("-accel", "tcg,thread=multi", "-cpu", "max,la57=off", "-m", "3072", "-smp", "2"),
            *("-nodefaults", "-no-reboot", "-display", "none", "-serial", f"file:{work / 'console.txt'}"),
            *("-kernel", str(image), "-initrd", str(_initial_files(kernel, work))),
            *("-append", "console=ttyS0 quiet panic=-1 rdinit=/init"),
            *("-fsdev", f"{share},id=host,path=/,readonly=on", "-device", "virtio-9p-pci,fsdev=host,mount_tag=host"),
            *("-fsdev", f"{share},id=out,path={results}", "-device", "virtio-9p-pci,fsdev=out,mount_tag=results"),
        ]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, timeout=seconds, check=False, stdin=subprocess.DEVNULL)
        output = _text(results / "output.txt")
        if not (results / "exit").exists():
            raise MachineError(f"the machine ended without a result\n{_text(work / 'console.txt')[-2000:]}\n{output}")
        return int(_text(results / "exit")), output


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
